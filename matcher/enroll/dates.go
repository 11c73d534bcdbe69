package enroll

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// birthDate reads a date of birth as ISO 8601 gives it. It knows 1994-05-01, 19940501, 1.5.1994, 01/05/1994, 1-5-1994,
// each with a time of day behind it, and a spreadsheet's serial. A year of two digits is no date: nobody knows the
// century. Months never come first.
func birthDate(s string, number, date1904 bool) (string, bool) {
	s = strings.TrimSpace(s)
	if t, ok := serial(s, number, date1904); ok {
		return isoDate(t)
	}
	if i := strings.IndexAny(s, "T "); i >= 8 {
		s = s[:i]
	}
	if len(s) == 8 && allDigits(s) {
		return ymd(s[:4], s[4:6], s[6:])
	}
	for _, sep := range []string{"-", ".", "/"} {
		part := strings.Split(s, sep)
		if len(part) != 3 {
			continue
		}
		if len(part[0]) == 4 {
			return ymd(part[0], part[1], part[2])
		}
		return ymd(part[2], part[1], part[0])
	}
	return "", false
}

func ymd(y, m, d string) (string, bool) {
	if len(y) != 4 || len(m) == 0 || len(m) > 2 || len(d) == 0 || len(d) > 2 || !allDigits(y+m+d) {
		return "", false
	}
	year, _ := strconv.Atoi(y)
	month, _ := strconv.Atoi(m)
	day, _ := strconv.Atoi(d)
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || t.Month() != time.Month(month) || t.Day() != day {
		return "", false
	}
	return isoDate(t)
}

// isoDate takes dates on which somebody in a register may have been born.
func isoDate(t time.Time) (string, bool) {
	if t.Year() < 1850 || t.Year() > 2200 {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// serial reads a spreadsheet's day number. In text only five digits are taken for one. The 1900 system has a 29
// February 1900 that never was (serial 60).
func serial(s string, number, date1904 bool) (time.Time, bool) {
	if !number && (len(s) != 5 || !allDigits(s)) {
		return time.Time{}, false
	}
	f, err := strconv.ParseFloat(s, 64)
	n := int(math.Floor(f))
	if err != nil || !(f >= 1) || f >= 100_000 || n == 60 && !date1904 {
		return time.Time{}, false
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case n < 60:
		epoch = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	return epoch.AddDate(0, 0, n), true
}

// hetuDate is the date of birth inside a valid Finnish code.
func hetuDate(hetu string) (string, bool) {
	if len(hetu) < 7 {
		return "", false
	}
	century := ""
	switch c := hetu[6] &^ 0x20; {
	case hetu[6] == '+':
		century = "18"
	case hetu[6] == '-', c >= 'U' && c <= 'Y':
		century = "19"
	case c >= 'A' && c <= 'F':
		century = "20"
	default:
		return "", false
	}
	return ymd(century+hetu[4:6], hetu[2:4], hetu[:2])
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
