package unpack

import (
	"bytes"
	"unicode/utf8"
)

// percents are the escapes of URLs (RFC 3986), and those of JavaScript's escape: %u00e4. Beside them a plus is a space, as
// forms write it.
type percents struct{ short }

func (percents) next(b []byte, open bool) int {
	i := bytes.IndexByte(b, '%')
	if !open {
		return i
	}
	if i < 0 {
		return bytes.IndexByte(b, '+')
	}
	if j := bytes.IndexByte(b[:i], '+'); j >= 0 {
		return j
	}
	return i
}

func (percents) resolve(b, buf []byte) (letter []byte, size int) {
	switch {
	case b[0] == '+':
		return append(buf, ' '), 1
	case len(b) >= 3 && hexValues[b[1]] < 16 && hexValues[b[2]] < 16:
		return append(buf, hexValues[b[1]]<<4|hexValues[b[2]]), 3
	case len(b) >= 6 && b[1]|0x20 == 'u':
		if r, ok := hex4(b); ok && utf8.ValidRune(r) {
			return utf8.AppendRune(buf, r), 6
		}
	}
	return nil, 0
}

// printables are quoted-printable (RFC 2045): =41, and an equals sign at a line's end that joins it to the next.
type printables struct{ short }

func (printables) next(b []byte, _ bool) int {
	for i := 0; ; i++ {
		k := bytes.IndexByte(b[i:], '=')
		if k < 0 {
			return -1
		}
		i += k
		if len(b)-i < 3 || b[i+1] <= ' ' || hexValues[b[i+1]] < 16 {
			return i
		}
	}
}

func (printables) resolve(b, buf []byte) (letter []byte, size int) {
	if len(b) >= 3 && hexValues[b[1]] < 16 && hexValues[b[2]] < 16 {
		return append(buf, hexValues[b[1]]<<4|hexValues[b[2]]), 3
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case ' ', '\t', '\r':
		case '\n':
			return buf, i + 1
		default:
			return nil, 0
		}
	}
	return nil, 0
}

// isPrintable says whether a text may be quoted-printable: some line of its head ends with an equals sign, two bytes in a row
// are written so, or it says so.
func isPrintable(head []byte) bool {
	return printableAt(head) >= 0 ||
		bytes.Contains(head, []byte("quoted-printable")) || bytes.Contains(head, []byte("Quoted-Printable")) ||
		bytes.Contains(head, []byte("QUOTED-PRINTABLE"))
}

// braced resolves \u{e4}, as JavaScript, Ruby and Rust write it.
func braced(b, buf []byte) (letter []byte, size int) {
	r := rune(0)
	for i := 3; i < min(len(b), 10); i++ {
		if b[i] == '}' && i > 3 && utf8.ValidRune(r) {
			return utf8.AppendRune(buf, r), i + 1
		}
		if hexValues[b[i]] > 15 {
			break
		}
		r = r<<4 | rune(hexValues[b[i]])
	}
	return nil, 0
}
