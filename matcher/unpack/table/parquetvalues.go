package table

import (
	"encoding/binary"
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

// values are the values of a page that are not null, in turn. Each gives one at a time, so that what a page claims to hold takes no
// memory. The bytes are valid until the next call.
type values interface {
	next() ([]byte, bool)
}

// oldDictionary is what old writers call RLEDictionary (PLAIN_DICTIONARY of parquet-format).
const oldDictionary format.Encoding = 2

// decoder gives the values of a page.
func (c *parquetColumn) decoder(e format.Encoding, b []byte, count int) values {
	kind := c.leaf.element.Type.V
	switch e {
	case format.Plain:
		switch {
		case kind == format.Boolean:
			return &plainBools{b: b}
		case c.width > 0:
			return &plainFixed{b, c.width}
		}
		return &plainBytes{b}
	case oldDictionary, format.RLEDictionary:
		if len(b) == 0 { // nulls only
			return &named{of: c.dict}
		}
		return &named{hybrid{b: b[1:], width: int(b[0])}, c.dict}
	case format.RLE:
		if kind == format.Boolean && len(b) >= 4 {
			return &hybridBools{bits: hybrid{b: b[4:], width: 1}}
		}
	case format.DeltaBinaryPacked:
		if kind == format.Int32 || kind == format.Int64 {
			return newDelta(b, c.width)
		}
	case format.DeltaLengthByteArray:
		return newDeltaLengths(b, count)
	case format.DeltaByteArray:
		return newDeltaBytes(b, count)
	case format.ByteStreamSplit:
		return &split{b: b, width: c.width}
	}
	return nil
}

// plainFixed are values of one width, as they lie.
type plainFixed struct {
	b     []byte
	width int
}

func (v *plainFixed) next() ([]byte, bool) {
	if v.width <= 0 || len(v.b) < v.width {
		return nil, false
	}
	one := v.b[:v.width]
	v.b = v.b[v.width:]
	return one, true
}

// plainBytes are values of any width, each with its length before it.
type plainBytes struct{ b []byte }

func (v *plainBytes) next() ([]byte, bool) {
	if len(v.b) < 4 {
		return nil, false
	}
	n := binary.LittleEndian.Uint32(v.b)
	if uint64(n) > uint64(len(v.b)-4) {
		return nil, false
	}
	one := v.b[4 : 4+n]
	v.b = v.b[4+n:]
	return one, true
}

// plainBools are a bit each, the lowest of a byte first.
type plainBools struct {
	b   []byte
	at  int
	one [1]byte
}

func (v *plainBools) next() ([]byte, bool) {
	if v.at>>3 >= len(v.b) {
		return nil, false
	}
	v.one[0] = v.b[v.at>>3] >> (v.at & 7) & 1
	v.at++
	return v.one[:], true
}

// split are values of one width whose first bytes lie together, then their second ones, and so on (BYTE_STREAM_SPLIT).
type split struct {
	b         []byte
	width, at int
	one       []byte
}

func (v *split) next() ([]byte, bool) {
	if v.width <= 0 || v.at >= len(v.b)/v.width {
		return nil, false
	}
	v.one = v.one[:0]
	for i := range v.width {
		v.one = append(v.one, v.b[i*(len(v.b)/v.width)+v.at])
	}
	v.at++
	return v.one, true
}

// dictionary are values that others name by number.
type dictionary struct {
	b      []byte
	width  int      // of values of one width
	starts []uint32 // of others
}

func (d *dictionary) at(i uint32) ([]byte, bool) {
	if d.width > 0 {
		if uint64(i) >= uint64(len(d.b)/d.width) {
			return nil, false
		}
		return d.b[int(i)*d.width:][:d.width], true
	}
	if uint64(i) >= uint64(len(d.starts)) {
		return nil, false
	}
	return (&plainBytes{d.b[d.starts[i]:]}).next()
}

// named are values of a dictionary.
type named struct {
	numbers hybrid
	of      *dictionary
}

func (v *named) next() ([]byte, bool) {
	i, ok := v.numbers.next()
	if !ok || v.of == nil {
		return nil, false
	}
	return v.of.at(i)
}

// hybridBools are one bit each, in runs.
type hybridBools struct {
	bits hybrid
	one  [1]byte
}

func (v *hybridBools) next() ([]byte, bool) {
	n, ok := v.bits.next()
	v.one[0] = byte(n)
	return v.one[:], ok
}

// hybrid are numbers in runs: one that is repeated, or some that are packed (RLE of parquet-format's Encodings.md). A run of billions is
// counted down.
type hybrid struct {
	b      []byte
	width  int // bits, 32 at most
	left   uint64
	number uint32
	packed []byte // of the run; nil where a number is repeated
	at     uint64
}

func (h *hybrid) next() (uint32, bool) {
	for h.left == 0 {
		if !h.run() {
			return 0, false
		}
	}
	h.left--
	if h.packed == nil {
		return h.number, true
	}
	h.at++
	return uint32(packedBits(h.packed, h.at-1, h.width)), true
}

// run begins the next run.
func (h *hybrid) run() bool {
	head, n := binary.Uvarint(h.b)
	if n <= 0 || h.width < 0 || h.width > 32 {
		return false
	}
	h.b = h.b[n:]
	if head&1 == 0 {
		size := (h.width + 7) / 8
		if len(h.b) < size {
			return false
		}
		h.left, h.number, h.packed = head>>1, 0, nil
		for i, c := range h.b[:size] {
			h.number |= uint32(c) << (8 * i)
		}
		h.b = h.b[size:]
		return true
	}
	groups := head >> 1
	if groups > 1<<31 {
		return false
	}
	size := min(groups*uint64(h.width), uint64(len(h.b))) // the last run may be cut
	h.packed, h.at, h.left = h.b[:size:size], 0, groups*8
	if h.width > 0 {
		h.left = min(h.left, size*8/uint64(h.width))
	}
	h.b = h.b[size:]
	return true
}

// packedBits is the number with an index among numbers of so many bits, 64 at most, the lowest first. What lies behind the end is 0.
func packedBits(b []byte, i uint64, width int) uint64 {
	at := i * uint64(width)
	if from := at >> 3; width <= 56 && from+8 <= uint64(len(b)) {
		return binary.LittleEndian.Uint64(b[from:]) >> (at & 7) & (1<<width - 1)
	}
	var v uint64
	for k := range uint64(width) {
		if n := at + k; n>>3 < uint64(len(b)) {
			v |= uint64(b[n>>3]>>(n&7)&1) << k
		}
	}
	return v
}

// levelBits is how many bits levels up to most take.
func levelBits(most int) int { return bits.Len(uint(most)) }
