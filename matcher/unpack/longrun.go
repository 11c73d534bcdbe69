package unpack

import "io"

// longRun is a run that is decoded as it comes, into a document of its own. Its memory does not grow with the run.
type longRun struct {
	t     *tap
	hex   bool
	chars int64 // taken so far
	group [4]byte
	have  int
	buf   []byte
	out   int64
	marks offsets // decoded to text
	pipe  *stream
}

func (t *tap) newLongRun(c coding, at int64) *longRun {
	l := &longRun{t: t, hex: c.hex}
	l.pipe = newStream(func(r io.Reader) {
		_ = t.w.walkRun(t, c, at, r, through(l.marks.way(), t.way)) // its end is the Walk's, which the pusher asks for
	})
	return l
}

// feed takes characters that lie at a text offset.
func (l *longRun) feed(b []byte, off int64) error {
	l.mark(off)
	size := 4
	if l.hex {
		size = 2
	}
	for len(b) > 0 {
		if l.have > 0 || len(b) < size {
			k := copy(l.group[l.have:size], b)
			l.have, l.chars, b = l.have+k, l.chars+int64(k), b[k:]
			if l.have < size {
				return nil
			}
			l.have = 0
			if err := l.decode(l.group[:size]); err != nil {
				return err
			}
			continue
		}
		k := min(len(b), asideBytes) / size * size
		if err := l.decode(b[:k]); err != nil {
			return err
		}
		l.chars, b = l.chars+int64(k), b[k:]
	}
	return nil
}

// mark notes where the next character lies.
func (l *longRun) mark(off int64) {
	if l.hex {
		odd := l.chars % 2
		l.marks.set(l.chars/2+odd, off+odd, 1, pairs, 0)
		return
	}
	g, r := l.chars/4, l.chars%4
	if r == 3 {
		l.marks.set(g*3+3, off+1, 1, quads, 0)
		return
	}
	l.marks.set(g*3+r, off, 1, quads, int8(r))
}

// decode appends what characters stand for, and has it read when there is enough.
func (l *longRun) decode(b []byte) error {
	n := len(l.buf)
	l.buf = append(l.buf, b...) // room for at least what they decode to
	if l.hex {
		n += decodeHex(l.buf[n:], b)
	} else {
		n += decode64(l.buf[n:], b)
	}
	l.buf = l.buf[:n]
	if n < asideBytes {
		return nil
	}
	return l.flush()
}

func (l *longRun) flush() error {
	l.out += int64(len(l.buf))
	l.t.w.grew(len(l.buf))
	l.pipe.push(l.buf)
	l.buf = l.buf[:0]
	l.marks.forget(l.out, lookBack)
	return l.t.w.end()
}

// finish decodes the last group and waits until all is read.
func (l *longRun) finish() error {
	if l.have > 0 {
		if err := l.decode(l.group[:l.have]); err != nil {
			return err
		}
		l.have = 0
	}
	if err := l.flush(); err != nil {
		l.pipe.close()
		return err
	}
	l.pipe.finish()
	return l.t.w.end()
}
