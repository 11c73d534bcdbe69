package table

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"leakwatch/matcher/unpack/child"
)

// DBF reads the records of a dBASE, FoxPro or Clipper table, those marked as deleted too, with the names of its fields as the first
// row. The language byte says the character set; where it says none, the text is handed over as it lies. Memos lie in a
// file of their own and are noted.
func DBF(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	var head [32]byte
	if _, err := in.ReadAt(head[:], 0); err != nil {
		return io.ErrUnexpectedEOF
	}
	d := dbf{in: in, size: size, e: e, rows: rows{e: e}, decode: languageOf(head[29]),
		start: int64(binary.LittleEndian.Uint16(head[8:])), length: int64(binary.LittleEndian.Uint16(head[10:])),
		count: int64(binary.LittleEndian.Uint32(head[4:]))}
	memos, err := d.readFields()
	if err != nil {
		return err
	}
	err = d.records(ctx)
	if cerr := d.rows.close(); err == nil {
		err = cerr
	}
	if memos && err == nil {
		err = e.Note(child.MemoElsewhere, 1)
	}
	return err
}

type dbf struct {
	in                         io.ReaderAt
	size, start, length, count int64
	fields                     []field
	decode                     *encoding.Decoder // nil where the set is not known
	e                          *child.Emitter
	rows                       rows
}

type field struct {
	kind byte
	size int
}

// readFields reads what fields there are, and says whether some of them are memos.
func (d *dbf) readFields() (memos bool, err error) {
	if d.start < 65 || d.length < 2 || d.start > d.size {
		return false, io.ErrUnexpectedEOF
	}
	b := make([]byte, d.start)
	if _, err := d.in.ReadAt(b, 0); err != nil {
		return false, io.ErrUnexpectedEOF
	}
	left := int(d.length) - 1
	for at := 32; at+32 <= len(b) && b[at] != '\r' && b[at] != 0; at += 32 {
		f := field{b[at+11], int(b[at+16])}
		if f.kind == 'C' {
			f.size |= int(b[at+17]) << 8 // as Clipper and FoxPro have it
			if f.size > left {
				f.size = int(b[at+16])
			}
		}
		if left -= f.size; left < 0 {
			break
		}
		name, _, _ := bytes.Cut(b[at:at+11], []byte{0})
		d.rows.cell(name)
		d.fields = append(d.fields, f)
		memos = memos || f.kind == 'M' || f.kind == 'G'
	}
	return memos, d.rows.end()
}

// records reads the records, as many as the file holds, whatever its head says.
func (d *dbf) records(ctx context.Context) error {
	buf := make([]byte, max(d.length, (1<<20)/d.length*d.length))
	for at := d.start; at < d.size; at += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := d.in.ReadAt(buf, at)
		if err != nil && err != io.EOF {
			return err
		}
		for b := buf[:n]; len(b) > 0; b = b[min(len(b), int(d.length)):] {
			if b[0] == 0x1a || b[0] == 0 {
				end := at + int64(n-len(b))
				if err := d.behind(end); err != nil {
					return err
				}
				return d.short(end)
			}
			if err := d.record(b[1:min(len(b), int(d.length))]); err != nil {
				return err
			}
		}
	}
	return d.short(d.size)
}

// behind hands over what lies behind the mark of the end, as it lies: records of a table that was made shorter, or anything.
func (d *dbf) behind(end int64) error {
	var b [4 << 10]byte
	for end++; end < d.size; { // the mark itself, and padding
		n, err := d.in.ReadAt(b[:min(int64(len(b)), d.size-end)], end)
		if k := n - len(bytes.TrimLeft(b[:n], "\x00\x1a")); k < n || err != nil {
			end += int64(k)
			break
		}
		end += int64(n)
	}
	if end >= d.size {
		return nil
	}
	if err := d.rows.close(); err != nil {
		return err
	}
	return d.e.Text(io.NewSectionReader(d.in, end, d.size-end))
}

// short says whether the records end before the head says they do.
func (d *dbf) short(end int64) error {
	if (end-d.start)/d.length < d.count {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (d *dbf) record(b []byte) error {
	for _, f := range d.fields {
		v := b[:min(len(b), f.size)]
		b = b[len(v):]
		if v = d.value(f.kind, v); len(v) > 0 {
			d.rows.cell(v)
		}
	}
	return d.rows.end()
}

// value is a field as it is shown. Of numbers in binary form only whole ones are.
func (d *dbf) value(kind byte, v []byte) []byte {
	switch {
	case kind == 'D' && len(v) == 8 && v[0] >= '0' && v[0] <= '9':
		return []byte(string(v[:4]) + "-" + string(v[4:6]) + "-" + string(v[6:]))
	case (kind == 'I' || kind == '+') && len(v) == 4:
		return []byte(style{}.show(float64(int32(binary.LittleEndian.Uint32(v))), false))
	case (kind == 'T' || kind == '@') && len(v) == 8:
		const epoch = 2415019 // the Julian day before the first of spreadsheets
		return []byte(style{date: true}.show(float64(int64(binary.LittleEndian.Uint32(v))-epoch), false))
	case kind == 'M' || kind == 'G' || kind == 'B' || kind == 'O' || kind == 'P':
		return nil
	}
	v = bytes.Trim(v, " \x00")
	if d.decode != nil && !utf8.Valid(v) {
		if s, err := d.decode.Bytes(v); err == nil {
			return s
		}
	}
	return v
}

// languageOf is the character set that a table's language byte says.
func languageOf(b byte) *encoding.Decoder {
	sets := map[byte]encoding.Encoding{
		0x01: charmap.CodePage437, 0x02: charmap.CodePage850, 0x03: charmap.Windows1252, 0x04: charmap.Macintosh, 0x08: charmap.CodePage865,
		0x64: charmap.CodePage852, 0x65: charmap.CodePage866, 0x66: charmap.CodePage865, 0x57: charmap.Windows1252,
		0x58: charmap.Windows1252, 0x59: charmap.Windows1252, 0x78: traditionalchinese.Big5, 0x79: korean.EUCKR,
		0x7a: simplifiedchinese.GBK, 0x7b: japanese.ShiftJIS, 0x7d: charmap.Windows1255, 0x7e: charmap.Windows1256,
		0x96: charmap.MacintoshCyrillic, 0xc8: charmap.Windows1250, 0xc9: charmap.Windows1251, 0xca: charmap.Windows1254,
		0xcb: charmap.Windows1253, 0xcc: charmap.Windows1257,
	}
	switch e := sets[b]; {
	case e != nil:
		return e.NewDecoder()
	case b >= 0x09 && b <= 0x1d && b != 0x13: // code pages of Western Europe
		return charmap.CodePage850.NewDecoder()
	}
	return nil
}
