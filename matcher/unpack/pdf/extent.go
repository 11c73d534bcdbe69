package pdf

import (
	"bytes"
	"io"
	"slices"
)

// skipData says where to look on after a stream: after its data where their length is true, for they may hold what looks like
// objects.
func (f *file) skipData(s stream) int64 {
	if n, ok := s.dict["Length"].(int64); ok && n > 0 && n <= f.size-s.off && f.endsAt(s.off+n) {
		return s.off + n
	}
	return s.off
}

// endsAt says whether a stream's data end at off.
func (f *file) endsAt(off int64) bool {
	var b [24]byte
	n, _ := f.in.ReadAt(b[:min(int64(len(b)), max(f.size-off, 0))], off) // not by the window, which is where the reading is
	return bytes.HasPrefix(bytes.TrimLeft(b[:n], "\r\n \t"), []byte("endstream"))
}

// end is where a stream's data end: by their length when the file says there that they do, else at the next such word, or where the
// next object begins. A length that passes other objects is believed as long as all such streams together are no more than the
// file: so whatever the lengths say, reading every stream once reads the file twice at most.
func (f *file) end(s stream) int64 {
	next := f.size
	if i, _ := slices.BinarySearch(f.heads, s.off); i < len(f.heads) {
		next = f.heads[i]
	}
	if to, ok := f.passed[s.off]; ok {
		return to
	}
	n, ok := f.get(s.dict["Length"]).(int64)
	if ok && n >= 0 && n <= f.size-s.off && f.endsAt(s.off+n) {
		if s.off+n <= next {
			return s.off + n
		}
		if f.over+n <= f.size {
			f.over += n
			f.passed[s.off] = s.off + n
			return s.off + n
		}
	}
	return f.find(s.off, next, "endstream")
}

// raw is a stream's data as they lie in the file, deciphered.
func (f *file) raw(s stream) io.Reader {
	var r io.Reader = io.NewSectionReader(f.in, s.off, f.end(s)-s.off)
	if f.crypt != nil {
		r = f.crypt.stream(s, r)
	}
	return r
}
