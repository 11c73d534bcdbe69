package unpack

import (
	"archive/zip"
	"cmp"
	"slices"
)

// extent is where an entry's contents lie.
type extent struct {
	from, to int64
	name     string
}

// walkGaps reads the members that lie in a zip and that its directory does not name: deleted ones, those of a zip that
// this one was written behind, and what a writer hides from whoever trusts the directory. Where a member's own header
// gives it another name than the directory, that is told too.
func (w *walker) walkGaps(n *node, s *spool, zr *zip.Reader) error {
	used := make([]extent, 0, len(zr.File))
	for _, f := range zr.File {
		at := int64(-1)
		_ = guard(func() (err error) { at, err = f.DataOffset(); return err })
		if err := w.check(); err != nil {
			return err
		}
		if at > 0 {
			used = append(used, extent{at, at + int64(f.CompressedSize64), f.Name})
		}
	}
	slices.SortFunc(used, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	scan := w.newLocalScan(s)
	for _, e := range append(used, extent{from: s.size, to: s.size}) {
		if err := w.walkGap(n, scan, e); err != nil {
			return err
		}
		scan.at = max(scan.at, e.to)
	}
	return nil
}

// walkGap reads the members that lie before an entry.
func (w *walker) walkGap(n *node, scan *localScan, e extent) error {
	for scan.at < e.from {
		h, ok := scan.next(e.from)
		if !ok {
			return w.end()
		}
		if h.data == e.from {
			if name := fileName([]byte(e.name)); h.name != name && e.to > e.from {
				return w.nameText(inner(n.place, name), h.name)
			}
			return w.end()
		}
		if h.data > e.from {
			continue
		}
		if err := w.localMember(n, scan, h); err != nil {
			return err
		}
	}
	return w.end()
}
