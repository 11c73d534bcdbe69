package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"leakwatch/configs"
	"leakwatch/leak"
	"leakwatch/store"
)

const aDay = 24 * time.Hour

// keeping opens the lab's store again with other times of retention.
func (l *lab) keeping(r configs.Retention) {
	l.t.Helper()
	l.ok(l.Store.Close())
	s, err := store.Open(l.ctx, store.Options{Path: l.path, Places: l.places, Rules: leak.DefaultRules(), Retention: r, Now: l.clock.now})
	l.ok(err)
	l.Store = s
	l.t.Cleanup(func() { _ = s.Close() })
}

func (l *lab) purge() (map[string]int64, []string) {
	l.t.Helper()
	gone, evidence, err := l.Purge(l.ctx)
	l.ok(err)
	return gone, evidence
}

func TestPurge(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.keeping(configs.Retention{Finds: 100 * aDay, Tokens: 50 * aDay, Evidence: 70 * aDay, Audit: 200 * aDay})
	held := l.doc("a", "dump/", "held.tar", 1).people("ca", 0, 20)
	held.record()
	old := l.doc("b", "dump/", "old.tar", 1).people("ca", 100, 120)
	old.record()
	l.told(4)
	l.ok(l.HoldFind(l.ctx, held.f.ID, true))
	l.ok(l.HoldFind(l.ctx, held.f.ID, true))
	if gone, _ := l.purge(); len(gone) != 0 {
		t.Fatalf("too early: %v", gone)
	}
	l.clock.add(51 * aDay)
	if gone, _ := l.purge(); gone["tokens"] != 20 || len(l.sightings(asSystem, 5)) != 1 || len(l.sightings(asSystem, 105)) != 0 {
		t.Fatalf("tokens: %v", gone)
	}
	l.clock.add(50 * aDay)
	gone, _ := l.purge()
	if gone["finds"] != 1 || gone["persons"] != 20 || gone["alerts"] != 1 || gone["leaks"] != 1 {
		t.Errorf("finds: %v", gone)
	}
	if _, err := l.Find(l.ctx, asSystem, old.f.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the expired find: %v", err)
	}
	if _, err := l.Find(l.ctx, asSystem, held.f.ID); err != nil {
		t.Errorf("the held find: %v", err)
	}
	if gone, _ := l.purge(); len(gone) != 0 {
		t.Errorf("again: %v", gone)
	}
	l.ok(l.HoldFind(l.ctx, held.f.ID, false))
	if gone, _ := l.purge(); gone["finds"] != 1 || gone["tokens"] != 20 {
		t.Errorf("after the hold: %v", gone)
	}
	if err := l.HoldFind(l.ctx, held.f.ID, true); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("hold of nothing: %v", err)
	}
	removed, err := l.RemovedFinds(l.ctx, 10)
	l.ok(err)
	if len(removed) != 2 || !slices.Contains(removed, old.f.ID) {
		t.Errorf("to be taken out of the index: %v", removed)
	}
	l.ok(l.FinishRemoved(l.ctx, removed))
	if removed, err = l.RemovedFinds(l.ctx, 10); err != nil || len(removed) != 0 {
		t.Errorf("%v, %v", removed, err)
	}
	stats, err := l.Stats(l.ctx)
	l.ok(err)
	if stats["finds"]+stats["leaks"]+stats["alerts"] != 0 {
		t.Errorf("%v", stats)
	}
}

// The sealed body of a version goes after its time, unless a find of it is held; a large find goes in chunks.
func TestPurgeEvidence(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.keeping(configs.Retention{Finds: 40 * aDay, Evidence: 30 * aDay, CleanVersions: 10 * aDay})
	l.sources(9, "a")
	l.run(l.items("a", 4)...)
	versions := l.lease("w", 4)
	for i, v := range versions {
		r := leak.Clean
		if i < 2 {
			r = leak.Matched
			d := l.doc("a", "d/", v.Item.Name, 1).people("ca", 10*i, 10*i+12)
			if i == 0 {
				d = l.doc("a", "d/", v.Item.Name, 1).people("ca", 0, 9000)
			}
			d.f.VersionID, d.f.ID = v.ID, leak.FindID(v.ID)
			d.record()
		}
		l.ok(l.PutExchanges(l.ctx, v.ID, []leak.Exchange{exchange(l.clock.now(), 200, "")}, "digest"))
		l.finish(v, "w", r)
	}
	l.ok(l.HoldFind(l.ctx, leak.FindID(versions[1].ID), true))
	l.clock.add(11 * aDay)
	l.run(l.items("a", 3)...)
	gone, evidence := l.purge()
	if gone["versions"] != 1 || gone["items"] != 1 || len(evidence) != 0 {
		t.Errorf("%v, %v: only the clean one that is no longer listed goes", gone, evidence)
	}
	l.clock.add(20 * aDay)
	gone, evidence = l.purge()
	if !slices.Equal(evidence, []string{versions[0].ID}) || gone["exchanges"] != 3 {
		t.Errorf("%v, %v", gone, evidence)
	}
	l.clock.add(10 * aDay)
	if gone, evidence = l.purge(); gone["finds"] != 1 || gone["persons"] != 9000-12 && gone["persons"] != 9000 || len(evidence) != 1 {
		t.Errorf("%v, %v", gone, evidence)
	}
}
