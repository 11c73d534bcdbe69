// Package findstest is what every finds.Index must pass.
package findstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leakwatch/finds"
	"leakwatch/leak"
)

// Open gives another handle on the same index, as another process would have it. The suite closes it.
type Open func(t *testing.T) finds.Index

// Run runs the suite. fresh makes an empty index of its own for each test.
func Run(t *testing.T, fresh func(t *testing.T) Open) {
	tests := map[string]func(*testing.T, Open){
		"Empty": empty, "Whole": whole, "Words": words, "Filters": filters, "Random": random, "Pages": pages,
		"Clinic": clinic, "Revisions": revisions, "Delete": remove, "Rebuild": rebuild, "Takeover": takeover,
		"Together": together, "Cancel": cancel, "Hostile": hostile,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, fresh(t))
		})
	}
}

// start is the time that the documents of the tests are around.
func start() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC) }

// doc is a document with every field set. The number makes it its own.
func doc(n int) leak.IndexDoc {
	at := start().Add(time.Duration(n) * time.Minute)
	published, expires := at.Add(-time.Hour), at.AddDate(2, 0, 0)
	return leak.IndexDoc{
		ID: fmt.Sprintf("f-%04d", n), Revision: 1, Leak: "l-1", Collection: "c-1", Source: "pastes",
		SourceKind: "json-listing", Network: "tor", Host: "leaks.example", Place: "https://leaks.example/dump/n-0000abcd.txt",
		Title: "potilaat w-11112222 2026", Poster: "w-33334444", Shape: "tar/txt", MediaType: "text/plain", Size: 1 << 40,
		Confidence: "confirmed", Result: "matched", Completeness: "whole",
		Clinics: []leak.IndexClinic{{Clinic: "helsinki", Event: leak.EventNew, Confidence: "confirmed", Persons: 2000,
			Kinds: map[string]int64{"fi-hetu": 2000, "email": 12}}},
		Kinds: []string{"email", "fi-hetu"}, Indicators: []string{strings.Repeat("ab", 32)},
		Candidates: map[string]int64{"fi-hetu": 2100}, Live: true,
		PublishedAt: &published, ListedAt: at.Add(-3 * time.Minute), FetchedAt: at.Add(-2 * time.Minute), MatchedAt: at,
		ExpiresAt: &expires,
	}
}

func open(t *testing.T, o Open) finds.Index {
	x := o(t)
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func put(t *testing.T, x finds.Index, docs ...leak.IndexDoc) {
	t.Helper()
	if err := x.Put(t.Context(), docs); err != nil {
		t.Fatalf("Put: %v", err)
	}
}

func search(t *testing.T, x finds.Index, q leak.Query) leak.Answer {
	t.Helper()
	a, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("Search(%+v): %v", q, err)
	}
	return a
}

func ids(a leak.Answer) []string {
	var list []string
	for _, d := range a.Docs {
		list = append(list, d.ID)
	}
	return list
}

// wants asks and compares ids, in order.
func wants(t *testing.T, x finds.Index, q leak.Query, want ...string) {
	t.Helper()
	a := search(t, x, q)
	if diff := cmp.Diff(want, ids(a)); diff != "" {
		t.Errorf("Search(%+v) (-want +got):\n%s", q, diff)
	}
	if int(a.Total) != len(want) {
		t.Errorf("Search(%+v): total %d, want %d", q, a.Total, len(want))
	}
}

func empty(t *testing.T, o Open) {
	x := open(t, o)
	if err := x.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
	wants(t, x, leak.Query{})
	wants(t, x, leak.Query{Words: "anything"})
	put(t, x)
	if err := x.Delete(t.Context(), nil); err != nil {
		t.Errorf("Delete of nothing: %v", err)
	}
	if err := x.Delete(t.Context(), []string{"f-none"}); err != nil {
		t.Errorf("Delete of what is not there: %v", err)
	}
}

func whole(t *testing.T, o Open) {
	x := open(t, o)
	want := []leak.IndexDoc{doc(1), {ID: "f-0000"}}
	put(t, x, want...)
	if diff := cmp.Diff(want, search(t, open(t, o), leak.Query{}).Docs); diff != "" {
		t.Errorf("what was put is not what is found (-want +got):\n%s", diff)
	}
}

func words(t *testing.T, o Open) {
	x := open(t, o)
	a, b := doc(1), doc(2)
	a.Title, a.Host, a.Place = "Läkarhus w-7f3a91c2 2020", "leak-site.example", "https://leak-site.example/n-0a0b0c0d.tar.gz!n-1a1b1c1d.txt"
	b.Title, b.Poster = "potilasrekisteri", "Ääkkönen"
	put(t, x, a, b)
	for q, want := range map[string][]string{
		"w-7f3a91c2":             {a.ID},
		"7f3a91c2":               nil, // half a code is no word
		"W-7F3A91C2 2020":        {a.ID},
		"w-7f3a91c2 potilaat":    nil, // all words
		"lakarhus":               {a.ID},
		"LÄKARHUS":               {a.ID},
		"la\u0308karhus":         {a.ID},
		"läkar":                  nil,
		"läkar*":                 {a.ID},
		"p*":                     {b.ID},
		"w-7f*":                  {a.ID},
		"aakkonen":               {b.ID},
		"n-1a1b1c1d":             {a.ID},
		"n-1a1b1c1d.txt":         {a.ID},
		"leak-site":              {a.ID},
		"site":                   {a.ID},
		"https://leaks.example/": {b.ID},
		"f-0002":                 {b.ID},
		strings.Repeat("ab", 32): {b.ID, a.ID},
		"":                       {b.ID, a.ID},
		" -- * ":                 {b.ID, a.ID},
		"tar gz":                 {a.ID},
	} {
		t.Run(q, func(t *testing.T) { wants(t, x, leak.Query{Words: q}, want...) })
	}
}

// hostile asks what would be syntax in a query language.
func hostile(t *testing.T, o Open) {
	x := open(t, o)
	put(t, x, doc(1))
	for _, q := range []string{`"`, `potilaat OR nothing`, `NOT potilaat`, `words:potilaat nothing`, `NEAR(potilaat 2026)`,
		`{"match_all":{}} nothing`, `potilaat') OR 1=1 -- `, "a\x00b", "\xff\xfe", `^potilaat + nothing`, `(`, `*:*nothing`,
		strings.Repeat("long ", 5000), strings.Repeat("ä", 40_000), strings.Repeat("ä", 40_000) + "*"} {
		a := search(t, x, leak.Query{Words: q})
		if want := len(finds.Terms(q)) == 0; (a.Total == 1) != want {
			t.Errorf("Search(%.40q) found %d", q, a.Total)
		}
	}
	for _, c := range []string{"x", "!!", "MQ", "LQ"} {
		if _, err := x.Search(t.Context(), leak.Query{After: c}); !errors.Is(err, finds.ErrCursor) {
			t.Errorf("cursor %q: %v, want ErrCursor", c, err)
		}
	}
	wants(t, x, leak.Query{Source: `pastes' OR 'a'='a`})
}

func filters(t *testing.T, o Open) {
	x := open(t, o)
	a, b := doc(1), doc(2)
	b.Source, b.Host, b.Leak, b.Confidence = "forum", "Forum.example:8080", "l-2", "possible"
	b.Kinds, b.Indicators = []string{"name"}, []string{"deadbeef", "1048576"}
	b.Clinics = []leak.IndexClinic{{Clinic: "turku", Confidence: "possible", Kinds: map[string]int64{"name": 3}}}
	put(t, x, a, b)
	for name, c := range map[string]struct {
		q    leak.Query
		want []string
	}{
		"source":              {leak.Query{Source: "forum"}, []string{b.ID}},
		"host":                {leak.Query{Host: "forum.example:8080"}, []string{b.ID}},
		"leak":                {leak.Query{Leak: "l-1"}, []string{a.ID}},
		"indicator":           {leak.Query{Indicator: "1048576"}, []string{b.ID}},
		"kind":                {leak.Query{Kind: leak.FIHetu}, []string{a.ID}},
		"confidence":          {leak.Query{Confidence: leak.Probable}, []string{a.ID}},
		"confidence possible": {leak.Query{Confidence: leak.Possible}, []string{b.ID, a.ID}},
		"clinic":              {leak.Query{Clinic: "turku"}, []string{b.ID}},
		"clinic and kind":     {leak.Query{Clinic: "turku", Kind: leak.FIHetu}, nil},
		"from":                {leak.Query{From: b.MatchedAt}, []string{b.ID}},
		"just after":          {leak.Query{From: b.MatchedAt.Add(1)}, nil},
		"to":                  {leak.Query{To: b.MatchedAt}, []string{a.ID}},
		"to just after":       {leak.Query{To: b.MatchedAt.Add(1)}, []string{b.ID, a.ID}},
		"all":                 {leak.Query{Source: "forum", Words: "potilaat", Leak: "l-2"}, []string{b.ID}},
	} {
		t.Run(name, func(t *testing.T) { wants(t, x, c.q, c.want...) })
	}
}

func clinic(t *testing.T, o Open) {
	x := open(t, o)
	d := doc(1)
	d.Clinics = append(d.Clinics, leak.IndexClinic{Clinic: "turku", Confidence: "possible", Persons: 1,
		Kinds: map[string]int64{"phone": 1, "name": 0}})
	d.Kinds = []string{"email", "fi-hetu", "phone"}
	put(t, x, d)
	wants(t, x, leak.Query{Clinic: "turku", Confidence: leak.Possible, Kind: leak.Phone}, d.ID)
	wants(t, x, leak.Query{Clinic: "turku", Confidence: leak.Confirmed}) // the other clinic's
	wants(t, x, leak.Query{Clinic: "turku", Kind: leak.FIHetu})
	wants(t, x, leak.Query{Clinic: "turku", Kind: leak.Name}) // none counted
	wants(t, x, leak.Query{Clinic: "oulu"})
	got := search(t, x, leak.Query{Clinic: "turku"}).Docs[0]
	if len(got.Clinics) != 1 || got.Clinics[0].Clinic != "turku" || got.Confidence != "possible" ||
		!slices.Equal(got.Kinds, []string{"phone"}) {
		t.Errorf("a clinic sees of others: %+v", got)
	}
}

func pages(t *testing.T, o Open) {
	x := open(t, o)
	var docs []leak.IndexDoc
	for n := range 25 {
		d := doc(n)
		d.MatchedAt = start().Add(time.Duration(n/7) * time.Nanosecond) // several at the same moment
		docs = append(docs, d)
	}
	put(t, x, docs...)
	slices.SortFunc(docs, func(a, b leak.IndexDoc) int {
		if c := b.MatchedAt.Compare(a.MatchedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	for _, limit := range []int{1, 5, 7, 24, 25, 26} {
		var got, want []string
		for _, d := range docs {
			want = append(want, d.ID)
		}
		q, n := leak.Query{Limit: limit}, 0
		for {
			a := search(t, x, q)
			if a.Total != 25 {
				t.Fatalf("page %d of %d: total %d", n, limit, a.Total)
			}
			got = append(got, ids(a)...)
			if n++; a.After == "" || n > 25 {
				break
			}
			q.After = a.After
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
		}
		if n != (24+limit)/limit {
			t.Errorf("pages of %d: %d pages", limit, n)
		}
	}
}

func revisions(t *testing.T, o Open) {
	x := open(t, o)
	first, second, third := doc(1), doc(1), doc(1)
	second.Revision, second.Title, second.Kinds = 2, "rekisteri", []string{"phone"}
	third.Revision, third.Live = 2, false // something changed that is no revision
	put(t, x, second)
	put(t, x, first) // late, and too old
	wants(t, x, leak.Query{Words: "rekisteri", Kind: leak.Phone}, first.ID)
	wants(t, x, leak.Query{Words: "potilaat"})
	put(t, x, second, third)
	a := search(t, x, leak.Query{})
	if a.Total != 1 || a.Docs[0].Live {
		t.Errorf("the same revision again does not replace: %+v", a)
	}
	wants(t, x, leak.Query{Kind: leak.FIHetu}, first.ID) // what the revision before was found by is gone
	wants(t, x, leak.Query{Kind: leak.Phone})
}

func remove(t *testing.T, o Open) {
	x := open(t, o)
	put(t, x, doc(1), doc(2), doc(3))
	if err := x.Delete(t.Context(), []string{"f-0001", "f-none", "f-0003"}); err != nil {
		t.Fatal(err)
	}
	wants(t, x, leak.Query{Words: "potilaat"}, "f-0002")
	put(t, x, doc(1)) // it may come back, with the revision it had
	wants(t, x, leak.Query{Words: "potilaat"}, "f-0002", "f-0001")
}

func cancel(t *testing.T, o Open) {
	x := open(t, o)
	put(t, x, doc(1))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, search := x.Search(ctx, leak.Query{})
	for name, err := range map[string]error{"Search": search, "Put": x.Put(ctx, []leak.IndexDoc{doc(2)}),
		"Delete": x.Delete(ctx, []string{"f-0001"}), "Reset": x.Reset(ctx)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a context that ended: %v", name, err)
		}
	}
	wants(t, x, leak.Query{}, "f-0001")
}
