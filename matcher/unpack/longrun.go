package unpack

import "io"

// longRun is a run that is decoded as it comes, into a document of its own. Its memory does not grow with the run.
type longRun struct {
	t     *tap
	kind  kind
	chars int64 // taken so far
	group [8]byte
	have  int
	buf   []byte
	out   int64
	marks offsets // decoded to text
	pipe  *stream
}

func (t *tap) newLongRun(c coding, at int64) *longRun {
	l := &longRun{t: t, kind: c.kind}
	l.pipe = newStream(func(r io.Reader) {
		_ = t.w.walkRun(t, c, at, r, through(l.marks.way(), t.way)) // its end is the Walk's, which the pusher asks for
	})
	return l
}

// feed takes characters that lie at a text offset.
func (l *longRun) feed(b []byte, off int64) error {
	l.mark(off)
	size := l.size()
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

// size is how many characters are decoded together.
func (l *longRun) size() int {
	switch l.kind {
	case pairs:
		return 2
	case eights:
		return 8
	}
	return 4
}

// mark notes where the next character lies.
func (l *longRun) mark(off int64) {
	switch l.kind {
	case pairs:
		odd := l.chars % 2
		l.marks.set(l.chars/2+odd, off+odd, 1, pairs, 0)
		return
	case eights: // the next byte that begins in this character, or in the one after it
		g, r := l.chars/8, l.chars%8
		i := (r*5 + 7) / 8
		l.marks.set(g*5+i, off+i*8/5-r, 1, eights, int8(i%5))
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
	switch l.kind {
	case pairs:
		n += decodeHex(l.buf[n:], b)
	case eights:
		n += decode32(l.buf[n:], b)
	default:
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
