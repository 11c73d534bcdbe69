package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"leakwatch/leak"
	"leakwatch/store"
)

func TestOutcomes(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(9, "paste")
	b.run(b.items("paste", 3)...)
	v := b.lease("w", 9)
	if _, ok, err := b.VersionOutcome(b.ctx, v[0].ID); ok || err != nil {
		t.Fatal(ok, err)
	}
	want := leak.Outcome{Result: leak.Matched, Completeness: leak.Partial, Reasons: []string{"depth limit 8: 3 members left"}, Bytes: 5,
		Texts: 2, SHA256: "ab", MediaType: "text/plain", Generation: 3, Matcher: "1", FetchedAt: b.clock.now()}
	b.ok(b.FinishVersion(b.ctx, v[0].ID, "w", want))
	got, ok, err := b.VersionOutcome(b.ctx, v[0].ID)
	if d := cmp.Diff(want, got); !ok || err != nil || d != "" {
		t.Fatal(ok, err, d)
	}
	if err := b.FinishVersion(b.ctx, v[1].ID, "other", want); !errors.Is(err, store.ErrLeaseLost) {
		t.Fatalf("another worker's outcome gave %v", err)
	}
	if _, _, err := b.VersionOutcome(b.ctx, "none"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("gave %v", err)
	}

	failed := leak.Outcome{Result: leak.Failed, Completeness: leak.Unread, Reasons: []string{"connection reset"}}
	b.ok(b.RetryVersion(b.ctx, v[1].ID, "w", failed, b.clock.now().Add(time.Minute)))
	if _, ok, _ := b.VersionOutcome(b.ctx, v[1].ID); ok || b.open() != 2 {
		t.Fatal("a retry is no outcome")
	}
	if left := b.lease("w", 9); len(left) != 0 {
		t.Fatal("leased before its time")
	}
	b.clock.add(time.Minute)
	again := b.lease("w", 1)
	if len(again) != 1 || again[0].ID != v[1].ID && again[0].ID != v[2].ID {
		t.Fatalf("leased %+v", again)
	}
	b.ok(b.HandBackVersions(b.ctx, "w"))
	for _, v := range b.lease("w", 9) {
		b.ok(b.RetryVersion(b.ctx, v.ID, "w", failed, time.Time{}))
	}
	if got, ok, err := b.VersionOutcome(b.ctx, v[1].ID); !ok || err != nil || got.Result != leak.Failed || b.open() != 0 {
		t.Fatal(ok, err, got, b.open())
	}
}

func TestSourcesTakeTurns(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(3, "big", "small")
	b.run(b.items("big", 50)...)
	b.clock.add(time.Second)
	b.ok(b.RunNow(b.ctx, "small"))
	b.put(b.items("small", 5)...)
	count := map[string]int{}
	for range 4 { // one worker at a time, each with one version
		for _, v := range b.lease("w", 1) {
			count[v.Item.Source]++
		}
	}
	if count["big"] != 2 || count["small"] != 2 {
		t.Fatalf("leased %v", count)
	}
	if n := len(b.lease("w", 50)); n != 2 {
		t.Fatalf("leased %d more: a source has at most three at once", n)
	}
	b.ok(b.HandBackVersions(b.ctx, "w"))
	all := b.lease("w", 50)
	for _, v := range all {
		if v.Attempt != 1 {
			t.Errorf("a version that was handed back is at attempt %d", v.Attempt)
		}
	}
	if len(all) != 6 {
		t.Fatalf("leased %d", len(all))
	}
}

func TestCrashedWorkersLeaseRunsOut(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(3, "paste")
	b.run(b.item("paste", 1))
	v := b.lease("dies", 1)[0]
	other := b.second()
	if left, err := other.LeaseVersions(b.ctx, "w", 1, time.Minute); len(left) != 0 || err != nil {
		t.Fatal(left, err)
	}
	b.clock.add(time.Minute)
	left, err := other.LeaseVersions(b.ctx, "w", 1, time.Minute)
	if err != nil || len(left) != 1 || left[0].Attempt != 2 {
		t.Fatal(left, err)
	}
	if err := b.ExtendVersion(b.ctx, v.ID, "dies", time.Minute); !errors.Is(err, store.ErrLeaseLost) {
		t.Fatalf("the first worker extended: %v", err)
	}
	b.ok(other.ExtendVersion(b.ctx, v.ID, "w", time.Hour))
	b.clock.add(30 * time.Minute)
	if got := b.lease("dies", 1); len(got) != 0 {
		t.Fatal("an extended lease was not kept")
	}
}

func TestTips(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(3, "paste")
	i := b.item("paste", 1)
	id, err := b.AddTip(b.ctx, i)
	b.ok(err)
	if again, err := b.AddTip(b.ctx, i); again != id || err != nil {
		t.Fatalf("asked twice gave %q and %q, %v", id, again, err)
	}
	v, ok, err := b.LeaseVersion(b.ctx, id, "w", time.Minute)
	if !ok || err != nil || v.Item.Source != store.TipSource {
		t.Fatal(v, ok, err)
	}
	if _, ok, err := b.LeaseVersion(b.ctx, id, "w2", time.Minute); ok || err != nil {
		t.Fatal(ok, err)
	}
	b.finish(v, "w", leak.Clean)
	if _, ok, err := b.LeaseVersion(b.ctx, id, "w2", time.Minute); ok || err != nil {
		t.Fatal(ok, err)
	}
	again, err := b.AddTip(b.ctx, i)
	if again == id || err != nil {
		t.Fatalf("a place asked for again was not read again: %v", err)
	}
	b.sources(3, "paste") // tips are no source that the configuration could lack
	if b.open() != 1 {
		t.Fatal("a tip was dropped")
	}
}

func TestDueAgain(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(9, "paste")
	b.run(b.items("paste", 9)...)
	want := 0
	for n, v := range b.lease("w", 9) {
		o := leak.Outcome{Result: leak.Clean, Completeness: leak.Whole, Generation: 1, Matcher: "1"}
		switch n {
		case 5: // what could not be read then may be read now
			o.Completeness, want = leak.Partial, want+1
		case 6: // and though somebody was found in the rest of it
			o.Result, o.Completeness, want = leak.Matched, leak.Partial, want+1
		case 7:
			o.Result, o.Completeness, want = leak.Matched, leak.Unreadable, want+1
		case 8: // a find does not keep all that those who register late may have in it
			o.Result, o.Matcher, want = leak.Matched, "2", want+1
		case 0: // what is known to be whole has nothing for other readers
			o.Result, o.Generation = leak.Matched, 2
		case 1:
			o.Completeness, want = leak.Unreadable, want+1
		case 2:
			o.Generation, o.Matcher = 2, "2"
		case 3:
			o.Result, o.Completeness = leak.Failed, leak.Unread
		default:
			want++
		}
		b.ok(b.FinishVersion(b.ctx, v.ID, "w", o))
	}
	n, err := b.DueAgain(b.ctx, 2, "2")
	if n != int64(want) || err != nil {
		t.Fatalf("%d due again, want %d, %v", n, want, err)
	}
	if n, err := b.DueAgain(b.ctx, 2, "2"); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	for _, v := range b.lease("w", 9) {
		if !v.Again || v.Attempt != 1 {
			t.Errorf("version %+v", v)
		}
		b.ok(b.FinishVersion(b.ctx, v.ID, "w", leak.Outcome{Result: leak.Clean, Completeness: leak.Whole, Generation: 2, Matcher: "2"}))
	}
	b.clock.add(time.Hour)
	b.run() // all gone: nothing of it can be read again
	if n, err := b.DueAgain(b.ctx, 3, "2"); n != 0 || err != nil {
		t.Fatal(n, err)
	}
}

// What DueAgain passes over because it is being read is due again when it ends, unless that reading knew the registry.
func TestDueAgainUnderWay(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(9, "paste")
	b.run(b.items("paste", 6)...)
	under := b.lease("w", 6)
	if n, err := b.DueAgain(b.ctx, 3, "1"); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := b.DueAgain(b.ctx, 2, "1"); err != nil { // of a process that is behind
		t.Fatal(err)
	}
	for n, o := range []leak.Outcome{
		{Result: leak.Clean, Generation: 2}, {Result: leak.Mentioned, Generation: 1}, {Result: leak.Clean, Generation: 3},
		{Result: leak.Matched, Generation: 2}, {Result: leak.Failed}, {Result: leak.Mentioned}, // the last of a reading that failed
	} {
		o.Completeness, o.Matcher = leak.Whole, "1"
		b.ok(b.FinishVersion(b.ctx, under[n].ID, "w", o))
	}
	again := b.lease("w", 6)
	var ids, want []string
	for _, v := range again {
		ids = append(ids, v.ID)
	}
	for _, n := range []int{0, 1, 3} {
		want = append(want, under[n].ID)
	}
	if diff := cmp.Diff(want, ids); diff != "" || !again[0].Again {
		t.Fatal(diff)
	}
}
