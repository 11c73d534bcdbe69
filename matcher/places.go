package matcher

import (
	"bytes"
	"math/bits"
)

// scanDigits looks for identifiers that are numbers, at every run of digits that begins in b[lo:hi], which s.masks are
// of. Such an identifier has, from its first digit or from one of its groups on, seven characters that are digits or
// stand between two digits and may, or it is a HETU with a letter for its sign: a few shifts of the masks find those,
// and all else is skipped.
func (s *scanner) scanDigits(b []byte, lo, hi int) {
	touching, portable, full := s.want&glued != 0, s.m.kernels.masks == nil, b[:len(b)+slack]
	from := lo / block
	var before uint64 // of the byte before the block, whether it is a digit
	if from > 0 {
		before = s.masks[from-1].digit >> 63
	}
	for i := from; i*block < hi; i++ {
		m, next := &s.masks[i], &s.masks[i+1]
		if m.digit == 0 {
			before = 0
			continue
		}
		var f uint64
		if portable && !breaks(full, i*block, (i+1)*block+maxIndent) {
			f = loose(m.digit, next.digit, before)
		} else {
			third := &s.masks[min(i+2, len(s.masks)-1)]
			if portable {
				m.tell(full[i*block:])
				next.tell(full[(i+1)*block:])
				third.tell(full[min(i+2, len(s.masks)-1)*block:])
			}
			w0, w1 := m.wrapped(next), next.wrapped(third)
			if w0|w1 != 0 {
				w0, w1 = lineEnds(b, i*block, w0, w1)
			}
			f = sevens(m, next, before, w0, w1)
		}
		if i == from {
			f &= ^uint64(0) << (lo % block)
		}
		f &^= m.digit<<1 | before
		before = m.digit >> 63
		if f != 0 {
			if !touching {
				f &^= m.touched()
			}
			s.runs(b, i*block, hi, f, m.digit, next.digit)
		}
	}
}

// breaks says whether a line ends in b[from:to] where a number may go on.
func breaks(b []byte, from, to int) bool {
	for i := from; i < to; i++ {
		n := bytes.IndexByte(b[i:to], '\n')
		if n < 0 {
			return false
		}
		i += n
		next, last := i+1, i-1
		for next < len(b)-1 && next < i+maxIndent && b[next] == ' ' {
			next++
		}
		if last >= 0 && b[last] == '\r' {
			last--
		}
		if last > 0 && b[last]-'0' > 9 {
			last--
		}
		if b[next]-'0' <= 9 && last >= 0 && b[last]-'0' <= 9 {
			return true
		}
	}
	return false
}

// loose marks the same and more, by digits alone, where no line ends: seven characters of which no two that are not digits
// stand side by side. The other masks cost the portable code more than they save.
func loose(d0, d1, before uint64) uint64 {
	g0 := d0 | (d0<<1|before)&(d0>>1|d1<<63)
	g1 := d1 | (d1<<1|d0>>63)&(d1>>1)
	g0 &= g0>>1 | g1<<63
	g1 &= g1 >> 1
	g0 &= g0>>2 | g1<<62
	g1 &= g1 >> 2
	return g0 & (g0>>3 | g1<<61) & d0
}

// touched marks places that a letter stands right before which is not the end of an escape, see escapeBefore.
func (m *masks) touched() uint64 {
	const begun = 1<<6 - 1 // where the escape may have begun in the block before
	return m.letter << 1 &^ (m.escape<<2 | m.escape<<3 | m.escape<<6 | begun)
}

// wrapped marks where two characters that may stand between two groups of digits follow one: a line may end there.
func (m *masks) wrapped(next *masks) uint64 {
	return m.digit & (m.join>>1 | next.join<<63) & (m.join>>2 | next.join<<62)
}

// lineEnds goes through the places of wrapped, of two blocks, and marks what stands between two digits there, where it
// is the end of a line, alone or behind one character.
func lineEnds(b []byte, at int, w0, w1 uint64) (g0, g1 uint64) {
	for i, w := range [2]uint64{w0, w1} {
		for ; w != 0; w &= w - 1 {
			k := i*block + bits.TrailingZeros64(w) + 1
			_, n, ended := gap(b, at+k)
			if j := at + k + n; !ended || j >= len(b) || b[j]-'0' > 9 {
				continue
			}
			marks := uint64(1)<<n - 1
			if k < block {
				g0 |= marks << k
				g1 |= marks >> (block - k)
			} else {
				g1 |= marks << (k - block)
			}
		}
	}
	return g0, g1
}

// sevens marks the digits from which on seven characters are digits, or may stand between two digits and do, or are the
// ends of lines that w0 and w1 mark; or six digits, a letter and a digit.
func sevens(m, next *masks, before, w0, w1 uint64) uint64 {
	d0, d1 := m.digit, next.digit
	g0 := d0 | w0 | m.join&(d0<<1|before)&(d0>>1|d1<<63)
	g1 := d1 | w1 | next.join&(d1<<1|d0>>63)&(d1>>1)
	g0 &= g0>>1 | g1<<63
	g1 &= g1 >> 1
	four0, four1 := g0&(g0>>2|g1<<62), g1&(g1>>2)
	f := four0 & (four0>>3 | four1<<61)
	if m.letter|next.letter != 0 {
		six := four0 & (g0>>4 | g1<<60)
		f |= six & (m.letter>>6 | next.letter<<58) & (d0>>7 | d1<<57)
	}
	return f & d0
}
