package unpack

import (
	"errors"
	"io"
)

// lzw reads what compress(1) wrote, the .Z files of old: LZW with codes of nine bits and more, low bits first, as the
// manual and source of ncompress say it (public domain). compress/lzw of the standard library reads what GIF and PDF
// do, which is something else. There is neither a length nor a checksum in it, so a file that was cut off behind a whole code looks
// whole; behind anything else it does not.
type lzw struct {
	r        io.ByteReader
	block    bool // code 256 clears the table
	most     uint // bits of the longest code
	bits     uint // of a code now
	acc      uint32
	have     uint // bits in acc
	used     uint // bits read since codes have had this length
	free     int  // the next code to be given out
	old      int  // the code before, or -1
	first    byte // the first byte of what it stands for
	prefix   []uint16
	suffix   []byte
	stack    []byte // decoded, last byte first
	lastRead error
}

const (
	lzwLeast = 9
	lzwMost  = 16
	lzwClear = 256
)

var errLZW = errors.New("unpack: invalid LZW code")

// newLZW reads the head of three bytes. r is read byte by byte.
func newLZW(r io.ByteReader) (*lzw, error) {
	var head [3]byte
	for i := range head {
		c, err := r.ReadByte()
		if err != nil {
			return nil, io.ErrUnexpectedEOF
		}
		head[i] = c
	}
	z := &lzw{r: r, block: head[2]&0x80 != 0, most: uint(head[2] & 0x1f), bits: lzwLeast, old: -1, free: lzwClear}
	if z.most < lzwLeast || z.most > lzwMost || string(head[:2]) != "\x1f\x9d" {
		return nil, errLZW
	}
	if z.block {
		z.free++
	}
	z.prefix, z.suffix = make([]uint16, 1<<z.most), make([]byte, 1<<z.most)
	for i := range lzwClear {
		z.suffix[i] = byte(i)
	}
	return z, nil
}

func (z *lzw) Read(p []byte) (n int, err error) {
	for n < len(p) {
		for n < len(p) && len(z.stack) > 0 {
			p[n] = z.stack[len(z.stack)-1]
			z.stack = z.stack[:len(z.stack)-1]
			n++
		}
		if n == len(p) {
			break
		}
		if z.lastRead == nil {
			z.lastRead = z.next()
		}
		if z.lastRead != nil {
			if n > 0 {
				return n, nil
			}
			return 0, z.lastRead
		}
	}
	return n, nil
}

// next decodes one code.
func (z *lzw) next() error {
	if z.free > 1<<z.bits-1 && z.bits < z.most {
		z.pad()
		z.bits++
	}
	code, err := z.code()
	if err != nil {
		return err
	}
	switch {
	case z.old < 0:
		if code >= lzwClear {
			return errLZW
		}
		z.old, z.first = code, byte(code)
		z.stack = append(z.stack, byte(code))
		return nil
	case z.block && code == lzwClear:
		z.pad()
		z.bits, z.free = lzwLeast, lzwClear // the code after it takes 256, which nobody asks for
		return nil
	case code > z.free:
		return errLZW
	}
	z.expand(code)
	return nil
}

// expand puts what a code stands for on the stack, and gives out the next code for the one before and its first byte.
func (z *lzw) expand(code int) {
	c := code
	if c == z.free { // the one that is given out now
		z.stack = append(z.stack, z.first)
		c = z.old
	}
	for c >= lzwClear {
		z.stack = append(z.stack, z.suffix[c])
		c = int(z.prefix[c])
	}
	z.first = byte(c)
	z.stack = append(z.stack, z.first)
	if z.free < 1<<z.most {
		z.prefix[z.free], z.suffix[z.free] = uint16(z.old), z.first
		z.free++
	}
	z.old = code
}

// code reads one code. Less than a byte of zeros at the end is padding; more is part of a code.
func (z *lzw) code() (int, error) {
	for z.have < z.bits {
		c, err := z.r.ReadByte()
		if err == io.EOF && (z.have >= 8 || z.acc != 0) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, err
		}
		z.acc |= uint32(c) << z.have
		z.have += 8
	}
	code := int(z.acc & (1<<z.bits - 1))
	z.acc >>= z.bits
	z.have -= z.bits
	z.used += z.bits
	return code, nil
}

// pad leaps to where codes of another length begin: they are written eight at a time.
func (z *lzw) pad() {
	group := z.bits * 8
	for z.used%group != 0 {
		if _, err := z.code(); err != nil {
			break // the next code says so again
		}
	}
	z.used = 0
}
