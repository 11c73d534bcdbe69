package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"leakwatch/leak"
	"leakwatch/store"
)

func coverToday(b *base) store.CoverageFilter {
	return store.CoverageFilter{From: b.clock.now(), To: b.clock.now()}
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	first := b.clock.now()
	b.sources(9, "paste")
	b.ok(b.SyncSources(b.ctx, []leak.Source{{ID: "paste", Schedule: "@every 15m", Parallel: 9}, {ID: "dump", Schedule: "@daily"}},
		func(leak.Source) time.Time { return time.Time{} }))
	b.run(b.items("paste", 4)...)
	for n, v := range b.lease("w", 3) {
		o := leak.Outcome{Result: leak.Clean, Completeness: leak.Whole, Bytes: 100, Generation: 1, Matcher: "1"}
		if n > 0 {
			o.Result, o.Completeness, o.Reasons = leak.Matched, leak.Partial, []string{"depth limit 8: 3 members left"}
		}
		b.ok(b.FinishVersion(b.ctx, v.ID, "w", o))
	}
	b.clock.add(24 * time.Hour)
	_, _, err := b.LeaseSource(b.ctx, "w", time.Minute)
	b.ok(err)
	_, err = b.FinishRun(b.ctx, leak.Run{Source: "paste", Cut: "page limit 10: more left", Err: "no answer"}, b.clock.now())
	b.ok(err)

	rows, err := b.Coverage(b.ctx, store.CoverageFilter{Source: "paste"})
	b.ok(err)
	midnight := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	want := []store.CoverageRow{
		{Source: "paste", Day: midnight, Runs: 1, Listed: 4, Due: 4, Results: map[leak.Result]int64{leak.Clean: 1, leak.Matched: 2},
			Completeness: map[leak.Completeness]int64{leak.Whole: 1, leak.Partial: 2}, Open: 1, Bytes: 300, LastComplete: first,
			Reasons: map[string]int64{"depth limit 8": 2}},
		{Source: "paste", Day: midnight.AddDate(0, 0, 1), Runs: 1, FailedRuns: 1, Results: map[leak.Result]int64{},
			Completeness: map[leak.Completeness]int64{}, LastComplete: first, Reasons: map[string]int64{"page limit 10": 1}},
	}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
	all, err := b.Coverage(b.ctx, store.CoverageFilter{})
	b.ok(err)
	if len(all) != 4 || all[0].Source != "dump" || all[0].Runs != 0 || !all[0].LastComplete.IsZero() {
		t.Errorf("a source that was not looked at: %+v", all)
	}
	if late, err := b.Coverage(b.ctx, store.CoverageFilter{From: b.clock.now().Add(24 * time.Hour), To: b.clock.now().Add(24 * time.Hour)}); err != nil || len(late) != 2 {
		t.Errorf("%+v %v", late, err)
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(9, "paste")
	b.run(b.items("paste", 3)...)
	b.finish(b.lease("w", 1)[0], "w", leak.Clean)
	got, err := b.Stats(b.ctx)
	b.ok(err)
	for name, want := range map[string]int64{"items": 3, "versions": 3, "versions/due": 2, "versions/done": 1, "versions/dead": 0,
		"runs": 1, "finds": 0, "due/versions": 2, "due/deliveries": 0} {
		if got[name] != want {
			t.Errorf("%s is %d, want %d", name, got[name], want)
		}
	}
}
