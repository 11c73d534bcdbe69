package unpack

import (
	"archive/zip"
	"cmp"
	"encoding/binary"
	"io"
	"slices"
)

// extent is where an entry's contents lie. Without an entry it is the directory, or the end.
type extent struct {
	from, to int64
	f        *zip.File
}

// walkGaps reads the members that lie in a zip and that its directory does not name: deleted ones, those of a zip that
// this one was written behind, and what a writer hides from whoever trusts the directory. Where a member's own header
// gives it another name than the directory, that is told too. What is no member at all is read as what it is.
func (w *walker) walkGaps(n *node, s *spool, zr *zip.Reader) error {
	used := make([]extent, 0, len(zr.File)+3)
	for _, f := range zr.File {
		at := int64(-1)
		_ = guard(func() (err error) { at, err = f.DataOffset(); return err })
		if err := w.check(); err != nil {
			return err
		}
		if at > 0 {
			used = append(used, extent{at, at + int64(f.CompressedSize64), f})
		}
	}
	used = append(used, directoryExtents(s, len(zr.File))...)
	slices.SortStableFunc(used, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	g := &gaps{w: w, n: n, s: s, scan: w.newLocalScan(s)}
	for _, e := range append(used, extent{from: s.size, to: s.size}) {
		if err := g.before(e); err != nil {
			return err
		}
		g.last = e
		g.scan.at = max(g.scan.at, e.to)
		g.done = max(g.done, e.to)
	}
	return nil
}

// gaps are what no directory names.
type gaps struct {
	w    *walker
	n    *node
	s    *spool
	scan *localScan
	done int64 // what lies before it is read, or was
	last extent
}

// before reads what lies before an entry.
func (g *gaps) before(e extent) error {
	w := g.w
	for g.scan.at < e.from {
		h, ok := g.scan.next(e.from)
		if !ok {
			break
		}
		mark := g.scan.at - int64(len(localMark))
		if h.data == e.from && e.f != nil {
			if err := g.rest(mark); err != nil {
				return err
			}
			g.done = max(g.done, e.to)
			if name := fileName([]byte(e.f.Name)); h.name != name && e.to > e.from {
				return w.nameText(inner(g.n.place, name), h.name)
			}
			return w.end()
		}
		if h.data > e.from {
			continue
		}
		if err := g.rest(mark); err != nil {
			return err
		}
		if err := w.localMember(g.n, g.scan, h); err != nil {
			return err
		}
		g.done, g.last = max(g.done, g.scan.at, h.data), extent{from: h.data, to: g.scan.at}
	}
	if err := w.end(); err != nil {
		return err
	}
	return g.rest(e.from)
}

// rest reads what lies before an offset and is no member. Another zip's directory is read as bytes, and nothing is left out by
// that: its members are read where they lie.
func (g *gaps) rest(to int64) error {
	from := g.done
	if g.last.to == from {
		from += g.descriptor(from)
	}
	g.done = max(g.done, to)
	if end := recordsEnd(g.s, from, to); end > from {
		if err := g.w.readBytes(g.n, io.NewSectionReader(g.s, from, end-from)); err != nil {
			return err
		}
		from = end
	}
	if from >= to {
		return nil
	}
	return g.w.walkBehind(g.n, io.NewSectionReader(g.s, from, to-from), from)
}

// descriptor is the length of what lies behind a member whose length was not known before it: its checksum and its lengths, in 32
// bits or 64, behind a mark that may be left out. APPNOTE.TXT section 4.3.9
func (g *gaps) descriptor(at int64) int64 {
	var b [24]byte
	k, _ := g.s.ReadAt(b[:], at)
	marked := int64(0)
	if k >= 16 && string(b[:4]) == descriptorMark {
		marked = 4
	}
	d := b[marked:]
	packed := uint64(g.last.to - g.last.from)
	if f := g.last.f; f != nil && binary.LittleEndian.Uint32(d) != f.CRC32 {
		return 0
	}
	switch {
	case binary.LittleEndian.Uint32(d[4:]) == uint32(packed) && (g.last.f == nil || binary.LittleEndian.Uint32(d[8:]) == uint32(g.last.f.UncompressedSize64)):
		if packed>>32 == 0 && int64(k) >= marked+20 && binary.LittleEndian.Uint64(d[4:]) == packed &&
			(g.last.f == nil || binary.LittleEndian.Uint64(d[12:]) == g.last.f.UncompressedSize64) {
			return marked + 20
		}
		return marked + 12
	case int64(k) >= marked+20 && binary.LittleEndian.Uint64(d[4:]) == packed:
		return marked + 20
	}
	return 0
}
