package matcher

import "leakwatch/leak"

// The Estonian personal identification code, isikukood: GYYMMDDSSSC.
//
// Canonical form: eleven digits. G gives sex and century: 1 and 2 are 18xx, 3 and 4 19xx, 5 and 6 20xx, 7 and 8 21xx.
// Check digit: weights 1 to 9 and 1, modulo 11; if that is 10, weights 3 to 9 and 1 to 3; if that is 10 again, 0.
// Class medium: it has a date and a check. It is printed without separators.
//
// Source: Estonian standard EVS 585:2007; python-stdnum stdnum.ee.ik.

var ikRule = rule{
	name:   leak.EEIk,
	words:  words(personWords, []string{"isikukood", "isiku", "ik:"}),
	digits: digits{check: checkIk, runs: []int{11}},
}

func checkIk(d []byte) reason {
	if d[0] == '0' || d[0] == '9' {
		return badFormat
	}
	if !balticCheck(d) {
		return badChecksum
	}
	if !date(1800+(digit(d[0])-1)/2*100+two(d[1:]), two(d[3:]), two(d[5:])) {
		return badDate
	}
	return good
}

// balticCheck says whether the check digit that Estonia and Lithuania share is right.
func balticCheck(d []byte) bool {
	a, b := 0, 0
	for i := range 10 {
		a += digit(d[i]) * (1 + i%9)
		b += digit(d[i]) * (1 + (i+2)%9)
	}
	check := a % 11
	if check == 10 {
		check = b % 11 % 10
	}
	return check == digit(d[10])
}
