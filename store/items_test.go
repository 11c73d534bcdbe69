package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"leakwatch/leak"
)

var comparePlaces = cmp.Comparer(func(a, b leak.Place) bool { return a.Reveal() == b.Reveal() && a.Shown() == b.Shown() })

func TestItemsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(4, "paste")
	want := b.item("paste", 1)
	if due := b.run(want); due != 1 {
		t.Fatalf("%d due", due)
	}
	got := b.lease("w", 10)
	if len(got) != 1 {
		t.Fatalf("%d leased", len(got))
	}
	want.Mark = ""
	if d := cmp.Diff(want, got[0].Item, comparePlaces); d != "" {
		t.Error(d)
	}
	if v := got[0]; v.Seq != 1 || v.Attempt != 1 || !v.ListedAt.Equal(b.clock.now()) || len(v.ID) != 26 {
		t.Errorf("version %+v", v)
	}
}

func TestSameItemsAgainChangeNothing(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(4, "paste")
	items := b.items("paste", 300)
	if due := b.run(items...); due != 300 {
		t.Fatalf("%d due", due)
	}
	b.clock.add(time.Hour)
	if due := b.run(items...); due != 0 {
		t.Fatalf("%d due at the second look", due)
	}
	if n := b.open(); n != 300 {
		t.Fatalf("%d open", n)
	}
}

func TestAnotherMarkIsAnotherVersion(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(4, "paste")
	i := b.item("paste", 1)
	b.run(i)
	first := b.lease("w", 1)[0]
	b.finish(first, "w", leak.Clean)

	i.Mark = "m2"
	b.run(i)
	i.Mark = "m3" // the second is overtaken unread
	b.clock.add(time.Second)
	b.run(i)
	third := b.lease("w", 9)
	if len(third) != 1 || third[0].Seq != 3 || third[0].ID <= first.ID {
		t.Fatalf("leased %+v", third)
	}
	i.Mark = "m4" // the third is being read, and goes on
	b.run(i)
	b.finish(third[0], "w", leak.Matched)
	if left := b.lease("w", 9); len(left) != 1 || left[0].Seq != 4 {
		t.Fatalf("leased %+v", left)
	}
	rows, err := b.Coverage(b.ctx, coverToday(b))
	b.ok(err)
	if got := rows[0]; got.Results[leak.Skipped] != 1 || got.Reasons["replaced before it was read"] != 1 || got.Due != 4 || got.Open != 1 {
		t.Errorf("coverage %+v", got)
	}
}

func TestItemsThatMayNotBeFetched(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(4, "paste")
	i := b.item("paste", 1)
	i.Fetch, i.Skip = false, "legal switch: listing"
	if due := b.run(i); due != 0 || b.open() != 0 {
		t.Fatalf("%d due, %d open", due, b.open())
	}
	i.Fetch, i.Skip = true, "" // the switch was raised
	if due := b.run(i); due != 1 {
		t.Fatalf("%d due", due)
	}
	i.Fetch, i.Skip = false, "legal switch: listing" // and lowered before it was read
	if due := b.run(i); due != 0 || b.open() != 0 {
		t.Fatalf("%d due, %d open", due, b.open())
	}
}

func TestGoneAndBack(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(4, "paste")
	found, clean := b.item("paste", 1), b.item("paste", 2)
	b.run(found, clean)
	for _, v := range b.lease("w", 9) {
		r := leak.Clean
		if v.Item.Key == found.Key {
			r = leak.Matched
		}
		b.finish(v, "w", r)
	}
	b.clock.add(time.Hour)
	b.run() // a complete listing without them
	b.clock.add(time.Hour)
	if due := b.run(found, clean); due != 1 {
		t.Fatalf("%d due when both are back: want the find's place only", due)
	}
	if v := b.lease("w", 9); len(v) != 1 || v[0].Item.Key != found.Key || v[0].Seq != 2 {
		t.Fatalf("leased %+v", v)
	}
}

func TestListingItems(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(4, "paste")
	listing := b.item("paste", 9999)
	listing.Listing = true
	items := b.items("paste", 1203)
	b.run(append(items, listing)...)
	b.clock.add(time.Hour)
	b.run(append(items[3:], listing)...) // three are gone
	seen := map[string]bool{}
	b.ok(b.ListingItems(b.ctx, listing, func(i leak.Item) error {
		seen[i.Name] = true
		_, err := b.OpenItems(b.ctx) // the store may be used meanwhile
		return err
	}))
	if len(seen) != 1200 || seen["file-0.txt"] || !seen["file-1202.txt"] {
		t.Errorf("%d items", len(seen))
	}
}
