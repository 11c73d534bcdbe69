package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
	"leakwatch/store"
)

// other is another process, as far as the registry goes: a store of its own on the same file, and a matcher.
type other struct {
	t     *testing.T
	store *store.Store
	match *matcher.Matcher
}

func newOther(t *testing.T, path string) *other {
	t.Helper()
	m, err := matcher.New(matcher.Keys{Rings: []matcher.Key{{ID: "test-a", Secret: [32]byte{1}}}, Index: []matcher.Key{{ID: "index-a", Secret: [32]byte{2}}},
		Find: []matcher.Key{{ID: "find-a", Secret: [32]byte{3}}}}, matcher.Options{Temp: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return &other{t, benchStore(t, path), m}
}

// takeUp brings the matcher up to what the store holds.
func (o *other) takeUp() error { return takeUpNow(o.t.Context(), o.match, o.store) }

func takeUpNow(ctx context.Context, m *matcher.Matcher, s *store.Store) error {
	generation, err := s.Generation(ctx)
	if err != nil {
		return err
	}
	return takeUpPeople(ctx, m, s, generation)
}

// apply registers a bundle of addresses: "+ref address" adds, "-ref address" deletes.
func (o *other) apply(clinic, mode string, sequence int64, rows ...string) store.Applied {
	o.t.Helper()
	hasher := matcher.NewHasher(matcher.Key{ID: "test-a", Secret: [32]byte{1}}, "FI")
	a, err := o.store.ApplyBundle(o.t.Context(), store.BundleApply{Clinic: clinic, Mode: mode, Sequence: sequence, RK: "test-a", Signer: "aa", Confirm: true,
		Rows: func(yield func(store.BundleRow, error) bool) {
			for _, r := range rows {
				ref, address, _ := strings.Cut(r[1:], " ")
				t1, err := hasher.T1(leak.Email, address)
				var row store.BundleRow
				if err == nil {
					row.Op = map[byte]string{'+': "add", '-': "del"}[r[0]]
					row.Tag, row.Tokens, err = o.match.Wrap(clinic, "test-a", leak.Email, t1, ref)
				}
				if !yield(row, err) {
					return
				}
			}
		}})
	if err != nil {
		o.t.Fatal(err)
	}
	return a
}

// TestWithdrawalInAnotherProcess: what one process registers and withdraws, another one matches, and matches no more, in
// place: a reading under way sees it in its next text.
func TestWithdrawalInAnotherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leakwatch.db")
	here, there := newOther(t, path), newOther(t, path)
	for _, clinic := range []string{"a", "b"} {
		if err := here.store.AddClinic(t.Context(), store.Clinic{ID: clinic, Ring: "test-a"}); err != nil {
			t.Fatal(err)
		}
	}
	here.apply("b", "full", 1, "+rb b@example.com")
	if err := there.takeUp(); err != nil {
		t.Fatal(err)
	}
	const all = "\na1@example.com a2@example.com a3@example.com b@example.com\n"
	who := leak.Principal{Name: "operator", Role: leak.RoleOperator}
	steps := []struct {
		what string
		do   func()
		want string
	}{
		{"nothing", func() {}, "rb"},
		{"a full bundle", func() { here.apply("a", "full", 1, "+r1 a1@example.com", "+r2 a2@example.com", "+r3 a3@example.com") }, "r1 r2 r3 rb"},
		{"a person is deleted", func() { here.apply("a", "delta", 2, "-r1 a1@example.com") }, "r2 r3 rb"},
		{"and comes back", func() { here.apply("a", "delta", 3, "+r1 a1@example.com") }, "r1 r2 r3 rb"},
		{"a full bundle without one", func() { here.apply("a", "full", 4, "+r1 a1@example.com", "+r3 a3@example.com") }, "r1 r3 rb"},
		{"an erasure", func() {
			if _, err := here.store.Erase(t.Context(), who, "a", []string{"r3"}); err != nil {
				t.Fatal(err)
			}
		}, "r1 rb"},
		{"a clinic goes", func() {
			if _, err := here.store.RemoveClinic(t.Context(), who, "b"); err != nil {
				t.Fatal(err)
			}
		}, "r1"},
		{"and comes back, with others", func() {
			if err := here.store.AddClinic(t.Context(), store.Clinic{ID: "b", Ring: "test-a"}); err != nil {
				t.Fatal(err)
			}
			here.apply("b", "full", 1, "+rc a2@example.com")
		}, "r1 rc"},
	}
	var seen []string
	reading := there.match.Begin(func(m leak.Match) { seen = append(seen, m.Person.Ref) })
	for _, step := range steps {
		seen = nil
		step.do()
		if err := there.takeUp(); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		if err := reading.Text(t.Context(), leak.Text{Reader: strings.NewReader(all)}); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		if got := strings.Join(seen, " "); got != step.want {
			t.Errorf("%s: %q, want %q", step.what, got, step.want)
		}
	}
	if g, _ := there.store.Generation(t.Context()); g != there.match.Generation() {
		t.Errorf("generation %d, want %d", there.match.Generation(), g)
	}
}

// TestWhatComesWhileTheRegistryIsTakenUp: the matcher never claims a generation whose words it may not have read, though
// it has that generation's people already, and takes up the rest with its next look.
func TestWhatComesWhileTheRegistryIsTakenUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leakwatch.db")
	here, there := newOther(t, path), newOther(t, path)
	if err := here.store.AddClinic(t.Context(), store.Clinic{ID: "a", Ring: "test-a"}); err != nil {
		t.Fatal(err)
	}
	for round, load := range []string{"whole", "by what changed"} {
		asked, err := there.store.Generation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		here.apply("a", "delta", int64(round+1), fmt.Sprintf("+r%d a%d@example.com", round, round))
		if err := takeUpPeople(t.Context(), there.match, there.store, asked); err != nil {
			t.Fatalf("%s: %v", load, err)
		}
		if there.match.Generation() != asked || there.match.Size() != round+1 {
			t.Errorf("%s: generation %d with %d rows, want %d", load, there.match.Generation(), there.match.Size(), asked)
		}
		if err := there.takeUp(); err != nil {
			t.Fatalf("%s: %v", load, err)
		}
		if now, err := there.store.Generation(t.Context()); err != nil || now == asked || there.match.Generation() != now || there.match.Size() != round+1 {
			t.Errorf("%s, again: generation %d with %d rows, want %d, error %v", load, there.match.Generation(), there.match.Size(), now, err)
		}
	}
}
