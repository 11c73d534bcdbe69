package matcher

import "leakwatch/leak"

// The British National Insurance number: AANNNNNN and a suffix, printed AB 12 34 56 C.
//
// Canonical form: the first eight characters in upper case. The suffix A to D is no part of the identity, and is often
// left out. Neither letter is D, F, I, Q, U or V, the second not O either, and the pairs BG, GB, KN, NK, NT, TN and ZZ
// are not issued. There is no check digit: a weak kind, which counts with a keyword or in its printed form.
//
// Source: HMRC, National Insurance Manual NIM39110, which names the letters and the pairs.

var ninoRule = rule{
	name:  leak.GBNino,
	canon: func(v []byte, _ input) ([][]byte, reason) { return one(canonNino(v)) },
	words: words(personWords, []string{"national ins", "nino", "ni no", "ni num", "n.i.", "insurance n"}),
}

// checkNino judges the eight characters in upper case.
func checkNino(c []byte) reason {
	if len(c) != 8 || !ninoLetter(c[0]) || !ninoLetter(c[1]) || c[1] == 'O' || !allDigits(c[2:]) {
		return badFormat
	}
	switch string(c[:2]) {
	case "BG", "GB", "KN", "NK", "NT", "TN", "ZZ":
		return badFormat
	}
	return good
}

func ninoLetter(c byte) bool {
	switch c {
	case 'D', 'F', 'I', 'Q', 'U', 'V':
		return false
	}
	return c-'A' < 26
}

func ninoSuffix(c byte) bool { return upper(c)-'A' < 4 }

// canonNino reads a number as a table has it, with its suffix or without.
func canonNino(v []byte) ([]byte, reason) {
	c := upperOf(without(v, " -"))
	if len(c) == 9 && ninoSuffix(c[8]) {
		c = c[:8]
	}
	return c, checkNino(c)
}

// tryNino looks for a number at its first digit: six digits in one run, or in three pairs with single spaces or hyphens
// between them; the two letters stand right before them, or before such a separator.
func (s *scanner) tryNino(b []byte, at int) {
	start, sep := at-2, byte(0)
	if at > 2 && joinsNino(b[at-1]) {
		start, sep = at-3, b[at-1]
	}
	if start < 0 {
		return
	}
	var c [8]byte
	c[0], c[1] = upper(b[start]), upper(b[start+1])
	end, pairs := at, 0
	for n := 2; n < 8; n += 2 {
		if n > 2 && end < len(b) && joinsNino(b[end]) && (sep == 0 || b[end] == sep || b[end] == '\n') {
			if pairs++; sep == 0 {
				sep = b[end]
			}
			end++
		}
		if end+2 > len(b) || !allDigits(b[end:end+2]) {
			return
		}
		c[n], c[n+1] = b[end], b[end+1]
		end += 2
	}
	if pairs == 1 || checkNino(c[:]) != good || touchesBefore(b, start) {
		return
	}
	end = ninoEnd(b, end, sep)
	if end < 0 {
		return
	}
	f := marks(0)
	if pairs == 2 {
		f = printed
	}
	if c[0] != b[start] || c[1] != b[start+1] {
		f |= variant
	}
	s.candidate(kNino, c[:], start, end, f)
}

func joinsNino(c byte) bool { return c == ' ' || c == '-' || c == '\n' }

// ninoEnd takes the suffix along when there is one, and gives -1 when another letter or digit touches.
func ninoEnd(b []byte, end int, sep byte) int {
	if end < len(b) && ninoSuffix(b[end]) && !touchesAfter(b, end+1) {
		return end + 1
	}
	if touchesAfter(b, end) {
		return -1
	}
	if sep != 0 && end+1 < len(b) && b[end] == sep && ninoSuffix(b[end+1]) && !touchesAfter(b, end+2) {
		return end + 2
	}
	return end
}
