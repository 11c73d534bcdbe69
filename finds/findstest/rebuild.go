package findstest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leakwatch/finds"
	"leakwatch/leak"
)

func rebuild(t *testing.T, o Open) {
	x, other := open(t, o), open(t, o) // other is `serve`, which goes on
	put(t, other, doc(1), doc(2), doc(3))
	if err := x.Commit(t.Context()); !errors.Is(err, finds.ErrNotRebuilding) {
		t.Fatalf("Commit before Reset: %v", err)
	}
	if err := x.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	wants(t, other, leak.Query{}, "f-0003", "f-0002", "f-0001") // the old one serves
	put(t, x, doc(1), doc(2))                                   // doc 3 is not in the store any more
	put(t, other, doc(4))                                       // and a new one comes in
	newer := doc(2)
	newer.Revision, newer.Title = 2, "rekisteri"
	put(t, other, newer)
	put(t, x, doc(2)) // the rebuild is late with its revision
	if err := other.Delete(t.Context(), []string{"f-0001"}); err != nil {
		t.Fatal(err)
	}
	wants(t, other, leak.Query{}, "f-0004", "f-0003", "f-0002")
	if err := other.Commit(t.Context()); !errors.Is(err, finds.ErrNotRebuilding) {
		t.Fatalf("Commit by who did not begin: %v", err)
	}
	if err := x.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, i := range []finds.Index{x, other, open(t, o)} {
		wants(t, i, leak.Query{}, "f-0004", "f-0002")
		wants(t, i, leak.Query{Words: "rekisteri"}, "f-0002")
	}
	put(t, other, doc(5))
	wants(t, x, leak.Query{From: doc(5).MatchedAt}, "f-0005")
	if err := x.Commit(t.Context()); !errors.Is(err, finds.ErrNotRebuilding) {
		t.Fatalf("Commit again: %v", err)
	}
	if err := x.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// takeover is a rebuild that died, and another after it.
func takeover(t *testing.T, o Open) {
	x, y := open(t, o), open(t, o)
	put(t, x, doc(1), doc(9))
	if err := x.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, x, doc(2))
	if err := y.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := x.Commit(t.Context()); !errors.Is(err, finds.ErrNotRebuilding) {
		t.Fatalf("Commit of a rebuild that was taken over: %v", err)
	}
	put(t, x, doc(1))
	if err := y.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	wants(t, x, leak.Query{}, "f-0001")
}

// together has several processes write while one rebuilds twice: at the end every document is there.
func together(t *testing.T, o Open) {
	const writers, each = 4, 20
	var wg sync.WaitGroup
	for w := range writers {
		x := open(t, o)
		wg.Go(func() {
			for n := range each {
				d := doc(w*each + n)
				if err := x.Put(t.Context(), []leak.IndexDoc{d, d}); err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
			}
		})
	}
	x := open(t, o)
	for range 2 {
		if err := x.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		all := search(t, x, leak.Query{Limit: 1000}) // what the store would give again
		put(t, x, all.Docs...)
		if err := x.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	if a := search(t, x, leak.Query{}); a.Total != writers*each {
		t.Errorf("%d documents, want %d", a.Total, writers*each)
	}
}

// random compares many queries with a plain loop over the documents.
func random(t *testing.T, o Open) {
	x := open(t, o)
	r := rand.New(rand.NewPCG(1, 2))
	docs := make([]leak.IndexDoc, 150)
	for n := range docs {
		docs[n] = randomDoc(r, n)
	}
	put(t, x, docs...)
	for range 150 {
		q := randomQuery(r)
		var want []leak.IndexDoc
		for _, d := range docs {
			if matches(d, q) {
				want = append(want, finds.Narrow(d, q.Clinic))
			}
		}
		slices.SortFunc(want, func(a, b leak.IndexDoc) int { return b.MatchedAt.Compare(a.MatchedAt) })
		a := search(t, x, q)
		if diff := cmp.Diff(want, a.Docs); diff != "" || int(a.Total) != len(want) {
			t.Fatalf("Search(%+v): total %d (-want +got):\n%s", q, a.Total, diff)
		}
	}
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func randomDoc(r *rand.Rand, n int) leak.IndexDoc {
	d := doc(n)
	d.MatchedAt = start().Add(time.Duration(r.IntN(1000))*time.Hour + time.Duration(n))
	d.Source, d.Leak, d.Host = pick(r, "a", "b", "c"), pick(r, "l-1", "l-2"), pick(r, "one.example", "two.example")
	d.Title, d.Confidence = pick(r, "potilaat", "rekisteri w-11112222", "", "dump potilas"), pick(r, "possible", "probable", "confirmed")
	d.Kinds, d.Clinics = nil, nil
	for i := range r.IntN(3) {
		kind := pick(r, "fi-hetu", "email", "phone")
		d.Kinds = append(d.Kinds, kind)
		d.Clinics = append(d.Clinics, leak.IndexClinic{Clinic: fmt.Sprintf("clinic-%d", i),
			Confidence: pick(r, "possible", "confirmed"), Kinds: map[string]int64{kind: 1}})
	}
	return d
}

func randomQuery(r *rand.Rand) leak.Query {
	q := leak.Query{Limit: 1000}
	q.Source = pick(r, "", "", "", "a")
	q.Leak = pick(r, "", "", "l-1")
	q.Host = pick(r, "", "", "Two.example")
	q.Words = pick(r, "", "", "potil*", "rekisteri", "w-11112222 rekis*")
	q.Clinic = pick(r, "", "", "clinic-0", "clinic-1")
	q.Kind = pick(r, "", "", leak.Email, leak.FIHetu)
	q.Confidence = pick(r, leak.None, leak.None, leak.Possible, leak.Probable, leak.Confirmed)
	if r.IntN(2) == 0 {
		q.From = start().Add(time.Duration(r.IntN(500)) * time.Hour)
		q.To = q.From.Add(time.Duration(r.IntN(500)) * time.Hour)
	}
	return q
}

// matches is the contract, said once more in the plainest way.
func matches(d leak.IndexDoc, q leak.Query) bool {
	row := finds.NewRow(d)
	rank, kinds, seen := row.Rank, row.Kinds, q.Clinic == ""
	for _, c := range row.Clinics {
		if c.Clinic == q.Clinic {
			rank, kinds, seen = c.Rank, c.Kinds, true
		}
	}
	for _, t := range finds.Terms(q.Words) {
		found := slices.ContainsFunc(row.Words, func(w string) bool {
			return w == t.Word || t.Prefix && len(w) > len(t.Word) && w[:len(t.Word)] == t.Word
		})
		if !found {
			return false
		}
	}
	return seen && (q.Source == "" || d.Source == q.Source) && (q.Leak == "" || d.Leak == q.Leak) &&
		(q.Host == "" || d.Host == "two.example") && rank >= int(q.Confidence) &&
		(q.Kind == "" || slices.Contains(kinds, string(q.Kind))) &&
		(q.From.IsZero() || !d.MatchedAt.Before(q.From)) && (q.To.IsZero() || d.MatchedAt.Before(q.To))
}
