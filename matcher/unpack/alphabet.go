package unpack

import (
	"encoding/binary"
	"math/bits"
)

// hexValues is the value of a hexadecimal digit, 255 for what is none.
var hexValues = func() (t [256]uint8) {
	for i := range t {
		switch {
		case i >= '0' && i <= '9':
			t[i] = uint8(i - '0')
		case i >= 'a' && i <= 'f':
			t[i] = uint8(i - 'a' + 10)
		case i >= 'A' && i <= 'F':
			t[i] = uint8(i - 'A' + 10)
		default:
			t[i] = 255
		}
	}
	return t
}()

// base64Values is the value of a base64 character, standard or URL-safe, 255 for what is none.
var base64Values = func() (t [256]uint8) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = uint8(i)
	}
	t['-'], t['_'] = 62, 63
	return t
}()

// base32Values is the value of a base32 character in either case, 255 for what is none.
var base32Values = func() (t [256]uint8) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") {
		t[c], t[c|0x20] = uint8(i), uint8(i)
	}
	for i, c := range []byte("234567") {
		t[c] = uint8(26 + i)
	}
	return t
}()

// runBytes are the bytes that a run may be made of, the backslash of an escape inside it included.
var runBytes = func() (t [256]bool) {
	for i := range t {
		t[i] = base64Values[i] != 255 || i == '\\'
	}
	return t
}()

// nextRun finds the first min bytes in a row, at most 32, from i on, that a run may be made of. Without one it gives where an
// unfinished one may begin.
func nextRun(b []byte, i, min int) (int, bool) {
	for i+min <= len(b) {
		if len(b)-i >= 64 {
			rows := inRow(wordBytes((*[64]byte)(b[i:])), min)
			if rows == 0 {
				i += 64 - min + 1
				continue
			}
			i += bits.TrailingZeros64(rows)
		}
		j := i + min - 1
		for j >= i && runBytes[b[j]] {
			j--
		}
		if j < i {
			return i, true
		}
		i = j + 1
	}
	j := len(b) - 1
	for j >= i && runBytes[b[j]] {
		j--
	}
	return j + 1, false
}

// inRow leaves the bits that begin a row of n ones.
func inRow(m uint64, n int) uint64 {
	for have := 1; have < n; {
		more := min(have, n-have)
		m &= m >> more
		have += more
	}
	return m
}

// wordBytes has a bit for each byte from the plus sign to 9 and from A to z: what a run may be made of, a point and few
// others. It takes eight bytes at a time.
func wordBytes(b *[64]byte) (mask uint64) {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for i := 0; i < len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		low := x &^ high
		in := (low + (0x80-'+')*ones) &^ (low + (0x80-':')*ones)
		in |= (low + (0x80-'A')*ones) &^ (low + (0x80-'{')*ones)
		mask |= (in & high &^ x) >> 7 * 0x0102040810204080 >> 56 << i
	}
	return mask
}

// stretch counts the base64 characters that b begins with.
func stretch(b []byte) int {
	for i, c := range b {
		if base64Values[c] == 255 {
			return i
		}
	}
	return len(b)
}

// decode64 decodes base64 characters without line breaks or padding into dst, which has room, and gives the length.
func decode64(dst, src []byte) int {
	n := 0
	for len(src) >= 4 {
		s := src[:4]
		v := uint32(base64Values[s[0]])<<18 | uint32(base64Values[s[1]])<<12 |
			uint32(base64Values[s[2]])<<6 | uint32(base64Values[s[3]])
		d := dst[n : n+3]
		d[0], d[1], d[2] = byte(v>>16), byte(v>>8), byte(v)
		n, src = n+3, src[4:]
	}
	if len(src) >= 2 {
		dst[n] = base64Values[src[0]]<<2 | base64Values[src[1]]>>4
		n++
	}
	if len(src) == 3 {
		dst[n] = base64Values[src[1]]<<4 | base64Values[src[2]]>>2
		n++
	}
	return n
}

// decodeHex decodes pairs of digits into dst and gives the length. A digit left over is left out.
func decodeHex(dst, src []byte) int {
	n := 0
	for ; len(src) >= 2; src = src[2:] {
		dst[n] = hexValues[src[0]]<<4 | hexValues[src[1]]
		n++
	}
	return n
}

// decode32 decodes base32 characters without padding into dst, which has room, and gives the length.
func decode32(dst, src []byte) int {
	n := 0
	var v uint64
	bits := 0
	for _, c := range src {
		v = v<<5 | uint64(base32Values[c])
		if bits += 5; bits >= 8 {
			bits -= 8
			dst[n] = byte(v >> bits)
			n++
		}
	}
	return n
}

// isBase32 says whether characters may be base32: of one case.
func isBase32(b []byte) bool {
	var seen [4]bool
	for _, c := range b {
		if base32Values[c] == 255 {
			return false
		}
		seen[c>>5] = true // digits, upper, lower
	}
	return !seen[2] || !seen[3]
}

func isHex(b []byte) bool {
	for _, c := range b {
		if hexValues[c] == 255 {
			return false
		}
	}
	return true
}
