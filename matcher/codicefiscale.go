package matcher

import "leakwatch/leak"

// The Italian codice fiscale of a person: sixteen characters, three for the family name, three for the given name, the
// year, a letter for the month, the day (40 more for women), a letter and three digits for the municipality, and a check
// letter. Printed in one piece, or RCC MNL 83S18 D969H.
//
// Canonical form: upper-case, as it stands. Where two people would have the same code, digits are replaced by letters
// (omocodia: LMNPQRSTUV for 0 to 9); the code with the letters is the person's code, so they are kept.
//
// Source: Decreto del Ministero delle Finanze of 23 December 1976, with its tables for the check letter; Agenzia delle
// Entrate, "Codice fiscale"; python-stdnum stdnum.it.codicefiscale.

var cfRule = rule{
	name:  leak.ITCf,
	canon: func(v []byte, _ input) ([][]byte, reason) { return one(canonCf(v)) },
}

// cfOdd is what a letter or digit (as a place in the alphabet) is worth in an odd place; in an even one it is its place.
var cfOdd = [26]uint8{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

// cfMonths are the letters of the months, from January on.
const cfMonths = "ABCDEHLMPRST"

// cfDigit gives the digit that stands at a place for one, replaced by a letter or not.
func cfDigit(c byte) (int, bool) {
	if c-'0' <= 9 {
		return digit(c), true
	}
	const omocodia = "LMNPQRSTUV"
	for i := range len(omocodia) {
		if omocodia[i] == c {
			return i, true
		}
	}
	return 0, false
}

// cfPlaces says which places hold letters (A) and which digits (9).
const cfPlaces = "AAAAAA99A99A999A"

// checkCf judges a code in upper case.
func checkCf(c []byte) reason {
	if len(c) != 16 {
		return badFormat
	}
	var n [16]int
	sum := 0
	for i, x := range c {
		var ok bool
		if cfPlaces[i] == 'A' {
			n[i], ok = int(x-'A'), x-'A' < 26
		} else {
			n[i], ok = cfDigit(x)
		}
		if !ok {
			return badFormat
		}
		if i == 15 {
			break
		}
		worth := int(x - '0')
		if x >= 'A' {
			worth = int(x - 'A')
		}
		if i&1 == 0 {
			worth = int(cfOdd[worth])
		}
		sum += worth
	}
	if sum%26 != n[15] {
		return badChecksum
	}
	return cfDate(n[6]*10+n[7], c[8], n[9]*10+n[10])
}

// cfDate judges the date of birth, whose century is not known.
func cfDate(year int, month byte, day int) reason {
	if day > 40 {
		day -= 40
	}
	for i := range len(cfMonths) {
		if cfMonths[i] == month {
			if !dayMonth(day, i+1) || i == 1 && day == 29 && year%4 != 0 {
				return badDate
			}
			return good
		}
	}
	return badDate
}

// canonCf reads a code as a table has it.
func canonCf(v []byte) ([]byte, reason) {
	c := upperOf(without(v, " -"))
	return c, checkCf(c)
}

// tryCf looks for a code at the first letter of a word of sixteen letters and digits.
func (s *scanner) tryCf(b []byte, at int) {
	if at+16 > len(b) || touchesBefore(b, at) || touchesAfter(b, at+16) {
		return
	}
	var c [16]byte
	copy(c[:], b[at:])
	s.cf(&c, at, at+16)
}

// tryCfGroups looks for a code in its printed groups 3 3 5 5.
func (s *scanner) tryCfGroups(b []byte, at int) {
	if at+19 > len(b) || b[at+3] != ' ' || b[at+7] != ' ' || b[at+13] != ' ' || touchesBefore(b, at) || touchesAfter(b, at+19) {
		return
	}
	var c [16]byte
	copy(c[:], b[at:at+3])
	copy(c[3:], b[at+4:at+7])
	copy(c[6:], b[at+8:at+13])
	copy(c[11:], b[at+14:at+19])
	s.cf(&c, at, at+19)
}

func (s *scanner) cf(c *[16]byte, start, end int) {
	f := upperIn(c[:])
	if checkCf(c[:]) == good {
		s.candidate(kCf, c[:], start, end, f)
	}
}
