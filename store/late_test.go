package store_test

import (
	"iter"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/store"
)

// bundle registers the national numbers of persons from..to-1.
func (l *lab) bundle(clinic string, sequence int64, from, to int) store.Applied {
	l.t.Helper()
	rows := func(yield func(store.BundleRow, error) bool) {
		for i := from; i < to; i++ {
			w := token(i, "w", leak.Token{RK: clinic})
			r := store.BundleRow{Op: "add", Tag: leak.Tag{Clinic: clinic, W: w.F, Ref: ref(clinic, i), Kind: leak.FIHetu, RK: "test-a", PK: "pk"}}
			for _, k := range l.keys {
				r.Tokens = append(r.Tokens, token(i, leak.FIHetu, k))
			}
			if !yield(r, nil) {
				return
			}
		}
	}
	a, err := l.ApplyBundle(l.ctx, store.BundleApply{Clinic: clinic, Mode: "delta", Sequence: sequence, RK: "test-a", Signer: "aa",
		Recipient: "age1", Rows: iter.Seq2[store.BundleRow, error](rows)})
	l.ok(err)
	return a
}

// A clinic registers a day late: it is told of what was found of its people before.
func TestLate(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca", "late")
	d := l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 50).strangers(500, 600)
	d.record()
	l.told(2)
	l.clock.add(24 * time.Hour)
	l.bundle("late", 1, 500, 700)
	sent := l.told(2)
	a := sent[0].Alert
	if a.Event != leak.EventLate || a.Clinic != "late" || a.Persons != 100 || a.SeenBefore != 0 || a.Kinds[leak.FIHetu] != 100 || a.Patients != 200 {
		t.Fatalf("%+v", a)
	}
	f, err := l.Find(l.ctx, clinician("late"), d.f.ID)
	l.ok(err)
	if len(f.Clinics) != 1 || f.Clinics[0].Persons != 100 || f.Clinics[0].Late != 100 || f.Clinics[0].Event != leak.EventLate {
		t.Errorf("%+v", f.Clinics)
	}
	l.bundle("late", 2, 500, 700) // the same again is no news
	l.told(0)
	l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 50).strangers(500, 600).record()
	l.told(0)
	l.clock.add(24 * time.Hour)
	n := l.doc("b", "dump/", "all.tar", 1).people("late", 500, 600).record()
	l.want(n, "late", leak.EventSpread)
	if a := l.told(2)[0].Alert; a.SeenBefore != 100 || a.NewPersons() != 0 {
		t.Errorf("%+v", a)
	}
}

// A clinic registers while a document is read: the reading does not know its people, the store does.
func TestRegisteredWhileReading(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca", "late")
	d := l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 20).partial()
	d.record()
	l.told(2)
	l.bundle("late", 1, 500, 700)
	l.told(0)
	l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 20).strangers(500, 550).partial().record()
	if a := l.told(2)[0].Alert; a.Event != leak.EventLate || a.Clinic != "late" || a.Persons != 50 {
		t.Errorf("%+v", a)
	}
	l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 20).strangers(500, 560).record()
	l.clock.add(2 * time.Hour)
	if a := l.told(2)[0].Alert; a.Event != leak.EventLate || a.Persons != 60 || a.Revision != 2 {
		t.Errorf("%+v", a)
	}
	l.clock.add(4 * 24 * time.Hour)
	l.purge()
	if n := len(l.sightings(asSystem, 555)); n != 1 {
		t.Errorf("%d", n)
	}
}

// A clinic that was told already registers more: only those are told as late.
func TestMoreRegisteredLater(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	d := l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 50).strangers(50, 80)
	d.record()
	l.told(2)
	l.clock.add(24 * time.Hour)
	l.bundle("ca", 1, 0, 80)
	a := l.told(2)[0].Alert
	if a.Event != leak.EventLate || a.Persons != 30 || a.NewPersons() != 30 {
		t.Fatalf("%+v", a)
	}
	refs, err := l.AlertRefs(l.ctx, asSystem, a.ID)
	l.ok(err)
	if len(refs) != 30 || refs[0].ToldBefore || refs[0].Person.Ref != ref("ca", 50) {
		t.Errorf("%d refs: %+v", len(refs), refs[0])
	}
	if first := l.alerts("ca")[0]; first.Persons != 50 {
		t.Errorf("the first alert has %d persons now", first.Persons)
	}
	f, err := l.Find(l.ctx, asSystem, d.f.ID)
	l.ok(err)
	if c := f.Clinics[0]; c.Persons != 80 || c.Late != 30 || c.Event != leak.EventNew || len(c.Alerts) != 2 {
		t.Errorf("%+v", c)
	}
}

// A telephone number changed: the same person registers another identifier, and the lineage holds.
func TestChangedIdentifier(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 50).persons("ca", leak.Phone, 0, 50).record()
	l.told(2)
	l.clock.add(40 * 24 * time.Hour)
	n := l.doc("b", "dump/", "new.csv", 1).shape("csv").persons("ca", leak.Phone, 0, 50).record()
	l.want(n, "ca", leak.EventResurfaced)
	if a := l.told(2)[0].Alert; a.SeenBefore != 50 || a.Kinds[leak.Phone] != 50 || a.Kinds[leak.FIHetu] != 0 {
		t.Errorf("%+v", a)
	}
}
