package matcher

import "unicode/utf8"

// run tries every kind on the run of n digits at b[at].
func (s *scanner) run(b []byte, at, n int) {
	if at > 0 {
		if c := b[at-1]; c == '%' && n > 2 {
			at, n = at+2, n-2 // the rest of an escape
		} else if classes[c]&(isDigit|isLetter) != 0 || c >= utf8.RuneSelf {
			if touchesBefore(b, at) {
				return
			}
		}
	}
	switch n {
	case 3:
		if s.want.has(kNhs) {
			s.tryNhs(b, at)
		}
	case 6:
		s.sixes(b, at)
	case 8:
		s.tryPnr(b, at, n)
	case 9:
		if at+9 < len(b) && classes[b[at+9]]&isLetter != 0 {
			s.tryHetuRun(b, at)
		}
	case 10, 11, 12:
		s.long(b, at, n)
	}
	if s.want.has(kPhone) && n <= phoneMax+2 {
		s.tryPhone(b, at, n)
	}
}

// sixes tries the kinds that begin with a date of six digits and go on after one character.
func (s *scanner) sixes(b []byte, at int) {
	if at+6 >= len(b) || classes[b[at+6]]&isSign == 0 {
		return
	}
	s.tryHetu(b, at)
	if classes[b[at+6]]&isLetter != 0 {
		return
	}
	s.tryPnr(b, at, 6)
	s.tryFnr(b, at)
	if s.want.has(kCpr) {
		s.tryCpr(b, at)
	}
}

// long tries the kinds that are one run of digits.
func (s *scanner) long(b []byte, at, n int) {
	if touchesAfter(b, at+n) {
		return
	}
	d := b[at : at+n : at+n]
	switch n {
	case 10:
		s.tryHetuRun(b, at)
		s.tryPnrRun(b, at, n)
		if s.want.has(kCpr) && checkCpr(d) == good {
			s.candidate(kCpr, d, at, at+n, 0)
		}
		if s.want.has(kNhs) {
			s.nhs(d, at, at+n, 0)
		}
	case 11:
		s.fnr(d, at, at+n, 0)
	case 12:
		s.tryPnrRun(b, at, n)
	}
}
