package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"database/sql"
	"hash/crc32"
	"path/filepath"
	"testing"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/leak"
)

// What an older reader could not read is read again by a newer one: what was clean in part, and what matched in part,
// where somebody is found who was not.
func TestReadAgainByANewerReader(t *testing.T) {
	t.Parallel()
	people := demo.People(23, 12)
	dir := demo.NewDirectory()
	say := member{"readme.txt", []byte("Password: kesa-2026\n")}
	dir.Put("a.tar", tarWith(t, member{"sealed.zip", sealedZip(t, "kesa-2026", records(people[:5]))}, say))
	dir.Put("b.tar", tarWith(t, member{"one.txt", demo.Loose(1, people[5])}, member{"sealed.zip", sealedZip(t, "kesa-2026", records(people[6:]))}, say))
	d := deploy(t, people, directorySource("one", site(t, dir).URL))
	d.enrol("a", people)
	d.configure("unpack: {max_passwords: 0}") // stands for a reader that knows nothing of passwords
	d.run("crawl", "one")
	if all := d.alerts("a", ""); len(all) != 1 || all[0].Persons != 1 {
		t.Fatalf("at first: %+v", all)
	}
	d.configure()
	if _, err := d.database().Exec(`UPDATE versions SET matcher = '1.1'`); err != nil {
		t.Fatal(err)
	}
	d.serve()
	d.eventually("all of them", func() bool {
		var most int
		for _, a := range d.alerts("a", "") {
			most = max(most, a.Persons)
		}
		return most == len(people)
	})
	for _, a := range d.alerts("a", "") {
		if a.Event == leak.EventMention {
			t.Errorf("alert %+v", a)
		}
	}
}

// database is the store's file, for what no command does.
func (d *deployment) database() *sql.DB {
	d.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(d.dir, "data", "leakwatch.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { db.Close() })
	return db
}

type member struct {
	name string
	body []byte
}

func records(people []demo.Person) []byte {
	var b []byte
	for i, p := range people {
		b = append(b, demo.Loose(uint64(i+1), p)...)
	}
	return b
}

func tarWith(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		if err := w.WriteHeader(&tar.Header{Name: m.name, Size: int64(len(m.body)), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sealedZip is a zip of one member under the cipher of old: APPNOTE.TXT section 6.1.
func sealedZip(t *testing.T, password string, body []byte) []byte {
	t.Helper()
	k := [3]uint32{0x12345678, 0x23456789, 0x34567890}
	update := func(c byte) {
		k[0] = crc32.IEEETable[byte(k[0])^c] ^ k[0]>>8
		k[1] = (k[1]+k[0]&0xff)*134775813 + 1
		k[2] = crc32.IEEETable[byte(k[2])^byte(k[1]>>24)] ^ k[2]>>8
	}
	for i := range len(password) {
		update(password[i])
	}
	sum := crc32.ChecksumIEEE(body)
	sealed := append(append([]byte("elevenbytes"), byte(sum>>24)), body...)
	for i, c := range sealed {
		x := uint16(k[2]) | 2
		sealed[i] = c ^ byte(x*(x^1)>>8)
		update(c)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	e, err := w.CreateRaw(&zip.FileHeader{Name: "clients.txt", Flags: 1, CRC32: sum, CompressedSize64: uint64(len(sealed)), UncompressedSize64: uint64(len(body))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Write(sealed); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
