package table

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// record writes the columns of a record (SQLite's file format, 2.1) as a row. It is false when it is none.
func (s *sqlite) record(b []byte) bool {
	head, n := varint(b)
	if n == 0 || head < int64(n) || head > int64(len(b)) {
		return false
	}
	body := b[head:]
	if end, ok := s.columns(b[n:head], body, false); !ok || end > len(body) {
		return false
	}
	_, _ = s.columns(b[n:head], body, true)
	s.width = 0
	for types := b[n:head]; len(types) > 0; s.width++ {
		_, n := varint(types)
		types = types[n:]
	}
	return true
}

// columns writes the columns that types speak of, and gives their length.
func (s *sqlite) columns(types, body []byte, write bool) (at int, ok bool) {
	for len(types) > 0 {
		t, n := varint(types)
		if n == 0 || t < 0 || t == 10 || t == 11 {
			return 0, false
		}
		types = types[n:]
		size := columnSize(t)
		if size > int64(len(body)-at) {
			return 0, false
		}
		if write {
			s.column(t, body[at:at+int(size)])
		}
		at += int(size)
	}
	return at, true
}

// columnSize is how many bytes a column of a type takes.
func columnSize(t int64) int64 {
	switch {
	case t >= 12:
		return (t - 12) / 2
	case t == 5:
		return 6
	case t == 6 || t == 7:
		return 8
	case t <= 4:
		return t
	}
	return 0
}

// column writes one column. Bytes that are no text are written in hex, which is read as what it stands for.
func (s *sqlite) column(t int64, b []byte) {
	switch {
	case t == 0:
	case t == 7 && len(b) == 8:
		s.rows.cellString(style{}.show(math.Float64frombits(binary.BigEndian.Uint64(b)), false))
	case t < 10:
		s.rows.cellString(strconv.FormatInt(integer(t, b), 10))
	case t%2 == 1:
		s.rows.cell(s.text(b))
	case texty(b):
		s.rows.cell(b)
	default:
		s.hex = hex.AppendEncode(s.hex[:0], b)
		s.rows.cell(s.hex)
	}
}

func integer(t int64, b []byte) (v int64) {
	if t == 9 {
		return 1
	}
	if len(b) > 0 {
		v = int64(int8(b[0]))
		for _, c := range b[1:] {
			v = v<<8 | int64(c)
		}
	}
	return v
}

// text decodes a text by the encoding of the database.
func (s *sqlite) text(b []byte) []byte {
	if s.encoding < 2 {
		return b
	}
	s.wide = s.wide[:0]
	for ; len(b) >= 2; b = b[2:] {
		if s.encoding == 2 {
			s.wide = append(s.wide, binary.LittleEndian.Uint16(b))
		} else {
			s.wide = append(s.wide, binary.BigEndian.Uint16(b))
		}
	}
	s.hex = s.hex[:0]
	for _, r := range utf16.Decode(s.wide) {
		s.hex = utf8.AppendRune(s.hex, r)
	}
	return s.hex
}

// texty says whether bytes are text.
func texty(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(b)
}

// varint reads a number of one to nine bytes; n is 0 when it is cut.
func varint(b []byte) (v int64, n int) {
	for i, c := range b[:min(len(b), 9)] {
		if i == 8 {
			return v<<8 | int64(c), 9
		}
		if v = v<<7 | int64(c&0x7f); c < 0x80 {
			return v, i + 1
		}
	}
	return 0, 0
}
