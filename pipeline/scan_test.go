package pipeline_test

import (
	"context"
	"io"
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
