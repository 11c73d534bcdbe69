package table

import (
	"encoding/binary"
	"strconv"
)

// walk reads a tree from its root on, in the order of its keys.
func (s *sqlite) walk(n uint32, depth int) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if !s.visit(n) || depth > maxDepth {
		s.damaged++
		return s.rows.err
	}
	b := s.read(n)
	at := 0
	if n == 1 {
		at = 100
	}
	if len(b) < at+12 {
		s.damaged++
		return s.rows.err
	}
	switch b[at] {
	case 10, 13:
		if !s.leaf(b, at) {
			s.damaged++
		}
		if !s.quiet {
			s.unused(b, at)
		}
		return s.rows.err
	case 2, 5:
		return s.interior(b, at, depth)
	}
	s.damaged++
	s.strings(b)
	return s.rows.err
}

// interior reads the trees below a page; of an index the page has rows of its own between them.
func (s *sqlite) interior(b []byte, at, depth int) error {
	for _, c := range s.cells(b, at, 12) {
		if c+4 > len(b) {
			s.damaged++
			continue
		}
		if err := s.walk(binary.BigEndian.Uint32(b[c:]), depth+1); err != nil {
			return err
		}
		if b[at] == 2 && !s.payload(b[c+4:], false) {
			s.damaged++
		}
	}
	if err := s.walk(binary.BigEndian.Uint32(b[at+8:]), depth+1); err != nil {
		return err
	}
	if !s.quiet {
		s.unused(b, at) // a page that was a leaf before keeps its old rows
	}
	return s.rows.err
}

// cells gives where the cells of a page begin.
func (s *sqlite) cells(b []byte, at, head int) []int {
	n := int(binary.BigEndian.Uint16(b[at+3:]))
	var out []int
	for i := range n {
		p := at + head + 2*i
		if p+2 > len(b) {
			break
		}
		out = append(out, int(binary.BigEndian.Uint16(b[p:])))
	}
	return out
}

// leaf writes the rows of a page. It is false when something on it is not what it should be.
func (s *sqlite) leaf(b []byte, at int) bool {
	cells := s.cells(b, at, 8)
	good := len(cells) == int(binary.BigEndian.Uint16(b[at+3:]))
	for _, c := range cells {
		if c >= len(b) || !s.payload(b[c:], b[at] == 13) {
			good = false
		}
	}
	return good
}

// payload writes the row of a cell, whatever pages it goes on in.
func (s *sqlite) payload(b []byte, ofTable bool) bool {
	size, n := varint(b)
	if n == 0 || size < 1 || size > maxRecord {
		return false
	}
	b = b[n:]
	if ofTable {
		id, n := varint(b)
		if n == 0 {
			return false
		}
		b = b[n:]
		if id > 99999 && !s.quiet { // a row's own number, which may stand for a column
			s.rows.cellString(strconv.FormatInt(id, 10))
		}
	}
	local := s.local(int(size), ofTable)
	if local > len(b) {
		return false
	}
	if local == int(size) {
		return s.row(b[:local])
	}
	if local+4 > len(b) {
		return false
	}
	all := append(make([]byte, 0, size), b[:local]...)
	for next := binary.BigEndian.Uint32(b[local:]); len(all) < int(size); {
		if !s.visit(next) {
			return false
		}
		p := s.read(next)
		if len(p) < 4 {
			return false
		}
		next = binary.BigEndian.Uint32(p)
		all = append(all, p[4:min(len(p), 4+int(size)-len(all))]...)
	}
	return s.row(all)
}

// local is how many bytes of a row lie on its own page (SQLite's file format, 1.6).
func (s *sqlite) local(size int, ofTable bool) int {
	u := s.usable
	most, least := u-35, (u-12)*32/255-23
	if !ofTable {
		most = (u-12)*64/255 - 23
	}
	if size <= most {
		return size
	}
	if k := least + (size-least)%(u-4); k <= most {
		return k
	}
	return least
}

// row writes a row, unless it is of an index.
func (s *sqlite) row(b []byte) bool {
	if s.quiet {
		return true
	}
	from := len(s.rows.line)
	ok := s.record(b)
	if s.schema != nil && ok && len(s.rows.line) >= from {
		s.schema(s.rows.line[from:])
	}
	_ = s.rows.end()
	return ok
}
