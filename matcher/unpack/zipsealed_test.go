package unpack_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/aes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// sealedZip is a zip whose members are encrypted, by the old cipher or by AES of so many bits, then those of open, which
// are not.
func sealedZip(t testing.TB, bits int, password string, sealed []file, open ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range sealed {
		var packed bytes.Buffer
		z, _ := flate.NewWriter(&packed, 9)
		_, _ = io.WriteString(z, f.body)
		_ = z.Close()
		h := &zip.FileHeader{Name: f.name, Flags: 1, Method: 8, CRC32: crc32.ChecksumIEEE([]byte(f.body)), UncompressedSize64: uint64(len(f.body))}
		body := oldSealed(password, byte(h.CRC32>>24), packed.Bytes())
		if bits > 0 {
			h.Method, h.Extra = 99, []byte{1, 0x99, 7, 0, 2, 0, 'A', 'E', byte(bits/64 - 1), 8, 0}
			h.CRC32 = 0
			body = aesSealed(t, password, bits/8, packed.Bytes())
		}
		h.CompressedSize64 = uint64(len(body))
		e, err := w.CreateRaw(h)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = e.Write(body)
	}
	for _, f := range open {
		e, _ := w.Create(f.name)
		_, _ = io.WriteString(e, f.body)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// oldSealed encrypts as APPNOTE section 6.1 says.
func oldSealed(password string, check byte, b []byte) []byte {
	sealed := append(append([]byte("elevenbytes"), check), b...)
	oldCipher(password, sealed, false)
	return sealed
}

// oldCipher encrypts or decrypts in place.
func oldCipher(password string, b []byte, open bool) {
	k := [3]uint32{0x12345678, 0x23456789, 0x34567890}
	update := func(c byte) {
		k[0] = crc32.IEEETable[byte(k[0])^c] ^ k[0]>>8
		k[1] = (k[1]+k[0]&0xff)*134775813 + 1
		k[2] = crc32.IEEETable[byte(k[2])^byte(k[1]>>24)] ^ k[2]>>8
	}
	for i := range len(password) {
		update(password[i])
	}
	for i, c := range b {
		t := uint16(k[2]) | 2
		b[i] = c ^ byte(t*(t^1)>>8)
		if open {
			c = b[i]
		}
		update(c)
	}
}

// aesSealed encrypts as WinZip does.
func aesSealed(t testing.TB, password string, keyLen int, b []byte) []byte {
	salt := []byte("0123456789abcdef")[:keyLen/2]
	keys, err := pbkdf2.Key(sha1.New, password, salt, 1000, 2*keyLen+2)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(keys[:keyLen])
	if err != nil {
		t.Fatal(err)
	}
	out := bytes.Clone(b)
	var counter, pad [16]byte
	for i := range out {
		if i%16 == 0 {
			binary.LittleEndian.PutUint64(counter[:], uint64(i/16+1))
			block.Encrypt(pad[:], counter[:])
		}
		out[i] ^= pad[i%16]
	}
	mac := hmac.New(sha1.New, keys[keyLen:2*keyLen])
	mac.Write(out)
	return append(append(append(salt[:keyLen/2:keyLen/2], keys[2*keyLen:]...), out...), mac.Sum(nil)[:10]...)
}

const password = "Kesä-2026!"

// saying are texts that publish it.
var saying = []string{
	"password: " + password, "The archive's password is \"" + password + "\".", "Salasana = " + password, "PASS\n" + password + "\nenjoy",
	"lösenord: " + password, "пароль - " + password, "Kennwort: '" + password + "'", "mot de passe : " + password, "pwd=" + password,
	"use " + password + " as password", "<p>Password:</p> <b>" + password + "</b>", "解压密码：" + password,
}

func TestPasswordsPublishedBeside(t *testing.T) {
	t.Parallel()
	secret := []file{{"clients/a.txt", records(100)}, {"clients/b.txt", "second " + notes}}
	for _, bits := range []int{0, 128, 192, 256} {
		sealed := sealedZip(t, bits, password, secret)
		for _, say := range saying {
			if bits != 256 && say != saying[0] {
				continue
			}
			for name, doc := range map[string][]byte{
				"in it":    sealedZip(t, bits, password, secret, file{"readme.txt", say}),
				"beside":   tarOf(t, file{"a.zip", string(sealed)}, file{"readme.txt", say}),
				"before":   zipOf(t, file{"readme.txt", say}, file{"inner/a.zip", string(sealed)}),
				"utf-16":   tarOf(t, file{"a.zip", string(sealed)}, file{"readme.txt", string(utf16Of(say, false, true))}),
				"deep":     gzipOf(t, tarOf(t, file{"b.zip", string(zipOf(t, file{"a.zip", string(sealed)}))}, file{"x/readme.nfo", say})),
				"two deep": tarOf(t, file{"b.zip", string(sealedZip(t, 0, password, []file{{"a.zip", string(sealed)}}))}, file{"x/readme.nfo", say}),
			} {
				r, rep := walk(t, "d", doc, unpack.Limits{})
				_, one := r.find("line 99: " + notes)
				_, two := r.find("second " + notes)
				if !one || !two || rep.Completeness != leak.Whole {
					t.Errorf("%d bits, %.30q %s: %v %v %s %q", bits, say, name, one, two, rep.Completeness, rep.Reasons)
				}
				if n := len(r.members); r.members[n-1].SHA256 == "" && name != "two deep" {
					t.Errorf("%s: member %+v", name, r.members[n-1])
				}
			}
		}
		if _, rep := walk(t, url.PathEscape("leak (password "+password+").zip"), sealed, unpack.Limits{}); rep.Completeness != leak.Whole {
			t.Errorf("in its own name: %+v", rep)
		}
		r := &recorder{}
		rep, err := unpack.Walk(context.Background(), unpack.Input{Reader: bytes.NewReader(sealed), Place: place(t, "a.zip"),
			Passwords: []string{"wrong", password}}, unpack.Limits{}, r.sink())
		if _, ok := r.find("second " + notes); !ok || err != nil || rep.Completeness != leak.Whole {
			t.Errorf("given: %v %v %+v", ok, err, rep)
		}
	}
	named := tarOf(t, file{"dump [password - infected-7].zip", string(sealedZip(t, 256, "infected-7", secret))})
	if r, rep := walk(t, "d.tar", named, unpack.Limits{}); rep.Completeness != leak.Whole {
		t.Errorf("in a member's name: %+v", rep)
	} else if _, ok := r.find("second " + notes); !ok {
		t.Error("in a member's name: not read")
	}
}

func TestNoPasswordFits(t *testing.T) {
	t.Parallel()
	for _, bits := range []int{0, 256} {
		sealed := sealedZip(t, bits, password, []file{{"Matti.txt", records(9)}, {"Liisa.txt", notes}}, file{"open.txt", "nothing " + notes})
		r, rep := walk(t, "a.zip", sealed, unpack.Limits{})
		if !has(rep, "zip: 2 encrypted members: no password published beside them") || rep.Completeness != leak.Partial {
			t.Errorf("none published: %s %q", rep.Completeness, rep.Reasons)
		}
		if len(r.members) != 3 || r.members[2].Format != "encrypted" || strings.Join(r.names(), " ") != "Matti.txt Liisa.txt open.txt" {
			t.Errorf("members %+v, names %q", r.members, r.names())
		}
		_, rep = walk(t, "a.tar", tarOf(t, file{"a.zip", string(sealed)}, file{"b.txt", "password: other\n"}), unpack.Limits{})
		if !has(rep, "zip: 2 encrypted members: no published password fits") {
			t.Errorf("another published: %s %q", rep.Completeness, rep.Reasons)
		}
		var many strings.Builder
		for i := range 40 {
			fmt.Fprintf(&many, "password: %d\n", i)
		}
		doc := tarOf(t, file{"a.zip", string(sealed)}, file{"b.txt", many.String() + "password: " + password})
		if _, rep = walk(t, "a.tar", doc, unpack.Limits{MaxPasswords: 10}); !has(rep, "passwords limit 10: rest untried") || !rep.Cut {
			t.Errorf("too many: %s %q", rep.Completeness, rep.Reasons)
		}
		if _, rep = walk(t, "a.tar", doc, unpack.Limits{}); rep.Completeness != leak.Whole {
			t.Errorf("many: %s %q", rep.Completeness, rep.Reasons)
		}
		if _, rep = walk(t, "a.tar", doc, unpack.Limits{MaxPasswords: -1}); !has(rep, "zip: 2 encrypted members: no password") {
			t.Errorf("not to be tried: %s %q", rep.Completeness, rep.Reasons)
		}
	}
}

// TestSealedAndDamaged breaks what is encrypted: the right password must not be called wrong, nor the rest whole.
func TestSealedAndDamaged(t *testing.T) {
	t.Parallel()
	for _, bits := range []int{0, 256} {
		sealed := sealedZip(t, bits, password, []file{{"a.txt", records(3000)}, {"b.txt", "second " + notes}}, file{"c.txt", "password: " + password})
		at := bytes.Index(sealed, []byte("a.txt")) + 2000
		for i := range 40 {
			sealed[at+i] ^= 0x5a
		}
		r, rep := walk(t, "a.zip", sealed, unpack.Limits{})
		if _, ok := r.find("second " + notes); !ok || rep.Completeness != leak.Partial {
			t.Errorf("%d bits: %v %s %q", bits, ok, rep.Completeness, rep.Reasons)
		}
		for n := 10; n < len(sealed); n += 61 {
			if _, rep := walk(t, "a.zip", sealed[:n], unpack.Limits{}); rep.Completeness == leak.Whole {
				t.Errorf("%d bits, cut after %d of %d: %+v", bits, n, len(sealed), rep)
			}
		}
	}
}

// sevenZip packs files with 7z.
func sevenZip(t *testing.T, name string, files []file, args ...string) []byte {
	t.Helper()
	path := os.Getenv("LEAKWATCH_TEST_7Z")
	if path == "" {
		t.Skip("LEAKWATCH_TEST_7Z is not set: path of 7z (p7zip)")
	}
	dir := t.TempDir()
	for _, f := range files {
		at := filepath.Join(dir, f.name)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(f.body), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, f.name)
	}
	c := exec.Command(path, append([]string{"a", "-bd", "-y", name}, args...)...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("7z: %v\n%s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestZipsOfOthers reads what another program wrote, with its directory and without.
func TestZipsOfOthers(t *testing.T) {
	t.Parallel()
	const password = "Kesa-2026!"
	body := file{"clients/a.txt", records(2000)}
	for _, args := range []string{"-mem=ZipCrypto -p", "-mem=AES128 -p", "-mem=AES256 -p", "-mm=BZip2", "-mm=LZMA", "-mm=LZMA -mem=AES256 -p", "-mx=0 -mem=AES256 -p", "-mx=0 -mem=ZipCrypto -p",
		"-mm=Deflate64", "-mm=PPMd", "-mm=Copy"} {
		fields := strings.Fields(strings.Replace(args, "-p", "-p"+password, 1))
		doc := sevenZip(t, "a.zip", []file{body}, append([]string{"-tzip"}, fields...)...)
		for name, b := range map[string][]byte{"whole": doc, "without its directory": doc[:len(doc)-60]} {
			outer := tarOf(t, file{"readme.txt", "password: " + password}, file{"a.zip", string(b)})
			r, rep := walk(t, "a.tar", outer, unpack.Limits{})
			_, ok := r.find("line 1999: " + notes)
			unknown := has(rep, "zip: 1 members packed in a way not known")
			if !ok && !(unknown && strings.Contains(args, "PPMd")) || name == "whole" && !unknown && rep.Completeness != leak.Whole {
				t.Errorf("%s %s: %v %s %q", args, name, ok, rep.Completeness, rep.Reasons)
			}
		}
	}
}
