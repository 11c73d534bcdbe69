package table

import (
	"encoding/binary"
	"io"

	"github.com/parquet-go/parquet-go/format"

	"leakwatch/matcher/unpack/child"
)

// parquetColumn is a column of a row group while it is read, a page at a time.
type parquetColumn struct {
	p       *parquet
	leaf    *parquetLeaf
	show    shower
	width   int // bytes of a value, 0 for any
	codec   format.CompressionCodec
	at, end int64 // the next page, and where the last one begins at the latest
	claimed int64 // values
	seen    int64

	dict   *dictionary
	dictAt int64 // page that it is on
	held   int64 // bytes of memory
	buf    []byte

	left     int // values and nulls of the page
	reps     hybrid
	defs     hybrid
	values   values
	rep, def int // of the one that comes next
	ready    bool
	noted    bool // the damage of the page
	lost     bool // something was noted
	apart    bool // it waited
	stop     bool // until the next pass: its page has no room, or the one before is damaged
	row      int  // with which it goes on then; -1 if that is not known
}

// peek gives the level of repetition of what comes next, and -1 if nothing does in this pass.
func (c *parquetColumn) peek() int {
	if c == nil {
		return -1
	}
	for !c.ready {
		if c.stop || !c.p.entry() || c.left == 0 && !c.load() {
			return -1
		}
		rep, def, ok := uint32(0), uint32(0), true
		if c.leaf.rep > 0 {
			rep, ok = c.reps.next()
		}
		if ok && c.leaf.def > 0 {
			def, ok = c.defs.next()
		}
		if !ok {
			c.damaged()
			return -1
		}
		c.left--
		c.rep, c.def, c.ready = int(rep), int(def), true
	}
	return c.rep
}

// take writes what comes next as a cell, if it is a value.
func (c *parquetColumn) take() {
	c.ready = false
	if c.def != c.leaf.def {
		return
	}
	v, ok := c.values.next()
	if !ok {
		c.damaged()
		return
	}
	if c.p.cell = c.show(c.p.cell[:0], v); len(c.p.cell) > 0 {
		c.p.rows.cell(c.p.cell)
	}
}

// damaged leaves the rest of a page. What follows is read for itself, for nobody knows to which rows it belongs.
func (c *parquetColumn) damaged() {
	c.spoilt()
	c.left, c.stop, c.row = 0, true, -1
}

// spoilt notes the damage of a page, once.
func (c *parquetColumn) spoilt() {
	if !c.noted {
		c.p.note(child.DamagedParts)
	}
	c.noted, c.lost = true, true
}

// release gives the memory of a column back.
func (c *parquetColumn) release() {
	c.p.held -= c.held
	c.held, c.dict = 0, nil
	c.drop()
}

// drop drops all that refers to the page.
func (c *parquetColumn) drop() { c.buf, c.values, c.reps, c.defs = nil, nil, hybrid{}, hybrid{} }

// load begins the next page of data. It is false at the end, and when the page has to wait.
func (c *parquetColumn) load() bool {
	for c.more() && c.p.rows.err == nil {
		var head parquetPage
		body, ok := c.p.head(c.at, &head)
		if !ok {
			break
		}
		next := body + int64(head.Packed)
		c.noted = false
		if !c.p.sound(&head, body) { // it is read as far as it goes
			c.spoilt()
		}
		switch head.Type {
		case format.DictionaryPage:
			c.dictAt, c.dict = c.at, nil
		case format.DataPage, format.DataPageV2:
			values := int64(head.V1.V.Values)
			if head.Type == format.DataPageV2 {
				values = int64(head.V2.V.Values)
			}
			if c.data(&head, body); c.stop {
				if c.row < 0 {
					c.at, c.seen = next, c.seen+values
				}
				return false
			}
			c.seen += values
		}
		c.at = next
		if c.left > 0 {
			return true
		}
	}
	if c.seen < c.claimed && !c.lost && c.p.rows.err == nil {
		c.p.note(child.DamagedParts)
	}
	c.at, c.claimed = c.end, 0
	return false
}

// more says whether there is another page. Some old writers did not count the head of a dictionary.
func (c *parquetColumn) more() bool {
	const missing = 100
	return c.at < c.end || c.seen < c.claimed && c.dictAt > 0 && c.at < c.end+missing
}

// data reads a page of data, or stops.
func (c *parquetColumn) data(head *parquetPage, body int64) {
	encoding := head.V1.V.Encoding
	if head.Type == format.DataPageV2 {
		encoding = head.V2.V.Encoding
	}
	named := encoding == oldDictionary || encoding == format.RLEDictionary
	if named && c.dict == nil && !c.dictionary() || !c.room(int64(head.Unpacked)-int64(cap(c.buf))) {
		return
	}
	if cap(c.buf) < int(head.Unpacked) {
		c.buf = make([]byte, head.Unpacked)
	}
	b, count, ok := c.levels(head, body)
	if ok {
		c.left, c.values = int(count), c.decoder(encoding, b, int(count))
	}
	if !ok || c.values == nil {
		c.damaged()
	}
}

// room says whether there is memory for n bytes more, and takes it. Where there is none the column waits for the next pass, and where there
// never will be the page is left.
func (c *parquetColumn) room(n int64) bool {
	switch n = max(n, 0); {
	case c.p.held+n <= c.p.budget:
		c.p.held += n
		c.held += n
		return true
	case c.held == c.p.held && cap(c.buf) > 0: // a smaller page was here
		c.p.held -= int64(cap(c.buf))
		c.held -= int64(cap(c.buf))
		n += int64(cap(c.buf))
		c.drop()
		return c.room(n)
	case c.held == c.p.held:
		c.p.note(child.PartsLeft)
		c.lost = true
		c.stop, c.row = true, -1
	default:
		if !c.apart {
			c.p.note(child.Apart)
		}
		c.apart, c.stop, c.row = true, true, c.p.row
	}
	return false
}

// levels unpacks a page, sets the levels, and gives the values that follow them.
func (c *parquetColumn) levels(head *parquetPage, body int64) (b []byte, count int32, ok bool) {
	b = c.buf[:head.Unpacked]
	if head.Type == format.DataPageV2 {
		h := &head.V2.V
		reps, defs := int(h.RepsBytes), int(h.DefsBytes)
		if reps < 0 || defs < 0 || reps+defs > len(b) || reps+defs > int(head.Packed) {
			return nil, 0, false
		}
		if _, err := c.p.in.ReadAt(b[:reps+defs], body); err != nil {
			return nil, 0, false
		}
		c.reps = hybrid{b: b[:reps], width: levelBits(c.leaf.rep)}
		c.defs = hybrid{b: b[reps : reps+defs], width: levelBits(c.leaf.def)}
		codec := c.codec
		if h.Packed.Valid && !h.Packed.V {
			codec = format.Uncompressed
		}
		b = b[reps+defs:]
		return b[:c.unpack(codec, b, body+int64(reps+defs), int64(head.Packed)-int64(reps+defs))], h.Values, true
	}
	h := &head.V1.V
	b = b[:c.unpack(c.codec, b, body, int64(head.Packed))]
	for _, l := range []struct {
		most     int
		encoding format.Encoding
		to       *hybrid
	}{{c.leaf.rep, h.Reps, &c.reps}, {c.leaf.def, h.Defs, &c.defs}} {
		if l.most == 0 {
			continue
		}
		if len(b) < 4 || l.encoding == format.BitPacked {
			return nil, 0, false
		}
		n := binary.LittleEndian.Uint32(b)
		if uint64(n) > uint64(len(b)-4) {
			return nil, 0, false
		}
		*l.to = hybrid{b: b[4 : 4+n], width: levelBits(l.most)}
		b = b[4+n:]
	}
	return b, h.Values, true
}

// unpack unpacks size bytes at off into b, and gives how much that was. What is not whole is noted.
func (c *parquetColumn) unpack(codec format.CompressionCodec, b []byte, off, size int64) int {
	if len(b) == 0 && size == 0 {
		return 0
	}
	n, err := unpackParquet(codec, b, io.NewSectionReader(c.p.in, off, size))
	if err != nil {
		c.spoilt()
	}
	return n
}

// dictionary reads the dictionary.
func (c *parquetColumn) dictionary() bool {
	var head parquetPage
	body, ok := int64(0), c.dictAt > 0
	if ok {
		body, ok = c.p.head(c.dictAt, &head)
	}
	if !ok {
		c.damaged()
		return false
	}
	if !c.room(int64(head.Unpacked)) {
		return false
	}
	b := make([]byte, head.Unpacked)
	b = b[:c.unpack(c.codec, b, body, int64(head.Packed))]
	d := &dictionary{b: b, width: c.width}
	if c.width == 0 {
		for v := (plainBytes{b}); ; {
			at := uint32(len(b) - len(v.b))
			if _, ok := v.next(); !ok {
				break
			}
			d.starts = append(d.starts, at)
		}
		c.held += int64(cap(d.starts)) * 4 // no more than the bytes themselves
		c.p.held += int64(cap(d.starts)) * 4
	}
	c.dict = d
	return true
}
