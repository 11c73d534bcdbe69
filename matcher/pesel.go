package matcher

import "leakwatch/leak"

// The Polish PESEL: YYMMDDZZZXC.
//
// Canonical form: eleven digits. The century is in the month: 80 added is 18xx, nothing 19xx, 20 is 20xx, 40 is 21xx and
// 60 is 22xx. Check: 1,3,7,9,1,3,7,9,1,3,1 · d is a multiple of 10. Class medium: it has a date and a check. Printed
// without separators.
//
// Source: Ustawa o ewidencji ludności of 24 September 2010, art. 15; python-stdnum stdnum.pl.pesel.

var peselRule = rule{
	name:   leak.PLPesel,
	words:  words(personWords, []string{"pesel", "nr ewid"}),
	digits: digits{check: checkPesel, runs: []int{11}, full: 11, zeros: 2, loose: []string{"999999 99999", "999999-99999"}},
}

func checkPesel(d []byte) reason {
	sum := digit(d[10])
	for i, w := range [10]int{1, 3, 7, 9, 1, 3, 7, 9, 1, 3} {
		sum += w * digit(d[i])
	}
	if sum%10 != 0 {
		return badChecksum
	}
	mm := two(d[2:])
	if !date([5]int{1900, 2000, 2100, 2200, 1800}[mm/20]+two(d), mm%20, two(d[4:])) {
		return badDate
	}
	return good
}
