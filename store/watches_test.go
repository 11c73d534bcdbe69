package store_test

import (
	"errors"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/store"
)

// found records a find in a version that was leased.
func (l *lab) found(v leak.Version, from, to int) *doc {
	l.t.Helper()
	d := l.doc(v.Item.Source, "d/", v.Item.Name, v.Seq).people("ca", from, to)
	d.f.VersionID, d.f.ID = v.ID, leak.FindID(v.ID)
	d.record()
	l.finish(v, "w", leak.Matched)
	return d
}

func (l *lab) watches(n int) []leak.Watch {
	l.t.Helper()
	w, err := l.LeaseWatches(l.ctx, "w", 100, time.Minute)
	l.ok(err)
	if len(w) != n {
		l.t.Fatalf("%d watches due, want %d", len(w), n)
	}
	return w
}

// What a complete listing no longer names is looked at, at once.
func TestMissingIsLookedAt(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.sources(9, "a")
	l.run(l.items("a", 3)...)
	for i, v := range l.lease("w", 9) {
		l.found(v, 10*i, 10*i+10)
	}
	l.told(2)
	l.watches(0)
	l.clock.add(time.Hour)
	l.run(l.items("a", 1)...)
	for _, w := range l.watches(2) {
		if w.Gone || w.Source != "a" || w.Place.IsZero() {
			t.Errorf("%+v", w)
		}
		l.ok(l.FinishWatch(l.ctx, w.VersionID, leak.GoneNow, l.clock.now().Add(2*time.Hour)))
	}
	sent := l.told(2) // one message for both copies
	if a := sent[0].Alert; a.Event != leak.EventGone || a.Finds != 2 || a.LiveCopies != 1 || a.Persons != 20 || a.Confidence != leak.Confirmed {
		t.Errorf("%+v", a)
	}
	l.clock.add(2 * time.Hour)
	for _, w := range l.watches(2) {
		if !w.Gone {
			t.Errorf("%+v", w)
		}
		l.ok(l.FinishWatch(l.ctx, w.VersionID, leak.GoneNow, l.clock.now().Add(time.Hour)))
	}
	l.told(0)
}

// Something else is at the place: it is read as a new version; the old copy is not there any more.
func TestChangedIsReadAnew(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.sources(9, "a")
	l.run(l.items("a", 1)...)
	d := l.found(l.lease("w", 1)[0], 0, 20)
	l.told(2)
	l.clock.add(7 * time.Hour)
	l.ok(l.FinishWatch(l.ctx, l.watches(1)[0].VersionID, leak.Unknown, l.clock.now().Add(time.Hour)))
	l.clock.add(time.Hour)
	l.ok(l.FinishWatch(l.ctx, l.watches(1)[0].VersionID, leak.Changed, l.clock.now().Add(time.Hour)))
	l.told(0)
	f, err := l.Find(l.ctx, asSystem, d.f.ID)
	l.ok(err)
	if f.Live || f.ChangedAt.IsZero() || !f.GoneAt.IsZero() || !f.NextLook.IsZero() || len(f.Versions) != 2 {
		t.Errorf("%+v", f)
	}
	v := l.lease("w", 9)
	if len(v) != 1 || v[0].Seq != 2 {
		t.Fatalf("%+v", v)
	}
	l.found(v[0], 0, 30)
	if a := l.told(2)[0].Alert; a.Event != leak.EventGrown || a.NewPersons() != 10 || a.LiveCopies != 1 {
		t.Errorf("%+v", a)
	}
	l.clock.add(24 * time.Hour)
	l.watches(1)
	if err := l.FinishWatch(l.ctx, "none", leak.Live, time.Time{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// A source's own interval goes before what the pipeline says.
func TestSourceSaysHowOften(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.ok(l.SyncSources(l.ctx, []leak.Source{{ID: "a", Kind: "directory-index", Recheck: 30 * time.Minute, Parallel: 1}}, func(leak.Source) time.Time { return l.clock.now() }))
	l.run(l.items("a", 1)...)
	l.found(l.lease("w", 1)[0], 0, 20)
	l.clock.add(29 * time.Minute)
	l.watches(0)
	l.clock.add(time.Minute)
	l.ok(l.FinishWatch(l.ctx, l.watches(1)[0].VersionID, leak.Live, l.clock.now().Add(24*time.Hour)))
	l.clock.add(30 * time.Minute)
	l.watches(1)
}
