package unpack

import (
	"encoding/binary"
	"io"

	"leakwatch/matcher/unpack/child"
)

// rarHead is as much of an archive as its first two blocks have before them what they hold.
const rarHead = 4 << 10

// comment hands over the comment of an archive, which the library passes over. It is the block behind the first: in version 5 it lies
// there as it is, in version 4 it is packed, which is noted. https://www.rarlab.com/technote.htm
func (a *rars) comment() error {
	b := make([]byte, rarHead)
	n, err := a.in.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return err
	}
	b = b[:n]
	if len(b) > 8 && b[6] == 1 {
		at, size := rar5Comment(b[8:])
		if size == 0 {
			return nil
		}
		return a.e.Text(io.NewSectionReader(a.in, 8+at, min(size, max(a.size-8-at, 0))))
	}
	if len(b) > 20 && rar4Comment(b[7:]) {
		return a.e.Note(child.PartsLeft, 1)
	}
	return nil
}

// rar5Comment is where the comment lies, and its size: behind the header of a block of the third type whose name is CMT.
func rar5Comment(b []byte) (at, size int64) {
	f := &rarFields{b: b}
	first := f.header()
	if kind := first.vint(); kind != 1 {
		return 0, 0
	}
	h := f.header()
	kind, flags := h.vint(), h.vint()
	if flags&1 != 0 {
		h.vint()
	}
	if flags&2 != 0 {
		size = int64(h.vint() & (1<<62 - 1))
	}
	about := h.vint()
	h.vint()
	h.vint()
	h.skip(2 * (about&2 + about>>1&2)) // time and checksum
	h.vint()
	h.vint()
	if h.vint() != 3 || kind != 3 || len(h.b) < 3 || string(h.b[:3]) != "CMT" {
		return 0, 0
	}
	return int64(len(b) - len(f.b)), size
}

// rarFields reads the fields of a header. What is not there is zero.
type rarFields struct{ b []byte }

// header takes a header: its checksum, its length, and so many bytes.
func (f *rarFields) header() *rarFields {
	f.skip(4)
	n := min(f.vint(), uint64(len(f.b)))
	h := &rarFields{f.b[:n]}
	f.skip(n)
	return h
}

func (f *rarFields) skip(n uint64) { f.b = f.b[min(n, uint64(len(f.b))):] }

// vint reads a number of seven bits a byte, the lowest first.
func (f *rarFields) vint() uint64 {
	v, n := binary.Uvarint(f.b)
	if n <= 0 {
		f.b = nil
		return 0
	}
	f.b = f.b[n:]
	return v
}

// rar4Comment says whether there is one: in the first block, of old, or behind it.
func rar4Comment(b []byte) bool {
	const archive, encrypted, commented, service = 0x73, 0x80, 0x02, 0x7a
	flags, size := binary.LittleEndian.Uint16(b[3:]), int(binary.LittleEndian.Uint16(b[5:]))
	if b[2] != archive || flags&encrypted != 0 {
		return false
	}
	return flags&commented != 0 || len(b) >= size+35 && b[size+2] == service && string(b[size+32:size+35]) == "CMT"
}
