package matcher

import (
	"encoding/binary"
	"math/bits"
)

// block is how many bytes a mask speaks of.
const block = 64

// slack is how many zero bytes stand behind a text, so that masks may be taken past its end.
const slack = 3 * block

// masks are of the 64 bytes of a block: a bit for each byte of a class.
type masks struct {
	digit uint64 // ASCII digits
	at    uint64 // @
	odd   uint64 // with which a folded rune may begin, see odd
	// Of a block that has no digit the others are not told, and 0.
	letter uint64 // ASCII letters
	escape uint64 // \ and %, with which an escape begins whose end looks like a letter
	join   uint64 // what may stand between two groups of digits: space - . / ( ) + and ends of lines
}

// classify makes the masks of a text that has slack behind it, and two empty ones.
func (s *scanner) classify(b []byte) {
	n := (len(b) + block - 1) / block
	if cap(s.masks) < n+2 {
		s.masks = make([]masks, n+2, n+2+n/8)
	}
	s.masks = s.masks[:n+2]
	clear(s.masks[n:])
	if full := b[:len(b)+slack]; s.m.kernels.masks != nil && n > 0 {
		s.m.kernels.masks(&s.masks[0].digit, &full[0], n)
	} else {
		masksOf(s.masks[:n], full)
	}
}

// masksOf is the portable kernel.
func masksOf(all []masks, b []byte) {
	for i := range all {
		all[i] = maskOf(b[i*block : (i+1)*block : (i+1)*block])
	}
}

// maskOf makes those of a block.
func maskOf(b []byte) (m masks) {
	var w [8]uint64
	var high, at uint64
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(b[8*i:])
		x := w[i] ^ '@'*ones
		at |= (x - ones) &^ x
		high |= w[i]
	}
	if x := columns(&w, digitBits); x != 0 {
		m.digit = transpose(x)
		m.letter = transpose(columns(&w, letterBits))
		m.escape = transpose(columns(&w, escapeBits))
		m.join = transpose(columns(&w, joinBits))
	}
	if at&highBits != 0 { // or a byte behind one looks like one
		m.at = transpose(columns(&w, atBits))
	}
	if high&highBits != 0 {
		if x := columns(&w, oddBits); x != 0 {
			m.odd = transpose(x)
		}
	}
	return m
}

// columns gives, for transpose, the bytes of eight words of which class sets the high bits.
func columns(w *[8]uint64, class func(uint64) uint64) (x uint64) {
	for _, v := range w {
		x = x>>1 | class(v)
	}
	return x
}

// digitMask has a bit for each of the first 64 bytes of b that is an ASCII digit.
func digitMask(b []byte) uint64 {
	var w [8]uint64
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return transpose(columns(&w, digitBits))
}

// digitBits has the high bit of each byte of w set that is a digit.
func digitBits(w uint64) uint64 {
	x := w &^ highBits
	return (x + (0x80-0x30)*ones) &^ (x + (0x80-0x3a)*ones) &^ w & highBits
}

// equalBits has the high bit of each byte of w set that is c.
func equalBits(w uint64, c byte) uint64 {
	x := w ^ uint64(c)*ones
	return ^((x&^highBits + 0x7f*ones) | x) & highBits
}

func atBits(w uint64) uint64 { return equalBits(w, '@') }

func escapeBits(w uint64) uint64 { return equalBits(w, '\\') | equalBits(w, '%') }

// joinBits has the high bit of each byte of w set that may stand between two groups of digits: six of the last eight
// characters before the digits, and three others.
func joinBits(w uint64) uint64 {
	x := w &^ highBits
	last := (x + (0x80-0x28)*ones) &^ (x + (0x80-0x30)*ones) &^ w & highBits
	return last&^(equalBits(w, '*')|equalBits(w, ',')) | equalBits(w, ' ') | equalBits(w, '\n') | equalBits(w, '\r')
}

// letterBits has the high bit of each byte of w set that is an ASCII letter.
func letterBits(w uint64) uint64 {
	x := (w | 0x20*ones) &^ highBits
	return (x + (0x80-'a')*ones) &^ (x + (0x80-'z'-1)*ones) &^ w & highBits
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

// scanDigits looks for identifiers that are numbers, at every run of digits that begins in b[lo:hi], which s.masks are
// of. Such an identifier has, from its first digit or from one of its groups on, seven characters that are digits or
// stand between two digits and may, or it is a HETU with a letter for its sign: a few shifts of the masks find those,
// and all else is skipped.
func (s *scanner) scanDigits(b []byte, lo, hi int) {
	touching := s.want&glued != 0
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
		w0, w1 := m.wrapped(next), next.wrapped(&s.masks[min(i+2, len(s.masks)-1)])
		if w0|w1 != 0 {
			w0, w1 = lineEnds(b, i*block, w0, w1)
		}
		f := sevens(m, next, before, w0, w1) &^ (m.digit<<1 | before)
		if !touching {
			f &^= m.touched()
		}
		if i == from {
			f &= ^uint64(0) << (lo % block)
		}
		before = m.digit >> 63
		if f != 0 {
			s.runs(b, i*block, hi, f, m.digit, next.digit)
		}
	}
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
