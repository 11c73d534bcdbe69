package unpack_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// There is no free program that writes rar, but what is stored, not packed, is simple to write by hand. What is packed lies in testdata.

// rar4Of writes a rar of version 4, after the technical note that came with the program.
func rar4Of(files ...file) []byte {
	out := []byte("Rar!\x1a\x07\x00")
	block := func(kind byte, flags uint16, body []byte) {
		h := append([]byte{0, 0, kind}, binary.LittleEndian.AppendUint16(nil, flags)...)
		h = binary.LittleEndian.AppendUint16(h, uint16(7+len(body)))
		h = append(h, body...)
		binary.LittleEndian.PutUint16(h, uint16(crc32.ChecksumIEEE(h[2:])))
		out = append(out, h...)
	}
	block(0x73, 0, make([]byte, 6))
	for _, f := range files {
		u32 := func(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }
		size := u32(uint32(len(f.body)))
		block(0x74, 0x8000, slices.Concat(size, size, []byte{3}, u32(crc32.ChecksumIEEE([]byte(f.body))), u32(0x5a21_8000), []byte{20, 0x30},
			[]byte{byte(len(f.name)), 0}, u32(0o100600), []byte(f.name)))
		out = append(out, f.body...)
	}
	block(0x7b, 0x4000, nil)
	return out
}

// rar5Of writes a rar of version 5: https://www.rarlab.com/technote.htm
func rar5Of(t testing.TB, password string, files ...file) []byte {
	out := []byte("Rar!\x1a\x07\x01\x00")
	vint := func(v int) (b []byte) {
		for ; v >= 0x80; v >>= 7 {
			b = append(b, byte(v)|0x80)
		}
		return append(b, byte(v))
	}
	block := func(body, data []byte) {
		h := append(vint(len(body)), body...)
		out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(h))
		out = append(append(out, h...), data...)
	}
	block([]byte{1, 0, 0}, nil)
	for _, f := range files {
		data, extra := []byte(f.body), []byte(nil)
		if password != "" && !strings.Contains(f.name, "open") {
			data, extra = rar5Sealed(t, password, data)
		}
		flags := []byte{2}
		var sizes []byte
		if extra != nil {
			flags, sizes = []byte{3}, vint(len(extra))
		}
		kind := byte(4) // it has a checksum
		if strings.HasSuffix(f.name, "/") {
			kind |= 1 // it is called a folder
		}
		block(slices.Concat([]byte{2}, flags, sizes, vint(len(data)), []byte{kind}, vint(len(f.body)), vint(0o100600),
			binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(f.body))), []byte{0, 1}, vint(len(f.name)), []byte(f.name), extra), data)
	}
	block([]byte{5, 0, 0}, nil)
	return out
}

// rar5Sealed encrypts a file's data, and gives the record that says how.
func rar5Sealed(t testing.TB, password string, data []byte) (sealed, extra []byte) {
	salt, iv := []byte("0123456789abcdef"), []byte("fedcba9876543210")
	key := func(rounds int) []byte {
		k, err := pbkdf2.Key(sha256.New, password, salt, rounds, 32)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	const log = 5
	check := make([]byte, 8)
	for i, c := range key(1<<log + 32) {
		check[i%8] ^= c
	}
	sum := sha256.Sum256(check)
	block, err := aes.NewCipher(key(1 << log))
	if err != nil {
		t.Fatal(err)
	}
	sealed = append(bytes.Clone(data), make([]byte, -len(data)&15)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(sealed, sealed)
	record := slices.Concat([]byte{1, 0, 1, log}, salt, iv, check, sum[:4])
	return sealed, append([]byte{byte(len(record))}, record...)
}

func TestRar(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	files := []file{{"clients/a.txt", records(300)}, {"open.txt", "open " + notes}, {"clients/b.txt", "second " + notes}}
	say := file{"readme.txt", "Password: " + password}
	for _, c := range []struct {
		name string
		doc  []byte
		with []string
	}{
		{"rar4", rar4Of(files...), nil},
		{"rar5", rar5Of(t, "", files...), nil},
		{"sealed", rar5Of(t, password, files...), []string{"wrong", password}},
		{"sealed beside", tarOf(t, file{"x.rar", string(rar5Of(t, password, files...))}, say), nil},
	} {
		r, rep := walkParsed(t, p, "d.rar", c.doc, unpack.Limits{}, c.with...)
		one, ok := r.find("line 299: " + notes)
		_, two := r.find("second " + notes)
		_, open := r.find("open " + notes)
		if !ok || !two || !open || rep.Completeness != leak.Whole || !strings.HasSuffix(one.place, "!clients/a.txt") {
			t.Errorf("%s: %v %v %v %+v", c.name, ok, two, open, rep)
		}
		i := slices.IndexFunc(r.members, func(m leak.Member) bool { return strings.HasSuffix(m.Place.Reveal(), "!clients/a.txt") })
		if i < 0 || r.members[i].SHA256 != sum(records(300)) || strings.Count(strings.Join(r.names(), "|"), "clients/a.txt") != 1 {
			t.Errorf("%s: members %+v, names %q", c.name, r.members, r.names())
		}
	}
	sealed := rar5Of(t, password, files...)
	r, rep := walkParsed(t, p, "d.rar", sealed, unpack.Limits{}, "wrong")
	if _, open := r.find("open " + notes); !open || !has(rep, "rar: 2 encrypted members: no published password fits") || rep.Completeness != leak.Partial {
		t.Errorf("%v %+v", open, rep)
	}
}

func TestRarDamaged(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	files := []file{{"clients/a.txt", records(300)}, {"b.txt", "second " + notes}}
	for name, doc := range map[string][]byte{"rar4": rar4Of(files...), "rar5": rar5Of(t, "", files...), "sealed": rar5Of(t, password, files...)} {
		for n := 12; n < len(doc)-20; n += len(doc)/8 + 1 {
			r, rep := walkParsed(t, p, "d.rar", doc[:n], unpack.Limits{}, password)
			if rep.Completeness == leak.Whole {
				t.Errorf("%s cut after %d of %d: %+v", name, n, len(doc), rep)
			}
			if _, ok := r.find("line 5: " + notes); !ok && n > 2000 {
				t.Errorf("%s cut after %d of %d: what lay before was not read; %+v", name, n, len(doc), rep)
			}
		}
		b := slices.Clone(doc)
		b[500] ^= 0x5a
		r, rep := walkParsed(t, p, "d.rar", b, unpack.Limits{}, password)
		if _, ok := r.find("second " + notes); !ok || !has(rep, "rar: 1 damaged members") {
			t.Errorf("%s broken: %v %+v", name, ok, rep)
		}
	}
}

// rarMemory is what children have: more where the race detector takes most of it.
func rarMemory() unpack.ParsersOptions {
	if slowed {
		return unpack.ParsersOptions{Memory: 3 << 30}
	}
	return unpack.ParsersOptions{}
}

// TestRarsPacked reads what RAR itself packed: by its older way, by letters (PPMd), by its newer way, all files in one stream, and encrypted.
func TestRarsPacked(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, rarMemory())
	for _, name := range []string{"solid4.rar", "ppm4.rar", "solid5.rar", "sealed4.rar", "hidden4.rar", "hidden5.rar"} {
		doc := sample(t, name)
		r, rep := walkParsed(t, p, "d.rar", doc, unpack.Limits{}, "wrong", password)
		one, ok := r.find("line 299: " + notes)
		_, two := r.find("second " + notes)
		_, open := r.find("open " + notes)
		if !ok || !two || !open || one.text != records(300) || rep.Completeness != leak.Whole || !strings.HasSuffix(one.place, "!clients/a.txt") {
			t.Errorf("%s: %v %v %v %+v", name, ok, two, open, rep)
		}
		if strings.HasPrefix(name, "sealed") || strings.HasPrefix(name, "hidden") {
			if _, rep := walkParsed(t, p, "d.rar", doc, unpack.Limits{}, "wrong"); !has(rep, "rar: ") || rep.Completeness != leak.Unreadable {
				t.Errorf("%s without its password: %+v", name, rep)
			}
		}
		for at := 120; at < len(doc)-160; at += len(doc) / 4 { // behind the first headers, before the end
			b := slices.Clone(doc)
			b[at] ^= 0x5a
			if _, rep := walkParsed(t, p, "d.rar", b, unpack.Limits{}, password); rep.Completeness == leak.Whole {
				t.Errorf("%s broken at %d of %d: %+v", name, at, len(doc), rep)
			}
			if _, rep := walkParsed(t, p, "d.rar", doc[:at], unpack.Limits{}, password); rep.Completeness == leak.Whole {
				t.Errorf("%s cut after %d of %d: %+v", name, at, len(doc), rep)
			}
		}
	}
}

// TestRarManyPasswords tries many on an archive that tells none from damage: what each makes of the packed bytes asks for memory of its own.
func TestRarManyPasswords(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, rarMemory())
	var words []string
	for i := range 8 {
		words = append(words, fmt.Sprintf("wrong %d", i))
	}
	r, rep := walkParsed(t, p, "d.rar", sample(t, "sealed4.rar"), unpack.Limits{}, append(words, password)...)
	if _, ok := r.find("line 299: " + notes); !ok || rep.Completeness != leak.Whole {
		t.Errorf("%v %+v", ok, rep)
	}
}

// TestRarComments reads the comment of an archive, or says that there is one.
func TestRarComments(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	r, rep := walkParsed(t, p, "d.rar", sample(t, "comment5.rar"), unpack.Limits{})
	g, ok := r.find("comment " + notes)
	if _, open := r.find("open " + notes); !ok || !open || strings.TrimRight(g.text, "\x00") != "comment "+notes || rep.Completeness != leak.Whole {
		t.Errorf("version 5: %v %v %q %+v", ok, open, g.text, rep)
	}
	r, rep = walkParsed(t, p, "d.rar", sample(t, "comment4.rar"), unpack.Limits{})
	if _, open := r.find("open " + notes); !open || !has(rep, "rar: 1 parts left") {
		t.Errorf("version 4: %v %+v", open, rep)
	}
	for n := range 200 { // what is cut off is no comment, or as much of it as there is
		walkParsed(t, p, "d.rar", sample(t, "comment5.rar")[:n], unpack.Limits{})
	}
}
