package matcher

import (
	"bytes"
	"encoding/binary"
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
