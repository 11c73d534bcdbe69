package unpack

import (
	"bufio"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/url"
	"strconv"

	"leakwatch/matcher/unpack/child"
)

// source is a layer's input: it can be looked into ahead, and knows how much was taken and whose fault an end is.
type source struct {
	*bufio.Reader
	under *tracked
}

// tracked counts what comes out of a reader and keeps its error.
type tracked struct {
	r   io.Reader
	n   int64
	err error // other than io.EOF
}

func (t *tracked) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		t.err = err
	}
	return n, err
}

// newSource wraps r. done gives its buffer back.
func (w *walker) newSource(r io.Reader) *source {
	t := &tracked{r: r}
	if n := len(w.free); n > 0 {
		br := w.free[n-1]
		w.free = w.free[:n-1]
		br.Reset(t)
		return &source{br, t}
	}
	return &source{bufio.NewReaderSize(t, headBytes), t}
}

func (w *walker) done(s *source) {
	s.Reset(nil)
	w.free = append(w.free, s.Reader)
}

// taken is how many bytes whoever reads has got.
func (s *source) taken() int64 { return s.under.n - int64(s.Buffered()) }

// failed says whether a layer below has ended this one.
func (s *source) failed() bool { return s.under.err != nil }

// head is the beginning, up to n bytes, without taking it.
func (s *source) head(n int) []byte {
	b, _ := s.Peek(n)
	return b
}

// intake is the document itself: limits on bytes and time, and the reader's own error.
type intake struct {
	w *walker
	r io.Reader
	n int64
	// err is how the reader failed. To the layers above the document then just ends: what came before is read.
	err *ReadError
}

func (i *intake) Read(p []byte) (int, error) {
	if err := i.w.check(); err != nil {
		return 0, err
	}
	if i.err != nil {
		return 0, i.err
	}
	n, err := i.r.Read(p)
	i.n += int64(n)
	i.w.bounded()
	if err != nil && err != io.EOF && i.err == nil {
		i.err = &ReadError{nameless(err)}
		i.w.notes.add("read: failed, rest left")
		err = i.err
	}
	if err == nil {
		err = i.w.end()
	}
	return n, err
}

// nameless is an error without the clear path or URL that the standard library puts into it.
func nameless(err error) error {
	var p *fs.PathError
	var u *url.Error
	switch {
	case errors.As(err, &p):
		return fmt.Errorf("%s: %w", p.Op, nameless(p.Err))
	case errors.As(err, &u):
		return fmt.Errorf("%s: %w", u.Op, nameless(u.Err))
	}
	return err
}

// unpacked is the output of a decoder of others' making: what it gives is counted against the limits, a panic in it is
// an error, and its first error is noted under its name unless the layer below had failed first.
type unpacked struct {
	w      *walker
	r      io.Reader
	format string
	below  *source      // the packed bytes, when a source tells how many were taken
	packed func() int64 // how many they are
	whole  bool         // takes as it is, so that only what is more than was there counts as unpacked
	n      int64
	err    error
}

func (u *unpacked) Read(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	if u.err = u.w.check(); u.err != nil {
		return 0, u.err
	}
	n, err := guarded(u.r, p)
	u.n += int64(n)
	if !u.whole || u.n > u.packed()+freeBytes {
		u.w.grew(n)
	}
	switch {
	case err == io.EOF:
		u.err = err
	case u.w.end() != nil:
		u.err = u.w.end()
	case err != nil:
		u.err = err
		u.note(err)
	case u.n > freeBytes && u.n/u.w.l.MaxRatio > u.packed():
		u.w.notes.add(ratioWord(u.w.l.MaxRatio) + ": rest of %d members left")
		u.err = errRatio
	}
	return n, u.err
}

// note says why it ended early, unless the layer below has, or whoever reads member by member will.
func (u *unpacked) note(err error) {
	switch {
	case u.below != nil && u.below.failed(), u.whole, errors.Is(err, child.ErrCut):
	case memoryError(err):
		u.w.notes.add("memory limit " + bytesWord(u.w.l.MaxMemory) + ": rest of %d members left")
	default:
		u.w.notes.add(damageWord(u.format, err))
	}
}

var (
	errRatio = errors.New("unpack: ratio limit")
	errPanic = errors.New("unpack: decoder panicked")
)

func ratioWord(n int64) string { return "ratio limit " + itoa(n) }

// damageWord says in fixed words how a layer ended early.
func damageWord(format string, err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return format + ": truncated"
	case errors.Is(err, errAfter):
		return format + ": %d with other data after the end"
	}
	return format + ": damaged, rest left"
}

// guarded reads, turning a panic of a decoder into an error.
func guarded(r io.Reader, p []byte) (n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			n, err = 0, fmt.Errorf("%w: %T", errPanic, v)
		}
	}()
	n, err = r.Read(p)
	if n < 0 || n > len(p) {
		return 0, errPanic
	}
	return n, err
}

// guard calls f, turning a panic of a decoder into an error.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %T", errPanic, v)
		}
	}()
	return f()
}

// hashed hashes and counts what is read through it.
type hashed struct {
	r   io.Reader
	h   hash.Hash
	n   int64
	eof bool
}

func (h *hashed) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.h.Write(p[:n])
	h.n += int64(n)
	h.eof = h.eof || err == io.EOF
	return n, err
}

func (w *walker) scratch() []byte {
	if n := len(w.chunks); n > 0 {
		b := w.chunks[n-1]
		w.chunks = w.chunks[:n-1]
		return b
	}
	return make([]byte, headBytes)
}

func (w *walker) putScratch(b []byte) { w.chunks = append(w.chunks, b) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
