package unpack

import (
	"bytes"
	"encoding/binary"
	"io"
)

// zipInside finds a zip that begins somewhere in other bytes, as behind the program that unpacks it. From its first header on
// the bytes are read as one, to their end.
type zipInside struct {
	t     *tap
	carry []byte
	base  int64 // text offset of the next byte to be looked at
	pipe  *stream
	none  bool
}

const localHead = 30

// scan looks through the next bytes.
func (z *zipInside) scan(b []byte, last bool) error {
	switch {
	case z.none:
		return nil
	case z.pipe == nil:
		z.carry = append(z.carry, b...)
		b = z.carry
		at := sureZip(b)
		if at < 0 {
			k := max(len(b)-localHead, 0)
			z.carry, z.base = append(b[:0], b[k:]...), z.base+int64(k)
			return nil
		}
		if z.none = !z.t.w.deeper(z.t.n); z.none {
			return nil
		}
		z.begin(z.base + int64(at))
		b = b[at:]
	}
	z.pipe.push(b)
	if last {
		z.pipe.finish()
	}
	return z.t.w.end()
}

// sureZip is where a header of a member is, -1 if nowhere. Of random bytes less than one in 2^56 is.
func sureZip(b []byte) int {
	for i := 0; ; i++ {
		k := bytes.Index(b[i:], []byte(localMark))
		if k < 0 || i+k+localHead > len(b) {
			return -1
		}
		i += k
		version, method, name := binary.LittleEndian.Uint16(b[i+4:]), binary.LittleEndian.Uint16(b[i+8:]), binary.LittleEndian.Uint16(b[i+26:])
		if version < 100 && method < 100 && name > 0 && name < 4<<10 {
			return i
		}
	}
}

func (z *zipInside) begin(at int64) {
	t := z.t
	n := &node{place: inner(t.n.place, "zip@"+itoa(t.way.back(at))), depth: t.n.depth + 1}
	z.pipe = newStream(func(r io.Reader) {
		_ = t.w.walkInner(n, r) // its end is the Walk's, which the pusher asks for
	})
}

func (z *zipInside) close() {
	if z.pipe != nil {
		z.pipe.close()
	}
}
