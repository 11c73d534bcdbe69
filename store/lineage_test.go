package store_test

import (
	"testing"
	"time"

	"leakwatch/leak"
)

func TestNewThenNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	first := l.doc("a", "dump/", "all.tar", 1).shape("tar/txt").people("ca", 0, 50)
	l.want(first.record(), "ca", leak.EventNew)
	sent := l.told(2) // two contacts
	a := sent[0].Alert
	if a.Persons != 50 || a.SeenBefore != 0 || a.Confidence != leak.Confirmed || a.Patients != 5000 || a.Finds != 1 || !a.Complete ||
		a.Kinds[leak.FIHetu] != 50 || a.LiveCopies != 1 || len(a.Places) != 1 || a.Sources[0] != "a" || a.Leak == "" {
		t.Errorf("alert %+v", a)
	}
	if sent[0].Kind != leak.NoticeAlert || sent[0].Thread != sent[0].ID || sent[0].Clinic != "Clinic ca" || sent[0].Attempt != 1 || sent[0].Revision != 1 {
		t.Errorf("message %+v", sent[0])
	}
	first.record() // the same again, as after a crash
	l.clock.add(2 * time.Hour)
	l.told(0)
	again := l.doc("a", "dump/", "all.tar", 2).shape("tar/txt").people("ca", 0, 50) // read anew: the same bytes
	l.want(again.record(), "ca", leak.NoEvent)
	l.clock.add(2 * time.Hour)
	l.told(0)
	if n := len(l.alerts("ca")); n != 1 {
		t.Errorf("%d alerts", n)
	}
}

// The motivating case: the tar is gone, months later its people are loose files elsewhere.
func TestResurfaced(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	tar := l.doc("a", "dump/", "all.tar", 1).shape("tar/txt").people("ca", 0, 100)
	l.want(tar.record(), "ca", leak.EventNew)
	l.told(2)
	l.clock.add(3 * time.Hour)
	l.look(tar, leak.GoneNow)
	gone := l.told(2)
	if a := gone[0].Alert; a.Event != leak.EventGone || a.LiveCopies != 0 || a.Persons != 100 || a.NewPersons() != 0 {
		t.Errorf("gone: %+v", a)
	}
	l.clock.add(60 * 24 * time.Hour)
	for i := range 100 {
		n := l.doc("b", "files/", ref("x", i)+".txt", 1).people("ca", i, i+1).record()
		l.want(n, "ca", leak.EventResurfaced)
	}
	first := l.told(2)
	a := first[0].Alert
	if a.Persons != 100 || a.SeenBefore != 100 || a.NewPersons() != 0 || a.Finds != 100 || a.Confidence != leak.Confirmed {
		t.Errorf("resurfaced: %+v", a)
	}
	if a.FirstPlace != tar.f.Item.Place.Shown() || !a.FirstAt.Equal(tar.f.MatchedAt) || len(a.Places) != 1 || a.LiveCopies != 100 {
		t.Errorf("first place %q at %v, places %q, live %d", a.FirstPlace, a.FirstAt, a.Places, a.LiveCopies)
	}
	refs, err := l.AlertRefs(l.ctx, clinician("ca"), a.ID)
	l.ok(err)
	if len(refs) != 100 || !refs[0].ToldBefore || len(refs[0].Kinds) != 1 {
		t.Errorf("%d refs, first %+v", len(refs), refs[0])
	}
	l.clock.add(2 * time.Hour)
	l.told(0)
	if n := len(l.alerts("ca")); n != 3 {
		t.Errorf("%d alerts", n)
	}
}

// Files come while the first message is out: one update at the end of the window, on the same thread.
func TestFoldedIntoOneUpdate(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.doc("b", "files/", "0.txt", 1).people("ca", 0, 1).record()
	first := l.told(2)
	if first[0].Alert.Persons != 1 || first[0].Alert.Confidence != leak.Probable {
		t.Errorf("first: %+v", first[0].Alert)
	}
	for i := 1; i < 12; i++ {
		l.clock.add(time.Minute)
		l.want(l.doc("b", "files/", ref("x", i), 1).people("ca", i, i+1).record(), "ca", leak.EventNew)
	}
	l.told(0)
	l.clock.add(time.Hour)
	update := l.told(2)
	a := update[0].Alert
	if a.ID != first[0].Alert.ID || a.Persons != 12 || a.Finds != 12 || a.SeenBefore != 0 || a.Confidence != leak.Confirmed {
		t.Errorf("update: %+v", a)
	}
	if u := update[0]; u.Kind != leak.NoticeUpdate || u.Revision != 2 || u.Thread != first[0].ID || u.Told == nil || u.Told.Persons != 1 {
		t.Errorf("update: %+v", u)
	}
	l.clock.add(5 * time.Hour)
	l.told(0)
}

// What folds sixteen times is judged together, and told at once when that says more.
func TestRisesTogether(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	for i := range 40 {
		l.doc("b", "files/", ref("x", i), 1).people("ca", i, i+1).record()
		if i == 0 {
			l.told(2)
		}
	}
	if a := l.told(2)[0].Alert; a.Confidence != leak.Confirmed || a.Persons != 40 {
		t.Errorf("%+v", a)
	}
}

func TestRisingConfidenceIsToldAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	d := l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 1).partial()
	d.record()
	if a := l.told(2)[0].Alert; a.Confidence != leak.Probable || a.Complete {
		t.Errorf("first: %+v", a)
	}
	l.clock.add(time.Minute)
	d = l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 30).partial()
	d.record()
	if u := l.told(2)[0]; u.Alert.Confidence != leak.Confirmed || u.Alert.Persons != 30 || u.Kind != leak.NoticeUpdate {
		t.Errorf("update: %+v", u)
	}
	l.clock.add(3 * time.Hour) // the window is over, and the reading goes on: its revisions stay on the thread
	l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 60).record()
	l.told(0)
	l.clock.add(2 * time.Hour)
	if u := l.told(2)[0]; u.Alert.Persons != 60 || u.Revision != 3 || !u.Alert.Complete {
		t.Errorf("last update: %+v", u)
	}
	if n := len(l.alerts("ca")); n != 1 {
		t.Errorf("%d alerts", n)
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.doc("a", "dump/", "all.tar", 1).shape("tar/txt").people("ca", 0, 20).record()
	n := l.doc("b", "x/", "copy.tar", 1).shape("tar/txt").people("ca", 0, 25).record()
	l.want(n, "ca", leak.EventSpread)
	if n.Clinics[0].Seen != 20 || n.Clinics[0].Persons != 25 || n.Join.Reason != "persons" {
		t.Errorf("%+v", n)
	}
	sent := l.told(4)
	for _, d := range sent {
		if d.Alert.Event == leak.EventSpread && (d.Alert.LiveCopies != 2 || d.Alert.NewPersons() != 5 || d.Alert.SeenBefore != 20) {
			t.Errorf("%+v", d.Alert)
		}
	}
}

func TestGrown(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.doc("a", "dump/", "all.tar", 1).shape("tar/txt").people("ca", 0, 20).record()
	l.told(2)
	l.clock.add(48 * time.Hour)
	l.want(l.doc("a", "dump/", "all.tar", 2).shape("tar/txt").people("ca", 0, 30).record(), "ca", leak.EventGrown)
	a := l.told(2)[0].Alert
	if a.Event != leak.EventGrown || a.Persons != 30 || a.NewPersons() != 10 || a.LiveCopies != 1 {
		t.Errorf("%+v", a)
	}
}

func TestBack(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.sources(1, "a")
	i := l.item("a", 1)
	l.run(i)
	v := l.lease("w", 1)[0]
	d := l.doc("a", "d/", "file-1.txt", 1).people("ca", 0, 20)
	d.f.VersionID, d.f.ID = v.ID, leak.FindID(v.ID)
	d.record()
	l.finish(v, "w", leak.Matched)
	l.told(2)
	l.clock.add(3 * time.Hour)
	l.look(d, leak.GoneNow)
	l.told(2)
	l.clock.add(3 * time.Hour)
	l.look(d, leak.Live)
	l.look(d, leak.Live)
	all := l.lease("w", 5)
	if len(all) != 1 {
		t.Fatalf("%d versions due", len(all))
	}
	again := l.doc("a", "d/", "file-1.txt", 2).people("ca", 0, 20)
	again.f.VersionID, again.f.ID = all[0].ID, leak.FindID(all[0].ID)
	l.want(again.record(), "ca", leak.EventBack)
	if a := l.told(2)[0].Alert; a.Event != leak.EventBack || a.NewPersons() != 0 || a.Persons != 20 || a.LiveCopies != 1 {
		t.Errorf("%+v", a)
	}
	w, err := l.LeaseWatches(l.ctx, "w", 10, time.Minute)
	l.ok(err)
	l.clock.add(24 * time.Hour)
	w2, err := l.LeaseWatches(l.ctx, "w", 10, time.Minute)
	l.ok(err)
	if all := append(w, w2...); len(all) != 1 || all[0].VersionID != again.f.VersionID || all[0].Gone || all[0].Place.Reveal() != i.Place.Reveal() {
		t.Errorf("watches %+v", all)
	}
}

// Somebody else's list with a few of the clinic's people is no copy of its leak; a true sample below the share is related.
func TestRelated(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	one := l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 100).record()
	two := l.doc("b", "x/", "other.tar", 1).people("ca", 95, 195).record()
	if two.Join.Leak == one.Join.Leak || len(two.Related) != 1 || two.Related[0].Overlap != 0.05 {
		t.Fatalf("%+v", two)
	}
	l.want(two, "ca", leak.EventNew)
	f, err := l.Find(l.ctx, asSystem, leak.FindID(l.doc("b", "x/", "other.tar", 1).f.VersionID))
	l.ok(err)
	if len(f.Related) != 1 || f.Related[0].Leak != one.Join.Leak || f.CopiesTotal != 0 {
		t.Errorf("%+v", f.Related)
	}
}

// Two leaks turn out to be one: the old id leads to the other.
func TestMerge(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	one := l.doc("a", "dump/", "1.tar", 1).people("ca", 0, 50).record()
	l.clock.add(time.Hour)
	d2 := l.doc("b", "dump/", "2.tar", 1).people("ca", 50, 100)
	two := d2.record()
	if one.Join.Leak == two.Join.Leak {
		t.Fatal("one leak already")
	}
	l.told(4)
	l.clock.add(24 * time.Hour)
	three := l.doc("c", "dump/", "3.tar", 1).people("ca", 0, 100).record()
	if three.Join.Leak != one.Join.Leak || len(three.Merge) != 1 || three.Merge[0] != two.Join.Leak {
		t.Fatalf("%+v", three)
	}
	l.want(three, "ca", leak.EventSpread)
	if a := l.told(2)[0].Alert; a.SeenBefore != 100 || a.LiveCopies != 3 {
		t.Errorf("%+v", a)
	}
	f, err := l.Find(l.ctx, asSystem, d2.f.ID)
	l.ok(err)
	if f.Leak != one.Join.Leak || len(f.Aliases) != 1 || f.Aliases[0] != two.Join.Leak || len(f.Joins) != 2 || f.Joins[0].Leak != two.Join.Leak || f.CopiesTotal != 2 {
		t.Errorf("%+v", f)
	}
	byOld, err := l.Alerts(l.ctx, asSystem, storeFilter(two.Join.Leak))
	l.ok(err)
	if len(byOld) != 3 {
		t.Errorf("%d alerts by the old id", len(byOld))
	}
	l.want(d2.record(), "ca", leak.EventNew) // a revision after the merge stays what it was told as
	l.told(0)
}

// After a rotation of keys finds have tokens under both pairs, those before under the old one: the share is not halved.
func TestRingRotated(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	one := l.doc("a", "dump/", "1.txt", 1).strangers(0, 100).people("ca", 1000, 1011).record()
	l.keys = []leak.Token{{RK: "test-b", PK: "pk-1"}, {RK: "test-a", PK: "pk-1"}, {RK: "test-b", PK: "pk-2"}, {RK: "test-a", PK: "pk-2"}}
	two := l.doc("b", "dump/", "2.txt", 1).strangers(80, 180).people("ca", 2000, 2010).record()
	if two.Join.Leak != one.Join.Leak || two.Join.Reason != "tokens" {
		t.Fatalf("%+v", two.Join)
	}
	if got, want := two.Join.Overlap, 20.0/110; got != want {
		t.Errorf("overlap %v, want %v", got, want)
	}
	three := l.doc("c", "dump/", "3.txt", 1).people("ca", 1000, 1010).record()
	if three.Join.Leak != one.Join.Leak || three.Join.Reason != "persons" {
		t.Fatalf("%+v", three.Join)
	}
}

func TestTwoClinics(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca", "cb")
	l.doc("a", "dump/", "1.tar", 1).people("ca", 0, 50).record()
	l.told(2)
	l.clock.add(24 * time.Hour)
	n := l.doc("b", "dump/", "2.tar", 1).people("ca", 0, 50).people("cb", 0, 20).record()
	l.want(n, "ca", leak.EventSpread)
	l.want(n, "cb", leak.EventNew)
	sent := l.told(4)
	if sent[0].Alert.Clinic != "ca" || sent[0].Alert.Persons != 50 || sent[2].Alert.Clinic != "cb" || sent[2].Alert.Persons != 20 {
		t.Errorf("%+v", sent)
	}
}

// A person of a new folder whom nobody knew comes first: those known from the tar are told as resurfaced all the same.
func TestResurfacedBehindANewcomer(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	tar := l.doc("a", "dump/", "all.tar", 1).shape("tar/txt").people("ca", 0, 50)
	tar.record()
	l.look(tar, leak.GoneNow)
	l.told(4)
	l.clock.add(90 * 24 * time.Hour)
	l.want(l.doc("b", "f/", "x.txt", 1).people("ca", 70, 71).record(), "ca", leak.EventNew)
	l.want(l.doc("b", "f/", "y.txt", 1).people("ca", 0, 1).record(), "ca", leak.EventResurfaced)
	l.want(l.doc("b", "f/", "z.txt", 1).people("ca", 1, 2).record(), "ca", leak.EventResurfaced)
	for _, d := range l.told(4) {
		if d.Alert.Event == leak.EventResurfaced && d.Alert.Persons != 2 {
			t.Errorf("%+v", d.Alert)
		}
	}
	// The same folder holds one person twice in two shapes: that is no resurfacing.
	l.want(l.doc("b", "f/", "x.pdf", 1).shape("pdf").people("ca", 70, 71).record(), "ca", leak.EventNew)
}
