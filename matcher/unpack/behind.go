package unpack

import (
	"bytes"
	"encoding/binary"
	"io"

	"leakwatch/leak"
)

// ended reads from a decoder, and at its end looks at what is left of what is packed: zeros are padding, anything else is
// told by errAfter.
type ended struct {
	r   io.Reader
	src *source
}

func (e *ended) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if err == io.EOF && len(e.src.padding()) > 0 {
		err = errAfter
	}
	return n, err
}

// padding passes over zeros, however many, and gives what follows them, of which at least one byte is there unless it ends.
func (s *source) padding() []byte {
	for {
		b := s.head(headBytes)
		k := len(b) - len(bytes.TrimLeft(b, "\x00"))
		_, _ = s.Discard(k)
		if k < len(b) || k == 0 {
			return b[k:]
		}
	}
}

// walkBehind reads bytes that lie in a container and belong to none of its members as what they are. What is neither text
// nor something that is opened is read as bytes, which is said.
func (w *walker) walkBehind(n *node, r io.Reader, at int64) error {
	src := w.newSource(r)
	defer w.done(src)
	head := src.padding()
	if len(head) == 0 {
		return w.end()
	}
	if err := w.member(); err != nil {
		return err
	}
	i := n.inner(src, n.format)
	i.place, i.name = inner(n.place, "rest@"+itoa(at)), ""
	switch f := sniff(bytes.TrimRight(head, "\x00"), "", ""); {
	case f == fText:
		w.shapes.n++ // it is none of its members
		err := w.walkText(i)
		w.shapes.n--
		return err
	case f != n.format && w.opens(f):
		if err := w.walk(i); err != nil {
			return err
		}
	default:
		w.notes.add(string(n.format) + ": %d stretches that are no members, read as bytes")
		if err := w.readBytes(i, src); err != nil {
			return err
		}
	}
	return w.drain(src)
}

// skippables looks through packed bytes on their way to a decoder, for frames that it skips, whose contents are for whoever
// reads them: they are a text beside. It knows no more of zstd and lz4 than where a frame ends. RFC 8878 section 3,
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
type skippables struct {
	src  io.Reader
	text aside
	buf  []byte // of what is wanted whole
	want int    // bytes of it
	step func(f *skippables, b []byte)
	left int64 // bytes that are passed over before it
	show bool  // they are a frame's to be skipped
	sums int64 // bytes behind each block
	last int64 // and behind the last
	at   int64
}

func (w *walker) newSkippables(n *node) *skippables {
	f := &skippables{src: n.src}
	f.text = aside{w: w, n: n, views: n.views, place: func() leak.Place { return inner(n.place, "skipped") }}
	f.frame()
	return f
}

func (f *skippables) frame() { f.want, f.step = 4, (*skippables).mark }

func (f *skippables) Read(p []byte) (int, error) {
	n, err := f.src.Read(p)
	if ferr := f.feed(p[:n]); ferr != nil {
		return n, ferr
	}
	if err != nil {
		if ferr := f.text.finish(); ferr != nil {
			return n, ferr
		}
	}
	return n, err
}

func (f *skippables) feed(b []byte) error {
	for len(b) > 0 && f.step != nil {
		if f.left > 0 {
			k := int(min(int64(len(b)), f.left))
			f.left -= int64(k)
			if f.show {
				if err := f.shown(b[:k]); err != nil {
					return err
				}
			}
			b, f.at = b[k:], f.at+int64(k)
			continue
		}
		f.show = false
		k := min(len(b), f.want-len(f.buf))
		f.buf = append(f.buf, b[:k]...)
		b, f.at = b[k:], f.at+int64(k)
		if len(f.buf) == f.want {
			f.step(f, f.buf)
			f.buf = f.buf[:0]
		}
	}
	return nil
}

// shown lays the contents of a frame aside.
func (f *skippables) shown(b []byte) error {
	f.text.marks.set(f.text.out, f.at, 1, asIs, 0)
	if err := f.text.put(b); err != nil || f.left > 0 {
		return err
	}
	return f.text.put([]byte("\n\n"))
}

// mark reads the mark of a frame. What has none of these is the decoder's to judge.
func (f *skippables) mark(b []byte) {
	switch v := binary.LittleEndian.Uint32(b); {
	case v&^0xf == 0x184d2a50:
		f.want, f.step = 4, func(f *skippables, b []byte) {
			f.left, f.show = int64(binary.LittleEndian.Uint32(b)), true
			f.frame()
		}
	case v == 0xfd2fb528:
		f.want, f.step = 1, (*skippables).zstdHead
	case v == 0x184d2204:
		f.want, f.step = 2, (*skippables).lz4Head
	default:
		f.step = nil
	}
}

// zstdHead passes over the header of a frame, by its descriptor.
func (f *skippables) zstdHead(b []byte) {
	d := b[0]
	size := []int64{0, 2, 4, 8}[d>>6]
	if d&0x20 == 0 {
		size++
	} else if d>>6 == 0 {
		size = 1
	}
	f.left = size + []int64{0, 1, 2, 4}[d&3]
	f.sums, f.last = 0, int64(d&4)
	f.want, f.step = 3, (*skippables).zstdBlock
}

func (f *skippables) zstdBlock(b []byte) {
	v := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	f.left = int64(v >> 3)
	if v>>1&3 == 1 { // one byte, so many times
		f.left = 1
	}
	if v&1 == 1 {
		f.left += f.last
		f.frame()
	}
}

func (f *skippables) lz4Head(b []byte) {
	d := b[0]
	f.left = 1 + int64(d&8) + int64(d&1)*4
	f.sums, f.last = int64(d>>4&1)*4, int64(d&4)
	f.want, f.step = 4, (*skippables).lz4Block
}

func (f *skippables) lz4Block(b []byte) {
	v := binary.LittleEndian.Uint32(b)
	if v == 0 {
		f.left = f.last
		f.frame()
		return
	}
	f.left = int64(v&(1<<31-1)) + f.sums
}
