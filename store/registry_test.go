package store_test

import (
	"fmt"
	"iter"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leakwatch/leak"
	"leakwatch/store"
)

// mirror is the registry as a process holds it.
type mirror struct {
	generation int64
	people     map[leak.Person]map[leak.Tag]bool
}

func (m *mirror) take(t interface{ Fatal(...any) }, all iter.Seq2[leak.Registration, error]) {
	for r, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case r.Person.Ref == "":
			maps.DeleteFunc(m.people, func(p leak.Person, _ map[leak.Tag]bool) bool { return p.Clinic == r.Person.Clinic })
		case len(r.Tags) == 0:
			delete(m.people, r.Person)
		default:
			tags := map[leak.Tag]bool{}
			for _, t := range r.Tags {
				tags[t] = true
			}
			m.people[r.Person] = tags
		}
	}
}

func (m *mirror) rows() map[leak.Tag]bool {
	all := map[leak.Tag]bool{}
	for _, tags := range m.people {
		maps.Copy(all, tags)
	}
	return all
}

// TestChanges: who follows the changes holds what is in the store, whatever happens there, and however it was loaded.
func TestChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b := newBase(t)
		b.clinic("north")
		b.clinic("south")
		sequence, north := int64(0), true
		var m mirror
		load := func(parts int) {
			r, err := b.Registry(b.ctx, parts)
			b.ok(err)
			m = mirror{r.Generation, map[leak.Person]map[leak.Tag]bool{}}
			for _, part := range r.Parts {
				m.take(rt, part)
			}
		}
		load(1)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			sequence++
			from := rapid.IntRange(0, 30).Draw(rt, "from")
			to := from + rapid.IntRange(0, 30).Draw(rt, "n")
			apply := store.BundleApply{Clinic: "north", Mode: "delta", Sequence: sequence, RK: "test-a", Signer: "aa", Confirm: true}
			switch what := rapid.IntRange(0, 7).Draw(rt, "what"); {
			case !north:
				b.clinic("north")
				north, sequence = true, 0
			case what < 4:
				apply.Rows = rows("north", "test-a", [...]string{"add", "add", "del", "del"}[what], from, to)
				_, err := b.ApplyBundle(b.ctx, apply)
				b.ok(err)
			case what == 4:
				apply.Mode, apply.Rows = "full", rows("north", "test-a", "add", from, to)
				_, err := b.ApplyBundle(b.ctx, apply)
				b.ok(err)
			case what == 5:
				_, err := b.Erase(b.ctx, leak.Principal{Role: leak.RoleOperator}, "north", []string{fmt.Sprint("ref-", from), fmt.Sprint("ref-", from+1)})
				b.ok(err)
			case what == 6:
				b.ok(b.RewrapTags(b.ctx, "north", func(t leak.Tag) (leak.Tag, error) { return t, nil }))
			default:
				_, err := b.RemoveClinic(b.ctx, leak.Principal{Role: leak.RoleOperator}, "north")
				b.ok(err)
				north = false
			}
			if rapid.Bool().Draw(rt, "look") {
				generation, err := b.Generation(b.ctx)
				b.ok(err)
				changed, known, err := b.Changes(b.ctx, m.generation)
				b.ok(err)
				if !known {
					rt.Fatalf("changes since %d are not known at %d", m.generation, generation)
				}
				m.take(rt, changed)
				m.generation = generation
				if d := cmp.Diff(b.registry(), m.rows()); d != "" {
					rt.Fatal(d)
				}
			}
		}
		load(rapid.IntRange(1, 6).Draw(rt, "parts"))
		if d := cmp.Diff(b.registry(), m.rows()); d != "" {
			rt.Fatal(d)
		}
	})
}

// TestRegistryInParts: however many parts, and whatever references look like, nobody is missed and nobody comes twice.
func TestRegistryInParts(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.clinic("north")
	a := full("north", "test-a", 1, 0)
	refs := []string{"a", "zz", "ÄÄ", "2345", "7", "77", "K", "KK", "Z7", "\U0010FFFF", " "}
	for i := range 400 {
		refs = append(refs, fmt.Sprintf("%c%c", "234567ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i%32], "234567ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i/32]))
	}
	a.Rows = func(yield func(store.BundleRow, error) bool) {
		for i, ref := range refs {
			row := store.BundleRow{Op: "add", Tag: tag("north", "test-a", i)}
			row.Tag.Ref = ref
			if !yield(row, nil) {
				return
			}
		}
	}
	_, err := b.ApplyBundle(b.ctx, a)
	b.ok(err)
	want := b.registry()
	for parts := 1; parts < 10; parts++ {
		r, err := b.Registry(b.ctx, parts)
		b.ok(err)
		if r.Rows != int64(len(refs)) {
			t.Errorf("about %d rows, want %d", r.Rows, len(refs))
		}
		got := map[leak.Tag]bool{}
		for _, part := range r.Parts {
			for r, err := range part {
				b.ok(err)
				for _, tag := range r.Tags {
					if got[tag] {
						t.Errorf("%d parts: %+v twice", parts, tag)
					}
					got[tag] = true
				}
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%d parts: %s", parts, d)
		}
	}
}

// TestChangesAreForgotten: who is too far behind is told so, and who is ahead, as after a backup was brought back.
func TestChangesAreForgotten(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.clinic("north")
	b.apply(full("north", "test-a", 1, 10), 10, 0, 0)
	_, err := b.raw().Exec(`UPDATE tag_generations SET people = 500000`)
	b.ok(err)
	b.apply(full("north", "test-a", 2, 11), 1, 10, 0)
	for since, want := range map[int64]bool{0: false, 1: true, 2: true, 3: false} {
		if _, known, err := b.Changes(b.ctx, since); known != want || err != nil {
			t.Errorf("since %d: %v, error %v", since, known, err)
		}
	}
}
