package matcher

import "leakwatch/leak"

// The NHS number of England and Wales, the CHI number of Scotland and the health and care number of Northern Ireland:
// ten digits, printed 3 3 4.
//
// Canonical form: ten digits. Weights 10 to 2, check digit 11 minus the sum modulo 11, 11 is 0, 10 is never issued.
// Issued are 4, 6 and 7 (England, Wales, Isle of Man), of late 3 (England), 32 to 39 (Northern Ireland) and numbers that
// begin with a date DDMMYY (Scotland). 999 is for tests; nothing that begins with 9 is issued, and the numbers of
// handbooks (943 476 5870) are there too, so all of that is good in a ring for tests only. Class weak: one number in
// eleven passes the check.
//
// Source: NHS Data Dictionary, "NHS NUMBER"; Public Health Scotland, "CHI number"; python-stdnum stdnum.gb.nhs.

var nhsRule = rule{
	name:  leak.GBNhs,
	words: words([]string{"nhs", "chi", "h&c", "hcn", "health", "patient"}),
	digits: digits{check: checkNhs, runs: []int{10}, full: 10, zeros: 1,
		printed: []string{"999 999 9999", "999-999-9999"}, loose: []string{"999999 9999"}},
}

func checkNhs(d []byte) reason {
	d = d[:10]
	sum := 10*digit(d[0]) + 9*digit(d[1]) + 8*digit(d[2]) + 7*digit(d[3]) + 6*digit(d[4]) + 5*digit(d[5]) + 4*digit(d[6]) + 3*digit(d[7]) + 2*digit(d[8])
	if uint(sum+digit(d[9]))%11 != 0 {
		return badChecksum
	}
	switch n := two(d); {
	case n >= 30 && n < 50, n >= 60 && n < 80:
		return good
	case n >= 90:
		return testOnly
	case n < 30:
		if date(2000+two(d[4:]), two(d[2:]), n) { // the century is not known: a leap day may be in every fourth year
			return good
		}
		return badDate
	}
	return badFormat
}
