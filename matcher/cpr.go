package matcher

// The Danish CPR number: DDMMYY-NNNN.
//
// Canonical form: ten digits. Only the date is checked, with the century that the seventh digit gives: the check digit
// was given up in 2007 and is not to be used even for older numbers. With no check digit every 27th number of ten
// digits looks like one, so it is weak: it counts with its printed dash, with a keyword, or beside another identifier.
//
// Source: CPR-kontoret, "Personnummeret i CPR-systemet"; python-stdnum stdnum.dk.cpr.

// checkCpr judges a number of ten digits; it is its own canonical form.
func checkCpr(d []byte) reason {
	if len(d) != 10 || !allDigits(d) {
		return badFormat
	}
	yy, century := two(d[4:]), 1900
	switch c := d[6]; {
	case (c == '4' || c == '9') && yy <= 36, c >= '5' && c <= '8' && yy <= 57:
		century = 2000
	case c >= '5' && c <= '8':
		century = 1800
	}
	if !date(century+yy, two(d[2:]), two(d)) {
		return badDate
	}
	return good
}

// tryCpr looks for a number at a run of six digits, a dash or space, and four digits.
func (s *scanner) tryCpr(b []byte, at int) {
	end := at + 11
	if end > len(b) || b[at+6] != '-' && b[at+6] != ' ' || !allDigits(b[at+7:end]) || touchesAfter(b, end) {
		return
	}
	var d [10]byte
	copy(d[:], b[at:at+6])
	copy(d[6:], b[at+7:end])
	var f marks
	if b[at+6] == '-' {
		f = printed
	}
	if checkCpr(d[:]) == good {
		s.candidate(kCpr, d[:], at, end, f)
	}
}
