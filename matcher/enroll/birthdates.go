package enroll

import "leakwatch/leak"

// dateInside is the date of birth that a national number says, where the century is certain.
func dateInside(f field, value string) (string, bool) {
	d := digitsOf(value)
	switch leak.Kind(f) {
	case leak.FIHetu:
		return hetuDate(value)
	case leak.SEPnr:
		if len(d) == 12 {
			return ymd(d[:4], d[4:6], d[6:8]) // a samordningsnummer has no such day: no date
		}
	case leak.EEIk, leak.LTAk:
		if len(d) == 11 && d[0] >= '1' && d[0] <= '8' {
			return ymd([]string{"18", "19", "20", "21"}[(d[0]-'1')/2]+d[1:3], d[3:5], d[5:7])
		}
	case leak.PLPesel:
		if len(d) == 11 {
			return peselDate(d)
		}
	}
	return "", false
}

// peselDate reads a date whose month has 80, 0, 20, 40 or 60 more for the centuries from 1800 on.
func peselDate(d string) (string, bool) {
	tens := d[2] - '0'
	century := []string{"19", "20", "21", "22", "18"}[tens/2]
	return ymd(century+d[:2], string([]byte{'0' + tens%2, d[3]}), d[4:6])
}

// digitsOf is a value without spaces and hyphens, or "" when it has anything else than digits.
func digitsOf(value string) string {
	b := make([]byte, 0, len(value))
	for _, c := range []byte(value) {
		switch {
		case c >= '0' && c <= '9':
			b = append(b, c)
		case c != '-' && c != ' ':
			return ""
		}
	}
	return string(b)
}
