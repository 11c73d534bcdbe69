package matcher_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// key makes a key of 32 bytes that count up from b, as the vectors have them.
func key(id string, b byte) matcher.Key {
	k := matcher.Key{ID: id}
	for i := range k.Secret {
		k.Secret[i] = b + byte(i)
	}
	return k
}

var (
	testRing = key("test-rk1", 0x00)
	realRing = key("fi-2026a", 0x80)
	index    = key("pk-1", 0x20)
	find     = key("pk-2", 0x40)
	now      = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

func clock() time.Time { return now }

// kit is a matcher with one ring, and what a test registers.
type kit struct {
	*matcher.Matcher
	t    testing.TB
	ring matcher.Key
}

func setup(t testing.TB, ring matcher.Key, o matcher.Options, more ...matcher.Key) *kit {
	t.Helper()
	o.Now = clock
	m, err := matcher.New(matcher.Keys{Rings: append([]matcher.Key{ring}, more...), Index: []matcher.Key{index}, Find: []matcher.Key{find}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return &kit{Matcher: m, t: t, ring: ring}
}

// ref makes the reference of one patient, as the clinic's tool does: sixteen bytes in base32.
func ref(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	b := []byte(strings.Repeat("A", 26))
	for i := 24; n > 0; i-- {
		b[i] = letters[n%32]
		n /= 32
	}
	return string(b)
}

// tag makes the row of a value.
func (k *kit) tag(clinic, ref string, kind leak.Kind, value string) leak.Tag {
	k.t.Helper()
	t1, err := matcher.NewHasher(k.ring, "FI").T1(kind, value)
	if err != nil {
		k.t.Fatalf("%s: %v", kind, err)
	}
	tag, _, err := k.Wrap(clinic, k.ring.ID, kind, t1, ref)
	if err != nil {
		k.t.Fatal(err)
	}
	return tag
}

// register adds a value of a patient.
func (k *kit) register(clinic, ref string, kind leak.Kind, value string) {
	k.t.Helper()
	if err := k.Add([]leak.Tag{k.tag(clinic, ref, kind, value)}); err != nil {
		k.t.Fatal(err)
	}
}

// name adds a person's names.
func (k *kit) name(clinic, ref, given, family string) {
	k.t.Helper()
	t1s, err := matcher.NewHasher(k.ring, "FI").Names(leak.Name, []string{given}, []string{family}, "")
	if err != nil {
		k.t.Fatal(err)
	}
	for _, t1 := range t1s {
		tag, _, err := k.Wrap(clinic, k.ring.ID, leak.Name, t1, ref)
		if err != nil {
			k.t.Fatal(err)
		}
		if err := k.Add([]leak.Tag{tag}); err != nil {
			k.t.Fatal(err)
		}
	}
}

// result is what a reading gave.
type result struct {
	matches []leak.Match
	tally   leak.Tally
	seen    []leak.Seen
	tokens  []leak.Token
	cut     string
}

// read reads texts in one reading.
func (k *kit) read(texts ...leak.Text) result {
	k.t.Helper()
	var r result
	reading := k.Begin(func(m leak.Match) { r.matches = append(r.matches, m) })
	for _, t := range texts {
		if err := reading.Text(context.Background(), t); err != nil {
			k.t.Fatal(err)
		}
	}
	reading.Finish()
	r.tally = reading.Tally()
	r.seen, r.tokens, r.cut = reading.Drain()
	return r
}

func text(s string) leak.Text { return leak.Text{Reader: strings.NewReader(s)} }

func name(s string) leak.Text { return leak.Text{Reader: strings.NewReader(s), Name: true} }

// hit is a text in which a value must be found, at a place.
type hit struct {
	text  string
	value string // as registered
	at    string // the part of text that is the match
}

// checkKind runs the hits and misses of one kind: each hit is found once and where it is, each miss gives no candidate.
func checkKind(t *testing.T, kind leak.Kind, regions []string, hits []hit, misses []string) {
	t.Helper()
	for _, h := range hits {
		t.Run("hit "+h.text, func(t *testing.T) {
			k := setup(t, testRing, matcher.Options{Regions: regions})
			k.register("clinic-a", ref(1), kind, h.value)
			r := k.read(text(h.text))
			if len(r.matches) != 1 {
				t.Fatalf("%d matches, want 1", len(r.matches))
			}
			m := r.matches[0]
			if got := h.text[m.Offset : m.Offset+m.Length]; got != h.at || m.Kind != kind {
				t.Errorf("found %q as %s, want %q", got, m.Kind, h.at)
			}
		})
	}
	k := setup(t, realRing, matcher.Options{Regions: regions})
	k.register("clinic-a", ref(1), kind, fillers[kind])
	for _, miss := range misses {
		if r := k.read(text(miss)); len(r.matches) != 0 || r.tally.Candidates[kind] != 0 {
			t.Errorf("%q: %d matches, %d candidates, want none", miss, len(r.matches), r.tally.Candidates[kind])
		}
	}
}

// fillers make a kind be looked for.
var fillers = map[leak.Kind]string{leak.FIHetu: "131052-308T", leak.SEPnr: "880320-0016", leak.NOFnr: "15108695088",
	leak.DKCpr: "211062-5629", leak.GBNhs: "4505577104", leak.Email: "filler@example.com", leak.EmailBase: "filler@example.com",
	leak.Phone: "+447700900999", leak.GBNino: "AA000000A", leak.IEPpsn: "1234567T", leak.DEKvnr: "A123456780", leak.ESDni: "00000001R",
	leak.ESNie: "X0000001R", leak.ITCf: "MRTMTT91D08F205J", leak.USMbi: "1EG4TE5MK73", leak.NZNhi: "ABC1235", leak.FRNir: "253072B07300470"}

// refused says with which reason a ring that is not for tests refuses a value.
func refused(kind leak.Kind, region, value string) string {
	_, err := matcher.NewHasher(realRing, region).T1(kind, value)
	if err == nil {
		return "accepted"
	}
	bad, ok := err.(*matcher.BadIdentifier)
	if !ok {
		return fmt.Sprintf("%T", err)
	}
	return bad.Why
}
