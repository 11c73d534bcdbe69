package pipeline_test

import (
	"context"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/pipeline"
)

func scanOf(t *testing.T, summaries *[]pipeline.DocumentSummary) *pipeline.Scan {
	t.Helper()
	places, err := leak.NewPlaceKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return &pipeline.Scan{
		Begin: func(func(leak.Match)) pipeline.Reading { return &counter{} },
		Unpack: func(_ context.Context, d pipeline.Document, text func(leak.Text) error, _ func(leak.Member) error) (pipeline.Unpacked, error) {
			return pipeline.Unpacked{Completeness: leak.Whole}, text(leak.Text{Place: d.Place, Reader: d.Reader})
		},
		Places: places, Workers: 2, Match: func(leak.Match) {},
		Summary: func(s pipeline.DocumentSummary) { *summaries = append(*summaries, s) },
	}
}

func TestScanSumsUpEveryFileAndFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"a.txt": "hit", "b.txt": "nothing", patient + ".txt": "hit"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	var summaries []pipeline.DocumentSummary
	s := scanOf(t, &summaries)
	if err := s.Paths(t.Context(), []string{dir, filepath.Join(dir, "missing.txt")}); err != nil {
		t.Fatal(err)
	}
	count := map[leak.Result]int{}
	for _, sum := range summaries {
		count[sum.Result]++
		if strings.Contains(sum.Place.Shown(), patient) || strings.Contains(strings.Join(sum.Reasons, ""), "missing") {
			t.Errorf("summary names a file: %s %v", sum.Place, sum.Reasons)
		}
	}
	// two files hit, one file and the folder's own listing are clean, the link and the missing file failed
	if count[leak.Matched] != 2 || count[leak.Clean] != 2 || count[leak.Failed] != 2 {
		t.Errorf("%v", count)
	}
}

func TestScanSaysWhenReadingBreaks(t *testing.T) {
	t.Parallel()
	var summaries []pipeline.DocumentSummary
	s := scanOf(t, &summaries)
	r := io.MultiReader(strings.NewReader("hit"), failing{io.ErrUnexpectedEOF})
	if err := s.Document(t.Context(), r, s.Places.Place("stdin", "stdin"), "", -1); err != nil {
		t.Fatal(err)
	}
	if sum := summaries[0]; sum.Result != leak.Matched || sum.Completeness != leak.Partial || len(sum.Reasons) != 1 {
		t.Errorf("%+v", sum)
	}
}

// talker tells a match for each hit of a text.
type talker struct {
	counter
	on func(leak.Match)
}

func (r *talker) Text(ctx context.Context, t leak.Text) error {
	before := r.hits
	err := r.counter.Text(ctx, t)
	for i := before; i < r.hits; i++ {
		r.on(leak.Match{Place: t.Place, Offset: i, Length: 3, Person: leak.Person{Clinic: "a", Ref: "r"}, Kind: leak.FIHetu})
	}
	return err
}

// What could not be opened is read again when a password was published that is new to it, and only then; a document of
// more matches than are held back takes the output for itself meanwhile.
func TestScanOfSealedFiles(t *testing.T) {
	t.Parallel()
	const opens, sealed = "password: ", "zip: 1 encrypted members: no password published beside them"
	for name, c := range map[string]struct {
		files map[string]string
		reads map[string]int
		words int // that the second reading of a.zip knows
	}{
		"no password":            {map[string]string{"a.zip": "sealed", "b.txt": "nothing"}, map[string]int{"a.zip": 1, "b.txt": 1}, 0},
		"a password":             {map[string]string{"a.zip": "sealed", "b.txt": opens}, map[string]int{"a.zip": 2, "b.txt": 1}, 1},
		"its own only":           {map[string]string{"a.zip": "sealed" + opens, "b.txt": "nothing"}, map[string]int{"a.zip": 1, "b.txt": 1}, 0},
		"matches beside":         {map[string]string{"a.zip": "sealed hit", "b.txt": "nothing"}, map[string]int{"a.zip": 2, "b.txt": 1}, 0},
		"more than is held back": {map[string]string{"a.zip": "sealed" + strings.Repeat("hit", 5000), "b.txt": opens}, map[string]int{"a.zip": 1, "b.txt": 1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range c.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var summaries []pipeline.DocumentSummary
			s := scanOf(t, &summaries)
			s.Workers = 1
			var matches int
			s.Match = func(leak.Match) { matches++ }
			s.Begin = func(on func(leak.Match)) pipeline.Reading { return &talker{on: on} }
			reads := map[string]int{}
			s.Unpack = func(ctx context.Context, d pipeline.Document, text func(leak.Text) error, _ func(leak.Member) error) (pipeline.Unpacked, error) {
				body, err := io.ReadAll(d.Reader)
				if err != nil {
					return pipeline.Unpacked{}, err
				}
				u := pipeline.Unpacked{Completeness: leak.Whole}
				if strings.Contains(string(body), opens) {
					u.Published = []string{filepath.Base(d.Place.Reveal())}
				}
				if strings.HasPrefix(string(body), "sealed") {
					u.Completeness, u.Reasons = leak.Partial, []string{sealed}
				}
				reads[filepath.Base(d.Place.Reveal())]++
				if n := reads["a.zip"]; n == 2 && len(d.Passwords) != c.words {
					t.Errorf("read again with %d passwords", len(d.Passwords))
				}
				return u, text(leak.Text{Place: d.Place, Reader: strings.NewReader(string(body))})
			}
			if err := s.Paths(t.Context(), []string{filepath.Join(dir, "a.zip"), filepath.Join(dir, "b.txt")}); err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(reads, c.reads) || len(summaries) != 2 || matches != strings.Count(c.files["a.zip"], "hit") {
				t.Errorf("read %v, %d summaries, %d matches", reads, len(summaries), matches)
			}
		})
	}
}
