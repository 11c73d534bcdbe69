package matcher

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestTable compares a table with a plain map from keys to records, several of which may be under one key.
func TestTable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		table, model := newTable(rapid.Bool().Draw(rt, "filtered")), map[uint64][]uint32{}
		defer table.free()
		// few shards and few prints, so that lines overflow and prints meet
		keys := rapid.Custom(func(rt *rapid.T) uint64 {
			return uint64(rapid.IntRange(0, 1).Draw(rt, "shard"))<<56 | uint64(rapid.IntRange(0, 40).Draw(rt, "print"))<<rapid.SampledFrom([]int{24, 50}).Draw(rt, "shift")
		})
		next := uint32(1)
		for range rapid.IntRange(1, 300).Draw(rt, "steps") {
			key := keys.Draw(rt, "key")
			key &^= 1<<24 - 1
			switch have := model[key]; {
			case rapid.IntRange(0, 2).Draw(rt, "add") > 0 || len(have) == 0:
				if err := table.put(key, next); err != nil {
					rt.Fatal(err)
				}
				model[key] = append(have, next)
				next++
			default:
				i := rapid.IntRange(0, len(have)-1).Draw(rt, "which")
				s := table.shard(key)
				slot := s.next(printOf(key), -1)
				for ; s.record(slot) != have[i]; slot = s.next(printOf(key), slot) {
				}
				table.remove(s, slot)
				model[key] = slices.Delete(slices.Clone(have), i, i+1)
			}
			if rapid.IntRange(0, 50).Draw(rt, "fit") == 0 {
				if err := table.fit(); err != nil {
					rt.Fatal(err)
				}
			}
		}
		n := 0
		for key, want := range model {
			n += len(want)
			if got := recordsOf(table, key); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				rt.Fatalf("key %x: %v, want %v", key, got, want)
			}
			if table.filtered && len(want) > 0 && !table.maybe(key) {
				rt.Fatalf("key %x: the filter says no", key)
			}
		}
		if table.size != n {
			rt.Fatalf("%d records, want %d", table.size, n)
		}
	})
}

// recordsOf gives what is under a key, in order.
func recordsOf(t *table, key uint64) (all []uint32) {
	s := t.shard(key)
	for slot := s.next(printOf(key), -1); slot >= 0; slot = s.next(printOf(key), slot) {
		all = append(all, s.record(slot))
	}
	slices.Sort(all)
	return all
}

// TestFilter: what is not there passes about once in a hundred and twenty, when the table is as full as it gets.
func TestFilter(t *testing.T) {
	t.Parallel()
	table, x := newTable(true), uint64(1)
	defer table.free()
	random := func() uint64 { // xorshift
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		return x * 0x2545F4914F6CDD1D
	}
	for i := range uint32(200_000) {
		if err := table.put(random(), i+1); err != nil {
			t.Fatal(err)
		}
	}
	passed := 0
	for range 200_000 {
		if table.maybe(random()) {
			passed++
		}
	}
	if passed > 2000 {
		t.Errorf("%d of 200,000 passed", passed)
	}
	if b := table.bytes / 200_000; b > 14 {
		t.Errorf("%d bytes a key", b)
	}
}
