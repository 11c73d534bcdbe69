package store_test

import (
	"errors"
	"iter"
	"slices"
	"testing"

	"leakwatch/leak"
	"leakwatch/store"
)

// deleting is a bundle that deletes the rows of persons.
func (l *lab) deleting(mode string, sequence int64, keep, del []int) (store.Applied, error) {
	row := func(op string, i int) store.BundleRow {
		w := token(i, "w", leak.Token{RK: "ca"})
		return store.BundleRow{Op: op, Tag: leak.Tag{Clinic: "ca", W: w.F, Ref: ref("ca", i), Kind: leak.FIHetu, RK: "test-a", PK: "pk"},
			Tokens: []leak.Token{token(i, leak.FIHetu, l.keys[0])}}
	}
	rows := func(yield func(store.BundleRow, error) bool) {
		for _, i := range keep {
			if !yield(row("add", i), nil) {
				return
			}
		}
		for _, i := range del {
			if !yield(row("del", i), nil) {
				return
			}
		}
	}
	return l.ApplyBundle(l.ctx, store.BundleApply{Clinic: "ca", Mode: mode, Sequence: sequence, RK: "test-a", Signer: "aa",
		Recipient: "age1", Rows: iter.Seq2[store.BundleRow, error](rows), Confirm: true, By: asSystem})
}

// Whose rows a bundle deletes is forgotten: in the registry, in finds, in tokens. Who is only left out stays in finds.
func TestABundleErases(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.bundle("ca", 1, 0, 20)
	many := l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 20)
	many.record()
	alone := l.doc("b", "files/", "one.txt", 1).people("ca", 3, 4)
	alone.record()
	held := l.doc("c", "files/", "held.txt", 1).people("ca", 3, 4)
	held.record()
	l.ok(l.HoldFind(l.ctx, held.f.ID, true))
	l.ok(l.FinishIndexed(l.ctx, l.unindexed(3)))
	told := l.alerts("ca")
	a, err := l.deleting("delta", 2, nil, []int{3})
	l.ok(err)
	e := a.Erased
	if e.Refs != 1 || e.Persons != 1 || e.Tokens != int64(3*len(l.keys)) || !slices.Equal(e.Finds, []string{alone.f.ID}) || e.Versions[0] != alone.f.VersionID {
		t.Errorf("%+v", e)
	}
	if n := len(l.sightings(asSystem, 3)); n != 0 {
		t.Errorf("in %d finds", n)
	}
	if _, err := l.Find(l.ctx, asSystem, alone.f.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the find of nobody is there: %v", err)
	}
	if ids, err := l.RemovedFinds(l.ctx, 9); err != nil || !slices.Equal(ids, []string{alone.f.ID}) {
		t.Errorf("out of the index: %v, %v", ids, err)
	}
	if now := l.alerts("ca"); len(now) != len(told) {
		t.Errorf("%d alerts, were %d", len(now), len(told))
	}
	var keep []int
	for i := range 20 {
		if i != 3 && i != 4 && i != 5 {
			keep = append(keep, i)
		}
	}
	if a, err = l.deleting("full", 3, keep, []int{4}); err != nil || a.Erased.Persons != 1 || a.Removed[leak.FIHetu] != 2 || a.Kept[leak.FIHetu] != 17 {
		t.Errorf("%+v, %v", a, err)
	}
	if len(l.sightings(asSystem, 4)) != 0 || len(l.sightings(asSystem, 5)) != 1 {
		t.Error("who was deleted and who was left out are not told apart")
	}
	entries, err := l.AuditEntries(l.ctx, 0, 0)
	l.ok(err)
	if n := slices.IndexFunc(entries, func(e leak.AuditEntry) bool { return e.Action == "erase persons" }); n < 0 {
		t.Error("no audit row")
	}
}
