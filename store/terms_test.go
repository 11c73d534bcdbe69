package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/store"
)

// naming puts watch terms of a clinic into a document.
func (d *doc) naming(clinic string, terms ...string) *doc {
	t := d.f.Tally.Clinics[clinic]
	if t == nil {
		t = &leak.ClinicTally{}
		d.f.Tally.Clinics[clinic] = t
	}
	t.Terms = map[string]int64{}
	for _, w := range terms {
		t.Terms[w] = 2
	}
	return d
}

func TestChangeTerms(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca", "cb")
	before, err := l.Generation(l.ctx)
	l.ok(err)
	l.ok(l.ChangeTerms(l.ctx, "ca", []string{"Example Clinic", "clinic.example"}, nil))
	l.ok(l.ChangeTerms(l.ctx, "cb", []string{"Other"}, nil))
	after, err := l.Generation(l.ctx)
	l.ok(err)
	if after <= before {
		t.Errorf("generation %d after %d: what is still there would not be read again", after, before)
	}
	l.ok(l.ChangeTerms(l.ctx, "ca", []string{"Example Clinic", "clinic.example"}, nil))
	if again, err := l.Generation(l.ctx); err != nil || again != after {
		t.Errorf("a new generation for no change: %d after %d, %v", again, after, err)
	}
	l.ok(l.ChangeTerms(l.ctx, "ca", nil, []string{"Example Clinic", "never there"}))
	all, err := l.Terms(l.ctx, "")
	l.ok(err)
	if diff := cmp.Diff([]leak.Term{{Clinic: "ca", Text: "clinic.example"}, {Clinic: "cb", Text: "Other"}}, all); diff != "" {
		t.Error(diff)
	}
	if err := l.ChangeTerms(l.ctx, "nobody", nil, nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
	many := make([]string, store.MaxTerms)
	for i := range many {
		many[i] = fmt.Sprint("word ", i)
	}
	if err := l.ChangeTerms(l.ctx, "ca", many, nil); err == nil {
		t.Errorf("more than %d words", store.MaxTerms)
	}
	l.ok(l.ChangeTerms(l.ctx, "ca", many, []string{"clinic.example"}))
	_, err = l.RemoveClinic(l.ctx, asSystem, "ca")
	l.ok(err)
	if all, err := l.Terms(l.ctx, "ca"); err != nil || len(all) != 0 {
		t.Errorf("terms of a clinic that was removed: %v, %v", all, err)
	}
}

// All mentions of a window are one message and one update; none is a leak.
func TestMentionIsToldOnceAndIsNoLeak(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	d := l.doc("a", "talk/", "one.txt", 1).naming("ca", "brand")
	n := d.record()
	l.want(n, "ca", leak.EventMention)
	if n.Join.Leak != "" {
		t.Errorf("it is in leak %s", n.Join.Leak)
	}
	d.record() // the same again
	a := l.told(2)[0].Alert
	if a.Event != leak.EventMention || a.Leak != "" || a.Persons != 0 || a.Finds != 1 || a.Terms["brand"] != 1 || a.Confidence != leak.None {
		t.Errorf("%+v", a)
	}
	l.doc("b", "talk/", "two.txt", 1).naming("ca", "brand", "domain").record()
	l.told(0)
	l.clock.add(2 * time.Hour)
	if a := l.told(2)[0].Alert; a.Finds != 2 || a.Terms["brand"] != 2 || a.Terms["domain"] != 1 || a.Revision != 2 {
		t.Errorf("%+v", a)
	}
	next := l.doc("a", "talk/", "one.txt", 2).naming("ca", "brand") // the page changed, and still names it
	l.want(next.record(), "ca", "not in it")
	l.told(0)
	f, err := l.Find(l.ctx, clinician("ca"), d.f.ID)
	l.ok(err)
	if f.Leak != "" || len(f.Clinics) != 1 || f.Clinics[0].Event != leak.EventMention {
		t.Errorf("%+v", f)
	}
	docs, err := l.LeaseUnindexed(l.ctx, "w", 10, time.Minute)
	l.ok(err)
	for _, doc := range docs {
		if doc.Result != string(leak.Mentioned) || doc.Leak != "" || doc.Confidence != "none" {
			t.Errorf("%+v", doc)
		}
	}
	if len(docs) != 3 {
		t.Errorf("%d documents to index", len(docs))
	}
}

// Terms that turn up further on in a document whose mention was told are an update of it, and so they are of a leak's.
func TestMoreTermsOfAMention(t *testing.T) {
	t.Parallel()
	for name, people := range map[string]int{"mention": 0, "leak": 50} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, "ca")
			l.doc("a", "talk/", "one.txt", 1).people("ca", 0, people).naming("ca", "brand").partial().record()
			l.told(2)
			d := l.doc("a", "talk/", "one.txt", 1).people("ca", 0, people).naming("ca", "brand", "domain")
			d.record()
			d.record() // the same again tells nothing
			l.told(0)
			l.clock.add(2 * time.Hour)
			if a := l.told(2)[0].Alert; a.Finds != 1 || a.Terms["domain"] != 1 || a.Revision != 2 {
				t.Errorf("%+v", a)
			}
			d.record()
			l.clock.add(2 * time.Hour)
			l.told(0)
		})
	}
}

// Patients who turn up in a document that was told as a mention are news of their own, and a leak.
func TestMentionThatTurnsOutALeak(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.want(l.doc("a", "talk/", "one.txt", 1).naming("ca", "brand").partial().record(), "ca", leak.EventMention)
	l.told(2)
	n := l.doc("a", "talk/", "one.txt", 1).people("ca", 0, 50).naming("ca", "brand").record()
	l.want(n, "ca", leak.EventNew)
	a := l.told(2)[0].Alert
	if a.Event != leak.EventNew || a.Persons != 50 || a.Leak == "" || a.Terms["brand"] != 1 {
		t.Errorf("%+v", a)
	}
	l.clock.add(time.Hour * 24)
	l.want(l.doc("b", "dump/", "all.txt", 1).people("ca", 0, 50).record(), "ca", leak.EventSpread)
}
