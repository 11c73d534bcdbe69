package table

import (
	"encoding/binary"
	"math"
)

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
