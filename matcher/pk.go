package matcher

import "leakwatch/leak"

// The Latvian personal code, personas kods: NNNNNN-NNNNN.
//
// Canonical form: eleven digits. Codes of before July 2017 are DDMMYY, a digit for the century (0 is 18xx, 1 19xx, 2
// 20xx), three digits and a check digit; later ones begin with 32 and have no date. Check: (1 + 10,5,8,4,2,1,6,3,7,9 · d)
// modulo 11, modulo 10.
//
// Not verified: the check has no official source, least of all for codes that begin with 32. Those that fail it there
// are kept and count as doubtful. So the class is weak and not medium.
//
// Source: Latvian law on the register of natural persons; python-stdnum stdnum.lv.pk for the check.

var pkRule = rule{
	name:  leak.LVPk,
	words: words(personWords, []string{"personas k", "pers. k", "p.k.", "pk:", "pk.", "dzim"}),
	digits: digits{check: checkPk, runs: []int{11}, full: 11, zeros: 1,
		printed: []string{"999999-99999"}, loose: []string{"999999 99999"}},
}

func checkPk(d []byte) reason {
	sum := 1
	for i, w := range [10]int{10, 5, 8, 4, 2, 1, 6, 3, 7, 9} {
		sum += w * digit(d[i])
	}
	right := sum%11%10 == digit(d[10])
	switch {
	case d[0] == '3' && d[1] == '2':
		if right {
			return good
		}
		return unsure
	case !right:
		return badChecksum
	case d[6] > '2' || !date(1800+100*digit(d[6])+two(d[4:]), two(d[2:]), two(d)):
		return badDate
	}
	return good
}
