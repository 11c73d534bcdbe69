package pdf

import (
	"bufio"
	"bytes"
	"io"
)

// hexReader undoes ASCIIHex.
type hexReader struct {
	r   *bufio.Reader
	end bool
}

func (h *hexReader) Read(p []byte) (n int, err error) {
	for ; n < len(p); n++ {
		high, ok := h.digit()
		if !ok {
			break
		}
		low, ok := h.digit()
		p[n] = high<<4 | low // a digit that is missing is 0
		if !ok {
			return n + 1, nil
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (h *hexReader) digit() (byte, bool) {
	for !h.end {
		c, err := h.r.ReadByte()
		if v := hexValue(c); err == nil && v < 16 {
			return v, true
		}
		h.end = err != nil || c == '>'
	}
	return 0, false
}

// base85Reader undoes ASCII85.
type base85Reader struct {
	r    *bufio.Reader
	rest []byte
	buf  [4]byte
	end  bool
}

func (a *base85Reader) Read(p []byte) (int, error) {
	if len(a.rest) == 0 {
		if a.end {
			return 0, io.EOF
		}
		a.group()
		if len(a.rest) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// group decodes the next four bytes, or fewer at the end.
func (a *base85Reader) group() {
	var v uint32
	k := 0
	for k < 5 && !a.end {
		c, err := a.r.ReadByte()
		switch {
		case err != nil, c == '~':
			a.end = true
		case c == 'z' && k == 0:
			a.buf = [4]byte{}
			a.rest = a.buf[:]
			return
		case c >= '!' && c <= 'u':
			v = v*85 + uint32(c-'!')
			k++
		}
	}
	if k < 2 {
		a.rest = nil
		return
	}
	for i := k; i < 5; i++ {
		v = v*85 + 84
	}
	a.buf = [4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
	a.rest = a.buf[:k-1]
}

// runReader undoes RunLength.
type runReader struct {
	r    *bufio.Reader
	rest []byte
	buf  [256]byte
}

func (l *runReader) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		c, err := l.r.ReadByte()
		if err != nil || c == 128 {
			return 0, io.EOF
		}
		if c < 128 {
			n, err := io.ReadFull(l.r, l.buf[:int(c)+1])
			if err != nil && n == 0 {
				return 0, io.EOF
			}
			l.rest = l.buf[:n]
			continue
		}
		b, err := l.r.ReadByte()
		if err != nil {
			return 0, io.EOF
		}
		l.rest = append(l.buf[:0], bytes.Repeat([]byte{b}, 257-int(c))...)
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}
