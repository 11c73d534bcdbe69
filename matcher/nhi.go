package matcher

import (
	"strings"

	"leakwatch/leak"
)

// The New Zealand NHI number: three letters and four digits (AAANNNC), or since July 2026 three letters, two digits and
// two letters (AAANNAX). Letters are A to Z without I and O.
//
// Canonical form: seven characters in upper case. The first six are weighted 7 to 2, letters counting from A = 1 on. In
// the old format the check digit is 11 minus the sum modulo 11, 10 being 0, and a remainder of 0 is never issued. In the
// new one the check letter is the one at 23 minus the sum modulo 23. That rule was inferred from published samples, and
// an older write-up says 24 (unverified): the new format counts like a weak kind. Numbers that begin with Z are for
// tests.
//
// Source: HISO 10046 Consumer Health Identity Standard; Health New Zealand, "Changes to the NHI number"; docs of
// python-nhi for samples.

var nhiRule = rule{
	name:  leak.NZNhi,
	canon: func(v []byte, _ input) ([][]byte, reason) { return one(canonNhi(v)) },
	words: words(personWords, []string{"nhi", "health", "patient"}),
}

const nhiTable = "ABCDEFGHJKLMNPQRSTUVWXYZ"

// nhiWorth is what a character counts, or -1.
func nhiWorth(c byte) int {
	if c-'0' <= 9 {
		return digit(c)
	}
	i := strings.IndexByte(nhiTable, c)
	if i < 0 {
		return -1
	}
	return i + 1
}

// checkNhi judges a number in upper case.
func checkNhi(c []byte) reason {
	if len(c) != 7 || !allDigits(c[3:5]) {
		return badFormat
	}
	newer := c[5]-'0' > 9
	sum := 0
	for i, x := range c[:6] {
		w := nhiWorth(x)
		if w < 0 || i < 3 && x <= '9' {
			return badFormat
		}
		sum += w * (7 - i)
	}
	switch {
	case newer && nhiTable[22-sum%23] != c[6]:
		return badChecksum
	case !newer && (sum%11 == 0 || c[6]-'0' > 9 || (11-sum%11)%10 != digit(c[6])):
		return badChecksum
	case c[0] == 'Z':
		return testOnly
	case newer:
		return unsure
	}
	return good
}

// canonNhi reads a number as a table has it.
func canonNhi(v []byte) ([]byte, reason) {
	c := upperOf(without(v, " -"))
	return c, checkNhi(c)
}

// tryNhi looks for a number at its first letter.
func (s *scanner) tryNhi(b []byte, at int) {
	if at < 0 || at+7 > len(b) || touchesBefore(b, at) || touchesAfter(b, at+7) {
		return
	}
	var c [7]byte
	copy(c[:], b[at:])
	f := upperIn(c[:])
	m, ok := checkNhi(c[:]).judged()
	if c[5] > '9' {
		f |= doubtful // test numbers too
	}
	if ok {
		s.candidate(kNhi, c[:], at, at+7, f|m)
	}
}
