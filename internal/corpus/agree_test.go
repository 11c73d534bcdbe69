package corpus_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"leakwatch/internal/corpus"
	"leakwatch/leak"
)

// long is a text of several chunks in which every kind stands many times, at all distances from where chunks end.
func long(people []*corpus.Person) []byte {
	var b bytes.Buffer
	for round := uint64(0); b.Len() < 1<<20; round++ {
		for _, s := range corpus.Shapes() { // formats of text come first
			if s.Group != "text" {
				break
			}
			b.Write(s.Make(seed+round, people).Body)
			b.WriteString(string(bytes.Repeat([]byte("x"), int(round%97))) + "\n")
		}
	}
	return b.Bytes()
}

// TestHoweverATextIsRead it gives the same: by one worker or several, whole or in pieces, from a stream or from a file.
func TestHoweverATextIsRead(t *testing.T) {
	t.Parallel()
	people := corpus.People(seed, 200)
	b := long(people)
	path := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var want *corpus.Outcome
	for _, workers := range []int{1, 2, 5} {
		reader, err := corpus.NewReader(people, nil, corpus.Workers(workers))
		if err != nil {
			t.Fatal(err)
		}
		for name, r := range map[string]io.Reader{"whole": bytes.NewReader(b), "bytes": iotest.OneByteReader(bytes.NewReader(b)),
			"halves": iotest.HalfReader(bytes.NewReader(b)), "data with the end": iotest.DataErrReader(bytes.NewReader(b)),
			"file": io.NewSectionReader(file, 0, int64(len(b))), "pieces": &pieces{b: b}} {
			got, err := reader.Text(context.Background(), leak.Text{Reader: r})
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				if want = got; len(want.Matches) < 1000 {
					t.Fatalf("only %d matches", len(want.Matches))
				}
				continue
			}
			if !same(want, got) {
				t.Errorf("%d workers, %s: %d matches, want %d, or other ones", workers, name, len(got.Matches), len(want.Matches))
			}
		}
	}
}

// same does not print what differs: texts are long.
func same(a, b *corpus.Outcome) bool {
	return cmp.Equal(a.Tally, b.Tally) && slices.Equal(places(a), places(b))
}

func places(o *corpus.Outcome) []string {
	var all []string
	for _, m := range o.Matches {
		all = append(all, fmt.Sprintf("%09d %d %s %s %t", m.Offset, m.Length, m.Kind, m.Person.Ref, m.Counted))
	}
	slices.Sort(all)
	return all
}

// pieces gives bytes in pieces of sizes that are no power of two, and nothing at all now and then.
type pieces struct {
	b []byte
	n int
}

func (p *pieces) Read(to []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, io.EOF
	}
	p.n = (p.n*7919 + 1) % 6007
	n := copy(to[:min(len(to), p.n)], p.b)
	p.b = p.b[n:]
	return n, nil
}
