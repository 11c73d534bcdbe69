package ole

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"

	"leakwatch/matcher/unpack/child"
)

// Records of PowerPoint (MS-PPT 2.13.24).
const (
	pptChars  = 0x0fa0 // text of two bytes a letter
	pptBytes  = 0x0fa8 // text of one
	pptString = 0x0fba // a string of two
	pptObject = 0x1011 // an embedded file
)

// slides reads a presentation: the text of all records, in their order.
func (x *extraction) slides(s *Storage) error {
	if u := s.Stream("Current User"); u != nil {
		b, _ := u.Read(64)
		if len(b) >= 16 && binary.LittleEndian.Uint32(b[12:]) == 0xf3d1c4df {
			return child.ErrEncrypted
		}
	}
	b, err := x.read(s.Stream("PowerPoint Document"))
	if err != nil {
		return err
	}
	w, err := x.e.Writer()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	var objects [][]byte
	damaged := int64(0)
	records(b, func(kind uint16, instance uint16, body []byte) {
		switch kind {
		case pptChars, pptString:
			_, _ = out.WriteString(utf16Text(body) + "\n")
		case pptBytes:
			_, _ = out.WriteString(ansiText(body) + "\n")
		case pptObject:
			if instance == 1 && len(body) > 4 {
				whole := false
				if body, whole = inflate(body[4:]); !whole {
					damaged++
				}
			}
			objects = append(objects, body)
		}
	})
	if err := out.Flush(); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if damaged > 0 {
		if err := x.e.Note(child.DamagedParts, damaged); err != nil {
			return err
		}
	}
	for _, o := range objects {
		if err := x.e.Member(child.Entry{Name: "object", Size: int64(len(o))}, bytes.NewReader(o)); err != nil {
			return err
		}
	}
	return nil
}

// records calls f for each record that holds no others.
func records(b []byte, f func(kind, instance uint16, body []byte)) {
	for len(b) >= 8 {
		head, kind := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
		size := min(int64(binary.LittleEndian.Uint32(b[4:])), int64(len(b)-8))
		b = b[8:]
		if head&0xf == 0xf { // what it holds follows
			continue
		}
		f(kind, head>>4, b[:size])
		b = b[size:]
	}
}

// inflate unpacks an embedded file, and says whether that is all of it.
func inflate(b []byte) (out []byte, whole bool) {
	const most = mostStream / 4
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, false
	}
	out, err = io.ReadAll(io.LimitReader(z, most+1))
	return out[:min(len(out), most)], err == nil && len(out) <= most
}

// pictures hands over the pictures in a stream of records, whose headers other things stand between: each begins and ends as its
// format says. One that does not end is noted, as are those that were left before.
func (x *extraction) pictures(b []byte, left int64) error {
	const pngMark, jpegMark = "\x89PNG\r\n\x1a\n", "\xff\xd8\xff"
	from := func(at int, mark string) int {
		if i := bytes.Index(b[at:], []byte(mark)); i >= 0 {
			return at + i
		}
		return len(b)
	}
	png, jpeg, last := from(0, pngMark), from(0, jpegMark), bytes.LastIndex(b, []byte(jpegEnd))
	for at := min(png, jpeg); at < len(b); at = min(png, jpeg) {
		name, n := "picture.png", 0
		if at == png {
			n = pngLength(b[at:])
		} else if name = "picture.jpg"; last > at {
			n = jpegLength(b[at : last+len(jpegEnd)])
		}
		if n > 0 {
			if err := x.e.Member(child.Entry{Name: name, Size: int64(n)}, bytes.NewReader(b[at:at+n])); err != nil {
				return err
			}
		} else if at == png || bytes.HasPrefix(b[at+3:], []byte("\xe0")) || bytes.HasPrefix(b[at+3:], []byte("\xe1")) {
			left++ // other bytes may look like the first three of a JPEG
		}
		at += max(n, 3)
		if png < at {
			png = from(at, pngMark)
		}
		if jpeg < at {
			jpeg = from(at, jpegMark)
		}
	}
	if left > 0 {
		return x.e.Note(child.UnknownPictures, left)
	}
	return nil
}

// drawings counts the pictures among records that are no files that others read: EMF, WMF, PICT and bitmaps without a head (MS-ODRAW
// 2.2.23).
func drawings(b []byte) (n int64) {
	records(b, func(kind, _ uint16, _ []byte) {
		switch kind {
		case 0xf01a, 0xf01b, 0xf01c, 0xf01f:
			n++
		}
	})
	return n
}

// pngLength is the length of a picture by its chunks, 0 if they lead nowhere.
func pngLength(b []byte) int {
	i := 8
	for i+12 <= len(b) {
		size := int64(binary.BigEndian.Uint32(b[i:]))
		if size > int64(len(b)-i-12) {
			return 0
		}
		end := string(b[i+4:i+8]) == "IEND"
		i += 12 + int(size)
		if end {
			return i
		}
	}
	return 0
}

const jpegEnd = "\xff\xd9"

// jpegLength is the length of a picture by its segments, and of the last by its end mark.
func jpegLength(b []byte) int {
	i := 2
	for i+4 <= len(b) && b[i] == 0xff {
		kind := b[i+1]
		i += 2 + int(binary.BigEndian.Uint16(b[i+2:]))
		if kind != 0xda {
			continue
		}
		if i > len(b) {
			return 0
		}
		if end := bytes.Index(b[i:], []byte(jpegEnd)); end >= 0 {
			return i + end + 2
		}
		return 0
	}
	return 0
}
