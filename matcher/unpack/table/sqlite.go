package table

import (
	"context"
	"encoding/binary"
	"io"
	"strings"

	"leakwatch/matcher/unpack/child"
)

const (
	maxRecord = 32 << 20 // bytes of one row
	maxTrees  = 20_000
	maxDepth  = 40
)

// SQLite reads a database page by page (SQLite's file format), without any engine: the schema, the rows of each table, and then what is
// left in pages and parts of pages that are free. Nothing is followed twice. What lies in a write-ahead log or a journal is
// in a file of its own.
func SQLite(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	var head [100]byte
	if n, _ := in.ReadAt(head[:], 0); n < 100 {
		return io.ErrUnexpectedEOF
	}
	page := int64(binary.BigEndian.Uint16(head[16:]))
	if page == 1 {
		page = 64 << 10
	}
	if page < 512 || page&(page-1) != 0 || int64(head[20]) > page-480 {
		return child.ErrUnsupported
	}
	s := &sqlite{ctx: ctx, blocks: blocks{in: in, size: size}, e: e, rows: rows{e: e}, pageSize: page, usable: int(page) - int(head[20]),
		encoding: head[59], seen: make([]uint64, size/page/64+1)}
	s.offset = func(n uint32) int64 { return int64(n-1) * page }
	s.pages = uint32(min((size+page-1)/page, 1<<32-2))
	if err := s.tables(); err != nil {
		return err
	}
	if err := s.leftover(); err != nil {
		return err
	}
	if want := int64(binary.BigEndian.Uint32(head[28:])); want > (size+page-1)/page && binary.BigEndian.Uint32(head[24:]) == binary.BigEndian.Uint32(head[92:]) {
		return io.ErrUnexpectedEOF
	}
	return nil
}

type sqlite struct {
	ctx      context.Context
	blocks   blocks
	e        *child.Emitter
	rows     rows
	pageSize int64
	usable   int
	pages    uint32
	encoding byte
	offset   func(page uint32) int64 // -1 when there is no such page
	seen     []uint64                // a bit for each page
	once     map[uint32]bool         // in place of seen, where pages are few
	damaged  int64
	width    int // columns of the last row
	schema   func(row []byte)
	quiet    bool // rows are not written
	hex      []byte
	wide     []uint16
}

// visit marks a page, and says whether it is there and was not seen before.
func (s *sqlite) visit(n uint32) bool {
	if n == 0 || n > s.pages || s.once[n] {
		return false
	}
	if s.once != nil {
		s.once[n] = true
		return true
	}
	bit := uint64(1) << (n % 64)
	if s.seen[n/64]&bit != 0 {
		return false
	}
	s.seen[n/64] |= bit
	return true
}

// read gives a page, short where the file ends.
func (s *sqlite) read(n uint32) []byte {
	off := s.offset(n)
	if off < 0 {
		return nil
	}
	b := make([]byte, s.pageSize)
	return b[:min(s.blocks.page(b, off), s.usable)]
}

// tree is a table or an index, and where its root is.
type tree struct {
	root  uint32
	table bool
	head  string // what its columns are called
}

// tables reads the schema, and then each table that it names.
func (s *sqlite) tables() error {
	var trees []tree
	s.schema = func(row []byte) {
		f := strings.SplitN(string(row), "\t", 5) // type, name, table, root, statement
		if len(f) < 4 || len(trees) >= maxTrees {
			return
		}
		t := tree{table: f[0] == "table"}
		for _, c := range f[3] {
			if c < '0' || c > '9' {
				break
			}
			t.root = t.root*10 + uint32(c-'0')
		}
		if len(f) == 5 {
			t.head = columnNames(f[4])
		}
		trees = append(trees, t)
	}
	if err := s.walk(1, 0); err != nil {
		return err
	}
	s.schema = nil
	if err := s.done(); err != nil {
		return err
	}
	for _, t := range trees {
		if t.root == 0 {
			continue
		}
		if s.quiet = !t.table; t.table {
			s.rows.cellString(t.head)
			_ = s.rows.end()
		}
		if err := s.walk(t.root, 0); err != nil {
			return err
		}
		if err := s.done(); err != nil {
			return err
		}
	}
	s.quiet = false
	return nil
}

// columnNames is what a statement says between its first and last bracket, as far as it is of use.
func columnNames(sql string) string {
	i, j := strings.IndexByte(sql, '('), strings.LastIndexByte(sql, ')')
	if i < 0 || j < i {
		return ""
	}
	return sql[i+1 : min(j, i+1000)]
}

// done ends the text of a table and hands over what was deleted from it.
func (s *sqlite) done() error {
	if err := s.rows.close(); err != nil {
		return err
	}
	if s.damaged > 0 {
		n := s.damaged
		s.damaged = 0
		if err := s.e.Note(child.RecoveredPages, n); err != nil {
			return err
		}
	}
	return s.ctx.Err()
}

// leftover reads the pages that no tree holds: free ones, and those of trees that are damaged. Of what is no leaf of a table the
// bytes are handed over.
func (s *sqlite) leftover() error {
	for n := uint32(1); n <= s.pages; n++ {
		if n%256 == 0 && s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		if !s.visit(n) {
			continue
		}
		b := s.read(n)
		if len(b) > 8 && (b[0] == 13 || b[0] == 10) && s.leaf(b, 0) {
			s.unused(b, 0)
			continue
		}
		s.strings(b)
	}
	s.damaged = 0 // what is left of pages that are free is as it happens
	return s.done()
}
