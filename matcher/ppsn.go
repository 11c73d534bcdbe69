package matcher

import "leakwatch/leak"

// The Irish Personal Public Service number: seven digits, a check letter, and for some a second letter.
//
// Canonical form: upper-case, eight or nine characters, the second letter kept: W marks the spouse of the person with
// the same digits, and A, B and H tell series apart. The check letter is WABC…UV[(8a + 7b + … + 2g + 9x) mod 23], where
// x is the place of a second letter A, B or H in that alphabet (A 1, B 2, H 8) and 0 for W, T, X or none. B is issued
// since 2024.
//
// Source: Social Welfare Consolidation Act 2005; Department of Social Protection, "PPS number"; python-stdnum
// stdnum.ie.pps for the check.

var ppsnRule = rule{
	name:  leak.IEPpsn,
	canon: func(v []byte, _ input) ([][]byte, reason) { return one(canonPpsn(v)) },
}

const ppsnTable = "WABCDEFGHIJKLMNOPQRSTUV"

// checkPpsn judges a number in upper case.
func checkPpsn(c []byte) reason {
	if len(c) != 8 && len(c) != 9 || !allDigits(c[:7]) {
		return badFormat
	}
	sum := 0
	for i, d := range c[:7] {
		sum += digit(d) * (8 - i)
	}
	if len(c) == 9 {
		switch c[8] {
		case 'A', 'B', 'H':
			sum += 9 * int(c[8]-'A'+1)
		case 'W', 'T', 'X':
		default:
			return badFormat
		}
	}
	if ppsnTable[sum%23] != c[7] {
		return badChecksum
	}
	return good
}

// canonPpsn reads a number as a table has it.
func canonPpsn(v []byte) ([]byte, reason) {
	c := upperOf(without(v, " -"))
	return c, checkPpsn(c)
}

// tryPpsn looks for a number at a run of seven digits.
func (s *scanner) tryPpsn(b []byte, at int) {
	end := at + 8
	if end > len(b) || touchesBefore(b, at) {
		return
	}
	if end < len(b) && classes[b[end]]&isLetter != 0 {
		end++
	}
	if touchesAfter(b, end) {
		return
	}
	var c [9]byte
	n := copy(c[:], b[at:end])
	f := upperIn(c[7:n])
	if checkPpsn(c[:n]) == good {
		s.candidate(kPpsn, c[:n], at, end, f)
	}
}
