package matcher

import "leakwatch/leak"

// The Czech and Slovak birth number, rodné číslo: YYMMDD/SSSC. One kind serves both states, which were one when most of
// the numbers were given.
//
// Canonical form: nine or ten digits without the slash. Women have 50 added to the month; since 2004 another 20 may be
// added when a day's numbers run out. Ten digits since 1954: the first nine modulo 11, modulo 10, is the last. Nine
// digits before that, with no check digit: they count like a weak number. Class medium: it has a date and a check.
//
// Source: Czech act 133/2000 Sb., § 13; Slovak act 301/1995 Z. z.; python-stdnum stdnum.cz.rc.

var rcRule = rule{
	name:  leak.CSRc,
	words: words(personWords, []string{"rodn", "r.\u010d", "r. \u010d", "r.\u010c", "r. \u010c", "r.c.", "r\u010d", "rc:", "birth n"}),
	digits: digits{check: checkRc, runs: []int{9, 10}, drop: "/",
		printed: []string{"999999/9999", "999999/999"}, loose: []string{"999999 9999", "999999-9999", "999999 999"}},
}

func checkRc(d []byte) reason {
	yy, mm, dd := two(d), two(d[2:]), two(d[4:])
	year := 1900 + yy
	switch {
	case len(d) == 10 && yy < 54:
		year += 100
	case len(d) == 9 && yy >= 80:
		year -= 100
	case len(d) == 9 && yy >= 54:
		return badFormat // from 1954 on there are ten digits
	}
	if len(d) == 10 {
		n := 0
		for _, c := range d[:9] {
			n = n*10 + digit(c)
		}
		if n%11%10 != digit(d[9]) {
			return badChecksum
		}
	}
	if mm > 50 {
		mm -= 50
	}
	if mm > 20 && year >= 2004 {
		mm -= 20
	}
	switch {
	case !date(year, mm, dd):
		return badDate
	case len(d) == 9:
		return unsure
	}
	return good
}
