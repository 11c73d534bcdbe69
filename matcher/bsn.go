package matcher

import "leakwatch/leak"

// The Dutch citizen service number, burgerservicenummer.
//
// Canonical form: nine digits, filled up with a zero when there are eight. Check ("elfproef"): 9,8,7,6,5,4,3,2 · d minus
// the last digit is a multiple of 11. Class weak: one in eleven numbers passes. Printed without separators, or
// 1112.22.333; groups of three look like any large number and prove nothing.
//
// Not verified: that 9999… is used for testing. Such numbers are good in a ring for tests only.
//
// Source: Wet algemene bepalingen burgerservicenummer; Logisch ontwerp BSN; python-stdnum stdnum.nl.bsn.

var bsnRule = rule{
	name:  leak.NLBsn,
	words: words([]string{"bsn", "burgerserv", "sofi", "persoonsn", "patiënt", "patient", "identif"}),
	digits: digits{check: checkBsn, runs: []int{8, 9}, full: 9, zeros: 1, drop: ".",
		printed: []string{"9999.99.999"}, loose: []string{"9999 99 999", "999.999.999", "999 999 999"}},
}

func checkBsn(d []byte) reason {
	sum := -digit(d[8])
	for i := range 8 {
		sum += (9 - i) * digit(d[i])
	}
	switch {
	case sum == 0:
		return badFormat // all zeros
	case sum%11 != 0:
		return badChecksum
	case string(d[:4]) == "9999":
		return testOnly
	}
	return good
}
