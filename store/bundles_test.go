package store_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"leakwatch/leak"
	"leakwatch/store"
)

func (b *base) clinic(id string) {
	b.t.Helper()
	b.ok(b.AddClinic(b.ctx, store.Clinic{ID: id, Name: "Clinic " + id, Region: "FI", Patients: 100, Ring: "test-a"}))
}

// tag is the nth patient's only identifier under a ring.
func tag(clinic, ring string, n int) leak.Tag {
	h := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", clinic, ring, n))
	return leak.Tag{Clinic: clinic, W: [16]byte(h[:16]), Ref: fmt.Sprintf("ref-%d", n), Kind: leak.FIHetu, RK: ring, PK: "pk-1"}
}

// rows are patients from..to-1.
func rows(clinic, ring, op string, from, to int) iter.Seq2[store.BundleRow, error] {
	return func(yield func(store.BundleRow, error) bool) {
		for n := from; n < to; n++ {
			t := tag(clinic, ring, n)
			token := leak.Token{F: t.W, Kind: t.Kind, RK: ring, PK: "pk-2", Registered: true, Person: leak.Person{Clinic: clinic, Ref: t.Ref}}
			if !yield(store.BundleRow{Op: op, Tag: t, Tokens: []leak.Token{token}}, nil) {
				return
			}
		}
	}
}

func full(clinic, ring string, sequence int64, to int) store.BundleApply {
	return store.BundleApply{Clinic: clinic, Mode: "full", Sequence: sequence, RK: ring, Signer: "aa", Recipient: "age1", Rows: rows(clinic, ring, "add", 0, to)}
}

func counts(n int64) map[leak.Kind]int64 {
	if n == 0 {
		return map[leak.Kind]int64{}
	}
	return map[leak.Kind]int64{leak.FIHetu: n}
}

func (b *base) apply(a store.BundleApply, added, kept, removed int64) {
	b.t.Helper()
	got, err := b.ApplyBundle(b.ctx, a)
	b.ok(err)
	want := store.Applied{Added: counts(added), Kept: counts(kept), Removed: counts(removed), Generation: got.Generation, Erased: got.Erased}
	if d := cmp.Diff(want, got); d != "" {
		b.t.Error(d)
	}
}

func (b *base) registry() map[leak.Tag]bool {
	b.t.Helper()
	set := map[leak.Tag]bool{}
	_, tags := b.Tags(b.ctx)
	for t, err := range tags {
		b.ok(err)
		set[t] = true
	}
	return set
}

func TestBundles(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.clinic("north")
	b.clinic("south")
	b.apply(full("north", "test-a", 1, 100), 100, 0, 0)
	b.apply(full("south", "test-a", 1, 10), 10, 0, 0)
	b.apply(full("north", "test-a", 2, 110), 10, 100, 0)
	b.apply(full("north", "test-a", 5, 100), 0, 100, 10) // a tenth may go, of 110
	delta := full("north", "test-a", 6, 0)
	delta.Mode, delta.Rows = "delta", rows("north", "test-a", "del", 0, 5)
	b.apply(delta, 0, 95, 5)
	delta.Sequence, delta.Rows = 7, rows("north", "test-a", "add", 90, 105)
	b.apply(delta, 5, 95, 0)
	if got := b.registry(); len(got) != 110 || !got[tag("north", "test-a", 104)] || got[tag("north", "test-a", 4)] {
		t.Errorf("%d rows", len(got))
	}
	if g, err := b.Generation(b.ctx); g != 6 || err != nil {
		t.Error(g, err)
	}
	c, err := b.Clinic(b.ctx, "north")
	b.ok(err)
	if c.Sequence != 7 || c.Signer != "aa" || c.Recipient != "age1" || c.Ring != "test-a" {
		t.Errorf("clinic %+v", c)
	}
}

func TestBundlesThatAreRefused(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.clinic("north")
	b.apply(full("north", "test-a", 3, 100), 100, 0, 0)
	before := b.registry()
	few := full("north", "test-a", 4, 89)
	broken := errors.New("the seal is broken")
	for name, c := range map[string]struct {
		change func(*store.BundleApply)
		want   error
	}{
		"drops eleven":     {func(*store.BundleApply) {}, store.ErrDropTooMany},
		"same sequence":    {func(a *store.BundleApply) { a.Sequence = 3 }, store.ErrSequence},
		"another signer":   {func(a *store.BundleApply) { a.Signer = "bb" }, store.ErrSigner},
		"unknown clinic":   {func(a *store.BundleApply) { a.Clinic = "west" }, store.ErrNotFound},
		"breaks off":       {func(a *store.BundleApply) { a.Rows = breaksOff(a.Rows, broken) }, broken},
		"another's rows":   {func(a *store.BundleApply) { a.Rows = rows("south", "test-a", "add", 0, 1) }, nil},
		"del in a full":    {func(a *store.BundleApply) { a.Rows = rows("north", "test-a", "del", 0, 1) }, nil},
		"neither one mode": {func(a *store.BundleApply) { a.Mode = "other" }, nil},
	} {
		a := few
		c.change(&a)
		if _, err := b.ApplyBundle(b.ctx, a); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(before, b.registry()); d != "" {
			t.Errorf("%s changed the registry: %s", name, d)
		}
	}
	few.Confirm = true
	b.apply(few, 0, 89, 11)
}

func breaksOff(rows iter.Seq2[store.BundleRow, error], err error) iter.Seq2[store.BundleRow, error] {
	return func(yield func(store.BundleRow, error) bool) {
		for r := range rows {
			if !yield(r, nil) {
				return
			}
		}
		yield(store.BundleRow{}, err)
	}
}

func TestAnotherRingReplacesAndDropsNobody(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.clinic("north")
	b.apply(full("north", "test-a", 1, 100), 100, 0, 0)
	b.apply(full("north", "test-b", 2, 95), 95, 0, 100)
	if _, err := b.ApplyBundle(b.ctx, full("north", "test-c", 3, 80)); !errors.Is(err, store.ErrDropTooMany) {
		t.Fatalf("a new ring with a sixth missing gave %v", err)
	}
}

func TestRewrapIsResumable(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.clinic("north")
	b.apply(full("north", "test-a", 1, 12000), 12000, 0, 0)
	calls, stop := 0, errors.New("stopped")
	rewrap := func(t leak.Tag) (leak.Tag, error) {
		if calls++; calls == 7000 {
			return t, stop
		}
		if t.PK == "pk-1" {
			t.PK = "pk-2"
			for i := range t.W {
				t.W[i] ^= 0x5a
			}
		}
		return t, nil
	}
	if err := b.RewrapTags(b.ctx, "north", rewrap); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	b.ok(b.RewrapTags(b.ctx, "north", rewrap))
	calls = 7000
	b.ok(b.RewrapTags(b.ctx, "north", rewrap))
	if got := b.registry(); len(got) != 12000 {
		t.Fatalf("%d rows", len(got))
	} else {
		for n := range 12000 {
			want := tag("north", "test-a", n)
			want.PK = "pk-2"
			for i := range want.W {
				want.W[i] ^= 0x5a
			}
			if !got[want] {
				t.Fatalf("row %d was not rewrapped once", n)
			}
		}
	}
}

func TestRemoveClinic(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.clinic("north")
	b.apply(full("north", "test-a", 1, 10), 10, 0, 0)
	who := leak.Principal{Name: "op", Role: leak.RoleOperator, Purpose: "contract ended"}
	if _, err := b.RemoveClinic(b.ctx, leak.Principal{Name: "x", Role: leak.RoleClinic, Clinic: "north"}, "north"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("a clinic removed itself: %v", err)
	}
	e, err := b.RemoveClinic(b.ctx, who, "north")
	b.ok(err)
	if e.Tags != 10 || len(b.registry()) != 0 {
		t.Errorf("erased %+v", e)
	}
	if _, err := b.Clinic(b.ctx, "north"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if _, err := b.RemoveClinic(b.ctx, who, "north"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	entries, err := b.AuditEntries(b.ctx, 0, 0)
	b.ok(err)
	if len(entries) != 1 || entries[0].Object != "north" || entries[0].Actor.Purpose != "contract ended" {
		t.Errorf("audit %+v", entries)
	}
	if g, _ := b.Generation(b.ctx); g != 2 {
		t.Errorf("generation %d", g)
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.clinic("north")
	if err := b.AddClinic(b.ctx, store.Clinic{ID: "north"}); err == nil {
		t.Error("the id was taken twice")
	}
	want := []leak.Contact{{Name: "Duty", Role: "security", Channel: "email", Address: "duty@north.test", Verified: true},
		{Name: "Hook", Role: "dpo", Channel: "webhook", Address: "https://north.test/hook"}}
	b.ok(b.SetContacts(b.ctx, "north", want))
	all, err := b.Clinics(b.ctx)
	b.ok(err)
	clinic := store.Clinic{ID: "north", Name: "Clinic north", Region: "FI", Regions: []string{}, Patients: 100, Ring: "test-a", Contacts: want, Created: b.clock.now()}
	if d := cmp.Diff([]store.Clinic{clinic}, all); d != "" {
		t.Error(d)
	}
	if err := b.SetContacts(b.ctx, "west", want); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}

func TestOthersMayWriteWhileABundleIsRead(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.clinic("north")
	b.sources(1, "paste")
	a := full("north", "test-a", 1, 10)
	inner := a.Rows
	a.Rows = func(yield func(store.BundleRow, error) bool) {
		for r, err := range inner {
			done := make(chan error, 1)
			go func() { done <- b.RunNow(b.ctx, "paste") }()
			select {
			case err := <-done:
				b.ok(err)
			case <-time.After(10 * time.Second):
				t.Error("a write waited for the bundle")
				return
			}
			if !yield(r, err) {
				return
			}
		}
	}
	b.apply(a, 10, 0, 0)
}
