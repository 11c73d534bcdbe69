package table

import (
	"context"
	"encoding/binary"
	"io"

	"leakwatch/matcher/unpack/child"
)

// maxFrames is how many pages of a log are known by their numbers.
const maxFrames = 4 << 20

// SQLiteLog reads the pages in a write-ahead log (SQLite's file format, 4.1), those that were overwritten too.
func SQLiteLog(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	var head [32]byte
	if n, _ := in.ReadAt(head[:], 0); n < 32 {
		return io.ErrUnexpectedEOF
	}
	return loggedPages(ctx, in, size, e, int64(binary.BigEndian.Uint32(head[8:])), 32, 24, 0)
}

// SQLiteJournal reads the pages in a rollback journal (SQLite's file format, 3), as they were before they were changed.
func SQLiteJournal(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	var head [28]byte
	if n, _ := in.ReadAt(head[:], 0); n < 28 {
		return io.ErrUnexpectedEOF
	}
	start := max(int64(binary.BigEndian.Uint32(head[20:])), 28)
	return loggedPages(ctx, in, size, e, int64(binary.BigEndian.Uint32(head[24:])), start, 4, 4)
}

// loggedPages reads pages that lie one after the other from start on, each between before and after bytes of its own, the first
// of which are its number.
func loggedPages(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter, page, start, before, after int64) error {
	if page < 512 || page > 64<<10 || page&(page-1) != 0 {
		return child.ErrUnsupported
	}
	step := before + page + after
	count := max(size-start, 0) / step
	if count > maxFrames {
		count = maxFrames
	}
	s := &sqlite{ctx: ctx, blocks: blocks{in: in, size: size}, e: e, rows: rows{e: e}, pageSize: page, usable: int(page), encoding: 1,
		once: map[uint32]bool{}}
	where := map[uint32]int64{}
	var number [4]byte
	for i := range count {
		if s.blocks.page(number[:], start+i*step) == 4 {
			where[binary.BigEndian.Uint32(number[:])] = start + i*step + before
		}
	}
	s.offset = func(n uint32) int64 {
		if off, ok := where[n]; ok {
			return off
		}
		return -1
	}
	s.pages = 1<<32 - 2
	b := make([]byte, page)
	for i := range count {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := start + i*step
		s.blocks.page(number[:], at)
		s.logged(b[:s.blocks.page(b, at+before)], binary.BigEndian.Uint32(number[:]) == 1)
	}
	if err := s.rows.close(); err != nil {
		return err
	}
	if (size-start)/step > maxFrames {
		return child.ErrBounded
	}
	return nil
}

// logged reads one page. Overflow pages may be followed by any number of rows, each of them once.
func (s *sqlite) logged(b []byte, first bool) {
	at := 0
	if first {
		if at = 100; len(b) > 100 {
			s.encoding = b[59]
		}
	}
	clear(s.once)
	if len(b) > at+12 && (b[at] == 13 || b[at] == 10) {
		s.leaf(b, at)
		s.unused(b, at)
		return
	}
	s.strings(b)
}
