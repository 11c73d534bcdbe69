package pdf

import (
	"bufio"
	"errors"
	"io"
)

// lzw undoes LZW as PDF has it: codes of 9 to 12 bits, the first bit first, of which the width grows one code early unless a
// parameter says otherwise (ISO 32000-1, 7.4.4.2).
type lzw struct {
	r      *bufio.Reader
	early  int
	bits   uint32
	n      uint
	width  uint
	next   int // code that is made next
	last   int // code before, or -1
	prefix [4096]int16
	suffix [4096]byte
	length [4096]int
	out    []byte
	rest   []byte
	err    error
}

const (
	lzwClear = 256
	lzwEnd   = 257
)

func newLZW(r io.Reader, early bool) *lzw {
	z := &lzw{r: bufio.NewReader(r), width: 9, next: lzwEnd + 1, last: -1}
	if early {
		z.early = 1
	}
	for i := range 256 {
		z.suffix[i], z.length[i] = byte(i), 1
	}
	return z
}

func (z *lzw) Read(p []byte) (int, error) {
	for len(z.rest) == 0 {
		if z.err != nil {
			return 0, z.err
		}
		z.err = z.step()
	}
	n := copy(p, z.rest)
	z.rest = z.rest[n:]
	return n, nil
}

func (z *lzw) code() (int, error) {
	for z.n < z.width {
		c, err := z.r.ReadByte()
		if err != nil {
			return 0, io.EOF // many writers forget the end code
		}
		z.bits = z.bits<<8 | uint32(c)
		z.n += 8
	}
	z.n -= z.width
	return int(z.bits >> z.n & (1<<z.width - 1)), nil
}

// step decodes one code.
func (z *lzw) step() error {
	c, err := z.code()
	switch {
	case err != nil:
		return err
	case c == lzwEnd:
		return io.EOF
	case c == lzwClear:
		z.width, z.next, z.last = 9, lzwEnd+1, -1
		return nil
	case c > z.next, c == z.next && z.last < 0, c > lzwEnd && z.last < 0:
		return errors.New("pdf: wrong LZW code")
	}
	if z.last >= 0 && z.next < 4096 {
		z.prefix[z.next], z.length[z.next] = int16(z.last), z.length[z.last]+1
		first := c
		if c == z.next {
			first = z.last
		}
		for first > lzwEnd {
			first = int(z.prefix[first])
		}
		z.suffix[z.next] = byte(first)
		z.next++
	}
	if c >= z.next {
		return errors.New("pdf: wrong LZW code")
	}
	z.spell(c)
	z.last = c
	if z.next+z.early >= 1<<z.width && z.width < 12 {
		z.width++
	}
	return nil
}

// spell writes what a code stands for.
func (z *lzw) spell(c int) {
	n := z.length[c]
	if cap(z.out) < n {
		z.out = make([]byte, n+256)
	}
	z.out = z.out[:n]
	for i := n - 1; i >= 0; i-- {
		z.out[i] = z.suffix[c]
		c = int(z.prefix[c])
	}
	z.rest = z.out
}
