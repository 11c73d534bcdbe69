package matcher

import (
	"encoding/binary"
	"math/bits"
)

// National numbers with letters that have too few digits in a row for scanDigits are looked for in a pass of their own,
// which runs only when one of their kinds is wanted. A few shifts of the masks of digits, and for codici fiscali of
// letters and digits, find the places where one may begin.

// lettered are the kinds of that pass.
const lettered kindSet = 1<<kNino | 1<<kMbi | 1<<kNhi | 1<<kCf

// scanLetters looks for them at every place of b[lo:hi], which s.masks are of.
func (s *scanner) scanLetters(b []byte, lo, hi int) {
	if s.want&(lettered&^(1<<kCf)) != 0 {
		for i := lo / block; i*block < hi; i++ {
			if x := (mask{s.masks[i].digit, s.masks[i+1].digit}); x.here|x.next != 0 {
				s.digitPlaces(b, i*block, lo, hi, x)
			}
		}
	}
	if s.want.has(kCf) {
		full := b[:len(b)+slack]
		x := mask{0, wordMask(full[lo:])}
		for i := lo; i < hi; i += block {
			x = mask{x.next, wordMask(full[i+block:])}
			s.wordPlaces(b, i, hi, x)
		}
	}
}

// mask has a bit for each of 128 bytes that is of a class.
type mask struct{ here, next uint64 }

// at says which of the first 64 bytes have one of the class k bytes further on.
func (x mask) at(k int) uint64 { return x.here>>k | x.next<<(block-k) }

// run says which of the first 64 bytes have n of the class in a row from k bytes further on.
func (x mask) run(k, n int) uint64 {
	m := x.at(k)
	for i := 1; i < n && m != 0; i++ {
		m &= x.at(k + i)
	}
	return m
}

// from masks a block from a place on.
func from(k int) uint64 { return ^uint64(0) << max(0, k) }

// digitPlaces tries the kinds whose places are told by their digits, of which x has the mask at b[i].
func (s *scanner) digitPlaces(b []byte, i, lo, hi int, x mask) {
	pair := x.here & x.at(1)
	if s.want.has(kNino) {
		six := x.run(0, 6) &^ x.at(6)
		groups := pair & x.at(3) & x.at(4) & x.at(6) & x.at(7) &^ (x.at(2) | x.at(5) | x.at(8))
		s.places(b, i, lo, hi, six|groups, (*scanner).tryNino)
	}
	if s.want.has(kMbi) {
		whole := x.here & x.at(3) & x.at(6) & x.at(9) & x.at(10)
		groups := x.here & x.at(3) & x.at(7) & x.at(11) & x.at(12) &^ (x.at(4) | x.at(8))
		s.places(b, i, lo, hi, (whole|groups)&^x.at(1), (*scanner).tryMbi)
	}
	if s.want.has(kNhi) {
		s.places(b, i, lo, hi, x.at(3)&x.at(4)&^(x.here|x.at(1)|x.at(2)), (*scanner).tryNhi)
	}
}

// wordPlaces looks for codici fiscali, where x has the mask of letters and digits at b[i]: the last
// sixteen of a word, or the last three with the other groups behind them.
func (s *scanner) wordPlaces(b []byte, i, hi int, x mask) {
	m := x
	for k := 1; k < 16; k *= 2 {
		m = mask{m.at(0) & m.at(k), m.next & (m.next >> k)}
	}
	s.places(b, i, i, hi, m.here&^x.at(16), (*scanner).tryCf)
	if groups := x.run(0, 3) &^ (x.at(3) | x.at(7) | x.at(13)); groups != 0 {
		s.places(b, i, i, hi, groups&x.run(4, 3)&x.run(8, 5)&x.run(14, 5), (*scanner).tryCfGroups)
	}
}

// places tries the places of the block at b[i] that are marked in f, those in b[lo:hi].
func (s *scanner) places(b []byte, i, lo, hi int, f uint64, try func(*scanner, []byte, int)) {
	f &= from(lo - i)
	for ; f != 0; f &= f - 1 {
		at := i + bits.TrailingZeros64(f)
		if at >= hi {
			return
		}
		try(s, b, at)
	}
}

// wordMask has a bit for each of the first 64 bytes of b that is an ASCII letter or digit.
func wordMask(b []byte) uint64 {
	b = b[:block:block]
	var x uint64
	for i := range 8 {
		x |= wordBits(binary.LittleEndian.Uint64(b[8*i:])) >> (7 - i)
	}
	return transpose(x)
}

// wordBits has the high bit of each byte of w set that is an ASCII letter or digit.
func wordBits(w uint64) uint64 {
	x := (w | 0x20*ones) &^ highBits
	letter := (x + (0x80-'a')*ones) &^ (x + (0x80-'z'-1)*ones)
	return letter&^w&highBits | digitBits(w)
}

// glued are the kinds with letters whose digits scanDigits finds.
const glued kindSet = 1<<kPpsn | 1<<kKvnr | 1<<kDni | 1<<kNie | 1<<kNir

// glued tries them on a run of n digits at b[at], which a letter may touch.
func (s *scanner) glued(b []byte, at, n int) {
	switch n {
	case 1, 2, 7, 8:
		if s.want.has(kDni) {
			s.tryDni(b, at, n)
		}
		if s.want.has(kNie) {
			s.tryNie(b, at, n)
		}
		if n == 7 && s.want.has(kPpsn) {
			s.tryPpsn(b, at)
		}
	case 3, 9, 19:
		if s.want.has(kKvnr) {
			s.tryKvnr(b, at, n)
		}
	}
	switch n {
	case 1, 6, 13, 15:
		if s.want.has(kNir) {
			s.tryNir(b, at)
		}
	}
}

// upperOf gives b in ASCII upper case.
func upperOf(b []byte) []byte {
	out := append(make([]byte, 0, len(b)+2), b...)
	upperIn(out)
	return out
}

// upperIn brings b into ASCII upper case in place, and marks a variant when that changed something.
func upperIn(b []byte) marks {
	var f marks
	for i, c := range b {
		if u := upper(c); u != c {
			b[i], f = u, variant
		}
	}
	return f
}
