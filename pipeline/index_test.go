package pipeline_test

import (
	"errors"
	"slices"
	"testing"

	"leakwatch/pipeline"
)

// What was purged or erased leaves the index, and stays due while the index is down.
func TestRemovedFindsLeaveTheIndex(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.store.removed = []string{"f-1", "f-2"}
	b.index.err = errors.New("down")
	if _, err := pipeline.IndexStep(b.Pipeline, t.Context()); err != nil || len(b.store.removed) != 2 {
		t.Fatalf("%v, left %v", err, b.store.removed)
	}
	b.index.err = nil
	if worked, err := pipeline.IndexStep(b.Pipeline, t.Context()); err != nil || !worked {
		t.Fatal(worked, err)
	}
	if len(b.store.removed) != 0 || !slices.Equal(b.index.removed, []string{"f-1", "f-2"}) {
		t.Errorf("left %v, removed %v", b.store.removed, b.index.removed)
	}
	if worked, err := pipeline.IndexStep(b.Pipeline, t.Context()); err != nil || worked {
		t.Error(worked, err)
	}
}
