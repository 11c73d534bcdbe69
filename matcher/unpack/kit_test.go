package unpack_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// got is one text that a Walk handed over, read whole.
type got struct {
	place string
	text  string
	name  bool
	marks []int64 // offsets of each marker in the member, as far as they are promised
}

// markers are what the planted patient is found by.
var markers = []string{"131052-308T", "matti.meikalainen@example.com"}

// recorder is a sink that keeps everything. read sets how much each Read asks for.
type recorder struct {
	texts   []got
	members []leak.Member
	read    func() int
}

func (r *recorder) sink() unpack.Sink {
	return unpack.Sink{Text: r.text, Member: func(m leak.Member) error { r.members = append(r.members, m); return nil }}
}

func (r *recorder) text(t leak.Text) error {
	i := len(r.texts)
	r.texts = append(r.texts, got{place: t.Place.Reveal(), name: t.Name})
	var b strings.Builder
	for {
		n := 4096
		if r.read != nil {
			n = r.read()
		}
		p := make([]byte, n)
		k, err := t.Reader.Read(p)
		b.Write(p[:k])
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	g := &r.texts[i]
	g.text = b.String()
	for _, m := range markers {
		for at := strings.Index(g.text, m); at >= 0; at = next(g.text, m, at) {
			if at >= len(g.text)-1<<20 {
				g.marks = append(g.marks, offset(t, int64(at)))
			}
		}
	}
	return nil
}

func next(s, m string, at int) int {
	i := strings.Index(s[at+1:], m)
	if i < 0 {
		return -1
	}
	return at + 1 + i
}

func offset(t leak.Text, o int64) int64 {
	if t.Offset == nil {
		return o
	}
	return t.Offset(o)
}

// find gives the first contents that hold s.
func (r *recorder) find(s string) (got, bool) {
	for _, g := range r.texts {
		if strings.Contains(g.text, s) && !g.name {
			return g, true
		}
	}
	return got{}, false
}

func (r *recorder) names() (out []string) {
	for _, g := range r.texts {
		if g.name {
			out = append(out, g.text)
		}
	}
	return out
}

func place(t testing.TB, name string) leak.Place {
	t.Helper()
	k, err := leak.NewPlaceKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k.Place("https://files.example/", "https://files.example/"+name)
}

func walk(t testing.TB, name string, b []byte, l unpack.Limits) (*recorder, unpack.Report) {
	t.Helper()
	r := &recorder{}
	rep, err := unpack.Walk(context.Background(), unpack.Input{Reader: bytes.NewReader(b), Place: place(t, name),
		Size: int64(len(b)), Temp: t.TempDir()}, l, r.sink())
	if err != nil {
		t.Fatalf("walk %s: %v", name, err)
	}
	return r, rep
}

type file struct{ name, body string }

func tarOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.body)), Mode: 0o600, Uname: "clinic"}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		e, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(e, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipOf(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const notes = "Potilas Matti Meikäläinen, 131052-308T, matti.meikalainen@example.com\n"

// records is prose of n lines, each with its number.
func records(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d: %s", i, notes)
	}
	return b.String()
}
