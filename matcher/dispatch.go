package matcher

import (
	"math/bits"
	"unicode/utf8"
)

// run tries on the run of n digits at b[at] what triage has left. m has a bit for each of the 64 characters from there on
// that is a digit.
func (s *scanner) run(b []byte, at, n int, m uint64, try tries) {
	if try&tryGlued != 0 {
		s.glued(b, at, n)
	}
	if c := b[max(0, at-1)]; at > 0 && (classes[c]&(isDigit|isLetter) != 0 || c >= utf8.RuneSelf) && touchesBefore(b, at) {
		return
	}
	if try&tryAlone != 0 {
		s.alone(b, at, n, s.want&digitShapes.runs[n])
	}
	if try&tryLines != 0 && (lineEnd(b, at+n) > 0 || lineEnd(b, at+n+1) > 0) {
		try |= tryGroups | trySigned
	}
	if try&tryGroups != 0 {
		s.grouped(b, at, n, m)
	}
	if try&trySigned != 0 {
		s.signed(b, at, n)
	}
	if try&tryPhone != 0 {
		s.tryPhone(b, at, n)
	}
}

// alone tries the kinds of a set on a run of digits that has no separators.
func (s *scanner) alone(b []byte, at, n int, w kindSet) {
	touched := touchesAfter(b, at+n)
	if touched {
		w &= digitShapes.tails
	}
	for ; w != 0; w &= w - 1 {
		if k := w.first(); !touched || free(k, b, at+n) {
			s.number(k, b[at:at+n:at+n], at, at+n, 0)
		}
	}
}

// signed tries the kinds that are told apart by a sign behind their date, or have lost it.
func (s *scanner) signed(b []byte, at, n int) {
	switch n {
	case 6:
		if at+6 < len(b) && classes[b[at+6]]&isSign != 0 {
			s.tryHetu(b, at)
			s.tryPnr(b, at, n)
		}
	case 8:
		s.tryPnr(b, at, n)
	case 9:
		if at+9 < len(b) && classes[b[at+9]]&isLetter != 0 {
			s.tryHetuRun(b, at)
		}
	case 10:
		s.tryHetuRun(b, at)
		s.tryPnrRun(b, at, n)
	case 12:
		s.tryPnrRun(b, at, n)
	}
}

// grouped tries the printed forms that begin with the run of n digits at b[at].
func (s *scanner) grouped(b []byte, at, n int, m uint64) {
	full, all, want := b[:len(b)+slack], s.triage.forms[n].all, s.want
	for i := range all {
		x := &all[i]
		off := (m ^ x.digits) & x.window
		if off == 0 {
			if !s.exactly(b, at, x, &want) {
				s.groups(b, at, n)
				return
			}
		} else if k := bits.TrailingZeros64(off); x.digits>>k&1 != 0 && x.digits>>(k-1)&1 == 0 && (newline(full[at+k-1]) || newline(full[at+k])) {
			s.groups(b, at, n) // a line ends in it
			return
		}
	}
}

// exactly takes the numbers whose digits stand where x has them, of kinds that are wanted still. It answers false where
// a line ends in them.
func (s *scanner) exactly(b []byte, at int, x *formMask, want *kindSet) bool {
	full, d, n, end := b[:len(b)+slack], &s.shape.digits, 0, at
	var gaps, sort uint64
	for lengths, i := x.lengths, 0; ; i += 4 {
		k := int(lengths & 15)
		*(*[maxDigits]byte)(d[n:]) = [maxDigits]byte(full[end:]) // more than it has, which the next overwrites
		n, end = n+k, end+k
		if lengths >>= 4; lengths == 0 {
			break
		}
		if newline(full[end]) {
			return false
		}
		if sort = uint64(gapBits[full[end]]); sort == 0 {
			return true
		}
		gaps |= sort << i
		end++
	}
	touched := touchesAfter(b, end)
	for i := range x.forms {
		f := &x.forms[i]
		if gaps&f.others != 0 || !want.has(f.kind) || touched && !free(f.kind, b, end) {
			continue
		}
		marks := f.marks
		if f.groups > 2 && f.goesOn(b, at, end, n, sort) {
			marks &^= printed
		}
		if s.number(f.kind, d[:n], at, end, marks) {
			*want &^= 1 << f.kind // a shorter form would be a part of it
		}
	}
	return true
}

// free says whether a number of a kind may end before b[i]: no letter or digit follows, but for the few letters that some
// kinds have behind their number.
func free(k kindID, b []byte, i int) bool {
	if !touchesAfter(b, i) {
		return true
	}
	n := 0
	for i+n < len(b) && classes[b[i+n]]&isLetter != 0 {
		n++
	}
	return n > 0 && n <= rules[k].digits.tail && !touchesAfter(b, i+n)
}

// number takes digits as a number of a kind, and says whether its check allows that.
func (s *scanner) number(k kindID, d []byte, at, end int, f marks) bool {
	r := &rules[k].digits
	if len(d) < r.full {
		copy(s.whole[:], zeros[:r.full-len(d)])
		copy(s.whole[r.full-len(d):], d)
		d, f = s.whole[:r.full], f|variant
	}
	m, ok := r.check(d).judged()
	if !ok {
		return false
	}
	if r.keep > 0 {
		d = d[:r.keep]
	}
	s.candidate(k, d, at, end, f|m)
	return true
}

// zeros are what a number is filled up with.
const zeros = "0000000000000000"
