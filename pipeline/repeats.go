package pipeline

import (
	"hash/maphash"

	"leakwatch/leak"
)

// Repeats tells matches that were already seen in a document: a text with escapes is read twice, as it stands and
// without them, at the same offsets. It remembers the last of them, which is where repeats come, in bounded memory. The
// zero value is ready; one is for one document, and not for concurrent use.
type Repeats struct {
	seed        maphash.Seed
	last, older map[uint64]struct{}
}

const remembered = 1 << 15

// Seen says whether the match was told before, and remembers it.
func (r *Repeats) Seen(m leak.Match) bool {
	if r.last == nil {
		r.seed, r.last = maphash.MakeSeed(), map[uint64]struct{}{}
	}
	key := maphash.Comparable(r.seed, struct {
		place, clinic, ref string
		kind               leak.Kind
		offset, length     int64
	}{m.Place.Reveal(), m.Person.Clinic, m.Person.Ref, m.Kind, m.Offset, m.Length})
	if _, ok := r.last[key]; ok {
		return true
	}
	if _, ok := r.older[key]; ok {
		return true
	}
	if len(r.last) >= remembered {
		r.last, r.older = map[uint64]struct{}{}, r.last
	}
	r.last[key] = struct{}{}
	return false
}
