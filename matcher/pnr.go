package matcher

import (
	"bytes"

	"leakwatch/leak"
)

// The Swedish personnummer and samordningsnummer: YYMMDD-NNNN or YYYYMMDD-NNNN.
//
// Canonical form: twelve digits YYYYMMDDNNNN. Luhn over the last ten; serial 001 to 999; a samordningsnummer has 60
// added to its day. Without a century the youngest date that is not in the future is meant, and + in place of - means
// a hundred years before that. There is no reserved range for tests: Skatteverket publishes lists of single numbers.
// Interim numbers (a letter in the serial) and regional reserve numbers are not read.
//
// Source: Skatteverket SKV 704 and SKV 707; python-stdnum stdnum.se.personnummer.

var pnrRule = rule{name: leak.SEPnr, canon: canonPnr, words: words(idWords, []string{"samordn"})}

// canonPnr reads a number as a clinic's table has it.
func canonPnr(v []byte, in input) ([][]byte, reason) {
	plain, sign := unfloat(v), byte(0)
	d := without(plain, " -")
	if i := bytes.IndexByte(d, '+'); i > 0 {
		d, sign = append(d[:i:i], d[i+1:]...), '+'
	}
	if allDigits(plain) {
		d = filled(d, 10, 3)
	}
	c, r := checkPnr(d, sign, in.today)
	return one(c[:], r)
}

// doubled is twice a digit, less nine where that has two digits.
var doubled = [16]uint8{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}

// luhn says whether digits pass the Luhn check.
func luhn(d []byte) bool {
	sum, i := 0, len(d)
	for ; i >= 2; i -= 2 {
		sum += digit(d[i-1]) + int(doubled[d[i-2]&15])
	}
	if i == 1 {
		sum += digit(d[0])
	}
	return sum%10 == 0
}

// checkPnr judges a number of ten or twelve digits, with the sign that stood in it (0 for none), and gives the
// canonical form. today is a day as day makes it.
func checkPnr(d []byte, sign byte, today int) (c [12]byte, r reason) {
	if len(d) != 10 && len(d) != 12 || !allDigits(d) {
		return c, badFormat
	}
	return checkPnrDigits(d, sign, today)
}

// checkPnrDigits judges a number whose form is right.
func checkPnrDigits(d []byte, sign byte, today int) (c [12]byte, r reason) {
	last := d[len(d)-10:]
	if !luhn(last) {
		return c, badChecksum
	}
	yy, mm, dd := two(last), two(last[2:]), two(last[4:])
	if dd > 60 {
		dd -= 60
	}
	var year int
	if len(d) == 12 {
		year = two(d)*100 + yy
	} else if year = today/1000000*100 + yy; day(year, mm, dd) > today {
		year -= 100
	}
	if len(d) == 10 && sign == '+' {
		year -= 100
	}
	if year < 1840 || !date(year, mm, dd) || day(year, mm, dd) > today {
		return c, badDate
	}
	if three(last[6:]) == 0 {
		return c, badFormat
	}
	c[0], c[1] = byte('0'+year/1000), byte('0'+year/100%10)
	copy(c[2:], last)
	return c, good
}

// pnrDate says whether six digits may be the date, of which most other numbers have none.
func pnrDate(d []byte) bool {
	dd := two(d[4:])
	if dd > 60 {
		dd -= 60
	}
	return dayMonth(dd, two(d[2:]))
}

// tryPnr looks for a number at a run of six or eight digits, a sign and four digits.
func (s *scanner) tryPnr(b []byte, at, n int) {
	from := at + n + 1
	wrap := lineEnd(b, from)
	from += wrap
	end := from + 4
	if end > len(b) || !allDigits(b[from:end]) {
		return
	}
	sign := b[at+n]
	if sign != '-' && sign != '+' && sign != ' ' || !pnrDate(b[at+n-6:]) || touchesAfter(b, end) {
		return
	}
	var d [12]byte
	*(*[8]byte)(d[:]) = [8]byte(b[at:]) // n is 6 or 8
	*(*[4]byte)(d[n:]) = [4]byte(b[from:])
	f := printed
	if sign == ' ' {
		f = variant
	}
	if wrap > 0 {
		f |= variant
	}
	if c, r := checkPnrDigits(d[:n+4], sign, s.today); r == good {
		s.candidate(kPnr, c[:], at, end, f)
	}
}

// tryPnrRun looks for a number at a run of ten or twelve digits.
func (s *scanner) tryPnrRun(b []byte, at, n int) {
	if !pnrDate(b[at+n-10 : at+n-4]) {
		return
	}
	if c, r := checkPnrDigits(b[at:at+n], 0, s.today); r == good && !touchesAfter(b, at+n) {
		s.candidate(kPnr, c[:], at, at+n, 0)
	}
}
