package corpus_test

import (
	"context"
	"testing"

	"leakwatch/internal/corpus"
	"leakwatch/leak"
)

// TestCleanTextIsNobodys reads clean text against a registry of many rows. No clinic is told anything that is probable or
// more, neither of one of the texts nor of all of them taken as one.
func TestCleanTextIsNobodys(t *testing.T) {
	t.Parallel()
	rows, size := 200_000, int64(16<<20)
	if testing.Short() {
		rows, size = 20_000, 2<<20
	}
	p, err := corpus.NewPrecision(corpus.Clinics(seed, rows))
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.Read(context.Background(), corpus.Clean(seed, size))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range res.Findings {
		if f.Verdict.Confidence >= leak.Probable {
			t.Errorf("%s: %s is told %s: %q", f.Where, f.Clinic, f.Verdict.Confidence, f.Verdict.Reasons)
		}
	}
	t.Logf("%d texts, %d bytes, %d findings that are possible", res.Texts, res.Bytes, len(res.Findings))
}
