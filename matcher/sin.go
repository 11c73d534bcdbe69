package matcher

import "leakwatch/leak"

// The Canadian social insurance number (numéro d'assurance sociale): NNN-NNN-NNN.
//
// Canonical form: nine digits. Luhn; the first digit is neither 0 nor 8. Class weak: eight numbers in a hundred pass.
// Groups of three with spaces look like any large number and prove nothing; with dashes they do.
//
// Source: Service Canada, "Social Insurance Number code of practice"; python-stdnum stdnum.ca.sin.

var sinRule = rule{
	name:  leak.CASin,
	words: words([]string{"sin", "social ins", "nas", "assurance soc", "n.a.s", "s.i.n"}),
	digits: digits{check: checkSin, runs: []int{9},
		printed: []string{"999-999-999"}, loose: []string{"999 999 999", "999.999.999"}, drop: "."},
}

func checkSin(d []byte) reason {
	switch {
	case d[0] == '0' || d[0] == '8':
		return badFormat
	case !luhn(d):
		return badChecksum
	}
	return good
}
