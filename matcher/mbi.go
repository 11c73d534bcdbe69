package matcher

import "leakwatch/leak"

// The Medicare beneficiary identifier of the United States: eleven characters, printed 1EG4-TE5-MK73.
//
// Canonical form: upper-case without dashes. The places are 1-9, letter, letter or digit, digit, letter, letter or digit,
// digit, letter, letter, digit, digit; S, L, O, I, B and Z are not used. There is no check digit, but
// the pattern is rare among all strings of eleven characters: class strong.
//
// Source: Centers for Medicare & Medicaid Services, "Understanding the Medicare Beneficiary Identifier (MBI) format",
// which has the places and the letters; its example is 1EG4-TE5-MK73.

var mbiRule = rule{
	name:  leak.USMbi,
	canon: func(v []byte, _ input) ([][]byte, reason) { return one(canonMbi(v)) },
}

// mbiPlaces says what stands where: 1 a digit but 0, 9 a digit, A a letter, X either.
const mbiPlaces = "1AX9AX9AA99"

func mbiLetter(c byte) bool {
	switch c {
	case 'S', 'L', 'O', 'I', 'B', 'Z':
		return false
	}
	return c-'A' < 26
}

// checkMbi judges an identifier in upper case.
func checkMbi(c []byte) reason {
	if len(c) != 11 {
		return badFormat
	}
	for i, x := range c {
		isNumber := x-'0' <= 9
		var ok bool
		switch mbiPlaces[i] {
		case '1':
			ok = x-'1' <= 8
		case '9':
			ok = isNumber
		case 'A':
			ok = mbiLetter(x)
		default:
			ok = isNumber || mbiLetter(x)
		}
		if !ok {
			return badFormat
		}
	}
	return good
}

// canonMbi reads an identifier as a table has it.
func canonMbi(v []byte) ([]byte, reason) {
	c := upperOf(without(v, " -"))
	return c, checkMbi(c)
}

// tryMbi looks for an identifier at its first digit: eleven characters, or 4-3-4.
func (s *scanner) tryMbi(b []byte, at int) {
	end := at + 11
	var c [11]byte
	if end < len(b) && (b[at+4] == '-' || b[at+4] == ' ') {
		if end = at + 13; end > len(b) || b[at+8] != b[at+4] {
			return
		}
		copy(c[:], b[at:at+4])
		copy(c[4:], b[at+5:at+8])
		copy(c[7:], b[at+9:end])
	} else if end > len(b) {
		return
	} else {
		copy(c[:], b[at:end])
	}
	f := upperIn(c[:])
	if checkMbi(c[:]) == good && !touchesBefore(b, at) && !touchesAfter(b, end) {
		s.candidate(kMbi, c[:], at, end, f)
	}
}
