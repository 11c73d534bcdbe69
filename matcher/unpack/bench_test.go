package unpack_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// discard reads a text as a scanner does, in large pieces, and does nothing with it.
func discard() unpack.Sink {
	var free [][]byte // a text may come while another is read
	return unpack.Sink{Text: func(t leak.Text) error {
		if len(free) == 0 {
			free = append(free, make([]byte, 256<<10))
		}
		b := free[len(free)-1]
		free = free[:len(free)-1]
		defer func() { free = append(free, b) }()
		for {
			if _, err := t.Reader.Read(b); err != nil {
				return nil
			}
		}
	}}
}

// random gives the same bytes for the same seed.
func random(seed uint64, n int) []byte {
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	b := make([]byte, n)
	_, _ = r.Read(b)
	return b
}

func csvOf(n int) string {
	var b strings.Builder
	r := rand.New(rand.NewPCG(1, 2))
	for b.Len() < n {
		fmt.Fprintf(&b, "%d;matti.%d@example.com;Matti Meikalainen;+35840%07d;%06d-%03dX;Esimerkkikatu %d\n",
			r.IntN(1e6), r.IntN(1e6), r.IntN(1e7), r.IntN(311299), r.IntN(999), r.IntN(99))
	}
	return b.String()
}

func latin1(s string) []byte {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

func BenchmarkWalk(b *testing.B) {
	const size = 16 << 20
	prose := records(size / 84)
	plain := strings.ReplaceAll(prose, "ä", "a")
	var lines strings.Builder
	enc := base64.StdEncoding.EncodeToString([]byte(csvOf(size * 3 / 4)))
	for ; len(enc) > 76; enc = enc[76:] {
		lines.WriteString(enc[:76] + "\n")
	}
	for _, c := range []struct {
		name string
		doc  []byte
	}{
		{"ascii", []byte(plain)},
		{"utf8", []byte(prose)},
		{"latin1", latin1(prose)},
		{"csv", []byte(csvOf(size))},
		{"json", []byte(`{"a":"` + strings.ReplaceAll(plain, "\n", `\n`) + `"}`)},
		{"sql-escapes", []byte(strings.ReplaceAll(plain, "\n", `\r\n`))},
		{"base64", []byte(`{"a":"` + base64.StdEncoding.EncodeToString([]byte(csvOf(size*3/4))) + `"}`)},
		{"base64-lines", []byte(lines.String())},
		{"hashes", []byte(strings.Join(hashes(size/65), "\n"))},
		{"binary", random(1, size)},
		{"small files", tarOf(b, small(size/3072)...)},
		{"zip of small files", zipOf(b, small(size/3072)...)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.doc)))
			b.ReportAllocs()
			sink := discard()
			for range b.N {
				_, err := unpack.Walk(context.Background(), unpack.Input{Reader: struct{ io.Reader }{bytes.NewReader(c.doc)}},
					unpack.Limits{}, sink)
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func hashes(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("%x", random(uint64(i), 32)))
	}
	return out
}

func small(n int) (out []file) {
	body := records(28)
	for i := range n {
		out = append(out, file{fmt.Sprintf("clients/%d.txt", i), body})
	}
	return out
}
