package corpus

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"leakwatch/leak"
	"leakwatch/matcher"
	"leakwatch/matcher/unpack"
)

// Reader reads documents as the service does, and compares what is found with what was planted. It is for one goroutine
// at a time for each Read, and reads any number of documents at once.
type Reader struct {
	m       *matcher.Matcher
	parsers *unpack.Parsers
	places  *leak.PlaceKey
}

// ring is the key under which the people of this package are registered.
func ring() matcher.Key {
	k := matcher.Key{ID: "test-corpus"}
	for i := range k.Secret {
		k.Secret[i] = byte(i + 1)
	}
	return k
}

func newMatcher(o matcher.Options) (*matcher.Matcher, error) {
	index, find := ring(), ring()
	index.ID, find.ID, index.Secret[0], find.Secret[0] = "pk-1", "pk-2", 77, 78
	m, err := matcher.New(matcher.Keys{Rings: []matcher.Key{ring()}, Index: []matcher.Key{index}, Find: []matcher.Key{find}}, o)
	if err != nil {
		return nil, fmt.Errorf("make the matcher: %w", err)
	}
	return m, nil
}

// hash is T1 of LWH-1 (docs/hashing.md), made without the matcher.
func hash(k leak.Kind, canon string) (t1 [32]byte) {
	key := ring()
	m := hmac.New(sha256.New, key.Secret[:])
	m.Write([]byte("leakwatch/v1/reg\n" + string(k) + "\n" + canon))
	copy(t1[:], m.Sum(nil))
	return t1
}

// Regions are those in which national telephone numbers of these people are read.
var Regions = []string{"GB", "FI"}

// Option changes how a Reader's matcher is made.
type Option func(*matcher.Options)

// Workers says how many may read one text.
func Workers(n int) Option { return func(o *matcher.Options) { o.Workers = n } }

// NewReader registers people with a clinic. parsers read what is not simple.
func NewReader(people []*Person, parsers *unpack.Parsers, options ...Option) (*Reader, error) {
	o := matcher.Options{Regions: Regions}
	for _, set := range options {
		set(&o)
	}
	m, err := newMatcher(o)
	if err != nil {
		return nil, err
	}
	if err := m.SetPatterns(map[string]string{Clinic: Pattern}); err != nil {
		return nil, fmt.Errorf("set the pattern of record numbers: %w", err)
	}
	places, err := leak.NewPlaceKey(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		return nil, err
	}
	var tags []leak.Tag
	for _, p := range people {
		for _, id := range p.IDs {
			tag, _, err := m.Wrap(Clinic, "test-corpus", id.Kind, hash(id.Kind, id.Canon), p.Ref)
			if err != nil {
				return nil, fmt.Errorf("register %s: %w", id.Kind, err)
			}
			tags = append(tags, tag)
		}
	}
	return &Reader{m, parsers, places}, m.Add(tags)
}

// Outcome is what a reading of one text gave.
type Outcome struct {
	Matches []leak.Match
	Tally   leak.Tally
}

// Text reads one text, as a document of its own.
func (c *Reader) Text(ctx context.Context, t leak.Text) (*Outcome, error) {
	o := &Outcome{}
	reading := c.m.Begin(func(m leak.Match) { o.Matches = append(o.Matches, m) })
	if err := reading.Text(ctx, t); err != nil {
		return nil, err
	}
	reading.Finish()
	o.Tally = reading.Tally()
	return o, nil
}

// Result is what came of a document.
type Result struct {
	Missed    []Mark       // not found at all
	Uncounted []Mark       // found, and not counted
	Misplaced []Mark       // found at another offset
	Extra     []leak.Match // found and not planted
	Report    unpack.Report
}

// Read reads a document. temp is a folder for what has to be kept aside.
func (c *Reader) Read(ctx context.Context, d Document, temp string) (Result, error) {
	place := c.places.Place("https://files.example/", "https://files.example/"+d.Name)
	found := map[Mark][]leak.Match{}
	var all []leak.Match
	reading := c.m.Begin(func(m leak.Match) {
		key := Mark{Ref: m.Person.Ref, Kind: m.Kind}
		found[key] = append(found[key], m)
		all = append(all, m)
	})
	text := func(t leak.Text) error { return reading.Text(ctx, t) }
	if err := text(leak.Text{Place: place, Reader: bytes.NewReader([]byte(d.Name)), Name: true}); err != nil {
		return Result{}, err
	}
	report, err := unpack.Walk(ctx, unpack.Input{Reader: bytes.NewReader(d.Body), Place: place, Size: int64(len(d.Body)), Temp: temp, Parsers: c.parsers},
		unpack.Limits{}, unpack.Sink{Text: text})
	if err != nil {
		return Result{}, err
	}
	reading.Finish()
	res := Result{Report: report}
	planted := map[Mark]bool{}
	for _, m := range d.Marks {
		planted[Mark{Ref: m.Ref, Kind: m.Kind}] = true
		res.compare(m, found[Mark{Ref: m.Ref, Kind: m.Kind}])
	}
	for _, m := range all {
		if !planted[Mark{Ref: m.Person.Ref, Kind: m.Kind}] {
			res.Extra = append(res.Extra, m)
		}
	}
	return res, nil
}

// compare looks at one mark.
func (r *Result) compare(m Mark, found []leak.Match) {
	counted, there := false, m.Offset < 0
	for _, f := range found {
		counted = counted || f.Counted
		there = there || f.Offset >= m.Offset && f.Offset <= m.Until
	}
	switch {
	case len(found) == 0:
		r.Missed = append(r.Missed, m)
	case !counted && !m.InName:
		r.Uncounted = append(r.Uncounted, m)
	case !there:
		r.Misplaced = append(r.Misplaced, m)
	}
}

// Faults are where a result is not what the truth about the document asks for, in words with kinds and without values: of a
// readable one everything is found, counts and is in its place; of any other what is missing has a reason; and nothing else is found.
func (r *Result) Faults(d Document) (all []string) {
	if len(r.Missed) > 0 && (d.Readable || len(r.Report.Reasons) == 0) {
		all = append(all, fmt.Sprintf("missed %s; the report is %s %q", kindsOf(r.Missed), r.Report.Completeness, r.Report.Reasons))
	}
	if d.Readable && len(r.Uncounted) > 0 {
		all = append(all, "not counted: "+kindsOf(r.Uncounted))
	}
	if d.Readable && len(r.Misplaced) > 0 {
		all = append(all, "at another place: "+kindsOf(r.Misplaced))
	}
	for _, m := range r.Extra {
		all = append(all, string(m.Kind)+" was not planted")
	}
	return all
}

// kindsOf names kinds, with their numbers.
func kindsOf(marks []Mark) string {
	n := map[leak.Kind]int{}
	for _, m := range marks {
		n[m.Kind]++
	}
	if len(n) > 35 {
		return "nearly everything"
	}
	var out []string
	for k, n := range n {
		out = append(out, fmt.Sprintf("%d %s", n, k))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
