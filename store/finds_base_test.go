package store_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/store"
)

// lab is a store with clinics, in which documents are found by hand.
type lab struct {
	*base
	keys []leak.Token // kinds of keys that tokens are made under
}

func newLab(t testing.TB, clinics ...string) *lab {
	t.Helper()
	l := &lab{base: newBase(t), keys: []leak.Token{{RK: "test-a", PK: "pk-1"}}}
	for _, c := range clinics {
		l.clinic(c, 2)
	}
	return l
}

// clinic adds one with so many contacts.
func (l *lab) clinic(id string, contacts int) {
	l.t.Helper()
	c := store.Clinic{ID: id, Name: "Clinic " + id, Region: "FI", Ring: "test-a"}
	for i := range contacts {
		c.Contacts = append(c.Contacts, leak.Contact{Name: fmt.Sprint("Contact ", i), Role: "security", Channel: "email",
			Address: fmt.Sprintf("contact%d@%s.example", i, id), Verified: i == 0})
	}
	l.ok(l.AddClinic(l.ctx, c))
}

// doc is a document that somebody's people are in.
type doc struct {
	l       *lab
	f       leak.Find
	seen    []leak.Seen
	tokens  []leak.Token
	clinics map[string]int64
}

// doc is the nth version of a file on a host.
func (l *lab) doc(host, folder, name string, version int) *doc {
	root := "https://" + host + ".test/"
	url := root + folder + name
	i := leak.Item{Source: host, Key: l.places.Digest(url), Place: l.places.Place(root, url), Name: name, Title: l.places.Title(name),
		Collection: l.places.Digest(root + folder), Group: l.places.Place(root, root+folder), Size: leak.UnknownSize, Fetch: true}
	v := fmt.Sprintf("v-%s-%d", i.Key, version)
	return &doc{l: l, clinics: map[string]int64{}, f: leak.Find{ID: leak.FindID(v), VersionID: v, Item: i, Shape: "txt", Final: true,
		Tally:    leak.Tally{Candidates: map[leak.Kind]int64{}, Clinics: map[string]*leak.ClinicTally{}},
		ListedAt: l.clock.now(), MatchedAt: l.clock.now(), Config: "digest",
		Outcome: leak.Outcome{Result: leak.Matched, Completeness: leak.Whole, Bytes: 10, FetchedAt: l.clock.now()}}}
}

func (d *doc) shape(s string) *doc { d.f.Shape = s; return d }

// partial marks a reading that goes on.
func (d *doc) partial() *doc {
	d.f.Final, d.f.Outcome.Completeness = false, leak.Partial
	return d
}

func ref(clinic string, n int) string { return fmt.Sprintf("%s-ref-%07d", clinic, n) }

// token is the identifier of the nth person of anybody, under one pair of keys.
func token(n int, kind leak.Kind, key leak.Token) leak.Token {
	h := sha256.Sum256(fmt.Appendf(nil, "%d/%s/%s/%s", n, kind, key.RK, key.PK))
	return leak.Token{F: [16]byte(h[:16]), Kind: kind, RK: key.RK, PK: key.PK}
}

// people puts a clinic's persons from..to-1 into a document, each by a national number.
func (d *doc) people(clinic string, from, to int) *doc {
	return d.persons(clinic, leak.FIHetu, from, to)
}

func (d *doc) persons(clinic string, kind leak.Kind, from, to int) *doc {
	n := int64(to - from)
	t := d.f.Tally.Clinics[clinic]
	if t == nil {
		t = &leak.ClinicTally{Registered: map[leak.Kind]int64{}, Kinds: map[leak.Kind]int64{}, Hits: map[leak.Kind]int64{}, Patients: 5000}
		d.f.Tally.Clinics[clinic] = t
	}
	t.Registered[kind] = 5000
	t.Persons, t.Kinds[kind], t.Hits[kind] = max(t.Persons, n), t.Kinds[kind]+n, t.Hits[kind]+n
	d.f.Tally.Candidates[kind] += n
	for i := from; i < to; i++ {
		d.seen = append(d.seen, leak.Seen{Person: leak.Person{Clinic: clinic, Ref: ref(clinic, i)}, Kinds: []leak.Kind{kind}})
		for _, k := range d.l.keys {
			tk := token(i, kind, k)
			tk.Registered, tk.Person = true, leak.Person{Clinic: clinic, Ref: ref(clinic, i)}
			d.tokens = append(d.tokens, tk)
		}
	}
	return d
}

// strangers puts valid numbers of nobody who is registered into a document.
func (d *doc) strangers(from, to int) *doc {
	d.f.Tally.Candidates[leak.FIHetu] += int64(to - from)
	for i := from; i < to; i++ {
		for _, k := range d.l.keys {
			d.tokens = append(d.tokens, token(i, leak.FIHetu, k))
		}
	}
	return d
}

func (d *doc) judge() leak.Find {
	d.f.Verdicts = map[string]leak.Verdict{}
	for c := range d.f.Tally.Clinics {
		if v := leak.Judge(d.f.Tally, c); v.Confidence > leak.None {
			d.f.Verdicts[c] = v
		}
	}
	return d.f
}

// record records the document as one revision.
func (d *doc) record() leak.News {
	d.l.t.Helper()
	news, err := d.recordBy(d.l.ctx, d.l.Store, leak.DefaultRules())
	d.l.ok(err)
	return news
}

func (d *doc) recordBy(ctx context.Context, s *store.Store, r leak.Rules) (leak.News, error) {
	f := d.judge()
	return s.Record(ctx, f, d.seen, d.tokens, func(k leak.Known) leak.News { return leak.Decide(r, k, f) })
}

// event is what a clinic is told.
func event(n leak.News, clinic string) leak.Event {
	for _, c := range n.Clinics {
		if c.Clinic == clinic {
			return c.Event
		}
	}
	return "not in it"
}

func (l *lab) want(n leak.News, clinic string, e leak.Event) {
	l.t.Helper()
	if got := event(n, clinic); got != e {
		l.t.Fatalf("event %q, want %q (%+v)", got, e, n)
	}
}

var (
	asSystem = leak.Principal{Name: "test", Role: leak.RoleSystem}
)

func clinician(clinic string) leak.Principal {
	return leak.Principal{Name: "c", Role: leak.RoleClinic, Clinic: clinic}
}

// alerts are a clinic's alerts, oldest first.
func (l *lab) alerts(clinic string) []leak.Alert {
	l.t.Helper()
	all, err := l.Alerts(l.ctx, asSystem, store.AlertFilter{Clinic: clinic})
	l.ok(err)
	slices.Reverse(all)
	return all
}

// deliver sends what is due, as the pipeline does, and gives it.
func (l *lab) deliver() []leak.Delivery {
	l.t.Helper()
	var sent []leak.Delivery
	for {
		due, err := l.LeaseDeliveries(l.ctx, "w", 100, time.Minute)
		l.ok(err)
		for _, d := range due {
			l.ok(l.FinishDelivery(l.ctx, d.ID, l.clock.now()))
		}
		sent = append(sent, due...)
		if len(due) == 0 {
			slices.SortFunc(sent, func(a, b leak.Delivery) int {
				return cmp.Or(cmp.Compare(a.Clinic, b.Clinic), a.Created.Compare(b.Created), cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.Contact.Address, b.Contact.Address))
			})
			return sent
		}
	}
}

// told checks how many messages are due now, and gives them.
func (l *lab) told(n int) []leak.Delivery {
	l.t.Helper()
	sent := l.deliver()
	if len(sent) != n {
		for _, d := range sent {
			l.t.Logf("%s %s rev %d to %s: %+v", d.Kind, d.Alert.Event, d.Revision, d.Contact.Address, d.Alert)
		}
		l.t.Fatalf("%d messages, want %d", len(sent), n)
	}
	return sent
}

// gone says that a document is no longer there.
func (l *lab) look(d *doc, liveness leak.Liveness) {
	l.t.Helper()
	l.ok(l.FinishWatch(l.ctx, d.f.VersionID, liveness, l.clock.now().Add(time.Hour)))
}
