package matcher

import (
	"bytes"

	"leakwatch/leak"
)

// The Finnish personal identity code, henkilötunnus: DDMMYYsNNNc, eleven characters.
//
// Canonical form: upper-case, with its sign. The sign s gives the century and, since 1 January 2023, is a
// distinguishing part of the code: + is 18xx, - Y X W V U are 19xx, A to F are 20xx. A sign that is there is never
// swapped. NNN is 002 to 899; 900 to 999 are artificial codes that are not unique and serve as test people. The check
// character is the number DDMMYYNNN modulo 31 in a table; the sign is not in it.
//
// Source: Government decree on the identity code in force 1 January 2023; Digital and Population Data Services Agency,
// "Reform of the personal identity code"; docs/hashing.md for the test numbers.

var hetuRule = rule{
	name: leak.FIHetu,
	canon: func(v []byte, _ input) ([][]byte, reason) {
		c := bytes.ToUpper(without(v, " "))
		return one(c, checkHetu(c))
	},
	words: words(idWords, []string{"hetu", "henkil", "sotu", "syntym"}),
}

// idWords are keywords of identity numbers in the north of Europe and in English.
var idWords = append([]string{"person", "ssn", "social sec", "identit", "fødsels", "fodsels", "fnr", "pnr", "födelse", "cpr", "hetu", "henkil"},
	personWords...)

const hetuTable = "0123456789ABCDEFHJKLMNPRSTUVWXY"

// hetuSigns in the order in which they are tried when the sign is missing: the common ones, then the oldest, then the
// signs of 2023.
const hetuSigns = "-A+YXWVUBCDEF"

// hetuCenturies are the centuries of the signs in upper case, and 0 for what is none.
var hetuCenturies = func() (t [256]uint8) {
	for sign, century := range map[string]uint8{"+": 18, "-YXWVU": 19, "ABCDEF": 20} {
		for _, c := range []byte(sign) {
			t[c] = century
		}
	}
	return t
}()

// hetuCentury is the century of a sign, or 0 when it is none.
func hetuCentury(sign byte) int { return int(hetuCenturies[sign]) * 100 }

// checkHetu judges a code in upper case.
func checkHetu(c []byte) reason {
	if len(c) != 11 || !allDigits(c[:6]) || !allDigits(c[7:10]) {
		return badFormat
	}
	century := hetuCentury(c[6])
	if century == 0 {
		return badFormat
	}
	return checkHetuDigits(c, century)
}

// checkHetuDigits judges a code whose form is right.
func checkHetuDigits(c []byte, century int) reason {
	if hetuCheck(c, c[7:]) != c[10] {
		return badChecksum
	}
	if !date(century+two(c[4:]), two(c[2:]), two(c)) {
		return badDate
	}
	switch n := three(c[7:]); {
	case n < 2:
		return badFormat
	case n >= 900:
		return testOnly
	}
	return good
}

// hetuCheck is the check character of a code with a date and a number.
func hetuCheck(ddmmyy, nnn []byte) byte {
	date := uint32(two(ddmmyy)*100+two(ddmmyy[2:]))*100 + uint32(two(ddmmyy[4:]))
	return hetuTable[(date*1000+uint32(three(nnn)))%31]
}

// upper is the ASCII upper case of a character.
func upper(c byte) byte {
	if c-'a' < 26 {
		return c - 32
	}
	return c
}

// tryHetu looks for a code with its sign at a run of six digits.
func (s *scanner) tryHetu(b []byte, at int) {
	wrap := lineEnd(b, at+7)
	from := at + 7 + wrap
	end := from + 4
	if end > len(b) || !dayMonth(two(b[at:]), two(b[at+2:])) { // nor have most other numbers that date
		return
	}
	sign, last := upper(b[at+6]), upper(b[end-1])
	century := hetuCentury(sign)
	if century == 0 && (sign != ' ' || wrap > 0) || !allDigits(b[from:end-1]) || hetuCheck(b[at:], b[from:]) != last {
		return
	}
	var c [11]byte
	copy(c[:], b[at:at+6])
	copy(c[7:], b[from:end-1])
	c[6], c[10] = sign, last
	if sign == ' ' {
		s.hetuUnsigned(b, c, at, end)
		return
	}
	r := checkHetuDigits(c[:], century)
	if r != good && r != testOnly || touchesAfter(b, end) {
		return
	}
	var f marks
	if sign != b[at+6] || last != b[end-1] || wrap > 0 || s.folded.changed(at+6) {
		f = variant
	}
	s.candidate(kHetu, c[:], at, end, f|testIf(r))
}

// tryHetuRun looks for a code without its sign: nine digits and a letter, or ten digits.
func (s *scanner) tryHetuRun(b []byte, at int) {
	if at+10 > len(b) || !dayMonth(two(b[at:]), two(b[at+2:])) || hetuCheck(b[at:], b[at+6:]) != upper(b[at+9]) {
		return
	}
	var c [11]byte
	copy(c[:], b[at:at+6])
	copy(c[7:], b[at+6:at+9])
	c[10] = upper(b[at+9])
	s.hetuUnsigned(b, c, at, at+10)
}

// hetuUnsigned tries the signs that a code without one, whose day and check character are right, may have had, and stops at the first that is registered. With a
// digit as check character it is a mere number, and counts like a weak kind. Only the first valid form is counted as a
// candidate, and of a mere number only where a keyword stands near it, as only such a one counts: a list of made-up codes
// without signs must not look like a list of patients. None is tokenised unless it is registered.
func (s *scanner) hetuUnsigned(b []byte, c [11]byte, at, end int) {
	if touchesAfter(b, end) {
		return
	}
	f := variant | silent
	if c[10] <= '9' {
		f |= doubtful
	}
	counts := counted
	for i := range len(hetuSigns) {
		c[6] = hetuSigns[i]
		r := checkHetu(c[:])
		if r != good && r != testOnly {
			continue
		}
		if counts != 0 && f&doubtful != 0 && !s.near(kHetu, at, end) {
			counts = 0
		}
		s.candidate(kHetu, c[:], at, end, f|testIf(r)|counts)
		counts = 0
	}
}

func testIf(r reason) marks {
	f, _ := r.judged()
	return f
}
