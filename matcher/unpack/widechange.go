package unpack

import (
	"bytes"
	"unicode/utf8"
)

// Where text of bytes goes over into UTF-16 or UTF-32 and back: in files that were joined, in logs that two programs wrote, and
// where a byte was lost. The NULs tell: five letters in a row with them, or none where there should be.

const wideRun = 5 // letters in a row that tell UTF-16 and UTF-32 from bytes

// wideFrom is where in b UTF-16 or UTF-32 begins, -1 if nowhere as far as can be seen.
func wideFrom(b []byte) (at int, c charset) {
	for i := 0; ; {
		k := bytes.IndexByte(b[i:], 0)
		if k < 0 {
			return -1, 0
		}
		i += k
		little, size := utf16le, 2
		n := unitsOf(b[i+1:], size)
		if n == 0 && bytes.HasPrefix(b[i:], zeros) {
			little, size = utf32le, 4
			n = unitsOf(b[i+3:], size)
		}
		switch {
		case n == 0:
			i++
			continue
		case n < wideRun && i+size-1+size*n+size <= len(b): // there is more, and it is something else
			i += size * n
			continue
		case n < wideRun:
			return -1, 0
		}
		if i > 0 && b[i-1] != 0 && sorts[b[i-1]] < 2 {
			return i - 1, little
		}
		return i, little + 1 // the other order
	}
}

// zeros are the bytes that stand beside a letter of ASCII.
var zeros = make([]byte, 3)

// unitsOf counts the letters of ASCII in a row, each of so many bytes with NULs behind it, up to wideRun.
func unitsOf(b []byte, size int) (n int) {
	for n < wideRun && len(b) >= size && sorts[b[0]] == 0 && bytes.HasPrefix(b[1:], zeros[:size-1]) {
		n, b = n+1, b[size:]
	}
	return n
}

const wideLook = 4*wideRun + 4

// beforeWide cuts b, which is text of bytes, before UTF-16 or UTF-32 that begins in it, or that may begin at its end unless that is all.
// It is called for every byte of a text, most of which have no NUL.
func beforeWide(b []byte, all bool) []byte {
	if bytes.IndexByte(b, 0) < 0 {
		return b
	}
	if at, _ := wideFrom(b); at >= 0 {
		return b[:letterStart(b, at)]
	}
	from := max(len(b)-wideLook, 0)
	if k := bytes.IndexByte(b[from:], 0); k >= 0 && !all {
		return b[:letterStart(b, max(from+k-1, 0))]
	}
	return b
}

// letterStart goes back to where a letter of UTF-8 begins.
func letterStart(b []byte, i int) int {
	for k := i; k >= 0 && i-k < utf8.UTFMax; k-- {
		if utf8.RuneStart(b[k]) {
			if r, size := utf8.DecodeRune(b[k:]); r != utf8.RuneError && k+size > i {
				return k
			}
			break
		}
	}
	return i
}

// toWide goes over to UTF-16 or UTF-32 if it begins here.
func (d *letters) toWide() bool {
	b, err := d.window(wideLook)
	if err != nil || len(b) == 0 {
		return false
	}
	at, c := wideFrom(b[:min(len(b), wideLook)])
	if at != 0 {
		return false
	}
	d.set = c
	return true
}

// narrow says whether bytes within UTF-16 are no UTF-16: sixteen of ASCII in a row, or ten behind a letter of ASCII. Letters
// of East Asia may look so, but not so many whose halves are all signs, unless they are Hiragana.
func (d *letters) narrow(b []byte, afterASCII bool) bool {
	n := 0
	for n < min(len(b), 16) && b[n] != 0 && sorts[b[n]] == 0 {
		n++
	}
	if n < 16 && (n < 10 || !afterASCII) {
		return false
	}
	even, odd := 0, 0
	for i := 0; i+1 < n; i += 2 {
		even += boolInt(b[i] == '0')
		odd += boolInt(b[i+1] == '0')
	}
	return even*4 <= n && odd*4 <= n
}

// shifted says how many bytes further on letters of so many bytes go on, 0 if that is not so: some were put in, or lost.
func (d *letters) shifted(b []byte, size int) int {
	for k := 1; k < min(size, len(b)); k++ {
		v := b[k:]
		if d.set == utf16be || d.set == utf32be { // their NULs stand before
			if !bytes.HasPrefix(v, zeros[:size-1]) {
				continue
			}
			v = v[size-1:]
		}
		if unitsOf(v, size) == wideRun {
			return k
		}
	}
	return 0
}

// toBytes goes over to text of bytes.
func (d *letters) toBytes() {
	d.set, d.now, d.prev = undecided, region{table: d.now.table}, 0
	d.marks.set(d.out, d.in, 1, asIs, 0)
}

// odd passes on bytes that are no whole letter, of those that may be one of ASCII.
func (d *letters) odd(p, b []byte, out, in int64) (n int) {
	for i, c := range b {
		if c > 0 && c < 0x80 {
			d.marks.set(d.out+out+int64(n), d.in+in+int64(i), 1, asIs, 0)
			p[n] = c
			n++
		}
	}
	return n
}

// rest passes on what is left at the end and is no whole letter: a text that was cut still has its first byte.
func (d *letters) rest(p, b []byte) (int, error) {
	n := d.odd(p, b, 0, 0)
	d.take(len(b))
	return n, nil
}
