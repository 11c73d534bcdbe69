package matcher

import "leakwatch/leak"

// The Icelandic kennitala of a person: DDMMYY-RRPC.
//
// Canonical form: ten digits. C is the century, 9 for 19xx and 0 for 20xx; RR are 20 to 99. Check digit P:
// 3,2,7,6,5,4,3,2,1 · d modulo 11 is 0. A company has 40 added to the day and is no person. Since February 2026 numbers
// may be issued whose check digit is not valid, so a wrong one is no refusal: such a number is doubtful, and whoever
// registers a mistyped number is not told.
//
// Not verified: the register's own text on check digits, and that system numbers (kerfiskennitala), which begin with 8
// or 9, carry no date. Those are doubtful, and only taken when the check digit is right. So the class is weak and not
// medium.
//
// Source: Registers Iceland (Þjóðskrá), on the change of 2026; python-stdnum stdnum.is_.kennitala.

var ktRule = rule{
	name:  leak.ISKt,
	words: words(personWords, []string{"kennit", "kt.", "kt:", "kt ", "kerfisk"}),
	digits: digits{check: checkKt, runs: []int{10}, full: 10, zeros: 1,
		printed: []string{"999999-9999"}, loose: []string{"999999 9999"}},
}

func checkKt(d []byte) reason {
	sum := 0
	for i, w := range [9]int{3, 2, 7, 6, 5, 4, 3, 2, 1} {
		sum += w * digit(d[i])
	}
	right, dd := sum%11 == 0, two(d)
	switch {
	case dd >= 80 && right:
		return unsure
	case dd >= 80:
		return badChecksum
	case dd > 40 || d[9] != '9' && d[9] != '0':
		return badFormat
	}
	century := 2000
	if d[9] == '9' {
		century = 1900
	}
	if !date(century+two(d[4:]), two(d[2:]), dd) {
		return badDate
	}
	if !right || d[6] < '2' {
		return unsure
	}
	return good
}
