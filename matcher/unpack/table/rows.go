package table

import (
	"io"

	"leakwatch/matcher/unpack/child"
)

// texts are those that cells name by number, in one piece of memory.
type texts struct {
	all  []byte
	ends []int
	uses []uint64 // a bit for each that a cell has named
}

// use notes that a cell names a text.
func (t *texts) use(i int) {
	if i < 0 || i >= len(t.ends) {
		return
	}
	if t.uses == nil {
		t.uses = make([]uint64, len(t.ends)/64+1)
	}
	t.uses[i/64] |= 1 << (i % 64)
}

func (t *texts) used(i int) bool { return t.uses != nil && t.uses[i/64]>>(i%64)&1 == 1 }

func (t *texts) full() bool { return len(t.all) > maxShared || len(t.ends) > maxShared/16 }

// end ends the text that was appended to all.
func (t *texts) end() { t.ends = append(t.ends, len(t.all)) }

// at is the text with a number, none if there is no such.
func (t *texts) at(i int) []byte {
	switch {
	case i < 0 || i >= len(t.ends):
		return nil
	case i == 0:
		return t.all[:t.ends[0]]
	}
	return t.all[t.ends[i-1]:t.ends[i]]
}

// rows writes rows as lines with tabs between cells. It begins its text with the first cell, so that an empty table is none.
// Its first error stays.
type rows struct {
	e    *child.Emitter
	w    io.WriteCloser
	line []byte
	any  bool // the line has a cell
	err  error
}

const lineBytes = 64 << 10 // of a row that are kept before they are handed on

// cell appends a cell to the row. Line breaks and tabs in it are spaces, for they would end the row.
func (r *rows) cell(b []byte) {
	if r.any {
		r.line = append(r.line, '\t')
	}
	r.any = true
	r.more(b)
}

// more appends to the cell that was begun last.
func (r *rows) more(b []byte) {
	for _, c := range b {
		if c == '\n' || c == '\r' || c == '\t' || c == 0 {
			c = ' '
		}
		r.line = append(r.line, c)
	}
	if len(r.line) >= lineBytes {
		r.flush()
	}
}

func (r *rows) cellString(s string) { r.cell([]byte(s)) }

// end ends the row.
func (r *rows) end() error {
	if r.any {
		r.line = append(r.line, '\n')
		r.any = false
		if len(r.line) >= 4<<10 {
			r.flush()
		}
	}
	return r.err
}

func (r *rows) flush() {
	if r.err == nil && r.w == nil {
		r.w, r.err = r.e.Writer()
	}
	if r.err == nil {
		_, r.err = r.w.Write(r.line)
	}
	r.line = r.line[:0]
}

// close ends the text. What follows is a new one.
func (r *rows) close() error {
	_ = r.end()
	if len(r.line) > 0 {
		r.flush()
	}
	if r.w != nil {
		if err := r.w.Close(); r.err == nil {
			r.err = err
		}
		r.w = nil
	}
	return r.err
}
