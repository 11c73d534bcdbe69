package store_test

import (
	"slices"
	"testing"

	"leakwatch/leak"
)

// A password that is published beside an archive opens it, however late it comes.
func TestPublishedPasswords(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(2, "s")
	archive, text, other := b.item("s", 1), b.item("s", 2), b.item("s", 3)
	text.Collection, other.Collection = archive.Collection, b.places.Digest("elsewhere")
	b.run(archive, text, other)
	for range 3 {
		v := b.lease("w", 1)[0]
		o := leak.Outcome{Result: leak.Clean, Completeness: leak.Unreadable, Reasons: []string{"zip: 1 encrypted members: no password published beside them"}}
		if v.Item.Key == text.Key {
			o = leak.Outcome{Result: leak.Clean, Completeness: leak.Whole}
		}
		b.ok(b.FinishVersion(b.ctx, v.ID, "w", o))
	}
	due, err := b.PutPasswords(b.ctx, text, []string{"zomer2026", "winter"})
	b.ok(err)
	if due != 1 {
		t.Errorf("%d due, want the archive beside it", due)
	}
	if due, err := b.PutPasswords(b.ctx, text, []string{"winter"}); err != nil || due != 0 {
		t.Errorf("known ones: %d due, %v", due, err)
	}
	got, err := b.Passwords(b.ctx, archive)
	b.ok(err)
	slices.Sort(got)
	if !slices.Equal(got, []string{"winter", "zomer2026"}) {
		t.Errorf("%d passwords", len(got))
	}
	if got, err := b.Passwords(b.ctx, other); err != nil || len(got) != 0 {
		t.Errorf("of another folder: %d, %v", len(got), err)
	}
}
