package unpack

import (
	"bytes"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// unescaped resolves the escapes of JSON strings in place, so that identifiers written with them are found and words
// are not joined to the letter of an escape. There are no backslashes in JSON but in strings, so strings need not be
// told from the rest. Text without a backslash passes untouched.
type unescaped struct{ *inPlace }

// longestEscape is a pair of surrogates: \ud83d\ude00.
const longestEscape = 12

func newUnescaped(r io.Reader) *inPlace {
	u := unescaped{newInPlace(r)}
	u.rewrite = u.resolve
	return u.inPlace
}

// resolve writes b's letters over it and gives their number, and what must wait for more.
func (u unescaped) resolve(b []byte, last bool) (n int, rest []byte) {
	i := bytes.IndexByte(b, '\\')
	if i < 0 {
		return len(b), nil
	}
	n = i
	var buf [utf8.UTFMax]byte
	for i < len(b) {
		letter, size := jsonEscape(b[i:], buf[:0])
		if size == 0 && !last && len(b)-i < longestEscape {
			break
		}
		if size > 0 {
			u.marks.set(u.out+int64(n), u.in+int64(i), 1, asIs, 0)
			n += copy(b[n:], letter)
			i += size
			u.marks.set(u.out+int64(n), u.in+int64(i), 1, asIs, 0)
		} else { // not an escape: the backslash stays
			b[n] = b[i]
			n, i = n+1, i+1
		}
		k := bytes.IndexByte(b[i:], '\\')
		if k < 0 {
			k = len(b) - i
		}
		copy(b[n:], b[i:i+k])
		n, i = n+k, i+k
	}
	return n, b[i:]
}

// jsonEscape resolves the escape that b begins with: what it stands for, appended to buf, and its length. The length is
// 0 if it is none, or if its end may be missing.
func jsonEscape(b, buf []byte) (letter []byte, size int) {
	if len(b) < 2 {
		return nil, 0
	}
	switch b[1] {
	case '"', '/', '\\':
		return append(buf, b[1]), 2
	case 'n', 'r', 't', 'f', 'b':
		return append(buf, blank(b[1])), 2
	case 'u':
		return unicodeEscape(b, buf)
	}
	return nil, 0
}

// blank is what an escape for white space stands for.
func blank(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return ' '
}

// unicodeEscape resolves \uXXXX, or two of them that are one letter. A half alone is not resolved.
func unicodeEscape(b, buf []byte) (letter []byte, size int) {
	r, ok := hex4(b)
	if !ok {
		return nil, 0
	}
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(buf, r), 6
	}
	if len(b) < 12 || b[6] != '\\' || b[7] != 'u' {
		return nil, 0
	}
	low, ok := hex4(b[6:])
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return nil, 0
	}
	return utf8.AppendRune(buf, r), 12
}

// hex4 reads the four digits of \uXXXX.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 6 {
		return 0, false
	}
	for _, c := range b[2:6] {
		v := hexValues[c]
		if v > 15 {
			return 0, false
		}
		r = r<<4 | rune(v)
	}
	return r, true
}
