package unpack

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxShift is how many characters of one shifted stretch of UTF-7 are decoded together.
const maxShift = 4 << 10

// isUTF7 says whether a text is to be read as UTF-7: only when it is said to be, or has its mark, for any ASCII may be it.
func isUTF7(said string, head []byte) bool {
	low := strings.ToLower(said)
	return low == "utf-7" || low == "unicode-1-1-utf-7" || bytes.HasPrefix(head, []byte("+/v8")) || bytes.HasPrefix(head, []byte("+/v9"))
}

// readShifted decodes UTF-7 (RFC 2152): ASCII as it is, other letters as base64 of UTF-16 between a plus and a minus.
func (d *letters) readShifted(p []byte) (int, error) {
	b, err := d.window(maxShift)
	if err != nil {
		return 0, err
	}
	if i := bytes.IndexByte(b, '+'); i != 0 {
		if i < 0 {
			i = len(b)
		}
		n := copy(p, b[:i])
		d.marks.set(d.out, d.in, 1, asIs, 0)
		d.take(n)
		return n, nil
	}
	k := 0
	for k+1 < min(len(b), len(p)/2) && base64Values[b[k+1]] < 64 && b[k+1] != '-' && b[k+1] != '_' {
		k++
	}
	d.marks.set(d.out, d.in, 1, asIs, 0)
	if k == 0 { // +- is a plus
		p[0] = '+'
		d.take(1 + boolInt(len(b) > 1 && b[1] == '-'))
		return 1, nil
	}
	n := unshift(p, b[1:1+k])
	size := 1 + k
	d.take(size + boolInt(len(b) > size && b[size] == '-'))
	if n == 0 {
		return d.readShifted(p)
	}
	return n, nil
}

// unshift decodes one shifted stretch. p has room, for three bytes are at most what eight thirds of a character become.
func unshift(p, chars []byte) (n int) {
	b := make([]byte, len(chars))
	b = b[:decode64(b, chars)]
	var units []uint16
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, uint16(b[0])<<8|uint16(b[1]))
	}
	for _, r := range utf16.Decode(units) {
		if n+utf8.UTFMax <= len(p) {
			n += utf8.EncodeRune(p[n:], r)
		}
	}
	return n
}
