package unpack

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"time"

	"leakwatch/leak"
)

// cpioHeader is what stands before an entry of a cpio archive, in any of its forms: cpio(5) of the BSDs has them all.
type cpioHeader struct {
	head, name, size int64 // bytes: of the header, of the name with its NUL, of the contents
	pad              int64 // what follows name and contents is aligned to so many
	mode, uid, gid   int64
	time             int64
}

const (
	cpioTrailer = "TRAILER!!!"
	cpioLongest = 110
)

// isCpio knows an archive by its first header and the end of the name behind it, for the marks are short.
func isCpio(head []byte) bool {
	h, ok := readCpio(head)
	end := h.head + h.name - 1
	return ok && end < int64(len(head)) && head[end] == 0 && bytes.IndexByte(head[h.head:end], 0) < 0
}

// readCpio reads a header.
func readCpio(b []byte) (h cpioHeader, ok bool) {
	switch {
	case len(b) >= 110 && (string(b[:6]) == "070701" || string(b[:6]) == "070702"):
		h, ok = readNewCpio(b)
	case len(b) >= 76 && string(b[:6]) == "070707":
		h, ok = readOldCpio(b)
	case len(b) >= 26 && string(b[:2]) == "\xc7\x71":
		h, ok = readBinaryCpio(b, binary.LittleEndian), true
	case len(b) >= 26 && string(b[:2]) == "\x71\xc7":
		h, ok = readBinaryCpio(b, binary.BigEndian), true
	}
	_, known := cpioFormats[h.mode>>12]
	return h, ok && known && h.name >= 2 && h.name <= longestField && h.size >= 0
}

// cpioFormats are the types of entries that there are, by the first digit of the mode. The last has none.
var cpioFormats = map[int64]string{0: "", 1: "fifo", 2: "device", 4: "dir", 6: "device", 8: "", 9: "device", 10: "link", 12: "device"}

func readNewCpio(b []byte) (h cpioHeader, ok bool) {
	var v [13]int64
	for i := range v {
		n, err := strconv.ParseUint(string(b[6+8*i:14+8*i]), 16, 32)
		if err != nil {
			return h, false
		}
		v[i] = int64(n)
	}
	return cpioHeader{head: 110, pad: 4, mode: v[1], uid: v[2], gid: v[3], time: v[5], size: v[6], name: v[11]}, true
}

func readOldCpio(b []byte) (h cpioHeader, ok bool) {
	at := 6
	field := func(n int) int64 {
		v, err := strconv.ParseUint(string(b[at:at+n]), 8, 36)
		at += n
		if err != nil {
			at, v = 6, 1<<40 // no name is so long
		}
		return int64(v)
	}
	field(6)
	field(6)
	h = cpioHeader{head: 76, pad: 1, mode: field(6), uid: field(6), gid: field(6)}
	field(6)
	field(6)
	h.time, h.name, h.size = field(11), field(6), field(11)
	return h, at == 76
}

func readBinaryCpio(b []byte, o binary.ByteOrder) cpioHeader {
	v := func(i int) int64 { return int64(o.Uint16(b[2*i:])) }
	return cpioHeader{head: 26, pad: 2, mode: v(3), uid: v(4), gid: v(5), time: v(8)<<16 | v(9), name: v(10), size: v(11)<<16 | v(12)}
}

// fill is what lies between n bytes and the next boundary.
func (h cpioHeader) fill(n int64) int64 { return -n & (h.pad - 1) }

// walkCpio reads an archive entry by entry. After a damaged header it goes on at the next sound one, and what lies behind
// the end is read as what it is: in the images that Linux starts from, that is the next archive, packed.
func (w *walker) walkCpio(n *node) error {
	p, before := &pieces{w: w, n: n}, w.shapes.n
	for {
		more, err := p.cpioEntry()
		if err != nil {
			return err
		}
		if more {
			continue
		}
		head := n.src.head(cpioLongest)
		switch {
		case p.ended:
			return p.finish(before, "")
		case p.short, len(head) == 0:
			return p.finish(before, "cpio: ends without its end mark, what followed is not known")
		case !p.resync():
			return p.finish(before, "cpio: damaged in %d places")
		}
		w.notes.add("cpio: damaged in %d places")
	}
}

// cpioEntry reads one entry, or the end. It says whether to go on.
func (p *pieces) cpioEntry() (more bool, err error) {
	h, ok := readCpio(p.n.src.head(cpioLongest))
	if !ok || !p.skip(h.head) {
		return false, p.w.end()
	}
	raw, ok := p.field(h.name)
	if !ok || !p.skip(h.fill(h.head+h.name)) {
		return false, p.w.end()
	}
	name := fileName(bytes.TrimRight(raw, "\x00"))
	if name == cpioTrailer {
		return p.cpioEnd()
	}
	m := leak.Member{Place: inner(p.n.place, name), Order: p.w.nextOrder(), Size: h.size, ModTime: time.Unix(h.time, 0).UTC(),
		Owner: itoa(h.uid) + ":" + itoa(h.gid), Format: cpioFormats[h.mode>>12]}
	if err := p.member(m, name, h.size); err != nil {
		return false, err
	}
	if !p.short {
		p.skip(h.fill(h.size))
	}
	return !p.short, p.w.end()
}

// cpioEnd looks at what lies behind the end: padding, another archive, or something else, which is read as what it is.
func (p *pieces) cpioEnd() (more bool, err error) {
	for {
		head := p.n.src.head(headBytes)
		k := len(head) - len(bytes.TrimLeft(head, "\x00"))
		p.skip(int64(k))
		if k == len(head) && k > 0 {
			continue
		}
		break
	}
	head := p.n.src.head(headBytes)
	if len(head) == 0 || isCpio(head) {
		p.ended = len(head) == 0
		return !p.ended, p.w.end()
	}
	p.ended = true
	i := p.n.inner(p.n.src, p.n.format)
	i.name = ""
	if err := p.w.walk(i); err != nil {
		return false, err
	}
	return false, p.w.drain(p.n.src)
}

// resync leaps to the next header that is sound, and says whether there is one.
func (p *pieces) resync() bool {
	for p.skip(1) {
		head := p.n.src.head(headBytes)
		at := -1
		for i := 0; i+26 < len(head) && at < 0; i++ {
			if c := head[i]; (c == '0' || c == 0xc7 || c == 0x71) && isCpio(head[i:]) {
				at = i
			}
		}
		if at >= 0 {
			return p.skip(int64(at))
		}
		if len(head) < headBytes {
			p.skip(int64(len(head)))
			return false
		}
		p.skip(int64(len(head) - longestField/2))
	}
	return false
}
