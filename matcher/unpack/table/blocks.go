package table

import "io"

// blocks reads pages of a file by way of larger pieces, the last few of which it keeps.
type blocks struct {
	in   io.ReaderAt
	size int64
	kept [16]block
	next int
}

type block struct {
	at int64
	b  []byte
}

const blockBytes = 64 << 10

// page copies n bytes from off on into dst; it is shorter where the file ends.
func (c *blocks) page(dst []byte, off int64) int {
	n := 0
	for n < len(dst) && off+int64(n) < c.size {
		at := (off + int64(n)) / blockBytes * blockBytes
		b := c.block(at)
		from := off + int64(n) - at
		if from >= int64(len(b)) {
			break
		}
		n += copy(dst[n:], b[from:])
	}
	return n
}

func (c *blocks) block(at int64) []byte {
	for i := range c.kept {
		if c.kept[i].b != nil && c.kept[i].at == at {
			return c.kept[i].b
		}
	}
	k := &c.kept[c.next]
	c.next = (c.next + 1) % len(c.kept)
	if k.b == nil {
		k.b = make([]byte, blockBytes)
	}
	k.b = k.b[:min(blockBytes, max(c.size-at, 0))]
	n, _ := c.in.ReadAt(k.b, at)
	k.at, k.b = at, k.b[:n]
	return k.b
}
