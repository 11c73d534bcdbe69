package store_test

import (
	"errors"
	"testing"

	"leakwatch/store"
)

// TestRecordNumbers: a clinic's pattern is kept, and a new one is a new generation of the registry, for whoever reads must
// read again; the same one again is not.
func TestRecordNumbers(t *testing.T) {
	t.Parallel()
	s := newBase(t)
	ctx := s.ctx
	if err := s.AddClinic(ctx, store.Clinic{ID: "clinic-a", RecordNumbers: `\d{6}`}); err != nil {
		t.Fatal(err)
	}
	generation := func() int64 {
		t.Helper()
		n, err := s.Generation(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := generation()
	for _, pattern := range []string{`\d{6}`, `\d{7}`, `\d{7}`, ""} {
		if err := s.SetRecordNumbers(ctx, "clinic-a", pattern); err != nil {
			t.Fatal(err)
		}
		if c, err := s.Clinic(ctx, "clinic-a"); err != nil || c.RecordNumbers != pattern {
			t.Errorf("%q is kept as %q, %v", pattern, c.RecordNumbers, err)
		}
	}
	if n := generation() - before; n != 2 {
		t.Errorf("%d generations, want 2", n)
	}
	if err := s.SetRecordNumbers(ctx, "nobody", `\d{6}`); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a clinic that is not there: %v", err)
	}
}
