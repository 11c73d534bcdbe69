package unpack_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// storedZip is a zip of members that are not packed, each with a password of its own, by the old cipher.
func storedZip(t *testing.T, flags uint16, time uint16, passwords []string, files []file) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, f := range files {
		h := &zip.FileHeader{Name: f.name, Flags: 1 | flags, CRC32: crc32.ChecksumIEEE([]byte(f.body)), UncompressedSize64: uint64(len(f.body))}
		h.ModifiedTime = time //lint:ignore SA1019 what CreateRaw writes, which does not look at Modified
		check := byte(h.CRC32 >> 24)
		if flags&8 != 0 {
			check = byte(time >> 8)
		}
		sealed := oldSealed(passwords[i], check, []byte(f.body))
		h.CompressedSize64 = uint64(len(sealed))
		e, err := w.CreateRaw(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write(sealed); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPasswordIsCheckedByTheTime: who packs a stream does not know its checksum yet, and puts the time in its place, as Info-ZIP does.
func TestPasswordIsCheckedByTheTime(t *testing.T) {
	t.Parallel()
	sealed := storedZip(t, 8, 0x5a21, []string{password}, []file{{"a.txt", records(100)}})
	r, rep := walk(t, "a.tar", tarOf(t, file{"a.zip", sealed}, file{"readme.txt", "password: " + password}), unpack.Limits{})
	if _, ok := r.find("line 99: " + notes); !ok || rep.Completeness != leak.Whole {
		t.Errorf("%v %s %q", ok, rep.Completeness, rep.Reasons)
	}
}

// TestEveryMemberHasItsOwnPassword: as long as passwords fit, all are tried on further members.
func TestEveryMemberHasItsOwnPassword(t *testing.T) {
	t.Parallel()
	var files []file
	var passwords []string
	say := ""
	for i := range 40 {
		passwords = append(passwords, fmt.Sprintf("Secret-%d", 1000+i))
		files = append(files, file{fmt.Sprintf("%d.txt", i), fmt.Sprintf("member %d. %s", i, notes)})
		say += "password: " + passwords[i] + "\n"
	}
	r, rep := walk(t, "a.tar", tarOf(t, file{"a.zip", storedZip(t, 0, 0, passwords, files)}, file{"readme.txt", say}), unpack.Limits{})
	for _, f := range files {
		if _, ok := r.find(f.body); !ok {
			t.Errorf("%s is not read", f.name)
		}
	}
	if rep.Completeness != leak.Whole {
		t.Errorf("%s %q", rep.Completeness, rep.Reasons)
	}
}

// TestNearestPasswordFirst: what stands right behind the word is tried before the rest of its line.
func TestNearestPasswordFirst(t *testing.T) {
	t.Parallel()
	sealed := storedZip(t, 0, 0, []string{password}, []file{{"a.txt", records(100)}})
	doc := tarOf(t, file{"a.zip", sealed}, file{"readme.txt", "Everything-of-2026 is here! password: " + password})
	r, rep := walk(t, "a.tar", doc, unpack.Limits{MaxPasswords: 1})
	if _, ok := r.find("line 99: " + notes); !ok {
		t.Errorf("%s %q", rep.Completeness, rep.Reasons)
	}
}

// TestPasswordMustProveItself: one wrong password in 256 passes the short check of the old cipher.
func TestPasswordMustProveItself(t *testing.T) {
	t.Parallel()
	body := records(100)
	check := byte(crc32.ChecksumIEEE([]byte(body)) >> 24)
	sealed, wrong := oldSealed(password, check, nil), ""
	for i := 0; wrong == ""; i++ {
		head, try := bytes.Clone(sealed), fmt.Sprintf("Wrong-%d", i)
		if oldCipher(try, head, true); head[11] == check {
			wrong = try
		}
	}
	doc := tarOf(t, file{"a.zip", storedZip(t, 0, 0, []string{password}, []file{{"a.txt", body}})},
		file{"readme.txt", "password: " + wrong + "\npassword: " + password})
	r, rep := walk(t, "a.tar", doc, unpack.Limits{})
	if _, ok := r.find("line 99: " + notes); !ok || rep.Completeness != leak.Whole {
		t.Errorf("%v %s %q", ok, rep.Completeness, rep.Reasons)
	}
}

// TestPasswordBehindManyTexts: of very many texts the first ones are looked at for passwords, and those whose names promise one.
func TestPasswordBehindManyTexts(t *testing.T) {
	t.Parallel()
	many := make([]file, 4096)
	for i := range many {
		many[i] = file{fmt.Sprintf("notes/%d.txt", i), "nothing\n"}
	}
	sealed := file{"a.zip", storedZip(t, 0, 0, []string{password}, []file{{"a.txt", records(100)}})}
	say := "password: " + password
	for _, c := range []struct {
		name  string
		files []file
		opens bool
	}{
		{"the last that is looked at", append(many[1:len(many):len(many)], file{"z.txt", say}, sealed), true},
		{"one too many", append(many[:len(many):len(many)], file{"z.txt", say}, sealed), false},
		{"by its name", append(many[:len(many):len(many)], file{"readme.txt", say}, sealed), true},
	} {
		r, rep := walk(t, "a.tar", tarOf(t, c.files...), unpack.Limits{})
		if _, ok := r.find("line 99: " + notes); ok != c.opens || ok != (rep.Completeness == leak.Whole) {
			t.Errorf("%s: %v %s %q", c.name, ok, rep.Completeness, rep.Reasons)
		}
	}
}
