package matcher

import (
	"unicode"
	"unicode/utf8"
)

// Classes of ASCII characters. Bytes from 0x80 on have none.
const (
	isDigit  uint8 = 1 << iota
	isLetter       // ASCII letter
	isLocal        // of the local part of an address, as it is looked for in text
	isHost         // of a domain
	isJoin         // may stand once between the digits of a telephone number
	isHex
	isDial // may stand before a group of a telephone number
	isSign // may follow a date of six digits
)

var classes = func() (t [256]uint8) {
	set := func(chars string, class uint8) {
		for _, c := range []byte(chars) {
			t[c] |= class
		}
	}
	for c := byte('a'); c <= 'z'; c++ {
		set(string([]byte{c, c - 32}), isLetter|isLocal|isHost)
	}
	set("0123456789", isDigit|isLocal|isHost|isHex)
	set("abcdefABCDEF", isHex)
	set("._+-", isLocal)
	set("-.", isHost)
	set(" -./()", isJoin|isDial)
	set("+", isDial)
	set("-+ ABCDEFUVWXYabcdefuvwxy", isSign)
	return t
}()

// wordRune says whether a rune is a letter, a digit, or a mark upon one.
func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// touchesBefore says whether a letter or digit stands right before b[i]. The letter of an escape (\n, \u003c, %20) is
// none, for text is often found inside JSON or a URL.
func touchesBefore(b []byte, i int) bool {
	if i == 0 {
		return false
	}
	c := b[i-1]
	switch {
	case c >= utf8.RuneSelf:
		r, _ := utf8.DecodeLastRune(b[max(0, i-utf8.UTFMax):i])
		return r != utf8.RuneError && wordRune(r)
	case classes[c]&(isDigit|isLetter) == 0:
		return false
	}
	return !escapeBefore(b, i)
}

// escapeBefore says whether an escape sequence ends right before b[i].
func escapeBefore(b []byte, i int) bool {
	if i >= 2 && b[i-2] == '\\' {
		switch b[i-1] {
		case 'n', 'r', 't', 'b', 'f', 'v':
			return true
		}
	}
	if i >= 3 && b[i-3] == '%' && classes[b[i-1]]&classes[b[i-2]]&isHex != 0 {
		return true
	}
	return i >= 6 && b[i-6] == '\\' && b[i-5] == 'u' && b[i-4] == '0' && b[i-3] == '0'
}

// touchesAfter says whether a letter or digit stands at b[i].
func touchesAfter(b []byte, i int) bool {
	if i >= len(b) {
		return false
	}
	c := b[i]
	if c < utf8.RuneSelf {
		return classes[c]&(isDigit|isLetter) != 0
	}
	r, _ := utf8.DecodeRune(b[i:min(len(b), i+utf8.UTFMax)])
	return r != utf8.RuneError && wordRune(r)
}
