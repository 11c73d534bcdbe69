package matcher

import "leakwatch/leak"

// The Danish CPR number: DDMMYY-NNNN.
//
// Canonical form: ten digits. Only the date is checked, with the century that the seventh digit gives: the check digit
// was given up in 2007 and is not to be used even for older numbers. With no check digit every 27th number of ten
// digits looks like one, so it is weak: it counts with its printed dash, with a keyword, or beside another identifier.
//
// Source: CPR-kontoret, "Personnummeret i CPR-systemet"; python-stdnum stdnum.dk.cpr.

var cprRule = rule{
	name:  leak.DKCpr,
	words: words(idWords, []string{"cpr"}),
	digits: digits{check: checkCpr, runs: []int{10}, full: 10, zeros: 1,
		printed: []string{"999999-9999"}, loose: []string{"999999 9999"}},
}

func checkCpr(d []byte) reason {
	yy, century := two(d[4:]), 1900
	switch c := d[6]; {
	case (c == '4' || c == '9') && yy <= 36, c >= '5' && c <= '8' && yy <= 57:
		century = 2000
	case c >= '5' && c <= '8':
		century = 1800
	}
	if !date(century+yy, two(d[2:]), two(d)) {
		return badDate
	}
	return good
}
