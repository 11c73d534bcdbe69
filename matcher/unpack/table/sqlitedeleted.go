package table

import (
	"bytes"
	"encoding/binary"
)

const maxFree = 256 // free blocks of one page that are looked at one by one

// unused looks for deleted rows where a page keeps none: between its head and its cells, and in its free blocks.
func (s *sqlite) unused(b []byte, at int) {
	head := 8
	if b[at] < 8 {
		head = 12
	}
	from := at + head + 2*int(binary.BigEndian.Uint16(b[at+3:]))
	to := int(binary.BigEndian.Uint16(b[at+5:]))
	if to == 0 {
		to = len(b)
	}
	if from < to && to <= len(b) {
		s.carve(b[from:to])
	}
	for k, p := 0, int(binary.BigEndian.Uint16(b[at+1:])); p > 0 && p+4 <= len(b) && k < maxFree; k++ {
		size := int(binary.BigEndian.Uint16(b[p+2:]))
		if size < 4 || p+size > len(b) {
			break
		}
		if f := b[p : p+size]; !s.block(f) {
			s.carve(f)
		}
		next := int(binary.BigEndian.Uint16(b[p:]))
		if next <= p {
			break
		}
		p = next
	}
}

// block writes the row that a free block was: its first four bytes are gone, which were its length, its number, the length of its
// head and often a first column that is not kept in the row. The columns must fill it.
func (s *sqlite) block(b []byte) bool {
	for end := 5; end < min(len(b), 200); end++ {
		body := b[end:]
		size, ok := s.columns(b[4:end], body, false)
		if !ok {
			continue
		}
		if size > 0 && size == len(body) && texty(body) {
			_, _ = s.columns(b[4:end], body, true)
			_ = s.rows.end()
			return true
		}
	}
	return false
}

// carve looks for rows in bytes, and hands over what else is in them.
func (s *sqlite) carve(b []byte) {
	from := 0
	for i := 0; i < len(b); {
		if n := s.carved(b[i:]); n > 0 {
			s.strings(b[from:i])
			s.record(b[i : i+n])
			i += n
		} else if types, n := s.headless(b, i); n > 0 {
			s.strings(b[from:max(i-4, from)])
			_, _ = s.columns(b[i:i+types], b[i+types:i+n], true)
			i += n
		} else {
			i++
			continue
		}
		_ = s.rows.end()
		from = i
	}
	s.strings(b[from:])
}

// headless gives the lengths of the types and of the whole of a row at i whose first four bytes went when it was deleted: in
// their place are two lengths, the second of which is of free bytes from there on. It has as many columns as the last row.
func (s *sqlite) headless(b []byte, i int) (types, size int) {
	if i < 4 || s.width < 2 || int(binary.BigEndian.Uint16(b[i-2:])) > len(b)-i+4 {
		return 0, 0
	}
	for range s.width {
		_, n := varint(b[min(i+types, len(b)):])
		if types += n; n == 0 {
			return 0, 0
		}
	}
	body, text := s.rowOfText(b[i:], types)
	if !text || types+body+4 > int(binary.BigEndian.Uint16(b[i-2:])) {
		return 0, 0
	}
	return types, types + body
}

// carved gives the length of the record that b begins with, 0 if it begins with none: at least two columns, one of them text.
func (s *sqlite) carved(b []byte) int {
	if len(b) < 6 || b[0] < 3 || b[0] > 100 || int(b[0]) > len(b) {
		return 0
	}
	head := int(b[0])
	size, text := s.rowOfText(b[1:], head-1)
	if !text {
		return 0
	}
	return head + size
}

// rowOfText gives the length of the columns whose types b begins with, and says whether one of them is text and all text is.
func (s *sqlite) rowOfText(b []byte, types int) (size int, text bool) {
	size, ok := s.columns(b[:types], b[types:], false)
	if !ok || size < 6 {
		return 0, false
	}
	at := types
	for types := b[:types]; len(types) > 0; {
		t, n := varint(types)
		types = types[n:]
		k := int(columnSize(t))
		if t >= 13 && t%2 == 1 {
			if s.encoding < 2 && !texty(b[at:at+k]) {
				return 0, false
			}
			text = text || k > 3
		}
		at += k
	}
	return size, text
}

// strings writes what is text in bytes, a line for each piece.
func (s *sqlite) strings(b []byte) {
	if s.encoding >= 2 {
		b = bytes.ReplaceAll(b, []byte{0}, nil) // letters of Latin, at least
	}
	from := -1
	for i := 0; i <= len(b); i++ {
		if i < len(b) && b[i] >= ' ' && b[i] != 0x7f {
			if from < 0 {
				from = i
			}
			continue
		}
		if from >= 0 && i-from >= 6 {
			s.rows.cell(b[from:i])
			_ = s.rows.end()
		}
		from = -1
	}
}
