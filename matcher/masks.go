package matcher

import (
	"encoding/binary"
	"math/bits"
)

// block is how many bytes a mask speaks of.
const block = 64

// slack is how many zero bytes stand behind a text, so that masks may be taken past its end.
const slack = 3 * block

// digitMask has a bit for each of the first 64 bytes of b that is an ASCII digit.
func digitMask(b []byte) uint64 {
	b = b[:block:block]
	x := digitBits(binary.LittleEndian.Uint64(b)) >> 7
	x |= digitBits(binary.LittleEndian.Uint64(b[8:])) >> 6
	x |= digitBits(binary.LittleEndian.Uint64(b[16:])) >> 5
	x |= digitBits(binary.LittleEndian.Uint64(b[24:])) >> 4
	x |= digitBits(binary.LittleEndian.Uint64(b[32:])) >> 3
	x |= digitBits(binary.LittleEndian.Uint64(b[40:])) >> 2
	x |= digitBits(binary.LittleEndian.Uint64(b[48:])) >> 1
	x |= digitBits(binary.LittleEndian.Uint64(b[56:]))
	if x == 0 {
		return 0
	}
	return transpose(x)
}

// digitBits has the high bit of each byte of w set that is a digit.
func digitBits(w uint64) uint64 {
	x := w &^ highBits
	return (x + (0x80-0x30)*ones) &^ (x + (0x80-0x3a)*ones) &^ w & highBits
}

// transpose turns eight rows of eight bits into columns: bit 8k+j becomes bit 8j+k. See Warren, Hacker's Delight, 7-3.
func transpose(x uint64) uint64 {
	t := (x ^ x>>7) & 0x00AA00AA00AA00AA
	x ^= t ^ t<<7
	t = (x ^ x>>14) & 0x0000CCCC0000CCCC
	x ^= t ^ t<<14
	t = (x ^ x>>28) & 0x00000000F0F0F0F0
	return x ^ t ^ t<<28
}

// scanDigits looks for identifiers that are numbers, at every run of digits that begins in b[lo:hi]. Such an
// identifier has, from its first digit or from one of its groups on, seven characters in which no two that are not
// digits stand side by side: a few shifts of the masks find those, and all else is skipped.
func (s *scanner) scanDigits(b []byte, lo, hi int) {
	full := b[:len(b)+slack]
	var carry uint64 // whether the byte before the block is a digit
	if lo > 0 && b[lo-1]-'0' <= 9 {
		carry = 1
	}
	d0 := digitMask(full[lo:])
	for i := lo; i < hi; i += block {
		d1 := digitMask(full[i+block:])
		if d0 != 0 {
			left := d0<<1 | carry
			if f := sevens(d0, d1, left) & d0 &^ left; f != 0 {
				s.runs(b, i, hi, f, d0, d1)
			}
		}
		carry, d0 = d0>>63, d1
	}
}

// sevens marks the places from which on seven characters are digits or single characters between two digits.
func sevens(d0, d1, left uint64) uint64 {
	g0 := d0 | left&(d0>>1|d1<<63)
	g1 := d1 | (d1<<1|d0>>63)&(d1>>1)
	g0 &= g0>>1 | g1<<63
	g1 &= g1 >> 1
	g0 &= g0>>2 | g1<<62
	g1 &= g1 >> 2
	return g0 & (g0>>3 | g1<<61)
}

// runs tries the runs of digits whose first places are marked in f.
func (s *scanner) runs(b []byte, i, hi int, f, d0, d1 uint64) {
	for ; f != 0; f &= f - 1 {
		k := bits.TrailingZeros64(f)
		if i+k >= hi {
			return
		}
		s.run(b, i+k, bits.TrailingZeros64(^(d0>>k | d1<<(block-k))))
	}
}
