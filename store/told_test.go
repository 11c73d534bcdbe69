package store_test

import (
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/store"
)

// What was told stays true: a worker died after the find, and the next one met an empty place, or a clean file.
func TestVersionWithAFindStaysMatched(t *testing.T) {
	t.Parallel()
	for _, after := range []leak.Outcome{
		{Result: leak.Failed, Completeness: leak.Unread},
		{Result: leak.Clean, Completeness: leak.Whole},
	} {
		l := newLab(t, "a")
		l.sources(3, "paste")
		l.run(l.item("paste", 1))
		v := l.lease("w", 1)[0]
		d := l.doc("files.example", "f", "n", 1).people("a", 0, 30)
		d.f.ID, d.f.VersionID, d.f.Item = leak.FindID(v.ID), v.ID, v.Item
		d.record()
		l.ok(l.FinishVersion(l.ctx, v.ID, "w", after))
		o, ok, err := l.VersionOutcome(l.ctx, v.ID)
		if want := map[leak.Completeness]leak.Completeness{leak.Unread: leak.Partial, leak.Whole: leak.Whole}[after.Completeness]; err != nil ||
			!ok || o.Result != leak.Matched || o.Completeness != want {
			t.Errorf("%s became %+v, %v", after.Result, o, err)
		}
	}
}

// A file in hand is read by whoever put it there, and by no service beside.
func TestRecordedFilesAreNobodyElses(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(3, "paste")
	i := b.item("paste", 1)
	i.Source = store.ScanSource
	id, err := b.AddTip(b.ctx, i)
	b.ok(err)
	if got := b.lease("service", 3); len(got) != 0 {
		t.Fatalf("a service leased %v", got)
	}
	v, ok, err := b.LeaseVersion(b.ctx, id, "scan", time.Minute)
	if !ok || err != nil || v.Item.Source != store.ScanSource {
		t.Fatal(v, ok, err)
	}
	b.sources(3, "paste") // a service starts meanwhile
	b.finish(v, "scan", leak.Clean)
	states, err := b.SourceStates(b.ctx)
	if err != nil || len(states) != 1 {
		t.Errorf("sources %v, error %v", states, err)
	}
}
