package table_test

import (
	"encoding/binary"
	"math"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/table"
)

func record(kind int, parts ...any) []byte {
	body := pack(parts...)
	return append(pack(uint16(kind), uint16(len(body))), body...)
}

// pack writes numbers in little endian, strings as they are.
func pack(parts ...any) (b []byte) {
	for _, p := range parts {
		switch v := p.(type) {
		case uint8:
			b = append(b, v)
		case uint16:
			b = binary.LittleEndian.AppendUint16(b, v)
		case uint32:
			b = binary.LittleEndian.AppendUint32(b, v)
		case float64:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		case string:
			b = append(b, v...)
		case []byte:
			b = append(b, v...)
		}
	}
	return b
}

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// biff8 is a workbook with a string that goes on in the next record and changes its width there.
func biff8() []byte {
	var b []byte
	for _, r := range [][]byte{
		record(0x809, uint16(0x600), uint16(5), uint32(0), uint32(0), uint32(0)),
		record(0x41e, uint16(164), uint16(12), uint8(0), `000\-00\-0000`[:12]),
		record(0xe0, uint16(0), uint16(0)), record(0xe0, uint16(0), uint16(14)),
		record(0x85, uint32(0), uint16(0), uint8(5), uint8(0), "Matti"),
		record(0xfc, uint32(3), uint32(3), uint16(11), uint8(1), wide("Meikäläinen"), uint16(11), uint8(8), uint16(1), "131052-308T", uint32(7), uint16(4), uint8(0), "ab"),
		record(0x3c, uint8(1), wide("cd")), record(0x0a),
		record(0x809, uint16(0x600), uint16(0x10), uint32(0), uint32(0), uint32(0)),
		record(0xfd, uint16(0), uint16(0), uint16(0), uint32(0)), record(0xfd, uint16(0), uint16(1), uint16(0), uint32(1)),
		record(0xfd, uint16(0), uint16(2), uint16(0), uint32(2)),
		record(0x203, uint16(1), uint16(0), uint16(1), 34500.0), record(0x27e, uint16(1), uint16(1), uint16(0), uint32(401234567<<2|2)),
		record(0xbd, uint16(1), uint16(2), uint16(0), uint32(15<<2|2), uint16(0), uint32(1234<<2|3), uint16(3)),
		record(0x06, uint16(2), uint16(0), uint16(0), uint32(0), uint16(0), uint16(0xffff), uint16(0), uint32(0)), record(0x207, uint16(2), uint8(0), "fx"),
		record(0x204, uint16(2), uint16(1), uint16(0), uint16(5), uint8(0), "label"),
		record(0x1b6, make([]byte, 10), uint16(5), uint32(0), uint16(0)), record(0x3c, uint8(0), "a box"),
		record(0x14, uint16(4), uint8(0), "head"), record(0x1b8, make([]byte, 7), wide("mailto:matti@example.com"), uint16(0)),
		record(0x0a),
	} {
		b = append(b, r...)
	}
	return b
}

func TestXLS(t *testing.T) {
	t.Parallel()
	r := run(table.Workbook, biff8())
	want := "Meikäläinen\t131052-308T\tabcd\n1994-06-15\t401234567\t15\t12.34\nfx\tlabel\na box\nhead\nmailto:matti@example.com\n"
	if d := cmp.Diff(want, all(r)); d != "" || r.Outcome != child.Whole || r.Names[0] != "Matti" {
		t.Errorf("%s %s %q", d, r.Outcome, r.Names)
	}
	old := append(record(0x809, uint16(0x500), uint16(0x10), uint32(0)), record(0x42, uint16(1251))...)
	old = append(old, record(0x204, uint16(0), uint16(0), uint16(0), uint16(6), "\xc8\xe2\xe0\xed\xee\xe2")...)
	if r := run(table.Workbook, old); all(r) != "Иванов\n" {
		t.Errorf("%q %s", all(r), r.Outcome)
	}
	if r := run(table.Workbook, append(old, record(0x2f, uint16(1))...)); r.Outcome != child.Encrypted {
		t.Error(r.Outcome)
	}
}

func FuzzXLS(f *testing.F) { fuzz(f, table.Workbook, "", biff8()) }
