package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"leakwatch/configs"
	"leakwatch/leak"
	"leakwatch/store"
)

// base is a store of a test's own, with a clock that the test moves.
type base struct {
	*store.Store
	t      testing.TB
	ctx    context.Context
	path   string
	places *leak.PlaceKey
	clock  *clock
}

// clock is set by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newBase(t testing.TB) *base {
	t.Helper()
	b := &base{t: t, ctx: context.Background(), path: filepath.Join(t.TempDir(), "store #1?.db"), places: placeKey(t, 7),
		clock: &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}}
	b.Store = b.second()
	return b
}

// second opens the same file once more, as another process does.
func (b *base) second() *store.Store {
	b.t.Helper()
	s, err := store.Open(b.ctx, store.Options{Path: b.path, Places: b.places, Rules: leak.DefaultRules(),
		Retention: configs.Default().Retention, Now: b.clock.now})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.t.Error(err)
		}
	})
	return s
}

func placeKey(t testing.TB, first byte) *leak.PlaceKey {
	t.Helper()
	secret := make([]byte, 32)
	secret[0] = first
	k, err := leak.NewPlaceKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// sources configures sources that are due at once.
func (b *base) sources(parallel int, ids ...string) {
	b.t.Helper()
	var all []leak.Source
	for _, id := range ids {
		all = append(all, leak.Source{ID: id, Kind: "directory-index", URL: "https://" + id + ".test/", Schedule: "@every 15m", Parallel: parallel})
	}
	b.ok(b.SyncSources(b.ctx, all, func(leak.Source) time.Time { return b.clock.now() }))
}

func (b *base) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// item is the nth thing in a source's listing.
func (b *base) item(source string, n int) leak.Item {
	root := "https://" + source + ".test/"
	url := fmt.Sprintf("%sd/file-%d.txt", root, n)
	return leak.Item{Source: source, Key: b.places.Digest(url), Place: b.places.Place(root, url), Name: fmt.Sprintf("file-%d.txt", n),
		Title: b.places.Title(fmt.Sprintf("file %d", n)), Collection: b.places.Digest(root + "d/"), Group: b.places.Place(root, root+"d/"),
		Published: leak.Stamp{From: b.clock.now().Add(-time.Hour), To: b.clock.now(), Said: "an hour ago"},
		Size:      leak.Size{Min: 10, Max: 19}, Mark: "m1", Fetch: true}
}

func (b *base) items(source string, n int) []leak.Item {
	all := make([]leak.Item, n)
	for i := range all {
		all[i] = b.item(source, i)
	}
	return all
}

func (b *base) put(items ...leak.Item) int {
	b.t.Helper()
	due, err := b.PutItems(b.ctx, b.clock.now(), items)
	b.ok(err)
	return due
}

// run leases the source that is due, writes what its listing names, and ends the run as complete.
func (b *base) run(items ...leak.Item) (due int) {
	b.t.Helper()
	src, ok, err := b.LeaseSource(b.ctx, "lister", time.Minute)
	b.ok(err)
	if !ok {
		b.t.Fatal("no source is due")
	}
	due = b.put(items...)
	_, err = b.FinishRun(b.ctx, leak.Run{Source: src.ID, Started: b.clock.now(), Listed: len(items), Due: due, Complete: true}, b.clock.now())
	b.ok(err)
	return due
}

// lease takes up to n versions.
func (b *base) lease(worker string, n int) []leak.Version {
	b.t.Helper()
	v, err := b.LeaseVersions(b.ctx, worker, n, time.Minute)
	b.ok(err)
	return v
}

func (b *base) finish(v leak.Version, worker string, r leak.Result) {
	b.t.Helper()
	b.ok(b.FinishVersion(b.ctx, v.ID, worker, leak.Outcome{Result: r, Completeness: leak.Whole, Bytes: 12, Generation: 1, Matcher: "1"}))
}

func (b *base) open() int64 {
	b.t.Helper()
	n, err := b.OpenItems(b.ctx)
	b.ok(err)
	return n
}
