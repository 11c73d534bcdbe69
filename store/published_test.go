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
		o := sealedStill(0)
		if v.Item.Key == text.Key {
			o = leak.Outcome{Result: leak.Clean, Completeness: leak.Whole}
		}
		b.ok(b.FinishVersion(b.ctx, v.ID, "w", o))
	}
	fresh, err := b.PutPasswords(b.ctx, text, []string{"zomer2026", "winter"})
	b.ok(err)
	if due := b.lease("w", 9); fresh != 2 || len(due) != 1 || due[0].Item.Key != archive.Key || !due[0].Again {
		t.Fatalf("%d new, due %v, want the archive beside it", fresh, due)
	} else {
		b.ok(b.FinishVersion(b.ctx, due[0].ID, "w", sealedStill(2)))
	}
	if fresh, err := b.PutPasswords(b.ctx, text, []string{"winter"}); err != nil || fresh != 0 || b.open() != 0 {
		t.Errorf("known ones: %d new, %d due, %v", fresh, b.open(), err)
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

// sealedStill is the outcome of a reading that opened nothing with so many passwords.
func sealedStill(passwords int) leak.Outcome {
	return leak.Outcome{Result: leak.Clean, Completeness: leak.Unreadable, Passwords: passwords,
		Reasons: []string{"zip: 1 encrypted members: no password published beside them"}}
}

// A password that is published while the archive is being read opens it too.
func TestPublishedMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(2, "s")
	archive, alone := b.item("s", 1), b.item("s", 2)
	alone.Collection = leak.Digest{}
	b.run(archive, alone)
	under := b.lease("w", 2)
	for _, i := range []leak.Item{archive, alone} {
		_, err := b.PutPasswords(b.ctx, i, []string{"zomer2026"})
		b.ok(err)
	}
	for _, v := range under {
		b.ok(b.FinishVersion(b.ctx, v.ID, "w", sealedStill(0)))
	}
	again := b.lease("w", 2)
	if len(again) != 2 || !again[0].Again {
		t.Fatalf("%d are read again, want both", len(again))
	}
	for _, v := range again {
		b.ok(b.FinishVersion(b.ctx, v.ID, "w", sealedStill(1)))
	}
	if b.open() != 0 {
		t.Errorf("%d due, though they know it", b.open())
	}
}
