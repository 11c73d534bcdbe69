package table

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"leakwatch/matcher/unpack/child"
)

// PGDump reads the data in a dump that pg_dump wrote in its custom format (pg_backup_custom.c): each block of data, unpacked, as
// a text, which is that of COPY. The list of contents before them, which has the statements, is
// handed over as it lies.
func PGDump(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	p := &pgdump{ctx: ctx, in: blocks{in: in, size: size}, size: size, e: e}
	var head [11]byte
	if p.in.page(head[:], 0) < 11 {
		return io.ErrUnexpectedEOF
	}
	if p.intSize = int64(head[8]); p.intSize != 4 && p.intSize != 8 || head[10] != 1 {
		return child.ErrUnsupported
	}
	from := int64(0)
	for at := int64(11); at < size; {
		next, ok := p.nextBlock(at)
		if !ok {
			break
		}
		if err := p.asItLies(from, next); err != nil {
			return err
		}
		end, err := p.block(next)
		if err != nil {
			return err
		}
		at, from = end, end
	}
	return p.asItLies(from, size)
}

type pgdump struct {
	ctx     context.Context
	in      blocks
	size    int64
	intSize int64 // bytes of a number, after its sign
	e       *child.Emitter
}

// nextBlock looks for a block of data from at on: its kind, the number of its entry, and the length of a first piece that
// begins as what compresses it does.
func (p *pgdump) nextBlock(at int64) (int64, bool) {
	buf := make([]byte, 64<<10)
	head := int(3 + 2*p.intSize)
	for ; p.ctx.Err() == nil; at += int64(len(buf) - head - 4) {
		b := buf[:p.in.page(buf, at)]
		for i := 0; i+head+4 <= len(b); i++ {
			k := bytes.IndexAny(b[i:], "\x01\x03")
			if k < 0 {
				break
			}
			if i += k; i+head+4 <= len(b) && p.begins(b[i:], head) {
				return at + int64(i), true
			}
		}
		if len(b) < len(buf) {
			break
		}
	}
	return 0, false
}

// begins says whether b is the beginning of a block that is compressed.
func (p *pgdump) begins(b []byte, head int) bool {
	n := int64(binary.LittleEndian.Uint32(b[head-int(p.intSize):]))
	c := b[head:]
	if b[1] != 0 || b[2+p.intSize] != 0 || n < 2 || n > 1<<26 {
		return false
	}
	return c[0] == 0x78 && (c[1] == 0x01 || c[1] == 0x5e || c[1] == 0x9c || c[1] == 0xda) ||
		bytes.HasPrefix(c, []byte("\x28\xb5\x2f\xfd")) || bytes.HasPrefix(c, []byte("\x04\x22\x4d\x18"))
}

// block hands over what the block at off holds, and gives where it ends.
func (p *pgdump) block(off int64) (int64, error) {
	pieces := &pieces{p: p, at: off + 2 + p.intSize}
	var first [4]byte
	p.in.page(first[:], pieces.at+1+p.intSize)
	r, done, err := opened(first[:], pieces)
	if err == nil {
		f := &failing{r: r}
		err = p.e.Text(f)
		done()
		if f.err == nil && err != nil {
			return 0, err // the emitter's
		}
		if err = f.err; err == nil {
			_, err = io.Copy(io.Discard, pieces)
		}
	}
	if err != nil {
		if err := p.e.Note(child.DamagedParts, 1); err != nil {
			return 0, err
		}
	}
	return max(pieces.at, off+1), p.ctx.Err()
}

func opened(first []byte, r io.Reader) (io.Reader, func(), error) {
	switch {
	case first[0] == 0x78:
		z, err := zlib.NewReader(r)
		return z, func() {}, err
	case first[0] == 0x28:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(32<<20), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}
	return lz4.NewReader(r), func() {}, nil
}

// pieces joins the pieces of a block: each a length, with its sign before it, and that many bytes; a length of nothing ends it.
type pieces struct {
	p    *pgdump
	at   int64
	left int64
	over bool
}

func (c *pieces) Read(b []byte) (int, error) {
	if err := c.p.ctx.Err(); err != nil {
		return 0, err
	}
	if c.left == 0 && !c.over {
		var n [9]byte
		if c.p.in.page(n[:1+c.p.intSize], c.at) < int(1+c.p.intSize) {
			return 0, io.ErrUnexpectedEOF
		}
		c.at += 1 + c.p.intSize
		c.left = int64(binary.LittleEndian.Uint32(n[1:]))
		c.over = c.left == 0 || n[0] != 0
	}
	if c.over {
		return 0, io.EOF
	}
	n := c.p.in.page(b[:min(int64(len(b)), c.left)], c.at)
	if n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	c.at, c.left = c.at+int64(n), c.left-int64(n)
	return n, nil
}

// asItLies hands over the bytes between two offsets: statements, and data that is not compressed.
func (p *pgdump) asItLies(from, to int64) error {
	if to <= from {
		return nil
	}
	return p.e.Text(&printed{r: io.NewSectionReader(p.in.in, from, to-from)})
}

// printed gives bytes with line breaks in place of NULs and controls.
type printed struct{ r io.Reader }

func (t *printed) Read(b []byte) (int, error) {
	n, err := t.r.Read(b)
	for i, c := range b[:n] {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			b[i] = '\n'
		}
	}
	return n, err
}
