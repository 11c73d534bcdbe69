package unpack

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// charset is how bytes become letters.
type charset int8

const (
	plain   charset = iota // UTF-8, valid or not, as it is
	ascii                  // nothing but ASCII so far
	utf16le                // UTF-16
	utf16be
	single // one byte a letter, by a table
)

// decide chooses a character set: byte order mark, valid UTF-8, NULs in every second byte, what a server said, and
// else Windows-1252, which is Latin-1 with letters in place of controls. skip is the length of the mark.
func decide(head []byte, said string) (c charset, table *[256]rune, skip int) {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return plain, nil, 3
	case bytes.HasPrefix(head, []byte("\xff\xfe")) && len(head) != 3:
		return utf16le, nil, 2
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return utf16be, nil, 2
	}
	if first := head[:min(len(head), lookBytes)]; hasNUL(first) {
		if c, ok := look(first).wide(); ok {
			return c, nil, 0
		}
	}
	if asciiPrefix(head) == len(head) {
		return ascii, tableOf(said), 0
	}
	if good, bad := valid(head); bad*4 <= good {
		return plain, nil, 0
	}
	return single, tableOf(said), 0
}

// tableOf is the table of a character set of one byte a letter, by its name; Windows-1252 for any other.
func tableOf(said string) *[256]rune {
	cm := charmap.Windows1252
	if e, err := htmlindex.Get(said); said != "" && err == nil {
		if named, ok := e.(*charmap.Charmap); ok {
			cm = named
		}
	}
	var t [256]rune
	for i := range t {
		t[i] = cm.DecodeByte(byte(i))
		if t[i] == utf8.RuneError {
			t[i] = rune(i)
		}
	}
	return &t
}

// letters turns a source's bytes into UTF-8. It keeps the way back in marks, unless there is none to keep.
type letters struct {
	src   *source
	set   charset
	table *[256]rune
	marks *offsets
	in    int64 // taken, the mark included
	out   int64
	stash []byte // read, but not decoded
}

// newLetters decides the character set and skips its mark.
func (w *walker) newLetters(src *source, said string) *letters {
	set, table, skip := decide(src.head(headBytes), said)
	_, _ = src.Discard(skip)
	d := &letters{src: src, set: set, table: table, in: int64(skip)}
	if skip > 0 || set != plain {
		d.marks = w.newMarks()
		d.marks.set(0, d.in, 1, asIs, 0)
	}
	return d
}

func (w *walker) doneLetters(d *letters) { w.doneMarks(d.marks) }

// way is the way back.
func (d *letters) way() way {
	if d.marks == nil {
		return way{}
	}
	return d.marks.way()
}

// Read gives UTF-8. Letters are never cut by it, unless they came cut; p must have room for one.
func (d *letters) Read(p []byte) (int, error) {
	if d.marks != nil {
		d.marks.forget(d.out, lookBack)
	}
	var n int
	var err error
	switch {
	case d.set == plain:
		n, err = d.readPlain(p)
	case d.set == ascii:
		n, err = d.readASCII(p)
	case d.set == single:
		n, err = d.readSingle(p)
	default:
		n, err = d.readWide(p)
	}
	d.out += int64(n)
	return n, err
}

// window is what may be decoded now: at least n bytes unless the source ends before.
func (d *letters) window(n int) ([]byte, error) {
	if len(d.stash) > 0 {
		if more := n - len(d.stash); more > 0 {
			b := d.src.head(more)
			d.stash = append(d.stash, b...)
			_, _ = d.src.Discard(len(b))
		}
		return d.stash, nil
	}
	b, err := d.src.Peek(n)
	if len(b) == 0 {
		return nil, err
	}
	return d.src.head(max(d.src.Buffered(), len(b))), nil
}

func (d *letters) take(n int) {
	d.in += int64(n)
	if len(d.stash) > 0 {
		d.stash = d.stash[n:]
		return
	}
	_, _ = d.src.Discard(n)
}

// readPlain passes bytes on.
func (d *letters) readPlain(p []byte) (n int, err error) {
	if len(d.stash) > 0 {
		n = copy(p, d.stash)
		d.stash = d.stash[n:]
	} else {
		n, err = d.src.Read(p)
	}
	d.in += int64(n)
	return n, err
}

// readASCII passes ASCII on, until the first letter that is not decides between UTF-8 and the table.
func (d *letters) readASCII(p []byte) (int, error) {
	n, err := d.src.Read(p)
	k := asciiPrefix(p[:n])
	d.in += int64(k)
	if k == n {
		return n, err
	}
	d.stash = append(d.stash, p[k:n]...)
	b, _ := d.window(utf8.UTFMax)
	d.set = single
	if r, size := utf8.DecodeRune(b); r != utf8.RuneError || size > 1 {
		d.set = plain
	}
	switch {
	case k > 0:
		return k, nil
	case d.set == plain:
		return d.readPlain(p)
	}
	return d.readSingle(p)
}

// readSingle decodes by the table. A letter's last byte is marked as the byte it came from, so that what follows it
// goes on one to one.
func (d *letters) readSingle(p []byte) (int, error) {
	b, err := d.window(1)
	if err != nil {
		return 0, err
	}
	i, n := 0, 0
	for i < len(b) && len(p)-n >= utf8.UTFMax {
		if k := asciiPrefix(b[i:min(len(b), i+len(p)-n)]); k > 0 {
			copy(p[n:], b[i:i+k])
			i, n = i+k, n+k
			continue
		}
		k := utf8.EncodeRune(p[n:], d.table[b[i]])
		d.marks.set(d.out+int64(n+k-1), d.in+int64(i), 1, asIs, 0)
		i, n = i+1, n+k
	}
	d.take(i)
	return n, nil
}

// readWide decodes UTF-16. An odd byte at the end is left out.
func (d *letters) readWide(p []byte) (int, error) {
	b, err := d.window(4)
	if err != nil {
		return 0, err
	}
	i, n := 0, 0
	for len(b)-i >= 2 && len(p)-n >= utf8.UTFMax {
		c := d.unit(b[i:])
		if c < 0x80 {
			if n == 0 || i == 0 {
				d.marks.set(d.out+int64(n), d.in+int64(i), 2, asIs, 0)
			}
			p[n] = byte(c)
			i, n = i+2, n+1
			continue
		}
		size := 2
		if utf16.IsSurrogate(c) {
			if len(b)-i < 4 && i > 0 {
				break // the other half may follow
			}
			if len(b)-i >= 4 {
				if c = utf16.DecodeRune(c, d.unit(b[i+2:])); c != utf8.RuneError {
					size = 4
				}
			}
		}
		k := utf8.EncodeRune(p[n:], c)
		d.marks.set(d.out+int64(n), d.in+int64(i), 2, asIs, 0)
		i, n = i+size, n+k
		d.marks.set(d.out+int64(n), d.in+int64(i), 2, asIs, 0)
	}
	if n == 0 {
		d.take(len(b))
		return 0, io.EOF
	}
	d.take(i)
	return n, nil
}

func (d *letters) unit(b []byte) rune {
	if d.set == utf16le {
		return rune(b[0]) | rune(b[1])<<8
	}
	return rune(b[1]) | rune(b[0])<<8
}

// asciiPrefix counts the ASCII bytes that b begins with, many at a time.
func asciiPrefix(b []byte) int {
	const high = 0x8080808080808080
	i := 0
	for ; i+32 <= len(b); i += 32 {
		v := b[i : i+32]
		if (binary.LittleEndian.Uint64(v)|binary.LittleEndian.Uint64(v[8:])|
			binary.LittleEndian.Uint64(v[16:])|binary.LittleEndian.Uint64(v[24:]))&high != 0 {
			break
		}
	}
	for ; i+8 <= len(b) && binary.LittleEndian.Uint64(b[i:])&high == 0; i += 8 {
	}
	for i < len(b) && b[i] < 0x80 {
		i++
	}
	return i
}
