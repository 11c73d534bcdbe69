package unpack

import (
	"math/bits"
)

// huffman is a table of all codes of 15 bits: symbol and length.
type huffman struct{ table [1 << 15]uint16 }

// set makes the table of a code from its lengths, and says whether they are one. A code of a single symbol may be short
// of others.
func (h *huffman) set(lengths []uint8) bool {
	var next [17]int
	for _, n := range lengths {
		next[n+1]++
	}
	next[1] = 0 // of no length
	left, code := 1<<15, 0
	for n := 1; n <= 15; n++ {
		count := next[n+1]
		left -= count << (15 - n)
		next[n], code = code, (code+count)<<1
	}
	if left < 0 {
		return false
	}
	h.table = [1 << 15]uint16{}
	for s, n := range lengths {
		if n == 0 {
			continue
		}
		c := int(bits.Reverse16(uint16(next[n])) >> (16 - n))
		next[n]++
		for ; c < len(h.table); c += 1 << n {
			h.table[c] = uint16(s)<<4 | uint16(n)
		}
	}
	return true
}
