package table

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"golang.org/x/text/encoding"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/ole"
)

// XLS reads the sheets of Excel workbooks of 1993 to 2007 ([MS-XLS], BIFF5 and BIFF8), each as a text, with the texts of comments,
// drawings, links, headers and footers after its rows; names of sheets are names.
func XLS(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	s, err := ole.Open(in, size)
	if err != nil {
		return err
	}
	stream := s.Stream("Workbook")
	if stream == nil {
		stream = s.Stream("Book")
	}
	if stream == nil {
		return child.ErrUnsupported
	}
	return workbook(ctx, stream.Reader(), e)
}

// workbook reads the stream of a workbook.
func workbook(ctx context.Context, r io.Reader, e *child.Emitter) error {
	x := &xls{ctx: ctx, e: e, b: newRecords(r), rows: rows{e: e}, decode: codePage(1252), formats: map[int]style{}, row: -1}
	return x.read()
}

type xls struct {
	ctx      context.Context
	e        *child.Emitter
	b        *records
	rows     rows
	beside   []byte // what is no cell
	old      bool   // before BIFF8
	date1904 bool
	decode   *encoding.Decoder
	shared   texts
	formats  map[int]style
	styles   []style
	row      int
	text     []byte
}

func (x *xls) read() error {
	for n := 0; ; n++ {
		if n%1024 == 0 && x.ctx.Err() != nil {
			return x.ctx.Err()
		}
		kind, d, err := x.b.next()
		if err == nil {
			err = x.record(kind, d)
		}
		if err == nil {
			err = x.rows.err
		}
		if err == nil {
			continue
		}
		if cerr := x.endSheet(); cerr != nil {
			return cerr
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
}

// record takes one record.
func (x *xls) record(kind int, d []byte) error {
	switch kind {
	case rBOF:
		if len(d) >= 4 {
			x.old = binary.LittleEndian.Uint16(d) < 0x0600
		}
	case rEOF:
		return x.endSheet()
	case rFilePass:
		return child.ErrEncrypted
	case rDate1904:
		x.date1904 = len(d) > 0 && d[0] == 1
	case rCodePage:
		if len(d) >= 2 {
			x.decode = codePage(int(binary.LittleEndian.Uint16(d)))
		}
	case rFormat, rFormat5, rXF:
		x.style(kind, d)
	case rBoundSheet:
		if len(d) > 7 {
			return x.e.Name(string(x.short(d[6:])))
		}
	case rSST:
		return x.sharedTexts(d)
	case rHeader, rFooter, rNote, rText, rLink:
		x.aside(kind, d)
	case rString:
		if s := x.long(d); len(s) > 0 {
			x.rows.cell(s)
		}
	default:
		if len(d) >= 6 {
			x.cells(kind, d)
		}
	}
	return nil
}

// endSheet ends the text of a sheet, if one was begun, with what is no cell.
func (x *xls) endSheet() error {
	x.row = -1
	if err := x.rows.end(); err != nil {
		return err
	}
	x.rows.line = append(x.rows.line, x.beside...)
	x.beside = x.beside[:0]
	return x.rows.close()
}

// short reads a string with a length of one byte, long one of two.
func (x *xls) short(d []byte) []byte {
	if len(d) < 2 {
		return nil
	}
	return x.str(d[1:], int(d[0]))
}

func (x *xls) long(d []byte) []byte {
	if len(d) < 3 {
		return nil
	}
	return x.str(d[2:], int(binary.LittleEndian.Uint16(d)))
}

// str reads a string of n letters, which goes on in the records after d where those continue it.
func (x *xls) str(d []byte, n int) []byte {
	x.text = x.text[:0]
	if x.old {
		d = d[:min(n, len(d))]
		if s, err := x.decode.Bytes(d); err == nil {
			x.text = append(x.text, s...)
		}
		return x.text
	}
	l := letters{b: x.b, p: d}
	x.text, _ = l.rich(x.text, n)
	return x.text
}

// style takes how numbers are shown: a format's code, or which of them a cell's style has.
func (x *xls) style(kind int, d []byte) {
	switch {
	case len(d) < 4:
	case kind == rXF && len(x.styles) < maxStyles:
		id := int(binary.LittleEndian.Uint16(d[2:]))
		s, ok := x.formats[id]
		if !ok {
			s = builtin(id)
		}
		x.styles = append(x.styles, s)
	case kind != rXF && len(x.formats) < maxStyles:
		code := x.short(d[2:])
		if !x.old {
			code = x.long(d[2:])
		}
		x.formats[int(binary.LittleEndian.Uint16(d))] = styleOf(string(code))
	}
}

// sharedTexts reads the texts that cells name by number.
func (x *xls) sharedTexts(d []byte) error {
	if len(d) < 8 {
		return nil
	}
	count := binary.LittleEndian.Uint32(d[4:])
	l := letters{b: x.b, p: d[8:]}
	for i := uint32(0); i < count; i++ {
		if x.shared.full() {
			return x.e.Note(child.PartsLeft, 1)
		}
		n, ok := l.bytes(2)
		if !ok {
			break
		}
		x.shared.all, ok = l.rich(x.shared.all, int(n))
		x.shared.end()
		if !ok {
			break
		}
	}
	return nil
}

// cells writes the cells of a record.
func (x *xls) cells(kind int, d []byte) {
	row := int(binary.LittleEndian.Uint16(d))
	switch kind {
	case rLabelSST, rLabel, rRString, rNumber, rRK, rMulRK, rFormula:
	default:
		return
	}
	if row != x.row {
		_ = x.rows.end()
		x.row = row
	}
	switch kind {
	case rLabelSST:
		if len(d) >= 10 {
			x.rows.cell(x.shared.at(int(binary.LittleEndian.Uint32(d[6:]))))
		}
	case rLabel, rRString:
		x.rows.cell(x.long(d[6:]))
	case rNumber:
		x.number(d[4:], d[6:])
	case rFormula:
		if len(d) >= 14 && !(d[12] == 0xff && d[13] == 0xff) { // else it is a text, which follows
			x.number(d[4:], d[6:])
		}
	case rRK:
		x.compact(d[4:])
	case rMulRK:
		for d = d[4:]; len(d) >= 8; d = d[6:] {
			x.compact(d)
		}
	}
}

func (x *xls) number(styled, d []byte) {
	if len(d) >= 8 {
		x.show(styled, math.Float64frombits(binary.LittleEndian.Uint64(d)))
	}
}

// compact writes a number of four bytes ([MS-XLS] 2.5.217), after its style.
func (x *xls) compact(d []byte) {
	if len(d) < 6 {
		return
	}
	v := binary.LittleEndian.Uint32(d[2:])
	f := math.Float64frombits(uint64(v&^3) << 32)
	if v&2 != 0 {
		f = float64(int32(v) >> 2)
	}
	if v&1 != 0 {
		f /= 100
	}
	x.show(d, f)
}

func (x *xls) show(styled []byte, f float64) {
	s := style{}
	if i := int(binary.LittleEndian.Uint16(styled)); i < len(x.styles) {
		s = x.styles[i]
	}
	x.rows.cellString(s.show(f, x.date1904))
}

// aside keeps texts that are no cells: of comments and drawings, of headers, of links.
func (x *xls) aside(kind int, d []byte) {
	if len(x.beside) > maxToken {
		return
	}
	switch kind {
	case rHeader, rFooter:
		if s := x.short(d); x.old {
			x.note(s)
			return
		}
		x.note(x.long(d))
	case rNote:
		if len(d) > 10 {
			x.note(x.long(d[8:]))
		}
	case rText:
		if len(d) >= 12 && x.b.goesOn() {
			l := letters{b: x.b}
			text, _ := l.chars(nil, int(binary.LittleEndian.Uint16(d[10:])), false)
			x.note(text)
		}
	case rLink:
		x.links(d)
	}
}

func (x *xls) note(s []byte) {
	if len(s) == 0 {
		return
	}
	x.beside = append(append(x.beside, s...), '\n')
}

// links keeps what is text in a link: its address, in letters of one byte or of two.
func (x *xls) links(d []byte) {
	for _, step := range []int{1, 2, -2} {
		i := 0
		if step < 0 { // two bytes from an odd place on
			i, step = 1, 2
		}
		for ; i < len(d); i += step {
			var s []byte
			for i+step <= len(d) && d[i] >= ' ' && d[i] < 0x7f && (step == 1 || d[i+1] == 0) {
				s = append(s, d[i])
				i += step
			}
			if len(s) > 4 {
				x.note(s)
			}
		}
	}
}
