package unpack

import (
	"bytes"
	"strconv"
)

// lookDeeper notes once that a letter or a digit is still written as an escape in what was resolved as often as anything is.
func (a *aside) lookDeeper() {
	edge := append(a.tail, a.buf[:min(len(a.buf), lookAhead)]...)
	if escapedStill(edge) || escapedStill(a.buf) {
		a.w.notes.add("escapes limit " + itoa(maxViews) + ": %d texts with more inside one another")
		a.deep = false
	}
	a.tail = append(a.tail[:0], a.buf[max(len(a.buf)-lookAhead, 0):]...)
}

// escapedStill says whether a letter, a digit or an @ of ASCII is written as an escape, or as an escape of one. Signs, blanks and
// letters of other scripts are not looked at: texts of logs and programs are full of theirs, and identifiers are not.
func escapedStill(b []byte) bool {
	for {
		i := bytes.IndexAny(b, `\&%`)
		if i < 0 {
			return false
		}
		c := b[i]
		b = b[i+1:]
		switch c {
		case '\\':
			b = bytes.TrimLeft(b, `\`)
			if len(b) > 4 && b[0]|0x20 == 'u' && b[1] == '0' && b[2] == '0' && telling(b[3:5], 16) ||
				len(b) > 2 && b[0]|0x20 == 'x' && telling(b[1:3], 16) {
				return true
			}
		case '%':
			b = trimAll(b, "25")
			if len(b) > 1 && telling(b[:2], 16) {
				return true
			}
		default:
			b = trimAll(b, "amp;")
			if len(b) > 2 && b[0] == '#' && numberedStill(b[1:min(len(b), 9)]) {
				return true
			}
		}
	}
}

func trimAll(b []byte, s string) []byte {
	for bytes.HasPrefix(b, []byte(s)) {
		b = b[len(s):]
	}
	return b
}

// numberedStill says so of what follows &#.
func numberedStill(b []byte) bool {
	base := 10
	if b[0]|0x20 == 'x' {
		b, base = b[1:], 16
	}
	n := 0
	for n < len(b) && int(hexValues[b[n]]) < base {
		n++
	}
	return n > 0 && telling(b[:n], base)
}

// telling says whether a number is that of a letter, a digit or an @.
func telling(digits []byte, base int) bool {
	v, err := strconv.ParseUint(string(digits), base, 8)
	c := byte(v)
	return err == nil && (c >= '0' && c <= '9' || c >= '@' && c <= 'Z' || c >= 'a' && c <= 'z')
}
