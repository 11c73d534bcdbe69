package matcher

import "leakwatch/leak"

// The Norwegian fødselsnummer, D-number and H-number: DDMMYYNNNCC, eleven digits.
//
// Canonical form: the eleven digits. k1: (3,7,6,1,8,9,4,5,2 · d + k1) mod 11 is 0, or 1 to 3 since the extension for
// 2032; k2: (5,4,3,2,7,6,5,4,3,2 · d + k2) mod 11 is 0. The century can no longer be had from the number, so the date
// is checked by day and month only. A D-number has 40 added to the day, an H-number 40 added to the month. 80 added to
// the month (65 by some makers) marks synthetic people: good in a ring for tests only. FH-numbers (first digit 8 or 9),
// which hospitals give to patients without a number, have no date: they count like weak ones. Class medium otherwise.
//
// Source: Skatteetaten, folkeregisteret-api-dokumentasjon, "Nytt fødselsnummer fra 2032"; navikt/fnrvalidator.

var fnrRule = rule{
	name:   leak.NOFnr,
	words:  words(personWords, []string{"fødsels", "fodsels", "fnr", "personn", "d-nummer", "dnr"}),
	digits: digits{check: checkFnr, runs: []int{11}, full: 11, zeros: 1, printed: []string{"999999 99999", "999999-99999"}},
}

func checkFnr(d []byte) reason {
	d = d[:11]
	d0, d1, d2, d3, d4, d5 := digit(d[0]), digit(d[1]), digit(d[2]), digit(d[3]), digit(d[4]), digit(d[5])
	d6, d7, d8, d9 := digit(d[6]), digit(d[7]), digit(d[8]), digit(d[9])
	k1 := uint(3*d0 + 7*d1 + 6*d2 + d3 + 8*d4 + 9*d5 + 4*d6 + 5*d7 + 2*d8 + d9)
	k2 := uint(5*d0 + 4*d1 + 3*d2 + 2*d3 + 7*d4 + 6*d5 + 5*d6 + 4*d7 + 3*d8 + 2*d9 + digit(d[10]))
	if k1%11 > 3 || k2%11 != 0 {
		return badChecksum
	}
	if d[0] >= '8' {
		return unsure
	}
	dd, mm := two(d), two(d[2:])
	if dd > 40 {
		dd -= 40
	}
	var r reason
	switch {
	case mm > 80:
		mm, r = mm-80, testOnly
	case mm > 65:
		mm, r = mm-65, testOnly
	case mm > 40:
		mm -= 40
	}
	if !dayMonth(dd, mm) {
		return badDate
	}
	return r
}
