package unpack_test

import (
	"bytes"
	"compress/bzip2"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/klauspost/compress/gzip"

	"leakwatch/matcher/unpack"
)

// BenchmarkGzip compares reading a gzip stream through Walk, by a sink that discards, with decompressing alone.
func BenchmarkGzip(b *testing.B) {
	for _, c := range []struct {
		name string
		body []byte
	}{
		{"prose", []byte(records(32 << 20 / 84))},
		{"csv", []byte(csvOf(32 << 20))},
		{"tar", tarOf(b, file{"a.csv", csvOf(16 << 20)}, file{"b.csv", csvOf(16 << 20)})},
	} {
		doc := gzipOf(b, c.body)
		b.Run(c.name+"/alone", func(b *testing.B) {
			b.SetBytes(int64(len(c.body)))
			buf := make([]byte, 256<<10)
			for range b.N {
				z, err := gzip.NewReader(bytes.NewReader(doc))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{z}, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/walk", func(b *testing.B) { benchWalk(b, doc, len(c.body)) })
	}
}

func benchWalk(b *testing.B, doc []byte, size int) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	sink := discard()
	for range b.N {
		if _, err := unpack.Walk(context.Background(), unpack.Input{Reader: struct{ io.Reader }{bytes.NewReader(doc)}}, unpack.Limits{}, sink); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPacked reads the same text in each compression.
func BenchmarkPacked(b *testing.B) {
	body := []byte(csvOf(16 << 20))
	docs := compressions(b, body)
	if path := os.Getenv("LEAKWATCH_TEST_BZIP2"); path != "" {
		c := exec.Command(path, "-c")
		c.Stdin = bytes.NewReader(body)
		doc, err := c.Output()
		if err != nil {
			b.Fatal(err)
		}
		docs["bz2"] = doc
		b.Run("bz2 alone", func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for range b.N {
				if _, err := io.Copy(io.Discard, bzip2.NewReader(bytes.NewReader(doc))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for name, doc := range docs {
		b.Run(fmt.Sprint(name), func(b *testing.B) { benchWalk(b, doc, len(body)) })
	}
}
