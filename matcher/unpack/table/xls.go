package table

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

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
