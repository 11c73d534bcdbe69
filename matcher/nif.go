package matcher

import "leakwatch/leak"

// The Portuguese tax number of a person, número de identificação fiscal.
//
// Canonical form: nine digits. Check digit: 11 minus (9 to 2 · d modulo 11), 0 from 10 on. A person's begins with 1, 2 or
// 3, or with 45 for non-residents; others belong to companies and are refused. Class weak: three numbers in a hundred
// pass. It is written in groups of three, which looks like any large number: that form proves nothing.
//
// Source: Decreto-Lei 14/2013; python-stdnum stdnum.pt.nif.

var nifRule = rule{
	name:   leak.PTNif,
	words:  words([]string{"nif", "contribuinte", "fiscal", "n.i.f", "nº cont", "tax"}),
	digits: digits{check: checkNif, runs: []int{9}, drop: ".", loose: []string{"999 999 999", "999.999.999", "999-999-999"}},
}

func checkNif(d []byte) reason {
	if d[0] < '1' || d[0] > '3' && (d[0] != '4' || d[1] != '5') {
		return badFormat
	}
	sum := 0
	for i := range 8 {
		sum += (9 - i) * digit(d[i])
	}
	check := 11 - sum%11
	if check >= 10 {
		check = 0
	}
	if check != digit(d[8]) {
		return badChecksum
	}
	return good
}
