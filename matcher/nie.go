package matcher

import "leakwatch/leak"

// The Spanish NIE of foreigners: X, Y or Z, seven digits and a check letter, printed X2482300W or X-2482300-W.
//
// Canonical form: nine characters in upper case. The check letter is that of a DNI whose first digit is 0 for X, 1 for Y
// and 2 for Z. Old ones with eight digits behind the X begin with a zero, which is dropped (unverified).
//
// Source: Orden INT/2058/2008; Ministerio del Interior, "Cálculo del dígito de control del NIF/NIE"; python-stdnum
// stdnum.es.nie.

var nieRule = rule{
	name:  leak.ESNie,
	canon: func(v []byte, _ input) ([][]byte, reason) { return one(canonNie(v)) },
}

// checkNie judges a number in upper case.
func checkNie(c []byte) reason {
	if len(c) != 9 || c[0]-'X' > 2 || !allDigits(c[1:8]) || c[8]-'A' > 25 {
		return badFormat
	}
	d := [8]byte{c[0] - 'X' + '0'}
	copy(d[1:], c[1:8])
	if dniLetter(d[:]) != c[8] {
		return badChecksum
	}
	return good
}

// canonNie reads a number as a table has it.
func canonNie(v []byte) ([]byte, reason) {
	c := upperOf(without(v, " -."))
	if len(c) == 10 && c[0] == 'X' && c[1] == '0' {
		c = append(c[:1], c[2:]...)
	}
	return c, checkNie(c)
}

// tryNie looks for a number at its first digit, behind X, Y or Z and perhaps a hyphen or a space.
func (s *scanner) tryNie(b []byte, at, n int) {
	start := at - 1
	if start > 0 && (b[start] == '-' || b[start] == ' ') {
		start--
	}
	if start < 0 || upper(b[start])-'X' > 2 || touchesBefore(b, start) {
		return
	}
	var d [8]byte
	end := dottedDigits(d[:], b, at, n)
	if end < 0 || d[0] != '0' {
		return
	}
	if end < len(b) && (b[end] == '-' || b[end] == ' ') {
		end++
	}
	if end >= len(b) || classes[b[end]]&isLetter == 0 || touchesAfter(b, end+1) {
		return
	}
	var c [9]byte
	c[0], c[8] = upper(b[start]), upper(b[end])
	copy(c[1:], d[1:])
	if n == 8 && c[0] != 'X' || checkNie(c[:]) != good {
		return
	}
	var f marks
	if c[0] != b[start] || c[8] != b[end] || n == 8 {
		f = variant
	}
	s.candidate(kNie, c[:], start, end+1, f)
}
