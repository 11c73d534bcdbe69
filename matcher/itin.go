package matcher

import "leakwatch/leak"

// The individual taxpayer identification number of the United States: 9AA-GG-SSSS.
//
// Canonical form: nine digits. It begins with 9; the fourth and fifth digits are 50 to 65, 70 to 88, 90 to 92 or 94 to 99.
// There is no check digit. Class weak. It is a kind of its own, for it is nobody's social security number.
//
// Source: Internal Revenue Service, Internal Revenue Manual 3.21.263; python-stdnum stdnum.us.itin.

var itinRule = rule{
	name:  leak.USItin,
	words: words([]string{"itin", "taxpayer", "tax id", "tin", "ssn", "social"}),
	digits: digits{check: checkItin, runs: []int{9},
		printed: []string{"999-99-9999"}, loose: []string{"999 99 9999"}},
}

func checkItin(d []byte) reason {
	g := two(d[3:])
	if d[0] == '9' && (g >= 50 && g <= 65 || g >= 70 && g <= 88 || g >= 90 && g <= 92 || g >= 94) {
		return good
	}
	return badFormat
}
