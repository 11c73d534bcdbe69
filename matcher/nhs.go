package matcher

// The NHS number of England and Wales, the CHI number of Scotland and the health and care number of Northern Ireland:
// ten digits, printed 3 3 4.
//
// Canonical form: ten digits. Weights 10 to 2, check digit 11 minus the sum modulo 11, 11 is 0, 10 is never issued.
// Issued are 4, 6 and 7 (England, Wales, Isle of Man), 32 to 39 (Northern Ireland) and numbers that begin with a date
// DDMMYY (Scotland). Numbers that begin with 9 are not issued; those of tests and handbooks (999…, 943 476 5870) are
// among them, so they are good in a ring for tests only.
//
// Source: NHS Data Dictionary, "NHS NUMBER"; Public Health Scotland, "CHI number"; python-stdnum stdnum.gb.nhs.

// checkNhs judges a number of ten digits; it is its own canonical form.
func checkNhs(d []byte) reason {
	if len(d) != 10 || !allDigits(d) {
		return badFormat
	}
	sum := 0
	for i := range 9 {
		sum += digit(d[i]) * (10 - i)
	}
	check := (11 - sum%11) % 11
	if check != digit(d[9]) {
		return badChecksum
	}
	switch n := two(d); {
	case n >= 40 && n < 50, n >= 60 && n < 80, n >= 32 && n < 40:
		return good
	case n >= 90:
		return testOnly
	case n < 32:
		if dayMonth(n, two(d[2:])) {
			return good
		}
		return badDate
	}
	return badFormat
}

// tryNhs looks for the printed form at a run of three digits.
func (s *scanner) tryNhs(b []byte, at int) {
	end := at + 12
	if end > len(b) {
		return
	}
	sep := b[at+3]
	if sep != ' ' && sep != '-' || b[at+7] != sep || !allDigits(b[at+4:at+7]) || !allDigits(b[at+8:end]) || touchesAfter(b, end) {
		return
	}
	var d [10]byte
	copy(d[:], b[at:at+3])
	copy(d[3:], b[at+4:at+7])
	copy(d[6:], b[at+8:end])
	s.nhs(d[:], at, end, printed)
}

func (s *scanner) nhs(d []byte, at, end int, f marks) {
	if r := checkNhs(d); r == good || r == testOnly {
		s.candidate(kNhs, d, at, end, f|testIf(r))
	}
}
