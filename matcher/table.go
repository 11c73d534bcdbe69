package matcher

import (
	"encoding/binary"
	"math/bits"
)

// tag is T1[0:16] as two words.
type tag struct{ a, b uint64 }

func tagOf(t1 []byte) tag {
	t := tag{binary.LittleEndian.Uint64(t1), binary.LittleEndian.Uint64(t1[8:])}
	if t.a <= gone {
		t.a += 2 // the two values that mark slots; one tag in 2^63
	}
	return t
}

// Values of a fingerprint that are none.
const (
	empty = 0
	gone  = 1 // was used: a search goes on past it
)

const bucket = 8 // fingerprints in a cache line

// table maps tags to the first of their owners. Eight fingerprints of 64 bits share a cache line, and a filter stands
// before them; the rest of the tag confirms a hit. It is not safe for concurrent use by itself.
type table struct {
	prints []uint64 // a of the tag
	rests  []uint64 // b of the tag
	heads  []uint32 // index of the first owner
	filter []uint64 // lines of eight words, one bit of each for a tag
	used   int      // slots that are not empty
	size   int      // tags
}

func newTable(n int) *table {
	t := &table{}
	t.make(n)
	return t
}

// make gives the table room for n tags, at a load of four fifths at most.
func (t *table) make(n int) {
	buckets := max(1, (n*5/4+bucket)/bucket)
	slots := buckets * bucket
	t.prints, t.rests, t.heads = make([]uint64, slots), make([]uint64, slots), make([]uint32, slots)
	t.filter = make([]uint64, max(1, slots*8/512)*8)
	t.used, t.size = 0, 0
}

// line is where the tag's line of the filter begins.
func (t *table) line(g tag) int {
	hi, _ := bits.Mul64(bits.RotateLeft64(g.b, 32), uint64(len(t.filter)/8))
	return int(hi) * 8
}

// maybe says whether the tag may be there: false is sure, true is wrong once or twice in a hundred.
func (t *table) maybe(g tag) bool {
	i := t.line(g)
	l := t.filter[i : i+8 : i+8]
	a := g.a
	return l[0]>>(a&63)&(l[1]>>(a>>6&63))&(l[2]>>(a>>12&63))&(l[3]>>(a>>18&63))&
		(l[4]>>(a>>24&63))&(l[5]>>(a>>30&63))&(l[6]>>(a>>36&63))&(l[7]>>(a>>42&63))&1 != 0
}

func (t *table) mark(g tag) {
	i := t.line(g)
	for j := range 8 {
		t.filter[i+j] |= 1 << (g.a >> (6 * j) & 63)
	}
}

// find gives the slot of a tag, or -1.
func (t *table) find(g tag) int {
	hi, _ := bits.Mul64(g.b, uint64(len(t.prints)/bucket))
	for i := int(hi) * bucket; ; {
		for j := i; j < i+bucket; j++ {
			switch t.prints[j] {
			case g.a:
				if t.rests[j] == g.b {
					return j
				}
			case empty:
				return -1
			}
		}
		if i += bucket; i == len(t.prints) {
			i = 0
		}
	}
}

// place gives the slot of a tag, making it when it is not there yet.
func (t *table) place(g tag) int {
	if i := t.find(g); i >= 0 {
		return i
	}
	if (t.used+1)*5 > len(t.prints)*4 {
		t.grow()
	}
	hi, _ := bits.Mul64(g.b, uint64(len(t.prints)/bucket))
	i := int(hi) * bucket
	for t.prints[i] > gone {
		if i++; i == len(t.prints) {
			i = 0
		}
	}
	if t.prints[i] == empty {
		t.used++
	}
	t.prints[i], t.rests[i], t.heads[i] = g.a, g.b, 0
	t.size++
	t.mark(g)
	return i
}

// remove empties a slot. The tag's bits stay in the filter until the table next grows.
func (t *table) remove(slot int) {
	t.prints[slot], t.rests[slot], t.heads[slot] = gone, 0, 0
	t.size--
}

// grow makes room for half as many tags again, and forgets what was removed.
func (t *table) grow() {
	old := *t
	t.make(max(1024, old.size*3/2))
	for i, a := range old.prints {
		if a > gone {
			t.heads[t.place(tag{a, old.rests[i]})] = old.heads[i]
		}
	}
}
