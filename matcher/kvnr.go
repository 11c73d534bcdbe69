package matcher

import "leakwatch/leak"

// The German health insurance number, the part of the Krankenversichertennummer that stays with a person: a letter and
// nine digits.
//
// Canonical form: the letter in upper case and nine digits. What may follow on a card, the insurer's number, a family
// member's own number and a check digit over all, is dropped: it changes with the insurer. The last digit is a check:
// the letter becomes 01 to 26, the ten digits are weighted 1, 2, 1, 2 …, and of each product its digits are added up,
// modulo 10.
//
// Source: § 290 SGB V; GKV-Spitzenverband, "Aufbau der Krankenversichertennummer". The check was verified on one public
// example only, A123456780.

var kvnrRule = rule{
	name:  leak.DEKvnr,
	canon: func(v []byte, _ input) ([][]byte, reason) { return one(canonKvnr(v)) },
	words: words(personWords, []string{"kvnr", "kv-nr", "krankenv", "versichert", "egk"}),
}

// checkKvnr judges a number in upper case.
func checkKvnr(c []byte) reason {
	if len(c) != 10 || c[0]-'A' > 25 || !allDigits(c[1:]) {
		return badFormat
	}
	letter := int(c[0]-'A') + 1
	sum := letter/10 + crossTwice(letter%10)
	for i, d := range c[1:9] {
		if n := digit(d); i&1 == 0 {
			sum += n
		} else {
			sum += crossTwice(n)
		}
	}
	if sum%10 != digit(c[9]) {
		return badChecksum
	}
	return good
}

// crossTwice doubles a digit and adds up the digits of that.
func crossTwice(n int) int {
	if n *= 2; n > 9 {
		n -= 9
	}
	return n
}

// canonKvnr reads a number as a table has it, whole as it stands on a card or the part that stays.
func canonKvnr(v []byte) ([]byte, reason) {
	c := upperOf(without(v, " -"))
	if n := len(c); (n == 20 || n == 30) && allDigits(c[1:20]) {
		c = c[:10]
	}
	return c, checkKvnr(c)
}

// tryKvnr looks for a number at its first digit: nine digits or, with the insurer's part, nineteen, right behind a
// letter; or three groups of three behind a letter and perhaps a space.
func (s *scanner) tryKvnr(b []byte, at, n int) {
	start := at - 1
	if start > 0 && b[start] == ' ' && n == 3 {
		start--
	}
	if start < 0 || classes[b[start]]&isLetter == 0 || touchesBefore(b, start) {
		return
	}
	var c [10]byte
	c[0] = upper(b[start])
	end := at + n
	if n == 3 {
		if end = at + 11; end > len(b) || b[at+3] != ' ' || b[at+7] != ' ' {
			return
		}
		copy(c[1:], b[at:at+3])
		copy(c[4:], b[at+4:at+7])
		copy(c[7:], b[at+8:end])
	} else {
		copy(c[1:], b[at:at+9])
	}
	if checkKvnr(c[:]) != good || touchesAfter(b, end) {
		return
	}
	var f marks
	if c[0] != b[start] {
		f = variant
	}
	s.candidate(kKvnr, c[:], start, end, f)
}
