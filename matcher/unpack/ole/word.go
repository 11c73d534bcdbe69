package ole

import (
	"bufio"
	"encoding/binary"
	"io"
	"strings"

	"leakwatch/matcher/unpack/child"
)

// Places in the file information block of Word (MS-DOC 2.5), and its flags.
const (
	fibMark      = 0xa5ec // Word 97 and later
	fibOld       = 0xa5dc // Word 6 and 95
	fibEncrypted = 0x0100
	fibTable1    = 0x0200
)

// word reads a Word document: the pieces that make up its text, in their order, with notes, headers, comments and text boxes.
func (x *extraction) word(s *Storage) error {
	b, err := x.read(s.Stream("WordDocument"))
	if err != nil {
		return err
	}
	if len(b) < 0x22 {
		return child.ErrUnsupported
	}
	flags := binary.LittleEndian.Uint16(b[0x0a:])
	if flags&fibEncrypted != 0 {
		return child.ErrEncrypted
	}
	var pieces []piece
	if binary.LittleEndian.Uint16(b) == fibMark && len(b) >= 0x1aa {
		pieces, err = x.pieces(s, b, flags)
		if err != nil {
			return err
		}
	}
	if len(pieces) == 0 {
		from, to := binary.LittleEndian.Uint32(b[0x18:]), binary.LittleEndian.Uint32(b[0x1c:])
		if int64(to) > int64(len(b)) || from >= to {
			from, to = 0, uint32(len(b))
		}
		if binary.LittleEndian.Uint16(b) != fibOld {
			if err := x.e.Note(child.DamagedInOrder, 1); err != nil {
				return err
			}
			return x.e.Text(strings.NewReader(words(b[from:to])))
		}
		pieces = []piece{{int(from), int(to - from), false}}
	}
	return x.pieceText(b, pieces)
}

// piece is a stretch of text in the document's stream.
type piece struct {
	at, n int // bytes
	wide  bool
}

// pieces reads the table of pieces (MS-DOC 2.8.35, 2.9.38).
func (x *extraction) pieces(s *Storage, b []byte, flags uint16) (out []piece, err error) {
	name := "0Table"
	if flags&fibTable1 != 0 {
		name = "1Table"
	}
	t := s.Stream(name)
	if t == nil {
		return nil, nil
	}
	table, err := x.read(t)
	if err != nil {
		return nil, err
	}
	clx, size := binary.LittleEndian.Uint32(b[0x1a2:]), binary.LittleEndian.Uint32(b[0x1a6:])
	if int64(clx)+int64(size) > int64(len(table)) {
		return nil, nil
	}
	c := cursor{b: table[clx : clx+size]}
	for len(c.b) > 0 && c.b[0] == 1 { // properties
		c.skip(1)
		c.skip(int(c.u16()))
	}
	c.skip(1)
	plc := c.take(int(c.u32()))
	n := (len(plc) - 4) / 12
	for i := range max(n, 0) {
		first, last := binary.LittleEndian.Uint32(plc[4*i:]), binary.LittleEndian.Uint32(plc[4*i+4:])
		fc := binary.LittleEndian.Uint32(plc[4*(n+1)+8*i+2:])
		p := piece{at: int(fc & 0x3fffffff), n: int(int64(last) - int64(first)), wide: fc>>30&1 == 0}
		if p.wide {
			p.n *= 2
		} else {
			p.at /= 2
		}
		if p.n > 0 && p.at <= len(b) {
			p.n = min(p.n, len(b)-p.at)
			out = append(out, p)
		}
	}
	return out, nil
}

// pieceText hands the pieces over. Together they are no longer than what a document can hold: pieces that lie over one another would make
// much of little.
func (x *extraction) pieceText(b []byte, pieces []piece) error {
	w, err := x.e.Writer()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	left := 4*len(b) + 1<<20
	for _, p := range pieces {
		if left -= p.n; left < 0 {
			break
		}
		text := b[p.at : p.at+p.n]
		s := ""
		if p.wide {
			s = utf16Text(text)
		} else {
			s = ansiText(text)
		}
		if _, err := io.WriteString(out, marks.Replace(s)); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := w.Close(); err != nil || left >= 0 {
		return err
	}
	return child.ErrBounded
}

// marks are the signs that stand for something in Word's text: cells and the ends of rows, lines, pages, fields, hyphens, anchors.
var marks = strings.NewReplacer("\x07\x07", "\t\n", "\x07", "\t", "\r", "\n", "\x0b", "\n", "\x0c", "\n", "\x13", " ", "\x14", " ", "\x15", " ",
	"\x1e", "-", "\x1f", "", "\x01", "", "\x02", "", "\x05", "", "\x08", "")
