package store_test

import (
	"strings"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/store"
)

// What is due past a source's bytes of the day is skipped with the rule's name, and read when a listing of another day
// names it again. Another source goes on.
func TestBytesOfTheDay(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	all := []leak.Source{{ID: "small", URL: "https://small.test/", Schedule: "@every 15m", Parallel: 1, RunBytes: 20},
		{ID: "free", URL: "https://free.test/", Schedule: "@every 15m", Parallel: 1}}
	b.ok(b.SyncSources(b.ctx, all, func(leak.Source) time.Time { return b.clock.now() }))
	items := b.items("small", 4)
	b.put(items...)
	b.put(b.items("free", 1)...)
	read := func(want int) {
		t.Helper()
		for n := 0; ; n++ {
			v, err := b.LeaseVersionsOf(b.ctx, "small", "w", 1, time.Minute)
			b.ok(err)
			if len(v) == 0 {
				if n != want {
					t.Fatalf("%d bodies were read, want %d", n, want)
				}
				return
			}
			if n == 0 { // broken off after 5 bytes, went on: it counts once
				b.ok(b.RetryVersion(b.ctx, v[0].ID, "w", leak.Outcome{Bytes: 5}, b.clock.now()))
				again, ok, err := b.LeaseVersion(b.ctx, v[0].ID, "w", time.Minute)
				b.ok(err)
				if !ok {
					t.Fatal("the retry is gone")
				}
				v[0] = again
			}
			b.finish(v[0], "w", leak.Clean)
		}
	}
	read(2) // 12 bytes each
	rows, err := b.Coverage(b.ctx, store.CoverageFilter{Source: "small"})
	b.ok(err)
	last := rows[len(rows)-1]
	if last.Results[leak.Skipped] != 2 || last.Reasons["run_bytes limit"] != 2 || last.Open != 0 {
		t.Errorf("%+v", last)
	}
	if v := b.lease("w", 9); len(v) != 1 || !strings.HasPrefix(v[0].Item.Place.String(), "https://free.test/") {
		t.Errorf("another source gave %d", len(v))
	}
	b.put(items...)
	read(0)
	b.clock.add(24 * time.Hour)
	if due := b.put(items...); due != 2 {
		t.Errorf("%d due the next day", due)
	}
	read(2)
}
