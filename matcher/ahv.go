package matcher

import "leakwatch/leak"

// The Swiss AHV number (numéro AVS, numero AVS): 756.NNNN.NNNN.NC.
//
// Canonical form: thirteen digits that begin with 756. The last is the check digit of EAN-13. Class weak, for nothing in
// it says whose it is; it counts with its dots.
//
// Source: Federal act on old-age and survivors' insurance (AHVG), art. 50c; ZAS, "Die AHV-Nummer"; python-stdnum
// stdnum.ch.ssn.

var ahvRule = rule{
	name:  leak.CHAhv,
	words: words([]string{"ahv", "avs", "sozialvers", "sv-n", "assurance soc", "versichertenn", "nss", "navs"}),
	digits: digits{check: checkAhv, runs: []int{13}, drop: ".",
		printed: []string{"999.9999.9999.99"}, loose: []string{"999 9999 9999 99", "999-9999-9999-99"}},
}

func checkAhv(d []byte) reason {
	if string(d[:3]) != "756" {
		return badFormat
	}
	sum := 0
	for i, c := range d {
		sum += digit(c) * (1 + i%2*2)
	}
	if sum%10 != 0 {
		return badChecksum
	}
	return good
}
