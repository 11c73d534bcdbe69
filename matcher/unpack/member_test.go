package unpack_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func TestMembers(t *testing.T) {
	t.Parallel()
	when := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	png := "\x89PNG\r\n\x1a\n" + string(random(1, 500))
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range []file{{"clients/", ""}, {"clients/matti.txt", notes}, {"pic.png", png}, {"link", ""}} {
		h := &tar.Header{Name: f.name, Size: int64(len(f.body)), ModTime: when, Uid: 7, Gid: 8, Mode: 0o600, PAXRecords: map[string]string{}}
		switch {
		case strings.HasSuffix(f.name, "/"):
			h.Typeflag = tar.TypeDir
		case f.name == "link":
			h.Typeflag, h.Linkname, h.Uname, h.Gname = tar.TypeSymlink, "clients/liisa.txt", "clinic", "staff"
			h.PAXRecords["SCHILY.xattr.user.comment"] = "for Matti"
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, f.body)
	}
	_ = w.Close()
	r, rep := walk(t, "d.tar", b.Bytes(), unpack.Limits{})
	want := []string{
		"1 d.tar!clients/ 0 7:8  dir",
		"2 d.tar!clients/matti.txt 72 7:8 " + sum(notes) + " txt",
		"3 d.tar!pic.png 508 7:8 " + sum(png) + " png",
		"4 d.tar!link 0 clinic:staff  link",
	}
	var have []string
	for _, m := range r.members {
		have = append(have, fmt.Sprintf("%d %s %d %s %s %s", m.Order, strings.TrimPrefix(m.Place.Reveal(), "https://files.example/"),
			m.Size, m.Owner, m.SHA256, m.Format))
		if !m.ModTime.Equal(when) {
			t.Errorf("time %v", m.ModTime)
		}
	}
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"clients/", "clients/matti.txt", "pic.png", "link", "clients/liisa.txt", "for Matti"}, r.names()); d != "" {
		t.Error(d)
	}
	if rep.Completeness != leak.Partial || !slices.Equal(rep.Reasons, []string{"1 images, 508 B: not read"}) {
		t.Errorf("%s %q", rep.Completeness, rep.Reasons)
	}
	for _, m := range r.members {
		if s := fmt.Sprintf("%v %+v", m, m.Place); strings.Contains(s, "matti.txt") {
			t.Errorf("a member prints its name: %s", s)
		}
	}
}

func TestZipNames(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range []string{"Mäkinen Ään.txt", "M\x84kinen \x8e\x84n.txt", "M\xe4kinen \xc4\xe4n.txt", "Ma\u0308kinen.txt"} {
		if _, err := w.CreateHeader(&zip.FileHeader{Name: n, NonUTF8: true}); err != nil {
			t.Fatal(err)
		}
	}
	_ = w.SetComment("for Matti")
	_ = w.Close()
	r, _ := walk(t, "n.zip", b.Bytes(), unpack.Limits{})
	want := []string{"Mäkinen Ään.txt", "Mäkinen Ään.txt", "Mäkinen Ään.txt", "Ma\u0308kinen.txt"}
	if d := cmp.Diff(want, r.names()); d != "" {
		t.Error(d)
	}
	if _, ok := r.find("for Matti"); !ok {
		t.Error("the comment is no text")
	}
}

func TestOfficeIsReadAsXML(t *testing.T) {
	t.Parallel()
	for format, files := range map[string][]file{
		"docx": {{"[Content_Types].xml", "<Types/>"}, {"word/document.xml", "<w:t>131052-308T</w:t>"}},
		"odt":  {{"mimetype", "application/vnd.oasis.opendocument.text"}, {"content.xml", "<text:p>131052-308T</text:p>"}},
	} {
		r, rep := walk(t, "x."+format, zipOf(t, files...), unpack.Limits{})
		if _, ok := r.find(markers[0]); !ok || rep.Completeness != leak.Partial || !has(rep, format+": 1 read as raw XML") {
			t.Errorf("%s: %s %q", format, rep.Completeness, rep.Reasons)
		}
		if !strings.HasPrefix(rep.Shape, format+"/") {
			t.Errorf("%s: shape %q", format, rep.Shape)
		}
	}
}

func TestUnreadableByName(t *testing.T) {
	t.Parallel()
	noise := string(random(2, 3000))
	for name, doc := range map[string]string{
		"pdf": "%PDF-1.7\n%\xe2\xe3" + noise, "7z": "7z\xbc\xaf\x27\x1c" + noise, "rar": "Rar!\x1a\x07\x01\x00" + noise,
		"squashfs": "hsqs" + noise, "wim": "MSWIM\x00\x00\x00" + noise, "cab": "MSCF\x00\x00\x00\x00" + noise,
		"udf": strings.Repeat("\x00", 32768) + "\x00BEA01\x01" + noise, "lzo": "\x89LZO\x00\r\n\x1a\n" + noise, "br": noise,
		"parquet": "PAR1\x15\x04\x15" + noise, "mdb": "\x00\x01\x00\x00Standard Jet DB\x00" + noise, "accdb": "\x00\x01\x00\x00Standard ACE DB\x00" + noise, "pst": "!BDN" + noise,
		"doc": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise, "xls": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise,
		"mp3": "ID3\x04\x00" + noise, "mp4": "\x00\x00\x00\x18ftypisom" + noise,
		"exe": "MZ\x90\x00\x03\x00\x00\x00" + strings.Repeat("\x00", 60) + noise, "elf": "\x7fELF\x02\x01\x01" + noise, "binary": noise,
	} {
		_, rep := walk(t, "x."+name, []byte(doc), unpack.Limits{})
		if rep.Completeness != leak.Unreadable || !has(rep, name+": 1 unreadable") || rep.Shape != name {
			t.Errorf("%s: %s %q %q", name, rep.Completeness, rep.Reasons, rep.Shape)
		}
	}
}

func TestTextThatBeginsLikeSomethingElse(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"ORCHIDS and " + notes, "ID3 tags, " + notes, "BM " + notes, "MZ " + notes, "0707010 " + notes, "Rar! " + notes,
		"", "x", "\n", strings.Repeat(" ", 1000) + notes} {
		_, rep := walk(t, "x", []byte(s), unpack.Limits{})
		if rep.Completeness != leak.Whole {
			t.Errorf("%.20q: %s %q", s, rep.Completeness, rep.Reasons)
		}
	}
}

func TestBytesHoldTextToo(t *testing.T) {
	t.Parallel()
	doc := append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), random(5, 4001)...)
	doc = append(doc, utf16Of("Meikäläinen 131052-308T", false, false)...)
	doc = append(doc, random(6, 100)...)
	r, rep := walk(t, "x.doc", doc, unpack.Limits{})
	if _, ok := r.find("Meikäläinen 131052-308T"); !ok || rep.Completeness != leak.Unreadable {
		t.Errorf("%v %+v", ok, rep)
	}
}

func TestZipOfZstd(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(93, func(out io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(out) })
	e, err := w.CreateHeader(&zip.FileHeader{Name: "a.txt", Method: 93})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(e, notes)
	e, _ = w.CreateRaw(&zip.FileHeader{Name: "b.txt", Method: 98, CompressedSize64: 3})
	_, _ = io.WriteString(e, "abc")
	_ = w.Close()
	r, rep := walk(t, "a.zip", b.Bytes(), unpack.Limits{})
	if _, ok := r.find(markers[0]); !ok || !slices.Equal(rep.Reasons, []string{"zip: 1 members packed in a way not known"}) {
		t.Errorf("%v %+v", ok, rep)
	}
}
