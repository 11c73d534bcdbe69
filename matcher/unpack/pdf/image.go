package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"leakwatch/matcher/unpack/child"
)

const (
	leastPixels = 32 * 32   // smaller pictures are bullets and lines
	mostPixels  = 200 << 20 // of one picture
)

// image hands a picture over as a file that other programs read: JPEG and JPEG 2000 as they lie, fax in a TIFF, the rest as PNG.
func (x *extraction) image(s stream) error {
	wide, high := x.f.number(s.dict["Width"], 0), x.f.number(s.dict["Height"], 0)
	r, rest, parms := x.f.decode(s)
	if wide*high < leastPixels {
		return x.bullet(s, rest)
	}
	title := fmt.Sprintf("image %d.", s.id)
	if wide > mostPixels || high > mostPixels || wide*high > mostPixels {
		x.images++
		return nil
	}
	switch rest {
	case "DCTDecode", "DCT":
		title += "jpg"
	case "JPXDecode":
		title += "jp2"
	case "CCITTFaxDecode", "CCF":
		title += "tif"
		b, err := io.ReadAll(io.LimitReader(r, x.f.most))
		if err != nil {
			x.cut++
		}
		r = bytes.NewReader(x.f.fax(b, uint32(high), parms))
	case "":
		p := x.f.png(s, r, wide, high)
		if p == nil {
			x.images++
			return nil
		}
		title += "png"
		r = p
	default: // JBIG2
		x.images++
		return nil
	}
	x.tellAll(s)
	err := x.e.Member(child.Entry{Name: title, Size: -1}, r)
	if err != nil && isDamage(err) {
		x.cut++
		err = nil
	}
	return err
}

// bullet looks at a picture that is too small for words: what is text, or is more than it could be, is none. Where its filter is not
// known it is read as it lies, with the rest of the file.
func (x *extraction) bullet(s stream, rest name) error {
	if rest != "" {
		return nil
	}
	b, whole := x.f.decoded(s, x.f.most)
	x.cut += map[bool]int64{false: 1}[whole]
	x.tellPacked(s)
	if len(b) == 0 || len(b) <= leastPixels*8 && !isText(b) {
		return nil
	}
	return x.bytes(s, b)
}

// isDamage says whether an error is of what was read, and not of whoever takes it.
func isDamage(err error) bool { return !errors.Is(err, child.ErrRecord) }

// fax puts fax data into a TIFF of one strip.
func (f *file) fax(b []byte, high uint32, parms dict) []byte {
	k := f.number(parms["K"], 0)
	wide := uint32(f.number(parms["Columns"], 1728))
	compression, options := uint32(3), uint32(0)
	if k < 0 {
		compression = 4
	} else if k > 0 {
		options = 1
	}
	white := uint32(0) // 0 is white
	if v, _ := f.get(parms["BlackIs1"]).(bool); v {
		white = 1
	}
	tags := [][2]uint32{{256, wide}, {257, high}, {258, 1}, {259, compression}, {262, white}, {273, 0}, {277, 1}, {278, high},
		{279, uint32(len(b))}, {292 + compression - 3, options}}
	out := append([]byte("II*\x00"), 8, 0, 0, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(tags)))
	data := uint32(8 + 2 + 12*len(tags) + 4)
	for _, t := range tags {
		v := t[1]
		if t[0] == 273 {
			v = data
		}
		out = binary.LittleEndian.AppendUint16(out, uint16(t[0]))
		out = binary.LittleEndian.AppendUint16(out, 4)
		out = binary.LittleEndian.AppendUint32(out, 1)
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	out = append(out, 0, 0, 0, 0)
	return append(out, b...)
}

// png reads a picture of rows of samples as a PNG; nil when its colours are of a sort that PNG has not.
func (f *file) png(s stream, r io.Reader, wide, high int64) io.Reader {
	bits := f.number(s.dict["BitsPerComponent"], 8)
	if mask, _ := f.get(s.dict["ImageMask"]).(bool); mask {
		bits = 1
	}
	if bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16 {
		return nil
	}
	colors, kind, palette := f.colors(s.dict["ColorSpace"], 0)
	row := (wide*int64(colors)*bits + 7) / 8
	if colors == 0 || row > 1<<24 || kind == 2 && bits < 8 {
		return nil
	}
	p := &pngReader{r: r, row: make([]byte, row+1), left: high, cmyk: colors == 4}
	head := binary.BigEndian.AppendUint32(nil, uint32(wide))
	head = binary.BigEndian.AppendUint32(head, uint32(high))
	p.out.WriteString("\x89PNG\r\n\x1a\n")
	p.chunk("IHDR", append(head, byte(bits), byte(kind), 0, 0, 0))
	if palette != nil {
		p.chunk("PLTE", palette)
	}
	if p.cmyk && bits != 8 {
		return nil
	}
	return p
}

// colors says how many samples a pixel has, the sort of PNG that is, and the colours of a palette.
func (f *file) colors(o object, depth int) (n int, kind int, palette []byte) {
	o = f.get(o)
	a, _ := o.(array)
	n1, _ := o.(name)
	if len(a) > 0 {
		n1, _ = f.get(a[0]).(name)
	}
	switch n1 {
	case "DeviceRGB", "RGB", "CalRGB", "Lab":
		return 3, 2, nil
	case "DeviceCMYK", "CMYK":
		return 4, 2, nil
	case "ICCBased":
		if len(a) > 1 {
			switch f.number(f.dictOf(a[1])["N"], 1) {
			case 3:
				return 3, 2, nil
			case 4:
				return 4, 2, nil
			}
		}
	case "Indexed", "I":
		return f.indexed(a, depth)
	case "DeviceN":
		return 0, 0, nil
	}
	return 1, 0, nil
}

func (f *file) indexed(a array, depth int) (n int, kind int, palette []byte) {
	if len(a) < 4 || depth > 2 {
		return 0, 0, nil
	}
	base, _, _ := f.colors(a[1], depth+1)
	var table []byte
	switch t := f.get(a[3]).(type) {
	case string:
		table = []byte(t)
	case stream:
		table, _ = f.decoded(t, 1024)
	}
	for i := 0; base > 0 && i+base <= len(table) && len(palette) < 768; i += base {
		switch base {
		case 1:
			palette = append(palette, table[i], table[i], table[i])
		case 3:
			palette = append(palette, table[i:i+3]...)
		default:
			palette = append(palette, rgb(table[i:])...)
		}
	}
	if palette == nil {
		return 0, 0, nil
	}
	return 1, 3, palette
}

// rgb is a printer's colour on a screen, roughly.
func rgb(c []byte) []byte {
	k := 255 - int(c[3])
	mix := func(v byte) byte { return byte((255 - int(v)) * k / 255) }
	return []byte{mix(c[0]), mix(c[1]), mix(c[2])}
}

// pngReader packs rows of samples, a few at a time.
type pngReader struct {
	r    io.Reader
	row  []byte
	left int64
	cmyk bool
	out  bytes.Buffer
	z    *zlib.Writer
	data bytes.Buffer
}

func (p *pngReader) chunk(kind string, b []byte) {
	_ = binary.Write(&p.out, binary.BigEndian, uint32(len(b)))
	body := append([]byte(kind), b...)
	p.out.Write(body)
	_ = binary.Write(&p.out, binary.BigEndian, crc32.ChecksumIEEE(body))
}

func (p *pngReader) Read(b []byte) (int, error) {
	for p.out.Len() == 0 {
		if p.left < 0 {
			return 0, io.EOF
		}
		p.step()
	}
	return p.out.Read(b)
}

// step packs the next rows. Those that are missing are white or black, whichever zero is.
func (p *pngReader) step() {
	if p.z == nil {
		p.z, _ = zlib.NewWriterLevel(&p.data, zlib.BestSpeed)
	}
	for p.left > 0 && p.data.Len() < 32<<10 {
		n, _ := io.ReadFull(p.r, p.row[1:])
		clear(p.row[1+n:])
		row := p.row
		if p.cmyk {
			row = []byte{0}
			for i := 1; i+4 <= len(p.row); i += 4 {
				row = append(row, rgb(p.row[i:])...)
			}
		}
		_, _ = p.z.Write(row)
		p.left--
		if n == 0 { // nothing follows: no picture of nothing is made
			p.left = 0
		}
	}
	if p.left == 0 {
		_ = p.z.Close()
	}
	if p.data.Len() > 0 {
		p.chunk("IDAT", p.data.Bytes())
		p.data.Reset()
	}
	if p.left == 0 {
		p.chunk("IEND", nil)
		p.left = -1
	}
}
