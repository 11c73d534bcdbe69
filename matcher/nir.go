package matcher

import "leakwatch/leak"

// The French social security number, numéro d'inscription au répertoire: thirteen characters and a key of two digits,
// printed 2 53 07 2B 073 004 70.
//
// Canonical form: fifteen characters, the department 2A or 2B in upper case. They are sex (1, 2), year, month (20, 30 to
// 42 and from 50 on where it is not known), department, municipality, number, key. The key is 97 minus the first thirteen
// modulo 97, with 19 in place of 2A and 18 in place of 2B. A number without its key is completed; in text it then has no
// check at all, and counts like a weak kind. Numbers that begin with 7 or 8 are temporary (unverified), and count so too.
//
// Source: Décret n° 82-103; INSEE, "Numéro de sécurité sociale"; python-stdnum stdnum.fr.nir.

var nirRule = rule{
	name:  leak.FRNir,
	canon: func(v []byte, _ input) ([][]byte, reason) { return one(canonNir(v)) },
	words: words([]string{"nir", "secu", "sécu", "insee", "assur", "nss", "n° ss", "num ss", "num_ss"}),
}

// nirKey gives the key of thirteen characters.
func nirKey(c []byte) int {
	n, corsica := 0, 0
	for _, x := range c[:13] {
		switch x {
		case 'A': // 2A is 19, which is 20 less 1
			x, corsica = '0', 1
		case 'B':
			x, corsica = '0', 2
		}
		n = n*10 + digit(x)
	}
	if corsica != 0 {
		n -= corsica * 1_000_000
	}
	return 97 - n%97
}

// checkNir judges a number of fifteen characters in upper case.
func checkNir(c []byte) reason {
	if len(c) != 15 || !allDigits(c[:6]) || !allDigits(c[7:]) {
		return badFormat
	}
	if corsica := c[5] == '2' && (c[6] == 'A' || c[6] == 'B'); !corsica && c[6]-'0' > 9 {
		return badFormat
	}
	if nirKey(c) != two(c[13:]) {
		return badChecksum
	}
	switch m := two(c[3:]); {
	case m >= 1 && m <= 12, m == 20, m >= 30 && m <= 42, m >= 50:
	default:
		return badDate
	}
	if string(c[5:7]) == "00" || string(c[7:10]) == "000" || string(c[10:13]) == "000" {
		return badFormat
	}
	switch c[0] {
	case '1', '2':
		return good
	case '7', '8':
		return unsure
	}
	return badFormat
}

// nirWithKey appends the key to thirteen characters.
func nirWithKey(c []byte) []byte {
	k := nirKey(c)
	return append(c, byte('0'+k/10), byte('0'+k%10))
}

// canonNir reads a number as a table has it, with its key or without.
func canonNir(v []byte) ([]byte, reason) {
	c := upperOf(without(unfloat(v), " -./"))
	if len(c) == 13 && allDigits(c[:6]) && allDigits(c[7:]) && (c[6]-'0' <= 9 || c[6] == 'A' || c[6] == 'B') {
		c = nirWithKey(c)
	}
	return c, checkNir(c)
}

// tryNir looks for a number at its first digit: in its printed groups 1 2 2 2 3 3 2, as thirteen characters and two, or
// as fifteen. The key may be missing.
func (s *scanner) tryNir(b []byte, at int) {
	var c [15]byte
	end, short, n, wraps := at, 0, 0, 0
	for n < 15 {
		if nirGroup(n) {
			_, width, wrapped := gap(b, end)
			if n == 13 {
				short = end // where it ends if there is no key
			}
			if wrapped {
				wraps++
			}
			end += width
		}
		if end >= len(b) || b[end]-'0' > 9 && (n != 6 || upper(b[end])-'A' > 1) {
			break
		}
		c[n] = b[end]
		n, end = n+1, end+1
	}
	if wraps > 1 || n < 13 || touchesBefore(b, at) {
		return
	}
	f := upperIn(c[6:7])
	switch {
	case n == 15 && !touchesAfter(b, end):
	case n == 13 && !touchesAfter(b, short) && s.near(kNir, at, short):
		_ = nirWithKey(c[:13])
		end, f = short, variant|doubtful|silent
	default:
		return
	}
	if m, ok := checkNir(c[:]).judged(); ok {
		s.candidate(kNir, c[:], at, end, f|m)
	}
}

// nirGroup says whether a group of the printed form ends behind n characters.
func nirGroup(n int) bool {
	switch n {
	case 1, 3, 5, 7, 10, 13:
		return true
	}
	return false
}
