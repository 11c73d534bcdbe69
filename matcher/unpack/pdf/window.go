package pdf

import (
	"bytes"
	"io"
)

// window is the part of the file that is looked at.
type window struct {
	in   io.ReaderAt
	size int64
	from int64
	b    []byte
	err  error // of in
}

const (
	windowBytes = 1 << 20 // where one goes on reading
	leastBytes  = 8 << 10 // where one leaps to, as from object to object
)

// bytes gives what lies at off: n bytes at least unless the file ends before, and more if they are at hand. They hold until it is
// called again.
func (w *window) bytes(off int64, n int) []byte {
	if off < 0 || off >= w.size || w.err != nil {
		return nil
	}
	have := w.from + int64(len(w.b))
	if off >= w.from && (off+int64(n) <= have || have == w.size) && off < have {
		return w.b[off-w.from:]
	}
	// A little of what is before is kept, for those who look back.
	const back = 64
	from := max(off-back, 0)
	most := int64(windowBytes)
	if off < w.from || off > have {
		most = leastBytes
	}
	size := min(max(most, int64(n)+back), w.size-from)
	if int64(cap(w.b)) < size {
		w.b = make([]byte, size)
	}
	w.b, w.from = w.b[:size], from
	k, err := w.in.ReadAt(w.b, from)
	if err != nil && err != io.EOF {
		w.err = err
	}
	w.b = w.b[:k]
	if off-from >= int64(k) {
		return nil
	}
	return w.b[off-from:]
}

// before gives up to 40 bytes that lie before off.
func (w *window) before(off int64) []byte {
	from := max(off-40, 0)
	b := w.bytes(from, int(off-from))
	return b[:min(int64(len(b)), off-from)]
}

// find gives where a word lies between two offsets, or the second of them.
func (w *window) find(off, to int64, word string) int64 {
	for off < to {
		b := w.bytes(off, int(min(windowBytes/2, to-off)))
		b = b[:min(int64(len(b)), to-off)]
		if i := bytes.Index(b, []byte(word)); i >= 0 {
			return off + int64(i)
		}
		if len(b) < len(word) {
			break
		}
		off += int64(len(b) - len(word) + 1)
	}
	return to
}
