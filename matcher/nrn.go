package matcher

import "leakwatch/leak"

// The Belgian national register number (rijksregisternummer, numéro national) and BIS number: YYMMDD-SSS-CC.
//
// Canonical form: eleven digits. Check: 97 minus the first nine digits modulo 97, with a 2 before them for who is born
// in 2000 or later; so the check tells the century. Serial 001 to 998. A BIS number has 20 or 40 added to the month; a
// month or a day of 00 means that it is not known. Class medium: it has a date and a check. Printed 85.07.30-033.28.
//
// Source: Royal decree of 3 April 1984 on the identification number; python-stdnum stdnum.be.nn and stdnum.be.bis.

var nrnRule = rule{
	name: leak.BENrn,
	words: words(personWords, []string{"rijksreg", "rrn", "nrn", "insz", "niss", "registre nat", "num\u00e9ro nat", "numero nat", "national n",
		"nationaal n", "bis-n", "bis n", "nationalregister"}),
	digits: digits{check: checkNrn, runs: []int{11}, full: 11, zeros: 3, drop: ".",
		printed: []string{"99.99.99-999.99", "99.99.99-999-99", "99.99.99-999 99"},
		loose: []string{"99.99.99.999.99", "99.99.99 999.99", "99.99.99 999 99", "99 99 99 999 99", "99-99-99-999-99", "999999-999-99", "999999 999 99",
			"999999-999.99", "999999-99999"}},
}

func checkNrn(d []byte) reason {
	n := 0
	for _, c := range d[:9] {
		n = n*10 + digit(c)
	}
	century, check := 0, two(d[9:])
	switch check {
	case 97 - n%97:
		century = 1900
	case 97 - (2_000_000_000+n)%97:
		century = 2000
	default:
		return badChecksum
	}
	if s := three(d[6:]); s == 0 || s == 999 {
		return badFormat
	}
	mm, dd := two(d[2:]), two(d[4:])
	if mm >= 40 {
		mm -= 40
	} else if mm >= 20 {
		mm -= 20
	}
	if mm == 0 && dd <= 31 || dd == 0 && mm <= 12 || date(century+two(d), mm, dd) {
		return good
	}
	return badDate
}
