package corpus

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/compress/snappy"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	_ "modernc.org/sqlite" // the driver that writes the files
)

// binary formats: places in them are not promised.
type format struct {
	name, file string
	make       func([]Record) []byte
	fits       func(string) bool
}

func latin(s string) bool { _, err := charmap.Windows1252.NewEncoder().String(s); return err == nil }

// narrow writes Windows-1252, with a mark for what it has not.
func narrow(s string) string {
	s, err := encoding.ReplaceUnsupported(charmap.Windows1252.NewEncoder()).String(s)
	must(err)
	return s
}

var tables = []format{
	{"sqlite", "app.db", sqliteFile("delete"), nil}, {"sqlite utf-16", "app.sqlite3", sqliteFile("utf16"), nil}, {"dbf", "PATIENTS.DBF", dbf, latin},
	{"xlsx", "patients.xlsx", xlsx(false), nil}, {"xlsx rich and inline", "patients.xlsx", xlsx(true), nil}, {"ods", "patients.ods", ods, nil},
	{"xls", "patients.xls", xls, nil}, {"parquet", "patients.parquet", parquet(0, nil, false), nil},
	{"parquet snappy", "patients.parquet", parquet(1, func(b []byte) []byte { return snappy.Encode(nil, b) }, false), nil},
	{"parquet gzip of dictionaries", "patients.parquet", parquet(2, gzipped, true), nil},
}

// cells are the rows of a table: what an identifier is, and the identifier, in turn.
func cells(records []Record) [][]string {
	rows := [][]string{{"type", "a", "type", "b", "type", "c"}}
	for _, rec := range records {
		var row []string
		for _, i := range rec {
			row = append(row, i.ID.Words, i.Form)
		}
		for len(row) < 2*perRecord {
			row = append(row, "")
		}
		rows = append(rows, row)
	}
	return rows
}

// sqliteFile writes a database whose long rows lie over several pages.
func sqliteFile(mode string) func([]Record) []byte {
	return func(records []Record) []byte {
		dir, err := os.MkdirTemp("", "corpus-")
		must(err)
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "a.db")
		db, err := sql.Open("sqlite", path)
		must(err)
		do := func(q string, args ...any) {
			_, err := db.ExecContext(context.Background(), q, args...)
			must(err)
		}
		if mode == "utf16" {
			do("pragma encoding='UTF-16le'")
		}
		do("create table patient (id integer primary key, a, b, c, d, e, f, note text, doc blob)")
		for _, row := range cells(records) {
			args := []any{strings.Repeat("padding ", 900), []byte{0, 1, 2}}
			for _, c := range row {
				if n, err := strconv.ParseInt(c, 10, 64); err == nil && c[0] != '0' && c[0] != '+' {
					args = append(args, n) // as a number
				} else {
					args = append(args, c)
				}
			}
			do("insert into patient (note, doc, a, b, c, d, e, f) values (?,?,?,?,?,?,?,?)", args...)
		}
		must(db.Close())
		b, err := os.ReadFile(path)
		must(err)
		return b
	}
}

// dbf writes dBASE III with a code page of Windows.
func dbf(records []Record) []byte {
	const width = 48
	rows := cells(records)
	var b bytes.Buffer
	fields := len(rows[0])
	b.Write(join([]byte{3, 126, 1, 1}, le32(len(rows)-1), le16(33+32*fields), le16(1+width*fields), make([]byte, 17), []byte{3, 0, 0}))
	for i := range fields {
		b.Write(join([]byte(fmt.Sprintf("F%-9d\x00C", i)), make([]byte, 4), []byte{width, 0}, make([]byte, 14)))
	}
	b.WriteByte(13)
	for _, row := range rows[1:] {
		b.WriteByte(' ')
		for _, c := range row {
			s := narrow(c)
			fmt.Fprintf(&b, "%s", (s + strings.Repeat(" ", width))[:width])
		}
	}
	b.WriteByte(26)
	return b.Bytes()
}

// xls writes BIFF8 in an OLE2 file, with its strings cut over CONTINUE records (MS-XLS).
func xls(records []Record) []byte {
	record := func(id int, body []byte) []byte { return join(le16(id), le16(len(body)), body) }
	rows := cells(records)
	var strs, sheet []byte
	var parts [][]byte
	count := 0
	for y, row := range rows {
		for x, c := range row {
			if n, err := strconv.ParseFloat(c, 64); err == nil && n < 1e15 && c[0] != '0' && c[0] != '+' && len(c) < 15 {
				sheet = append(sheet, record(0x203, join(le16(y), le16(x), le16(0), binary.LittleEndian.AppendUint64(nil, math.Float64bits(n))))...)
				continue
			}
			sheet = append(sheet, record(0xfd, join(le16(y), le16(x), le16(0), le32(count)))...)
			count++
			s := join(le16(len([]rune(c))), []byte{1})
			for _, u := range c {
				s = append(s, le16(int(u))...)
			}
			for cutAt := 8000; len(strs)+len(s) > cutAt; { // the rest goes on in another record, which says anew how wide letters are
				n := 3 + (cutAt-len(strs)-3)&^1
				if n < 5 || n >= len(s) {
					parts, strs = append(parts, strs), nil
					break
				}
				parts, strs, s = append(parts, append(strs, s[:n]...)), nil, append([]byte{1}, s[n:]...)
			}
			strs = append(strs, s...)
		}
	}
	parts = append(parts, strs)
	table := record(0xfc, join(le32(count), le32(count), parts[0]))
	for _, p := range parts[1:] {
		table = append(table, record(0x3c, p)...)
	}
	begin := func(kind int) []byte {
		return record(0x809, join(le16(0x600), le16(kind), le16(0xdbb), le16(0x7cc), le32(0), le32(6)))
	}
	globals := join(begin(5), record(0x42, le16(1200)))
	name := join([]byte{0, 0, 6, 0}, []byte("Sheet1"))
	at := len(globals) + 4 + 4 + len(name) + len(table) + 4
	book := join(globals, record(0x85, join(le32(at), name)), table, record(0x0a, nil), begin(0x10), sheet, record(0x0a, nil))
	return ole(oleNode{name: "Workbook", data: book})
}

// parquet writes one row group of columns of text (parquet-format 2.9), packed by a codec with a number, plain or with the values in dictionaries.
func parquet(codec int, pack func([]byte) []byte, dictionary bool) func([]Record) []byte {
	return func(records []Record) []byte {
		rows := cells(records)
		out := []byte("PAR1")
		page := func(kind, field int, own thrift, body []byte) (at, whole int) {
			packed := body
			if pack != nil {
				packed = pack(body)
			}
			head := thrift{}.i32(1, kind).i32(2, len(body)).i32(3, len(packed)).with(field, own).end()
			at, out = len(out), join(out, head, packed)
			return at, len(head) + len(body)
		}
		var columns, schema thrift
		for x := range rows[0] {
			var values, numbers []byte
			for y, row := range rows[1:] {
				values = join(values, le32(len(row[x])), []byte(row[x]))
				numbers = join(numbers, []byte{2}, le16(y)) // a run of one
			}
			start, whole, encoding := len(out), 0, 0
			if dictionary {
				_, whole = page(2, 7, thrift{}.i32(1, len(rows)-1).i32(2, 0), values)
				values, encoding = join([]byte{16}, numbers), 8
			}
			at, more := page(0, 5, thrift{}.i32(1, len(rows)-1).i32(2, encoding).i32(3, 3).i32(4, 3), values)
			name := fmt.Sprintf("c%d", x)
			meta := thrift{}.i32(1, 6).list(2, 5, [][]byte{zigzag(encoding)}).list(3, 8, [][]byte{text8(name)}).i32(4, codec).i64(5, len(rows)-1).
				i64(6, whole+more).i64(7, len(out)-start).i64(9, at)
			if dictionary {
				meta = meta.i64(11, start)
			}
			columns.items = append(columns.items, thrift{}.i64(2, start).with(3, meta).end())
			schema.items = append(schema.items, thrift{}.i32(1, 6).i32(3, 0).str(4, name).i32(6, 0).end())
		}
		root := thrift{}.str(4, "schema").i32(5, len(rows[0])).end()
		group := thrift{}.list(1, 12, columns.items).i64(2, len(out)).i64(3, len(rows)-1).end()
		foot := thrift{}.i32(1, 1).list(2, 12, append([][]byte{root}, schema.items...)).i64(3, len(rows)-1).list(4, 12, [][]byte{group}).end()
		return join(out, foot, le32(len(foot)), []byte("PAR1"))
	}
}

// thrift writes a struct of Thrift's compact protocol, field by field.
type thrift struct {
	b     []byte
	last  int
	items [][]byte
}

func zigzag(n int) []byte { return binary.AppendVarint(nil, int64(n)) }

func text8(s string) []byte { return append(binary.AppendUvarint(nil, uint64(len(s))), s...) }

func (t thrift) field(id, kind int, body []byte) thrift {
	t.b, t.last = join(t.b, []byte{byte((id-t.last)<<4 | kind)}, body), id
	return t
}

func (t thrift) i32(id, n int) thrift             { return t.field(id, 5, zigzag(n)) }
func (t thrift) i64(id, n int) thrift             { return t.field(id, 6, zigzag(n)) }
func (t thrift) str(id int, s string) thrift      { return t.field(id, 8, text8(s)) }
func (t thrift) with(id int, inner thrift) thrift { return t.field(id, 12, inner.end()) }
func (t thrift) end() []byte                      { return append(bytes.Clone(t.b), 0) }

func (t thrift) list(id, kind int, items [][]byte) thrift {
	head := []byte{byte(len(items)<<4 | kind)}
	if len(items) > 14 {
		head = append([]byte{0xf0 | byte(kind)}, binary.AppendUvarint(nil, uint64(len(items)))...)
	}
	return t.field(id, 9, join(head, join(items...)))
}
