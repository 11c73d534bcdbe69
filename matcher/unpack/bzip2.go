package unpack

import (
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
)

// bzip2 blocks know nothing of one another, so each is decoded on a core of its own, as a stream of one block, and one
// that is damaged costs nothing but itself. A block begins with a mark of 48 bits at any bit, and has no length.
// https://sourceware.org/bzip2/ and its bzip2recover, which finds blocks so, are the reference.
const (
	bzBlockMark = 0x314159265359
	bzEndMark   = 0x177245385090
	bzMostBytes = 4 << 20 // longer than any block of 900 kB is packed to
	bzAhead     = 2 << 20 // decoded ahead of whoever reads: more than a block, unless it is runs
	bzWorkers   = 8
)

var errBzip2 = errors.New("unpack: bzip2 data invalid")

// bzips reads the blocks of bzip2 streams that follow one another. What lies below is read by whoever calls Read.
type bzips struct {
	w       *walker
	src     *source
	bits    []byte // since the last mark, whole bytes
	at      int    // bits of the first of them that are the mark's
	last    uint64 // the last eight bytes read
	n       int64  // blocks so far
	sum     uint32 // of the blocks of this stream, as its end must say
	inBlock bool
	ended   bool // the last mark was a sound end
	eof     bool
	flight  []chan bzDecoded
	most    int
	cur     bzDecoded
	err     error
}

// bzDecoded is a block: what was decoded of it, and how to decode the rest.
type bzDecoded struct {
	b    []byte
	rest io.Reader
	err  error
}

// bzip2Room reserves memory for as many blocks at once as there are cores, or as there is memory.
func (w *walker) bzip2Room() (int64, bool) {
	most := min(runtime.GOMAXPROCS(0)+1, bzWorkers)
	if room := (w.l.MaxMemory - w.mem) / bzip2Memory; room < int64(most) {
		most = max(int(room), 1)
	}
	return int64(most) * bzip2Memory, w.reserve(int64(most) * bzip2Memory)
}

func (z *bzips) Read(p []byte) (int, error) {
	for z.err == nil {
		if n := copy(p, z.cur.b); n > 0 || len(p) == 0 {
			z.cur.b = z.cur.b[n:]
			return n, nil
		}
		if z.cur.rest != nil {
			n, err := guarded(z.cur.rest, p)
			if err != nil {
				z.cur.rest = nil
			}
			if err != nil && err != io.EOF {
				z.damaged()
			}
			if n > 0 {
				return n, nil
			}
			continue
		}
		z.err = z.next()
	}
	return 0, z.err
}

// next waits for the next block, with as many as may be behind it on their way.
func (z *bzips) next() error {
	for !z.eof && len(z.flight) < z.most {
		block, end, err := z.scan()
		if err != nil {
			return err
		}
		if block != nil {
			done := make(chan bzDecoded, 1)
			go func() { done <- decodeBlock(block, end) }()
			z.flight = append(z.flight, done)
		}
	}
	if len(z.flight) == 0 {
		return z.finish()
	}
	z.cur = <-z.flight[0]
	z.flight = z.flight[1:]
	if z.cur.err != nil {
		z.damaged()
	}
	return nil
}

func (z *bzips) damaged() { z.w.notes.add("bz2: damaged in %d places") }

// finish says how the last stream ended.
func (z *bzips) finish() error {
	switch {
	case z.src.failed(), z.ended:
		return io.EOF
	case z.n == 0 && !z.inBlock:
		return errBzip2
	}
	return io.ErrUnexpectedEOF
}

func (z *bzips) close() {
	for _, done := range z.flight {
		<-done
	}
	z.flight, z.err = nil, errClosed
}

// scan reads to the next mark, and gives the block that ended with it, if one did, and how many bits it has.
func (z *bzips) scan() ([]byte, int, error) {
	for {
		c, err := z.src.ReadByte()
		if err != nil {
			z.eof = true
			return nil, 0, z.w.end()
		}
		z.last = z.last<<8 | uint64(c)
		z.bits = append(z.bits, c)
		if bzLast[byte(z.last>>8)]&bzBefore[byte(z.last>>16)]&bzFirst[byte(z.last>>24)] != 0 {
			for spare := range 8 {
				if m := z.last >> spare & (1<<48 - 1); m == bzBlockMark || m == bzEndMark {
					block, bits := z.take(m, spare)
					return block, bits, nil
				}
			}
		}
		if len(z.bits) > bzMostBytes {
			z.drop()
		}
	}
}

// drop forgets what is too long for a block.
func (z *bzips) drop() {
	if z.inBlock {
		z.damaged()
	}
	z.bits, z.at, z.inBlock = z.bits[:0], 0, false
}

// take ends the block before a mark that ended so many bits before the last byte did.
func (z *bzips) take(mark uint64, spare int) (block []byte, bits int) {
	if n := len(z.bits)*8 - spare - 48 - z.at; z.inBlock && n > 32 {
		block, bits = aligned(z.bits, z.at, n), n
		z.n++
		z.sum = (z.sum<<1 | z.sum>>31) ^ binary.BigEndian.Uint32(block)
	}
	z.bits, z.at = z.bits[:0], 0
	if spare > 0 {
		z.bits, z.at = append(z.bits, byte(z.last)), 8-spare
	}
	z.inBlock, z.ended = mark == bzBlockMark, mark == bzEndMark
	if z.ended {
		z.endStream(spare)
	}
	return block, bits
}

// endStream compares the sum of a stream's blocks, and looks at what lies behind it: another stream, padding, or
// something else, in which blocks are looked for all the same.
func (z *bzips) endStream(spare int) {
	head := z.src.head(headBytes)
	if len(head) < 4 {
		z.ended = false
		return
	}
	sum := uint32((z.last<<32 | uint64(binary.BigEndian.Uint32(head))) >> spare)
	if sum != z.sum {
		z.w.notes.add("bz2: %d streams whose checksum is wrong")
	}
	z.sum = 0
	_, _ = z.src.Discard(4)
	if head = z.src.padding(); len(head) > 0 && known(head) != fBzip2 {
		z.w.notes.add("bz2: %d with other data after the end")
	}
}

// aligned copies n bits so that they begin with a byte.
func aligned(b []byte, from, n int) []byte {
	out := bytes.Clone(b[from/8:])
	if k := from % 8; k > 0 {
		for i := range out {
			out[i] <<= k
			if i+1 < len(out) {
				out[i] |= out[i+1] >> (8 - k)
			}
		}
	}
	return out[:min((n+7)/8, len(out))]
}

// decodeBlock decodes the bits after a block's mark, as far as may be kept.
func decodeBlock(block []byte, bits int) (d bzDecoded) {
	if len(block) < 4 {
		return bzDecoded{err: errBzip2}
	}
	stream := append([]byte("BZh9\x31\x41\x59\x26\x53\x59"), block...)
	stream = appendBits(stream, 80+bits, bzEndMark, 48)
	stream = appendBits(stream, 128+bits, uint64(binary.BigEndian.Uint32(block)), 32)
	r := bzip2.NewReader(bytes.NewReader(stream))
	d.err = guard(func() error {
		var b bytes.Buffer
		n, err := io.CopyN(&b, r, bzAhead)
		d.b = b.Bytes()
		if err == io.EOF {
			return nil
		}
		if n == bzAhead {
			d.rest = r
		}
		return err
	})
	return d
}

// appendBits puts the low n bits of v behind the first size bits of b.
func appendBits(b []byte, size int, v uint64, n int) []byte {
	b = b[:(size+7)/8]
	if k := size % 8; k > 0 {
		b[len(b)-1] &= 0xff << (8 - k)
	}
	for i := n - 1; i >= 0; i-- {
		if size%8 == 0 {
			b = append(b, 0)
		}
		if v>>i&1 == 1 {
			b[size/8] |= 0x80 >> (size % 8)
		}
		size++
	}
	return b
}

// bzFirst, bzBefore and bzLast say of a byte for how many spare bits it is the fourth, third and second last of those
// that a mark ends in: of a block's mark in the low bits, of an end's in the high ones.
var bzFirst, bzBefore, bzLast = bzTable(3), bzTable(2), bzTable(1)

func bzTable(i int) (t [256]uint16) {
	for spare := range 8 {
		t[byte(uint64(bzBlockMark)<<spare>>(8*i))] |= 1 << spare
		t[byte(uint64(bzEndMark)<<spare>>(8*i))] |= 0x100 << spare
	}
	return t
}
