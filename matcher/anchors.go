package matcher

import (
	"math/bits"
	"strings"
)

// maxAnchors is how many spellings the kernel is good for: with more, too many places look like one of them, and the
// table of shifts is faster.
const maxAnchors = 64

// anchors find where a term may stand by three bytes of each spelling, the rarest that it has, through a kernel that
// looks at 64 places at once. It is the way of Teddy, which Hyperscan made known: in eight buckets, by the halves of
// each byte.
type anchors struct {
	next    threeKernel
	tables  [6][32]byte // for each of the three bytes, by its low and by its high half: the buckets that it may be of
	buckets [8][]anchor
	most    int // the farthest anchor from the begin of its spelling
}

// anchor is where the three bytes of a pattern are.
type anchor struct{ pattern, at int }

// newAnchors gives nil when the kernel is not there or not worth it.
func newAnchors(patterns []pattern, k threeKernel) *anchors {
	if k == nil || len(patterns) > maxAnchors {
		return nil
	}
	a := &anchors{next: k}
	for i := range patterns {
		at := rarest(patterns[i].first)
		three := patterns[i].first[at : at+3]
		a.most = max(a.most, at)
		bucket := a.cheapest(three)
		a.buckets[bucket] = append(a.buckets[bucket], anchor{i, at})
		a.put(bucket, three)
	}
	return a
}

// put has three sets of bytes stand for a bucket.
func (a *anchors) put(bucket int, three [][]byte) {
	for n, set := range three {
		for _, c := range set {
			for half := range 2 { // the tables lie twice in a register
				a.tables[2*n][16*half+int(c&15)] |= 1 << bucket
				a.tables[2*n+1][16*half+int(c>>4)] |= 1 << bucket
			}
		}
	}
}

// cheapest gives the bucket in which three bytes more make the fewest places look like one of its own.
func (a *anchors) cheapest(three [][]byte) int {
	best, least := 0, 1<<30
	for bucket := range a.buckets {
		trial := anchors{tables: a.tables}
		trial.put(bucket, three)
		if more := trial.alike(bucket) - a.alike(bucket); more < least {
			best, least = bucket, more
		}
	}
	return best
}

// alike counts the threes of bytes that look like a bucket's own.
func (a *anchors) alike(bucket int) int {
	all := 1
	for _, t := range a.tables {
		n := 0
		for _, in := range t[:16] {
			n += int(in >> bucket & 1)
		}
		all *= n
	}
	return all
}

// common are bytes of prose, the commonest first; what is not there is rare.
const common = " eaitnsrolukdmhvpcgyjfbwäöz0123456789.-_"

// rarest gives where the three bytes begin that are rarest together.
func rarest(bytes [][]byte) int {
	best, least := 0, 1<<30
	for at := 0; at+3 <= len(bytes); at++ {
		weight := 0
		for _, set := range bytes[at : at+3] {
			for _, c := range set {
				if i := strings.IndexByte(common, c); i >= 0 {
					weight += len(common) - i
				}
			}
		}
		if weight < least {
			best, least = at, weight
		}
	}
	return best
}

// past is how many bytes behind the last place the kernel may look at.
const past = 66

// find calls try with the pattern and where it would begin, for each place in b[lo:hi] at which one may begin, and ends
// with false when that says so. b has slack behind it.
func (a *anchors) find(b []byte, lo, hi int, try func(pattern, start int) bool) bool {
	end := min(len(b), hi+a.most)
	full := b[: end+past : end+past]
	for i := lo; ; i++ {
		if i = a.next(&full[0], i, len(full), &a.tables); i >= end {
			return true
		}
		for in := a.bucketsAt(full[i : i+3]); in != 0; in &= in - 1 {
			for _, c := range a.buckets[bits.TrailingZeros8(in)] {
				if start := i - c.at; start >= lo && start < hi && !try(c.pattern, start) {
					return false
				}
			}
		}
	}
}

// bucketsAt gives the buckets that three bytes may be of.
func (a *anchors) bucketsAt(b []byte) uint8 {
	in := uint8(0xff)
	for n, c := range b {
		in &= a.tables[2*n][c&15] & a.tables[2*n+1][c>>4]
	}
	return in
}

// findThreeGo is the twin of the kernel.
func findThreeGo(b []byte, from int, tables *[6][32]byte) int {
	a := anchors{tables: *tables}
	for ; from <= len(b)-past; from++ {
		if a.bucketsAt(b[from:from+3]) != 0 {
			return from
		}
	}
	return from
}
