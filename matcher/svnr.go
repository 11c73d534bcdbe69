package matcher

import "leakwatch/leak"

// The Austrian social security number, Sozialversicherungsnummer: NNNC DDMMYY.
//
// Canonical form: ten digits. NNN is 100 to 999. Check digit C: 3,7,9 · NNN plus 5,8,4,2,1,6 · DDMMYY modulo 11; 10 is
// never issued. Class medium: it has a date and a check.
//
// Not verified: that the date may be fictitious, with a month of 13 or more. Such numbers count like weak ones.
//
// Source: ASVG § 31 (4) 1; Dachverband der Sozialversicherungsträger; python-stdnum stdnum.at.vnr.

var svnrRule = rule{
	name:  leak.ATSvnr,
	words: words(personWords, []string{"svnr", "sv-n", "sv n", "sozialvers", "versicherungsn", "versichertenn", "svn", "vsnr"}),
	digits: digits{check: checkSvnr, runs: []int{10},
		printed: []string{"9999 999999"}, loose: []string{"9999-999999", "9999/999999"}, drop: "/"},
}

func checkSvnr(d []byte) reason {
	if d[0] == '0' {
		return badFormat
	}
	sum := 0
	for i, w := range [10]int{3, 7, 9, 0, 5, 8, 4, 2, 1, 6} {
		sum += w * digit(d[i])
	}
	dd, mm, yy := two(d[4:]), two(d[6:]), two(d[8:])
	switch {
	case sum%11 != digit(d[3]):
		return badChecksum
	case mm > 12 && dd >= 1 && dd <= 31:
		return unsure
	case !date(2000+yy, mm, dd): // 1900 had no leap day; nobody of then is left
		return badDate
	}
	return good
}
