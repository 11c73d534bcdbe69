package matcher

import "leakwatch/leak"

// The social security number of the United States: AAA-GG-SSSS.
//
// Canonical form: nine digits. Area not 000, 666 or 9xx, group not 00, serial not 0000; there is no check digit, and nine
// numbers in ten pass. Class weak. Numbers that were printed in advertisements are nobody's: they are good in a ring for
// tests only.
//
// Source: Social Security Administration, "Social Security Number Randomization" and "SSNs invalidated by use in
// advertising"; python-stdnum stdnum.us.ssn.

var ssnRule = rule{
	name:  leak.USSsn,
	words: words([]string{"ssn", "social", "soc sec", "soc. sec", "ss#", "ss #", "ss no", "ss num", "ss:"}),
	digits: digits{check: checkSsn, runs: []int{9}, full: 9, zeros: 2, drop: ".",
		printed: []string{"999-99-9999"}, loose: []string{"999 99 9999", "999.99.9999"}},
}

func checkSsn(d []byte) reason {
	area := three(d)
	switch {
	case area == 0 || area == 666 || area >= 900, two(d[3:]) == 0, string(d[5:]) == "0000":
		return badFormat
	}
	switch string(d) {
	case "078051120", "219099999", "457555462":
		return testOnly
	}
	return good
}
