package unpack

import (
	"encoding/binary"
)

// walkRPM reads a package of RPM: its headers as the bytes that they are, for they hold names and a history, and what
// follows them as what it is, which is a cpio archive in some compression.
// https://rpm-software-management.github.io/rpm/manual/format_v4.html
func (w *walker) walkRPM(n *node) error {
	const lead = 96
	p, before := &pieces{w: w, n: n}, w.shapes.n
	if err := w.readBytes(n, &piece{p, lead}); err != nil {
		return err
	}
	for signature := true; ; signature = false {
		head := n.src.head(16)
		if len(head) < 16 || string(head[:4]) != "\x8e\xad\xe8\x01" {
			note := "rpm: damaged, rest left"
			if len(head) < 16 {
				note = "rpm: truncated"
			}
			return p.finish(before, note)
		}
		size := 16 + 16*int64(binary.BigEndian.Uint32(head[8:])) + int64(binary.BigEndian.Uint32(head[12:]))
		x := &piece{p, size}
		if err := w.readBytes(n, x); err != nil {
			return err
		}
		p.skip(x.left)
		if signature {
			p.skip(-size & 7)
			continue
		}
		break
	}
	if p.short || len(n.src.head(1)) == 0 {
		return p.finish(before, "rpm: truncated")
	}
	i := n.inner(n.src, n.format)
	i.name = "payload"
	return w.walk(i)
}
