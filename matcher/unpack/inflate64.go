package unpack

import (
	"errors"
	"io"
)

// inflate64 reads Deflate64, in which Windows packs files of more than 2 GiB into a zip, and which no kept library reads:
// RFC 1951 with a window of 64 KiB, two more distances, and a longest match of its own. APPNOTE.TXT section 4.4.5 names
// it and no more; what differs is known from the sources of Info-ZIP and 7-Zip.
type inflate64 struct {
	r      io.ByteReader
	acc    uint64
	have   uint // bits in acc
	ring   []byte
	rd, wr int // of all that was decoded
	stored int // bytes of a stored block that are left
	inside bool
	last   bool
	length int // of a match, what is left
	far    int
	lit    *huffman // of the block
	dist   *huffman
	own    [2]huffman // that a block brings
	err    error
}

const (
	ring64 = 1 << 17 // window, and what waits to be read
	wait64 = 1 << 15
)

var errInflate64 = errors.New("unpack: invalid deflate64 data")

func newInflate64(r io.ByteReader) *inflate64 { return &inflate64{r: r, ring: make([]byte, ring64)} }

func (z *inflate64) Read(p []byte) (n int, err error) {
	for z.rd == z.wr && z.err == nil && len(p) > 0 {
		z.err = z.step()
	}
	for n < len(p) && z.rd < z.wr {
		at := z.rd % ring64
		k := copy(p[n:], z.ring[at:min(ring64, at+z.wr-z.rd)])
		n, z.rd = n+k, z.rd+k
	}
	if n > 0 {
		return n, nil
	}
	return 0, z.err
}

// step decodes until something waits to be read.
func (z *inflate64) step() error {
	for z.wr-z.rd < wait64 {
		var err error
		switch {
		case z.length > 0:
			z.copyMatch()
		case z.stored > 0:
			err = z.copyStored()
		case z.inside:
			err = z.symbol()
		case z.last:
			return io.EOF
		default:
			err = z.block()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (z *inflate64) put(c byte) {
	z.ring[z.wr%ring64] = c
	z.wr++
}

func (z *inflate64) copyMatch() {
	for ; z.length > 0 && z.wr-z.rd < wait64; z.length-- {
		z.put(z.ring[(z.wr-z.far)%ring64])
	}
}

func (z *inflate64) copyStored() error {
	for ; z.stored > 0 && z.wr-z.rd < wait64; z.stored-- {
		c, err := z.bits(8)
		if err != nil {
			return err
		}
		z.put(byte(c))
	}
	return nil
}

// bits takes n bits.
func (z *inflate64) bits(n uint) (int, error) {
	for z.have < n {
		c, err := z.r.ReadByte()
		if err != nil {
			return 0, noEOF(err)
		}
		z.acc |= uint64(c) << z.have
		z.have += 8
	}
	v := int(z.acc & (1<<n - 1))
	z.acc >>= n
	z.have -= n
	return v, nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// block begins a block.
func (z *inflate64) block() error {
	head, err := z.bits(3)
	if err != nil {
		return err
	}
	z.last = head&1 == 1
	switch head >> 1 {
	case 0:
		if _, err := z.bits(z.have % 8); err != nil {
			return err
		}
		v, err := z.bits(32)
		if err == nil && v>>16 != ^v&0xffff {
			err = errInflate64
		}
		z.stored = v & 0xffff
		return err
	case 1:
		z.inside = true
		z.lit, z.dist = &fixedLit, &fixedDist
		return nil
	case 2:
		z.inside = true
		return z.dynamic()
	}
	return errInflate64
}

// symbol decodes one letter, or begins a match.
func (z *inflate64) symbol() error {
	s, err := z.decode(z.lit)
	switch {
	case err != nil:
		return err
	case s < 256:
		z.put(byte(s))
		return nil
	case s == 256:
		z.inside = false
		return nil
	case s > 285:
		return errInflate64
	}
	length, err := z.matchLength(s - 257)
	if err != nil {
		return err
	}
	d, err := z.decode(z.dist)
	if err != nil {
		return err
	}
	far := d + 1
	if d > 3 {
		extra := uint(d/2 - 1)
		more, err := z.bits(extra)
		if err != nil {
			return err
		}
		far = (2|d&1)<<extra + more + 1
	}
	if far > z.wr || far > 1<<16 {
		return errInflate64
	}
	z.length, z.far = length, far
	return nil
}

// matchLength is of a length's code: the last one differs from deflate's.
func (z *inflate64) matchLength(c int) (int, error) {
	if c == 28 {
		more, err := z.bits(16)
		return more + 3, err
	}
	if c < 8 {
		return c + 3, nil
	}
	extra := uint(c/4 - 1)
	more, err := z.bits(extra)
	return (4|c&3)<<extra + more + 3, err
}
