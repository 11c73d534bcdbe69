package matcher

import (
	"unicode"
	"unicode/utf8"
)

// wordTree finds any of many spellings by going from letter to letter at each place where a word begins. It costs the
// same whatever the spellings are, so it is what remains where the quicker ways are led astray.
type wordTree struct {
	begin [1 << 16 / 64]uint64 // pairs of bytes with which a spelling begins
	nodes []wordNode
}

// wordNode is a begin of one or more spellings.
type wordNode struct {
	next  map[rune]int32
	terms []ending // spellings that end here
}

// ending is a spelling's end.
type ending struct {
	term  int
	whole bool
}

func newWordTree(patterns []pattern) *wordTree {
	t := &wordTree{nodes: make([]wordNode, 1)}
	for _, p := range patterns {
		for _, pair := range bytePairs(p.first[0], p.first[1]) {
			t.begin[pair/64] |= 1 << (pair % 64)
		}
		at := int32(0)
		for _, r := range p.runes {
			at = t.child(at, r)
		}
		t.nodes[at].terms = append(t.nodes[at].terms, ending{p.term, p.whole})
	}
	return t
}

// child gives the node behind a letter, making it when it is not there.
func (t *wordTree) child(at int32, r rune) int32 {
	if next, ok := t.nodes[at].next[r]; ok {
		return next
	}
	if t.nodes[at].next == nil {
		t.nodes[at].next = map[rune]int32{}
	}
	next := int32(len(t.nodes))
	t.nodes[at].next[r] = next
	t.nodes = append(t.nodes, wordNode{})
	return next
}

// find calls found for each term that begins in b[lo:hi].
func (t *wordTree) find(b []byte, lo, hi int, found func(term int)) {
	for i := lo; i < min(hi, len(b)-1); i++ {
		pair := uint16(b[i])<<8 | uint16(b[i+1])
		if t.begin[pair/64]>>(pair%64)&1 != 0 && begins(b, i) {
			t.walk(0, b, i, found)
		}
	}
}

// walk goes on at b[i] from a node.
func (t *wordTree) walk(at int32, b []byte, i int, found func(term int)) {
	for _, e := range t.nodes[at].terms {
		if !e.whole || !goesOn(b, i) {
			found(e.term)
		}
	}
	r, n := utf8.DecodeRune(b[i:])
	if n == 0 {
		return
	}
	if next, ok := t.nodes[at].next[smallLetter(r, n)]; ok {
		t.walk(next, b, i+n, found)
	}
	if r != ' ' && separator(r) {
		if next, ok := t.nodes[at].next[' ']; ok {
			t.walk(next, b, i+n, found)
		}
	}
}

// smallLetter is the small letter of a letter of n bytes, if that has as many.
func smallLetter(r rune, n int) rune {
	if low := unicode.ToLower(r); utf8.RuneLen(low) == n {
		return low
	}
	return r
}
