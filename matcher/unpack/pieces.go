package unpack

import (
	"bytes"
	"io"

	"leakwatch/leak"
)

// pieces reads a container whose entries lie one behind the other, each with its length before it.
type pieces struct {
	w     *walker
	n     *node
	short bool // it ended within an entry
	ended bool // as it should
}

// longestField is as much of a name as is taken from a container.
const longestField = 64 << 10

// piece is the contents of one entry. What is left of them is passed over.
type piece struct {
	p    *pieces
	left int64
}

func (x *piece) Read(b []byte) (int, error) {
	if x.left <= 0 {
		return 0, io.EOF
	}
	n, err := x.p.n.src.Read(b[:min(int64(len(b)), x.left)])
	x.left -= int64(n)
	if err == io.EOF && x.left > 0 {
		x.p.short, err = true, io.ErrUnexpectedEOF
	}
	return n, err
}

// skip passes over bytes, and says whether there were so many.
func (p *pieces) skip(n int64) bool {
	for n > 0 {
		k, err := p.n.src.Discard(int(min(n, 1<<30)))
		n -= int64(k)
		if err != nil {
			p.short = true
			return false
		}
	}
	return true
}

// field takes bytes, so few that they may be kept.
func (p *pieces) field(n int64) ([]byte, bool) {
	b := make([]byte, n)
	k, err := io.ReadFull(p.n.src, b)
	p.short = p.short || err != nil
	return b[:k], err == nil
}

// member reads an entry of so many bytes. When it returns without an error the next one follows.
func (p *pieces) member(m leak.Member, name string, size int64) error {
	w := p.w
	if err := w.member(); err != nil {
		return err
	}
	if err := w.nameText(m.Place, name); err != nil {
		return err
	}
	x := &piece{p, size}
	switch { // whatever else it is called, what has contents is read
	case m.Format == "link" && size <= longestField:
		target, _ := p.field(size)
		if err := w.nameText(m.Place, fileName(bytes.TrimRight(target, "\x00"))); err != nil {
			return err
		}
		return w.report(m)
	case m.Format != "" && size == 0:
		return w.report(m)
	}
	u := &unpacked{w: w, r: x, format: string(p.n.format), below: p.n.src, whole: true, packed: func() int64 { return size }}
	if err := w.walkMember(p.n, u, &m, name); err != nil {
		return err
	}
	if !p.short {
		p.skip(x.left)
	}
	return w.end()
}

// finish says how the container ended, and leaves nothing of it unread.
func (p *pieces) finish(before int, note string) error {
	w := p.w
	if err := w.end(); err != nil {
		return err
	}
	if !p.n.src.failed() {
		if p.short {
			note = string(p.n.format) + ": truncated"
		}
		if note != "" {
			w.notes.add(note)
		}
	}
	if w.shapes.n == before {
		w.shape(p.n, "")
	}
	return w.drain(p.n.src)
}
