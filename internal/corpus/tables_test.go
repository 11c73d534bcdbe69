package corpus_test

import (
	"testing"

	"leakwatch/internal/corpus"
	"leakwatch/leak"
)

// TestTablesAreReadWhole reads tables as what they are, and not only what of them lies there as text.
func TestTablesAreReadWhole(t *testing.T) {
	t.Parallel()
	people, reader := readerOf(t)
	for _, s := range corpus.Shapes() {
		if s.Group != "table" {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			res, err := reader.Read(t.Context(), s.Make(seed, people), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if res.Report.Completeness != leak.Whole {
				t.Errorf("%s %q", res.Report.Completeness, res.Report.Reasons)
			}
		})
	}
}
