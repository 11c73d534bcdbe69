package table

import "encoding/binary"

// delta are whole numbers as differences in blocks (DELTA_BINARY_PACKED).
type delta struct {
	b       []byte
	size    int    // bytes of a value
	left    uint64 // values
	first   bool
	current int64
	least   int64  // of the differences in the block
	widths  []byte // of the pieces of the block that follow
	pieces  int    // in a block
	each    int    // values in a piece
	packed  []byte // the piece
	width   int
	at      int
	one     [8]byte
}

// newDelta reads the head. Blocks longer than any writer makes are none.
func newDelta(b []byte, size int) *delta {
	const longest = 1 << 16
	d := &delta{size: size, first: true}
	block, n := binary.Uvarint(b)
	pieces, k := binary.Uvarint(b[max(n, 0):])
	n += k
	if n < 2 || k <= 0 || block > longest || pieces == 0 || pieces > block || block%pieces != 0 || block/pieces%8 != 0 {
		return d
	}
	all, k := binary.Uvarint(b[n:])
	n += max(k, 0)
	first, m := binary.Varint(b[n:])
	if k <= 0 || m <= 0 {
		return d
	}
	d.b, d.left, d.current = b[n+m:], all, first
	d.pieces, d.each = int(pieces), int(block/pieces)
	d.at = d.each
	return d
}

// number gives the next one.
func (d *delta) number() (int64, bool) {
	if d.left == 0 {
		return 0, false
	}
	if d.first {
		d.first = false
		d.left--
		return d.current, true
	}
	if d.at == d.each && !d.piece() {
		d.left = 0
		return 0, false
	}
	d.current += d.least + int64(packedBits(d.packed, uint64(d.at), d.width))
	d.at++
	d.left--
	return d.current, true
}

// piece begins the next piece of a block, or the next block.
func (d *delta) piece() bool {
	if len(d.widths) == 0 {
		least, n := binary.Varint(d.b)
		if n <= 0 || len(d.b)-n < d.pieces {
			return false
		}
		d.least, d.widths, d.b = least, d.b[n:n+d.pieces], d.b[n+d.pieces:]
	}
	d.width, d.widths, d.at = int(d.widths[0]), d.widths[1:], 0
	size := d.each / 8 * d.width
	if d.width > 64 || size > len(d.b) {
		return false
	}
	d.packed, d.b = d.b[:size], d.b[size:]
	return true
}

func (d *delta) next() ([]byte, bool) {
	n, ok := d.number()
	binary.LittleEndian.PutUint64(d.one[:], uint64(n))
	return d.one[:d.size], ok
}

// deltaLengths are values of any width, whose lengths lie before them (DELTA_LENGTH_BYTE_ARRAY).
type deltaLengths struct {
	lengths *delta
	b       []byte
}

// newDeltaLengths looks for the end of the lengths, of which there are as many as values, most at most.
func newDeltaLengths(b []byte, most int) *deltaLengths {
	return &deltaLengths{newDelta(b, 0), behindDelta(b, most)}
}

// behindDelta is what lies behind numbers, of which there are as many as values at most.
func behindDelta(b []byte, most int) []byte {
	d := newDelta(b, 0)
	if d.left == 0 || d.left > uint64(most) {
		return nil
	}
	for d.left--; d.left > 0; d.left -= min(d.left, uint64(d.each)) {
		if !d.piece() {
			return nil
		}
	}
	return d.b
}

func (v *deltaLengths) next() ([]byte, bool) {
	n, ok := v.lengths.number()
	if !ok || n < 0 || n > int64(len(v.b)) {
		return nil, false
	}
	one := v.b[:n]
	v.b = v.b[n:]
	return one, true
}

// deltaBytes are values of which each begins as the one before it (DELTA_BYTE_ARRAY). None is longer than all that lies there.
type deltaBytes struct {
	same  *delta
	rests *deltaLengths
	last  []byte
}

func newDeltaBytes(b []byte, most int) *deltaBytes {
	return &deltaBytes{same: newDelta(b, 0), rests: newDeltaLengths(behindDelta(b, most), most)}
}

func (v *deltaBytes) next() ([]byte, bool) {
	n, ok := v.same.number()
	rest, more := v.rests.next()
	if !ok || !more || n < 0 || n > int64(len(v.last)) {
		return nil, false
	}
	v.last = append(v.last[:n], rest...)
	return v.last, true
}
