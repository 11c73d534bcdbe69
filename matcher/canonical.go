package matcher

import (
	"bytes"
	"strings"
	"time"
)

// today is the day of t in UTC, as day makes it.
func today(t time.Time) int {
	y, m, d := t.UTC().Date()
	return day(y, int(m), d)
}

// canonical gives the canonical forms of a value as a table has it: one for most kinds, every pair for names. The error
// is a *BadIdentifier and never holds the value. Inside, it is the same code that judges what is found in text.
func canonical(k kindID, value string, region *plan, test bool, today int) ([][]byte, error) {
	if len(value) > 1024 {
		return nil, k.bad(badFormat)
	}
	var f folded
	f.fold([]byte(value), false)
	v := bytes.TrimSpace(f.text)
	var c []byte
	var r reason
	switch k {
	case kEmail, kEmailBase:
		c, r = canonEmail(v, k)
	case kPhone:
		c, r = canonPhone(unfloat(v), region)
	case kName, kNameDOB:
		return canonNames(k, v)
	case kMRN:
		c, r = canonMRN(v)
	default:
		c, r = canonNumber(k, v, today)
	}
	if r == testOnly && test {
		r = good
	}
	if r != good {
		return nil, k.bad(r)
	}
	return [][]byte{c}, nil
}

// canonNumber reads a national number.
func canonNumber(k kindID, v []byte, today int) ([]byte, reason) {
	switch k {
	case kHetu:
		c := bytes.ToUpper(without(v, " "))
		return c, checkHetu(c)
	case kPnr:
		d, sign := without(v, " -"), byte(0)
		if i := bytes.IndexByte(d, '+'); i > 0 {
			d, sign = append(d[:i:i], d[i+1:]...), '+'
		}
		c, r := checkPnr(padded0(unfloat(d), v, 10, 3), sign, today)
		return c[:], r
	case kFnr:
		d := padded0(unfloat(without(v, " -")), v, 11, 1)
		return d, checkFnr(d)
	case kCpr:
		d := padded0(unfloat(without(v, " -")), v, 10, 1)
		return d, checkCpr(d)
	default:
		d := padded0(unfloat(without(v, " -")), v, 10, 1)
		return d, checkNhs(d)
	}
}

// without drops separators.
func without(v []byte, separators string) []byte {
	out := make([]byte, 0, len(v))
	for _, c := range v {
		if strings.IndexByte(separators, c) < 0 {
			out = append(out, c)
		}
	}
	return out
}

// unfloat drops the ".0" that a number gets when a program takes it for a measure.
func unfloat(v []byte) []byte {
	if d, ok := bytes.CutSuffix(v, []byte(".0")); ok && allDigits(d) {
		return d
	}
	return v
}

// padded0 puts back up to most zeros that a spreadsheet ate, on values that are digits only.
func padded0(d, v []byte, length, most int) []byte {
	if n := length - len(d); n > 0 && n <= most && allDigits(unfloat(v)) {
		return append(bytes.Repeat([]byte("0"), n), d...)
	}
	return d
}

// canonEmail reads an address, with the mailto: or the brackets that may stand around it.
func canonEmail(v []byte, k kindID) ([]byte, reason) {
	if i, j := bytes.LastIndexByte(v, '<'), len(v)-1; i >= 0 && v[j] == '>' {
		v = v[i+1 : j]
	}
	if len(v) > 7 && lowerEqual(v[:7], "mailto:") {
		v = v[7:]
	}
	v = bytes.TrimSpace(v)
	at := bytes.IndexByte(v, '@')
	if at < 0 || bytes.IndexByte(v[at+1:], '@') >= 0 {
		return nil, badFormat
	}
	c, r := appendEmail(nil, v[:at], v[at+1:])
	if r == good && k == kEmailBase {
		c = appendEmailBase(nil, c)
	}
	return c, r
}

// canonMRN reads a clinic's own record number: issuer/NUMBER. Canonical form: the issuer's id in lower case, a slash,
// upper-case letters and digits without separators. It is registered, and not yet looked for.
func canonMRN(v []byte) ([]byte, reason) {
	issuer, number, ok := bytes.Cut(v, []byte("/"))
	number = bytes.ToUpper(without(number, " -./"))
	if issuer = bytes.ToLower(issuer); !ok || len(issuer) == 0 || len(number) == 0 {
		return nil, badFormat
	}
	for _, c := range issuer {
		if classes[c]&(isDigit|isLetter) == 0 && c != '-' {
			return nil, badFormat
		}
	}
	for _, c := range number {
		if classes[c]&(isDigit|isLetter) == 0 {
			return nil, badFormat
		}
	}
	return append(append(issuer, '/'), number...), good
}
