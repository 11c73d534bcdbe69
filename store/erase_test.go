package store_test

import (
	"errors"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/store"
)

func (l *lab) sightings(p leak.Principal, n int) []store.Sighting {
	l.t.Helper()
	all, err := l.FindsByTokens(l.ctx, p, []leak.Token{token(n, leak.FIHetu, l.keys[0])})
	l.ok(err)
	return all
}

func TestErasePersons(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca", "cb")
	d := l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 50).people("cb", 10, 11)
	d.record()
	e2 := l.doc("b", "dump/", "nobody.tar", 1).strangers(0, 30) // their numbers, but read before they were registered
	e2.f.Tally.Clinics["ca"] = &leak.ClinicTally{Persons: 1, Kinds: map[leak.Kind]int64{leak.Phone: 1}, Hits: map[leak.Kind]int64{leak.Phone: 1}}
	e2.record()
	l.bundle("ca", 1, 0, 50)
	l.told(8)
	got, err := l.Erase(l.ctx, clinician("ca"), "ca", []string{ref("ca", 9), ref("ca", 10), "nobody"})
	l.ok(err)
	if got.Persons != 2 || got.Tags != 2 || got.Tokens < 3 {
		t.Errorf("%+v", got)
	}
	if n := len(l.sightings(asSystem, 9)); n != 0 {
		t.Errorf("the erased person is in %d finds", n)
	}
	if all := l.sightings(asSystem, 10); len(all) != 1 || len(all[0].Clinics) != 1 || all[0].Clinics[0] != "cb" {
		t.Errorf("a token of another clinic's person went along: %+v", all)
	}
	f, err := l.Find(l.ctx, asSystem, d.f.ID)
	l.ok(err)
	if f.Clinics[0].Persons != 48 {
		t.Errorf("%d persons", f.Clinics[0].Persons)
	}
	d.record() // a reading that began before must not bring them back
	if n := len(l.sightings(asSystem, 9)); n != 0 {
		t.Errorf("back in %d finds", n)
	}
	refs, err := l.AlertRefs(l.ctx, asSystem, l.alerts("ca")[0].ID)
	l.ok(err)
	if len(refs) != 48 {
		t.Errorf("%d persons in the alert", len(refs))
	}
	if _, err := l.Erase(l.ctx, clinician("cb"), "ca", nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another clinic: %v", err)
	}
}

func TestRemoveClinicFromFinds(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca", "cb")
	both := l.doc("a", "dump/", "both.tar", 1).people("ca", 0, 50).people("cb", 100, 120)
	both.record()
	alone := l.doc("b", "dump/", "alone.tar", 1).people("ca", 200, 220)
	alone.record()
	l.told(6)
	e, err := l.RemoveClinic(l.ctx, asSystem, "ca")
	l.ok(err)
	if e.Persons != 70 || e.Tokens != 70 || e.Alerts != 2 || e.Deliveries != 4 || len(e.Finds) != 1 || e.Versions[0] != alone.f.VersionID {
		t.Errorf("%+v", e)
	}
	both.record()
	alone.record()
	l.clock.add(3 * time.Hour)
	l.told(0)
	f, err := l.Find(l.ctx, asSystem, both.f.ID)
	l.ok(err)
	if len(f.Clinics) != 1 || f.Clinics[0].Clinic != "cb" || f.Clinics[0].Persons != 20 {
		t.Errorf("%+v", f.Clinics)
	}
	l.clinic("ca", 2)
	l.want(l.doc("c", "dump/", "new.tar", 1).people("ca", 0, 50).record(), "ca", leak.EventNew)
	l.told(2)
}
