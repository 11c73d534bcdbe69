package table

import (
	"bufio"
	"encoding/binary"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// records reads the stream of a workbook ([MS-XLS] 2.1.4): each a kind, a length and that many bytes.
type records struct {
	r    *bufio.Reader
	data []byte
}

// The kinds of records that are read.
const (
	rFormula    = 0x0006
	rEOF        = 0x000a
	rHeader     = 0x0014
	rFooter     = 0x0015
	rNote       = 0x001c
	rFormat5    = 0x001e
	rDate1904   = 0x0022
	rFilePass   = 0x002f
	rContinue   = 0x003c
	rCodePage   = 0x0042
	rBoundSheet = 0x0085
	rMulRK      = 0x00bd
	rRString    = 0x00d6
	rXF         = 0x00e0
	rSST        = 0x00fc
	rLabelSST   = 0x00fd
	rText       = 0x01b6
	rLink       = 0x01b8
	rNumber     = 0x0203
	rLabel      = 0x0204
	rString     = 0x0207
	rRK         = 0x027e
	rFormat     = 0x041e
	rBOF        = 0x0809
)

func newRecords(r io.Reader) *records { return &records{r: bufio.NewReaderSize(r, 64<<10)} }

// next gives the next record. Its bytes are valid until the call after.
func (b *records) next() (kind int, data []byte, err error) {
	var head [4]byte
	if _, err := io.ReadFull(b.r, head[:]); err != nil {
		return 0, nil, err
	}
	n := int(binary.LittleEndian.Uint16(head[2:]))
	if cap(b.data) < n {
		b.data = make([]byte, 64<<10)
	}
	b.data = b.data[:n]
	k, err := io.ReadFull(b.r, b.data)
	if err != nil {
		return 0, b.data[:k], io.ErrUnexpectedEOF
	}
	return int(binary.LittleEndian.Uint16(head[:])), b.data, nil
}

// goesOn says whether the record after this one continues it.
func (b *records) goesOn() bool {
	head, err := b.r.Peek(2)
	return err == nil && binary.LittleEndian.Uint16(head) == rContinue
}

// letters reads strings out of a record and those that continue it.
type letters struct {
	b     *records
	p     []byte
	units []uint16
}

// fill gets the next piece when there is nothing left.
func (l *letters) fill() bool {
	for len(l.p) == 0 {
		if !l.b.goesOn() {
			return false
		}
		_, p, err := l.b.next()
		if err != nil {
			return false
		}
		l.p = p
	}
	return true
}

// bytes reads n bytes, 0 in place of those that are missing.
func (l *letters) bytes(n int) (v uint32, ok bool) {
	for i := range n {
		if !l.fill() {
			return v, false
		}
		v |= uint32(l.p[0]) << (8 * i)
		l.p = l.p[1:]
	}
	return v, true
}

// pass leaves n bytes out.
func (l *letters) pass(n int64) bool {
	for n > 0 {
		if !l.fill() {
			return false
		}
		k := min(int64(len(l.p)), n)
		l.p, n = l.p[k:], n-k
	}
	return true
}

// chars appends n letters, of two bytes if wide is set. Where they go on in another record, that says anew how wide they are.
func (l *letters) chars(dst []byte, n int, wide bool) ([]byte, bool) {
	l.units = l.units[:0]
	ok := true
	for i := 0; i < n; i++ {
		if len(l.p) == 0 {
			if ok = l.fill(); !ok {
				break
			}
			wide = l.p[0]&1 != 0
			l.p = l.p[1:]
		}
		size := 1 + toInt(wide)
		var u uint32
		if u, ok = l.bytes(size); !ok {
			break
		}
		l.units = append(l.units, uint16(u))
	}
	for _, r := range utf16.Decode(l.units) {
		dst = utf8.AppendRune(dst, r)
	}
	return dst, ok
}

func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rich appends a string that may be followed by how it looks ([MS-XLS] 2.5.293), all but its length.
func (l *letters) rich(dst []byte, n int) ([]byte, bool) {
	flags, ok := l.bytes(1)
	var runs, ext uint32
	if flags&8 != 0 && ok {
		runs, ok = l.bytes(2)
	}
	if flags&4 != 0 && ok {
		ext, ok = l.bytes(4)
	}
	if !ok {
		return dst, false
	}
	if n > 0 && len(l.p) == 0 && l.fill() { // the letters begin in the next record, which says how wide they are
		flags = uint32(l.p[0])
		l.p = l.p[1:]
	}
	if dst, ok = l.chars(dst, n, flags&1 != 0); !ok {
		return dst, false
	}
	return dst, l.pass(int64(runs)*4 + int64(ext))
}

// codePage is the character set of a workbook before BIFF8 ([MS-XLS] 2.4.52).
func codePage(n int) *encoding.Decoder {
	switch n {
	case 437:
		return charmap.CodePage437.NewDecoder()
	case 850:
		return charmap.CodePage850.NewDecoder()
	case 852:
		return charmap.CodePage852.NewDecoder()
	case 865:
		return charmap.CodePage865.NewDecoder()
	case 10000, 32768:
		return charmap.Macintosh.NewDecoder()
	}
	for _, prefix := range []string{"windows-", "ibm"} {
		if e, _ := charset.Lookup(prefix + strconv.Itoa(n)); e != nil {
			return e.NewDecoder()
		}
	}
	return charmap.Windows1252.NewDecoder()
}
