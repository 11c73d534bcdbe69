package table

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/parquet-go/parquet-go/format"

	"leakwatch/matcher/unpack/child"
)

// Parquet reads the row groups of a Parquet file, each as a text: the names of its columns as the first line, then its rows, with the values
// of columns that are nested or repeated in the order of their records. What the footer says beside (who wrote it, keys with values) is a
// text too. The footer and the heads of pages are read by a library; pages are unpacked one a column at a time and their values
// read one by one, so that what a page claims to hold takes no memory. Without a footer, and where something is damaged, pages are looked
// for, and read without it. Where the file is encrypted, what is not is read.
func Parquet(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	if e.Document().Sealed { // there are no passwords, but keys that are elsewhere
		return child.ErrEncrypted
	}
	p := &parquet{ctx: ctx, in: in, size: size, e: e, rows: rows{e: e}, budget: e.Document().Memory / 4}
	if p.budget <= 0 {
		p.budget = 64 << 20
	}
	const each, any = 64, 1 << 27 // seconds on a processor
	p.entries = each*size + any
	err := p.read()
	if err == nil && !p.spoilt || errors.Is(err, child.ErrEncrypted) || p.rows.err != nil || ctx.Err() != nil {
		return err
	}
	if lost := p.scattered(); lost != nil {
		return lost
	}
	return err
}

// read reads the file by its footer.
func (p *parquet) read() error {
	meta, err := p.footer()
	if err != nil {
		return err
	}
	schema := parquetSchema{elements: meta.Schema}
	root, err := schema.tree()
	if err != nil {
		return err
	}
	for i := range meta.RowGroups {
		err := p.group(root, schema.leaves, &meta.RowGroups[i])
		if err := cmp.Or(err, p.told()); err != nil {
			return err
		}
	}
	return p.beside(meta)
}

// beside hands over what the footer says beside.
func (p *parquet) beside(meta *parquetMeta) error {
	if meta.CreatedBy != "" {
		p.rows.cellString(meta.CreatedBy)
		_ = p.rows.end()
	}
	for _, v := range meta.Values {
		p.rows.cellString(v.Key)
		p.rows.cellString(v.Value)
		_ = p.rows.end()
	}
	return p.rows.close()
}

type parquet struct {
	ctx    context.Context
	in     io.ReaderAt
	size   int64
	e      *child.Emitter
	rows   rows
	budget int64 // bytes of pages and dictionaries that are kept
	held   int64
	row    int // that is read, within a pass; -1 in the middle of one
	cell   []byte
	heads  []byte
	notes  map[child.Note]int64
	spoilt bool // some part is damaged

	entries int64 // values and nulls that may still be read: billions take no room in a page
	err     error // why no more are
}

const (
	parquetMark   = "PAR1"
	parquetSealed = "PARE"  // at the end, where the footer is encrypted
	longestHead   = 4 << 20 // of a page: values that are the least and the largest may stand in it
	usualHead     = 4 << 10
)

// footer reads the footer.
func (p *parquet) footer() (*parquetMeta, error) {
	var end [8]byte
	if p.size < int64(len(end)) {
		return nil, io.ErrUnexpectedEOF
	}
	if _, err := p.in.ReadAt(end[:], p.size-int64(len(end))); err != nil {
		return nil, err
	}
	n, behind := int64(binary.LittleEndian.Uint32(end[:])), p.size-int64(len(end))
	switch mark := string(end[4:]); {
	case mark == parquetSealed:
		return nil, child.ErrEncrypted
	case mark != parquetMark:
		return nil, io.ErrUnexpectedEOF
	case n > behind:
		return nil, errors.New("the footer is longer than the file")
	case n > p.budget:
		return nil, child.ErrBounded
	}
	b := make([]byte, n)
	if _, err := p.in.ReadAt(b, behind-n); err != nil {
		return nil, err
	}
	const signature = 28 // of a footer that is not encrypted itself
	var m parquetMeta
	k, err := decodeThrift(b, int(2*p.budget), &m)
	if err != nil || k != len(b) && k != len(b)-signature {
		return nil, errors.New("the footer is damaged")
	}
	return &m, nil
}

// entry counts a value or a null, and says whether it may be read.
func (p *parquet) entry() bool {
	p.entries--
	switch {
	case p.err != nil:
	case p.entries < 0:
		p.err = child.ErrBounded
	case p.entries%(1<<16) == 0:
		p.err = p.ctx.Err()
	}
	return p.err == nil
}

// head reads the head of a page, and gives where its body begins. It is false where there is none.
func (p *parquet) head(at int64, to *parquetPage) (body int64, ok bool) {
	for _, most := range []int64{usualHead, longestHead} {
		n := min(most, p.size-at)
		if at < 0 || n <= 0 {
			return 0, false
		}
		if int64(cap(p.heads)) < n {
			p.heads = make([]byte, n)
		}
		b := p.heads[:n]
		if _, err := p.in.ReadAt(b, at); err != nil {
			return 0, false
		}
		*to = parquetPage{}
		k, err := decodeThrift(b, longestHead, to)
		if err != nil {
			continue
		}
		body = at + int64(k)
		return body, to.Packed >= 0 && to.Unpacked >= 0 && body+int64(to.Packed) <= p.size && to.known()
	}
	return 0, false
}

// sound says whether a page has the sum that it says.
func (p *parquet) sound(head *parquetPage, body int64) bool {
	if !head.Sum.Valid {
		return true
	}
	sum := crc32.NewIEEE()
	_, err := io.Copy(sum, io.NewSectionReader(p.in, body, int64(head.Packed)))
	return err == nil && sum.Sum32() == uint32(head.Sum.V)
}

// note notes what was left.
func (p *parquet) note(n child.Note) {
	if p.notes == nil {
		p.notes = map[child.Note]int64{}
	}
	p.notes[n]++
	p.spoilt = p.spoilt || n == child.DamagedParts
}

// told hands the notes over.
func (p *parquet) told() error {
	for n, count := range p.notes {
		if err := p.e.Note(n, count); err != nil {
			return err
		}
	}
	p.notes = nil
	return nil
}

// group reads a row group.
func (p *parquet) group(root *parquetNode, leaves []*parquetLeaf, g *parquetGroup) error {
	if len(g.Columns) != len(leaves) {
		p.note(child.DamagedParts)
	}
	columns := make([]*parquetColumn, len(leaves))
	for i := range min(len(g.Columns), len(leaves)) {
		if g.Rows == 0 && g.Columns[i].Meta.Values == 0 {
			continue
		}
		columns[i] = p.column(leaves[i], &g.Columns[i], g.Rows)
	}
	for now, row := columns, 0; now != nil; now, row = later(columns) {
		if err := p.pass(root, now, row); err != nil {
			return err
		}
	}
	return nil
}

// column begins a column, if it is here and can be read.
func (p *parquet) column(leaf *parquetLeaf, chunk *parquetChunk, rows int64) *parquetColumn {
	m := &chunk.Meta
	begin := m.Data
	if m.Dictionary > 0 && m.Dictionary < begin {
		begin = m.Dictionary
	}
	switch {
	case chunk.Crypto.Value != nil:
		p.note(child.EncryptedParts)
		return nil
	case chunk.Elsewhere != "":
		p.note(child.Links)
		return nil
	case begin < int64(len(parquetMark)) || m.Size < 0 || m.Size > p.size-begin:
		p.note(child.DamagedParts)
		if begin < 0 || begin >= p.size {
			return nil
		}
		m.Size = min(max(m.Size, 0), p.size-begin)
	}
	c := &parquetColumn{p: p, leaf: leaf, codec: m.Codec, at: begin, end: begin + m.Size, claimed: max(m.Values, rows)}
	c.show, c.width = showParquet(leaf.element)
	if leaf.element.Type.V == format.FixedLenByteArray && c.width == 0 {
		return nil // values of nothing
	}
	return c
}
