package matcher

import (
	"bytes"
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
	join   uint64 // what may stand between two groups of digits: space - . / ( ) + and 0x0a to 0x0d, for ends of lines
}

// classify makes the masks of a text that has slack behind it, and two empty ones: odd of one that is to be folded, the
// others of one that is. A kernel makes all at once.
func (s *scanner) classify(b []byte, folded bool) {
	n := (len(b) + block - 1) / block
	if cap(s.masks) < n+2 {
		s.masks = make([]masks, n+2, n+2+n/8)
	}
	s.masks = s.masks[:n+2]
	clear(s.masks[n:])
	full := b[:len(b)+slack]
	if s.m.kernels.masks != nil && n > 0 {
		s.m.kernels.masks(&s.masks[0].digit, &full[0], n)
		return
	}
	if folded {
		digitMasks(s.masks[:n], full)
		atMasks(s.masks[:n], full)
	} else {
		oddMasks(s.masks[:n], full)
	}
}

// digitMasks with tell, atMasks and oddMasks together are the portable kernel.
func digitMasks(all []masks, b []byte) {
	for i := range all {
		m, w := &all[i], wordsOf(b[i*block:])
		m.digit, m.letter, m.escape, m.join = 0, 0, 0, 0
		if x := digitColumns(&w); x != 0 {
			m.digit = transpose(x)
		}
	}
}

// tell makes what digitMasks leaves out until it is needed.
func (m *masks) tell(b []byte) {
	if m.digit != 0 && m.letter|m.escape|m.join == 0 {
		w := wordsOf(b)
		m.letter = transpose(letterColumns(&w))
		m.escape = transpose(escapeColumns(&w))
		m.join = transpose(joinColumns(&w))
	}
}

func oddMasks(all []masks, b []byte) {
	for i := range all {
		w := wordsOf(b[i*block:])
		all[i].odd = 0
		if (w[0]|w[1]|w[2]|w[3]|w[4]|w[5]|w[6]|w[7])&highBits == 0 {
			continue
		}
		if x := oddColumns(&w); x != 0 {
			all[i].odd = transpose(x)
		}
	}
}

func atMasks(all []masks, b []byte) {
	for i := range all {
		all[i].at = 0
	}
	b = b[:len(all)*block]
	for i := 0; i < len(b); i += block {
		n := bytes.IndexByte(b[i:], '@')
		if n < 0 {
			return
		}
		i = (i + n) / block * block
		w := wordsOf(b[i:])
		all[i/block].at = transpose(atColumns(&w))
	}
}

func wordsOf(b []byte) [8]uint64 {
	b = b[:block:block]
	return [8]uint64{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:]),
		binary.LittleEndian.Uint64(b[24:]), binary.LittleEndian.Uint64(b[32:]), binary.LittleEndian.Uint64(b[40:]),
		binary.LittleEndian.Uint64(b[48:]), binary.LittleEndian.Uint64(b[56:])}
}

// The columns of a block are its bytes of a class, as transpose wants them.

func digitColumns(w *[8]uint64) uint64 {
	return digitBits(w[0])>>7 | digitBits(w[1])>>6 | digitBits(w[2])>>5 | digitBits(w[3])>>4 |
		digitBits(w[4])>>3 | digitBits(w[5])>>2 | digitBits(w[6])>>1 | digitBits(w[7])
}

func oddColumns(w *[8]uint64) uint64 {
	return oddBits(w[0])>>7 | oddBits(w[1])>>6 | oddBits(w[2])>>5 | oddBits(w[3])>>4 |
		oddBits(w[4])>>3 | oddBits(w[5])>>2 | oddBits(w[6])>>1 | oddBits(w[7])
}

func atColumns(w *[8]uint64) uint64 {
	return atBits(w[0])>>7 | atBits(w[1])>>6 | atBits(w[2])>>5 | atBits(w[3])>>4 |
		atBits(w[4])>>3 | atBits(w[5])>>2 | atBits(w[6])>>1 | atBits(w[7])
}

func letterColumns(w *[8]uint64) uint64 {
	return letterBits(w[0])>>7 | letterBits(w[1])>>6 | letterBits(w[2])>>5 | letterBits(w[3])>>4 |
		letterBits(w[4])>>3 | letterBits(w[5])>>2 | letterBits(w[6])>>1 | letterBits(w[7])
}

func escapeColumns(w *[8]uint64) uint64 {
	return escapeBits(w[0])>>7 | escapeBits(w[1])>>6 | escapeBits(w[2])>>5 | escapeBits(w[3])>>4 |
		escapeBits(w[4])>>3 | escapeBits(w[5])>>2 | escapeBits(w[6])>>1 | escapeBits(w[7])
}

func joinColumns(w *[8]uint64) uint64 {
	return joinBits(w[0])>>7 | joinBits(w[1])>>6 | joinBits(w[2])>>5 | joinBits(w[3])>>4 |
		joinBits(w[4])>>3 | joinBits(w[5])>>2 | joinBits(w[6])>>1 | joinBits(w[7])
}

// digitMask has a bit for each of the first 64 bytes of b that is an ASCII digit.
func digitMask(b []byte) uint64 {
	w := wordsOf(b)
	return transpose(digitColumns(&w))
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

// joinBits has the high bit of each byte of w set that may stand between two groups of digits: 0x28 to 0x2f without *
// and comma, 0x0a to 0x0d, and space.
func joinBits(w uint64) uint64 {
	x := w &^ highBits
	near := (x + (0x80-0x28)*ones) &^ (x + (0x80-0x30)*ones) &^ ((x>>1 ^ x>>2) &^ x << 7)
	line := (x + (0x80-0x0a)*ones) &^ (x + (0x80-0x0e)*ones)
	return (near | line | ^((x ^ ' '*ones) + 0x7f*ones)) &^ w & highBits
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
	touching, full := s.want&glued != 0, b[:len(b)+slack]
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
		if s.m.kernels.masks == nil && !breaks(full, i*block, (i+1)*block+maxIndent) {
			f = loose(m.digit, next.digit, before)
		} else {
			f = s.exact(full, i, before)
		}
		if f &^= m.digit<<1 | before; !touching {
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

// exact marks where a number may begin in block i.
func (s *scanner) exact(b []byte, i int, before uint64) uint64 {
	m, next, third := &s.masks[i], &s.masks[i+1], &s.masks[min(i+2, len(s.masks)-1)]
	if s.m.kernels.masks == nil {
		m.tell(b[i*block:])
		next.tell(b[(i+1)*block:])
		third.tell(b[min(i+2, len(s.masks)-1)*block:])
	}
	w0, w1 := m.wrapped(next), next.wrapped(third)
	if w0|w1 != 0 {
		w0, w1 = lineEnds(b[:len(b)-slack], i*block, w0, w1)
	}
	return sevens(m, next, before, w0, w1)
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
