package matcher

import "leakwatch/leak"

// The Spanish DNI of citizens: eight digits and a check letter, printed 54362315K, 54362315-K or 54.362.315-K.
//
// Canonical form: eight digits, zeros put back in front, and the letter in upper case: TRWAGMYFPDXBNJZSQVHLCKE[n mod
// 23]. A number without its letter is completed where its column, or a keyword near it, says that it is a DNI; in text
// it then counts like a weak kind, for nothing but its length speaks for it.
//
// Source: Real Decreto 255/2025 and its forerunner 1553/2005; Ministerio del Interior, "Cálculo del dígito de control
// del NIF/NIE"; python-stdnum stdnum.es.dni.

var dniRule = rule{
	name:  leak.ESDni,
	canon: func(v []byte, _ input) ([][]byte, reason) { return one(canonDni(v)) },
	words: words([]string{"dni", "nif", "documento n", "d.n.i", "n.i.f"}),
}

const dniTable = "TRWAGMYFPDXBNJZSQVHLCKE"

// dniLetter gives the check letter of up to eight digits.
func dniLetter(d []byte) byte {
	n := 0
	for _, c := range d {
		n = n*10 + digit(c)
	}
	return dniTable[n%23]
}

// checkDni judges a number in upper case.
func checkDni(c []byte) reason {
	if len(c) != 9 || !allDigits(c[:8]) || c[8]-'A' > 25 {
		return badFormat
	}
	if dniLetter(c[:8]) != c[8] {
		return badChecksum
	}
	return good
}

// canonDni reads a number as a table has it, with its letter or without.
func canonDni(v []byte) ([]byte, reason) {
	d := upperOf(without(unfloat(v), " -."))
	n := len(d)
	if n == 0 || n > 9 {
		return nil, badFormat
	}
	letter := d[n-1]
	if letter-'0' > 9 {
		d, n = d[:n-1], n-1
	} else if n == 9 {
		return nil, badFormat
	} else {
		letter = 0
	}
	if n < 6 || !allDigits(d) {
		return nil, badFormat
	}
	c := append(append(make([]byte, 0, 9), "00000000"[n:]...), d...)
	if letter == 0 {
		letter = dniLetter(c)
	}
	c = append(c, letter)
	return c, checkDni(c)
}

// tryDni looks for a number at its first digit: seven or eight digits, or groups of three with points, with the letter
// right behind them or after a hyphen or a space.
func (s *scanner) tryDni(b []byte, at, n int) {
	var c [9]byte
	end := dottedDigits(c[:8], b, at, n)
	if end < 0 || touchesBefore(b, at) {
		return
	}
	i := end
	if i < len(b) && (b[i] == '-' || b[i] == ' ') {
		i++
	}
	if i < len(b) && classes[b[i]]&isLetter != 0 && !touchesAfter(b, i+1) {
		if c[8] = upper(b[i]); checkDni(c[:]) == good {
			f := marks(0)
			if c[8] != b[i] || n == 7 {
				f = variant
			}
			s.candidate(kDni, c[:], at, i+1, f)
			return
		}
	}
	if n == 8 && !touchesAfter(b, end) && s.near(kDni, at, end) {
		c[8] = dniLetter(c[:8])
		s.candidate(kDni, c[:], at, end, variant|doubtful|silent)
	}
}

// dottedDigits copies digits that begin with a run of n at b[at] to the end of d, with zeros before them: a run that
// fills d or lacks one, or groups of three with points behind a shorter run. It gives where they end, or -1.
func dottedDigits(d, b []byte, at, n int) int {
	for i := range d {
		d[i] = '0'
	}
	if n >= len(d)-1 {
		if n > len(d) {
			return -1
		}
		copy(d[len(d)-n:], b[at:at+n])
		return at + n
	}
	if n > len(d)-6 || at+n+8 > len(b) {
		return -1
	}
	p := b[at+n:]
	if p[0] != '.' || p[4] != '.' || !allDigits(p[1:4]) || !allDigits(p[5:8]) {
		return -1
	}
	copy(d[len(d)-6-n:], b[at:at+n])
	copy(d[len(d)-6:], p[1:4])
	copy(d[len(d)-3:], p[5:8])
	return at + n + 8
}
