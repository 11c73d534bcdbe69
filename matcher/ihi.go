package matcher

import "leakwatch/leak"

// The Australian individual healthcare identifier: 8003 60NN NNNN NNNC.
//
// Canonical form: sixteen digits that begin with 800360. Luhn over all of them. Class weak, for nothing in it says whose
// it is; it counts in its groups of four.
//
// Source: Healthcare Identifiers Act 2010; Australian Digital Health Agency; ISO/IEC 7812-1 for the prefix and the check.

var ihiRule = rule{
	name:  leak.AUIhi,
	words: words([]string{"ihi", "healthcare id", "health id", "individual health"}),
	digits: digits{check: checkIhi, runs: []int{16},
		printed: []string{"9999 9999 9999 9999"}, loose: []string{"9999-9999-9999-9999"}},
}

func checkIhi(d []byte) reason {
	switch {
	case string(d[:6]) != "800360":
		return badFormat
	case !luhn(d):
		return badChecksum
	}
	return good
}
