package unpack

import (
	"bytes"
	"encoding/binary"
	"io"
	"time"

	"github.com/klauspost/compress/flate"

	"leakwatch/leak"
)

// localHeader is what stands before each member of a zip, should the directory be lost.
type localHeader struct {
	zipEntry
	name string
	data int64 // offset of the contents
}

const (
	localMark      = "PK\x03\x04"
	descriptorMark = "PK\x07\x08"
	endMark        = "PK\x05\x06"
)

// walkLocal reads the members of a zip without a directory, in the order in which they lie.
func (w *walker) walkLocal(n *node, s *spool) error {
	n.format = fZip
	scan := w.newLocalScan(s)
	for {
		h, ok := scan.next(s.size)
		if !ok {
			return w.end()
		}
		if err := w.localMember(n, scan, h); err != nil {
			return err
		}
	}
}

// localScan looks for headers. What it has looked at once it does not read again, however many marks lie in it.
type localScan struct {
	s    *spool
	at   int64 // where to look next
	buf  []byte
	from int64 // offset of have
	have []byte
	left int64 // bytes that may still be looked through for the ends of members
	keys *zipKeyring
}

func (w *walker) newLocalScan(s *spool) *localScan {
	return &localScan{s: s, buf: make([]byte, 16<<10), left: 4 * s.size}
}

// next finds the next header that begins before end.
func (l *localScan) next(end int64) (h localHeader, ok bool) {
	for {
		i := l.find(localMark, end)
		if i < 0 {
			return h, false
		}
		l.at = i
		h, ok = readLocal(l.s, l.at)
		l.at += int64(len(localMark))
		if ok {
			return h, true
		}
	}
}

// find gives the offset of the next mark before end, or -1. It leaves at behind what holds none.
func (l *localScan) find(mark string, end int64) int64 {
	for l.at < end {
		if l.at < l.from || l.at+int64(len(mark)) > l.from+int64(len(l.have)) {
			k, _ := l.s.ReadAt(l.buf, l.at)
			l.from, l.have = l.at, l.buf[:k]
			if k < len(mark) {
				break
			}
		}
		rest := l.have[l.at-l.from:]
		if i := bytes.Index(rest, []byte(mark)); i >= 0 {
			if l.at+int64(i) >= end {
				break
			}
			return l.at + int64(i)
		}
		l.at += int64(len(rest) - len(mark) + 1)
	}
	l.at = max(l.at, end)
	return -1
}

func readLocal(s *spool, at int64) (h localHeader, ok bool) {
	var b [30]byte
	if k, _ := s.ReadAt(b[:], at); k < len(b) {
		return h, false
	}
	u16 := func(i int) uint16 { return binary.LittleEndian.Uint16(b[i:]) }
	u32 := func(i int) int64 { return int64(binary.LittleEndian.Uint32(b[i:])) }
	h.zipEntry = zipEntry{flags: u16(6), method: u16(8), time: u16(10), crc: uint32(u32(14)), packed: u32(18), size: u32(22)}
	rest := make([]byte, int(u16(26))+int(u16(28)))
	if k, _ := s.ReadAt(rest, at+30); k < len(rest) || u16(26) == 0 {
		return h, false
	}
	h.name, h.extra = fileName(rest[:u16(26)]), rest[u16(26):]
	h.data = at + 30 + int64(len(rest))
	if x := zipExtra(h.extra, 1); h.packed == 1<<32-1 && len(x) >= 16 {
		h.size, h.packed = int64(binary.LittleEndian.Uint64(x)&(1<<62-1)), int64(binary.LittleEndian.Uint64(x[8:])&(1<<62-1))
	}
	if h.flags&8 != 0 || h.packed == 1<<32-1 {
		h.packed, h.size = -1, -1
	}
	return h, u16(4) < 100 && h.data <= s.size
}

// localMember reads one member, and goes on behind it.
func (w *walker) localMember(n *node, l *localScan, h localHeader) error {
	if err := w.member(); err != nil {
		return err
	}
	if h.packed < 0 && (h.method != methodDeflate || h.encrypted()) {
		h.zipEntry = l.described(h)
	}
	m := leak.Member{Place: inner(n.place, h.name), Order: w.nextOrder(), Size: h.size, Owner: zipOwner(h.extra), ModTime: unixTime(h.extra)}
	if err := w.nameText(m.Place, h.name); err != nil {
		return err
	}
	if isZipDir(h.name, h.size, h.packed) {
		m.Format = "dir"
		return w.report(m)
	}
	left := l.s.size - h.data
	if h.packed >= 0 {
		left = min(left, h.packed)
		l.at = max(l.at, h.data+left)
	}
	open := func() (io.Reader, error) { return io.NewSectionReader(l.s, h.data, left), nil }
	if h.encrypted() {
		if l.keys == nil {
			l.keys = w.newZipKeyring()
		}
		h.packed = left
		return w.sealedMember(n, l.keys, h.zipEntry, open, &m, h.name)
	}
	packed, _ := open()
	if h.packed >= 0 {
		r, err := w.openEntry(h.zipEntry, packed, nil)
		if err != nil {
			return w.zipUnread(n, &m, err)
		}
		return w.zipContents(n, r, left, &m, h.name)
	}
	src := w.newSource(packed)
	defer w.done(src)
	if h.method == methodDeflate { // it says itself where it ends
		err := w.zipContents(n, flate.NewReader(src.Reader), left, &m, h.name)
		l.at = max(l.at, h.data+src.taken())
		return err
	}
	r, err := w.unpackEntry(h.method, h.zipEntry, src)
	if err != nil || h.method == methodStore {
		return w.zipUnread(n, &m, err)
	}
	return w.zipContents(n, r, left, &m, h.name)
}

// described looks for the descriptor behind a member that was written before its length was known.
func (l *localScan) described(h localHeader) zipEntry {
	e := h.zipEntry
	d := &localScan{s: l.s, at: h.data, buf: l.buf}
	defer func() { l.from, l.have = 0, nil }() // the buffer is shared
	for l.left > 0 {
		before := d.at
		at := d.find(descriptorMark, l.s.size)
		l.left -= d.at - before + int64(len(descriptorMark))
		if at < 0 {
			return e
		}
		d.at = at + int64(len(descriptorMark))
		var b [24]byte
		k, _ := l.s.ReadAt(b[:], at)
		packed := at - h.data
		switch {
		case k >= 16 && int64(binary.LittleEndian.Uint32(b[8:])) == packed:
			e.size = int64(binary.LittleEndian.Uint32(b[12:]))
		case k == 24 && binary.LittleEndian.Uint64(b[8:]) == uint64(packed):
			e.size = int64(binary.LittleEndian.Uint64(b[16:]) & (1<<62 - 1))
		default:
			continue
		}
		e.packed, e.crc = packed, binary.LittleEndian.Uint32(b[4:])
		return e
	}
	return e
}

// unixTime reads the time that Unix writers put beside a member: field 0x5455.
func unixTime(extra []byte) time.Time {
	if x := zipExtra(extra, 0x5455); len(x) >= 5 && x[0]&1 != 0 {
		return time.Unix(int64(int32(binary.LittleEndian.Uint32(x[1:]))), 0).UTC()
	}
	return time.Time{}
}
