package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"leakwatch/leak"
)

// Copies hold the same strangers, files of one person each do not: what the data holds is estimated, and whose data it
// looks like follows.
func TestCandidatesOfAnAlertOverCopies(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	var docs []*doc
	for i := range 3 {
		d := l.doc(fmt.Sprint("h", i), "dump/", "all.tar", 1).people("ca", 0, 40).strangers(100, 105)
		d.record()
		docs = append(docs, d)
	}
	l.clock.add(time.Hour)
	for _, d := range docs {
		l.look(d, leak.GoneNow)
	}
	all := l.alerts("ca")
	if !slices.ContainsFunc(all, func(a leak.Alert) bool { return a.Finds == len(docs) }) {
		t.Errorf("no alert is of all %d copies: %+v", len(docs), all)
	}
	for _, a := range all {
		if a.Candidates[leak.FIHetu] != 45 || a.Persons != 40 || a.Nature != leak.OwnRegister {
			t.Errorf("%s: %d people among %d of %d finds, %q", a.Event, a.Persons, a.Candidates[leak.FIHetu], a.Finds, a.Nature)
		}
	}
}

func TestCandidatesOfAnAlertOverFiles(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	const files = 40
	for i := range files { // each with a patient, every fourth with somebody else as well
		d := l.doc("a", "files/", fmt.Sprint(i), 1).people("ca", i, i+1)
		if i%4 == 0 {
			d.strangers(1000+i, 1001+i)
		}
		d.record()
	}
	all := l.alerts("ca")
	if !slices.ContainsFunc(all, func(a leak.Alert) bool { return a.Finds > files/2 }) {
		t.Errorf("no alert is of many files: %+v", all)
	}
	for _, a := range all {
		if want := int64(a.Finds + (a.Finds+3)/4); a.Finds > 1 && (a.Candidates[leak.FIHetu] != want || a.Persons != a.Finds) {
			t.Errorf("%s: %d people among %d of %d finds, want %d", a.Event, a.Persons, a.Candidates[leak.FIHetu], a.Finds, want)
		}
	}
}
