package corpus_test

import (
	"context"
	"fmt"
	"testing"

	"leakwatch/internal/corpus"
	"leakwatch/leak"
)

const (
	seed   = 1
	chains = 100
)

// TestTruth makes a document of every shape, with every kind in it, and reads it as the service does. Everything that was
// planted is found, counts, and is where it is; nothing else is found. What cannot be read says so.
func TestTruth(t *testing.T) {
	t.Parallel()
	people, reader := readerOf(t)
	counts := &corpus.Counts{}
	t.Cleanup(func() { t.Log("\n" + counts.String()) })
	for _, s := range corpus.Shapes() {
		t.Run(s.Group+"/"+s.Name, func(t *testing.T) {
			t.Parallel()
			d := s.Make(seed, people)
			res, err := reader.Read(context.Background(), d, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			counts.Add(s, d, res)
			check(t, d, res)
		})
	}
}

// TestEveryKindIsPlanted in a document of every group of shapes; in names stand those that files are called after.
func TestEveryKindIsPlanted(t *testing.T) {
	t.Parallel()
	people := corpus.People(seed, 200)
	counts := &corpus.Counts{}
	for _, s := range corpus.Shapes() {
		counts.Add(s, s.Make(seed, people), corpus.Result{})
	}
	kinds := append(corpus.Kinds(), leak.MRN)
	for _, g := range counts.Groups() {
		if g == "name" {
			continue
		}
		for _, k := range kinds {
			if _, planted := counts.Of(g, func(other leak.Kind) bool { return other == k }); planted == 0 {
				t.Errorf("no %s was planted in a document of group %s", k, g)
			}
		}
	}
	if _, planted := counts.Of("name", func(k leak.Kind) bool { return k == leak.Name }); planted == 0 {
		t.Error("no name was planted in a name")
	}
}

// readerOf makes people, and a reader that looks for them.
func readerOf(t *testing.T) ([]*corpus.Person, *corpus.Reader) {
	t.Helper()
	people := corpus.People(seed, 200)
	reader, err := corpus.NewReader(people, parsers(t))
	if err != nil {
		t.Fatal(err)
	}
	return people, reader
}

// TestAnyChain reads documents that were encoded and packed by any stages in any order.
func TestAnyChain(t *testing.T) {
	t.Parallel()
	people, reader := readerOf(t)
	for n := range uint64(chains) {
		s := corpus.Chain(seed + n)
		t.Run(fmt.Sprintf("%d/%s", n, s.Name), func(t *testing.T) {
			t.Parallel()
			d := s.Make(seed, people)
			res, err := reader.Read(context.Background(), d, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			check(t, d, res)
		})
	}
}

// TestCutShort keeps the first part of documents: what is missing then has a reason, and what is there is found.
func TestCutShort(t *testing.T) {
	t.Parallel()
	people, reader := readerOf(t)
	for _, s := range corpus.Shapes() {
		if s.Group != "compression" && s.Group != "container" || s.Name == "Z" { // which has neither an end nor a length
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := corpus.Cut(s.Make(seed, people))
			res, err := reader.Read(context.Background(), d, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			check(t, d, res)
		})
	}
}

// check compares what was found with the truth.
func check(t *testing.T, d corpus.Document, res corpus.Result) {
	t.Helper()
	for _, f := range res.Faults(d) {
		t.Errorf("seed %d: %s", seed, f)
	}
}
