package unpack

import (
	"errors"
	"io"
	"iter"
)

// stream turns pushing into pulling: what is pushed is read by a walk of its own, which runs only while push or finish
// waits for it. It is a coroutine, not a second worker, and it ends with finish or close.
type stream struct {
	buf  []byte
	eof  bool
	next func() (struct{}, bool)
	stop func()
}

var errClosed = errors.New("unpack: stream closed")

// newStream starts nothing yet: walk runs from the first push on.
func newStream(walk func(io.Reader)) *stream {
	s := &stream{}
	s.next, s.stop = iter.Pull(func(yield func(struct{}) bool) { walk(&streamReader{s, yield}) })
	return s
}

// push has b read. b is not kept. A walk that has ended reads nothing more.
func (s *stream) push(b []byte) {
	s.buf = b
	for len(s.buf) > 0 {
		if _, more := s.next(); !more {
			s.buf = nil
			return
		}
	}
}

// finish lets the walk read the end and waits until it is through.
func (s *stream) finish() {
	s.eof = true
	for {
		if _, more := s.next(); !more {
			return
		}
	}
}

// close ends the walk, whatever it is at. It may follow finish.
func (s *stream) close() { s.stop() }

type streamReader struct {
	s     *stream
	yield func(struct{}) bool
}

func (r *streamReader) Read(p []byte) (int, error) {
	for len(r.s.buf) == 0 {
		if r.s.eof {
			return 0, io.EOF
		}
		if !r.yield(struct{}{}) {
			r.s.eof = true
			return 0, errClosed
		}
	}
	n := copy(p, r.s.buf)
	r.s.buf = r.s.buf[n:]
	return n, nil
}
