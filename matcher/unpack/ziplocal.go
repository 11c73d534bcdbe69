package unpack

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/flate"

	"leakwatch/leak"
)

// localHeader is what stands before each member of a zip, should the directory be lost.
type localHeader struct {
	flags, method uint16
	packed, size  int64
	name          string
	data          int64 // offset of the contents
}

const localMark = "PK\x03\x04"

// walkLocal reads the members of a zip without a directory, in the order in which they lie.
func (w *walker) walkLocal(n *node, s *spool) error {
	n.format = fZip
	scan := localScan{s: s, buf: make([]byte, 16<<10)}
	for {
		h, ok := scan.next()
		if !ok {
			return w.end()
		}
		used, err := w.localMember(n, s, h)
		if err != nil {
			return err
		}
		scan.at = max(scan.at, h.data+max(used, 0))
	}
}

// localScan looks for headers. What it has looked at once it does not read again, however many marks lie in it.
type localScan struct {
	s    *spool
	at   int64 // where to look next
	buf  []byte
	from int64 // offset of have
	have []byte
}

// next finds the next header.
func (l *localScan) next() (h localHeader, ok bool) {
	for {
		if l.at < l.from || l.at+int64(len(localMark)) > l.from+int64(len(l.have)) {
			k, _ := l.s.ReadAt(l.buf, l.at)
			l.from, l.have = l.at, l.buf[:k]
			if k < len(localMark) {
				return h, false
			}
		}
		rest := l.have[l.at-l.from:]
		i := bytes.Index(rest, []byte(localMark))
		if i < 0 {
			l.at += int64(len(rest) - len(localMark) + 1)
			continue
		}
		l.at += int64(i)
		h, ok = readLocal(l.s, l.at)
		l.at += int64(len(localMark))
		if ok {
			return h, true
		}
	}
}

func readLocal(s *spool, at int64) (h localHeader, ok bool) {
	var b [30]byte
	if k, _ := s.ReadAt(b[:], at); k < len(b) {
		return h, false
	}
	u16 := func(i int) uint16 { return binary.LittleEndian.Uint16(b[i:]) }
	h.flags, h.method = u16(6), u16(8)
	h.packed, h.size = int64(binary.LittleEndian.Uint32(b[18:])), int64(binary.LittleEndian.Uint32(b[22:]))
	name := make([]byte, u16(26))
	if k, _ := s.ReadAt(name, at+30); k < len(name) || len(name) == 0 {
		return h, false
	}
	h.name = fileName(name)
	h.data = at + 30 + int64(len(name)) + int64(u16(28))
	return h, u16(4) < 100 && h.data <= s.size
}

// localMember reads one member and gives how many packed bytes it took.
func (w *walker) localMember(n *node, s *spool, h localHeader) (int64, error) {
	if err := w.member(); err != nil {
		return 0, err
	}
	m := leak.Member{Place: inner(n.place, h.name), Order: w.nextOrder(), Size: -1}
	if err := w.nameText(m.Place, h.name); err != nil {
		return 0, err
	}
	known := h.flags&8 == 0 && h.packed < 1<<32-1
	left := s.size - h.data
	if known {
		m.Size, left = h.size, min(left, h.packed)
	}
	section := &tracked{r: io.NewSectionReader(s, h.data, left)}
	switch {
	case h.flags&1 != 0:
		w.notes.add("zip: %d encrypted members")
		m.Format = "encrypted"
		return h.skip(known), w.report(m)
	case h.method == 0 && known:
		return left, w.localContents(n, section, section, &m, h.name)
	case h.method == 8:
		src := w.newSource(section)
		defer w.done(src)
		err := w.localContents(n, flate.NewReader(src), section, &m, h.name)
		if known {
			return left, err
		}
		return src.taken(), err
	}
	w.notes.add("zip: %d members packed in a way not known")
	m.Format = "damaged"
	return h.skip(known), w.report(m)
}

// skip is how far to leap over contents that are not read.
func (h localHeader) skip(known bool) int64 {
	if known {
		return h.packed
	}
	return 0
}

func (w *walker) localContents(n *node, r io.Reader, packed *tracked, m *leak.Member, name string) error {
	u := &unpacked{w: w, r: r, format: string(fZip), packed: func() int64 { return packed.n }}
	return w.walkMember(n, u, m, name)
}
