package unpack

import (
	"cmp"
	"io"
	"math/bits"
	"slices"
)

// huffman is a code of up to 15 bits. Most symbols are found in a table of the first few bits; it is small, for a block of ten bits
// may bring another code. Longer ones are found by their order: in it, codes of one length follow one another.
type huffman struct {
	quick   [1 << quickBits]uint16 // symbol and length; 0 for what is longer, or no code
	count   [16]int                // of codes of each length
	symbols [288]uint16            // in the order of their codes
}

const quickBits = 9

// set makes the code from its lengths, and says whether they are one. A code of a single symbol may be short
// of others.
func (h *huffman) set(lengths []uint8) bool {
	*h = huffman{}
	for _, n := range lengths {
		h.count[n]++
	}
	h.count[0] = 0
	var next, index [16]int
	left, code, at := 1<<15, 0, 0
	for n := 1; n <= 15; n++ {
		left -= h.count[n] << (15 - n)
		next[n], index[n] = code, at
		code, at = (code+h.count[n])<<1, at+h.count[n]
	}
	if left < 0 {
		return false
	}
	for s, n := range lengths {
		if n == 0 {
			continue
		}
		h.symbols[index[n]] = uint16(s)
		index[n]++
		c := int(bits.Reverse16(uint16(next[n])) >> (16 - n))
		next[n]++
		for ; n <= quickBits && c < len(h.quick); c += 1 << n {
			h.quick[c] = uint16(s)<<4 | uint16(n)
		}
	}
	return true
}

// find gives the symbol whose code the low bits of b are, the first lowest, and its length, which is 0 if there is none.
func (h *huffman) find(b uint64) (symbol int, n uint) {
	if e := h.quick[b&(1<<quickBits-1)]; e != 0 {
		return int(e >> 4), uint(e & 15)
	}
	code, index := 0, 0 // code is counted from the first of its length
	for n = 1; n <= 15; n++ {
		code += int(b >> (n - 1) & 1)
		if code < h.count[n] {
			return int(h.symbols[index+code]), n
		}
		index += h.count[n]
		code = (code - h.count[n]) << 1
	}
	return 0, 0
}

// fixedLit and fixedDist are the codes that need not be told. RFC 1951 section 3.2.6
var fixedLit, fixedDist = func() (lit, dist huffman) {
	lengths := slices.Concat(slices.Repeat([]uint8{8}, 144), slices.Repeat([]uint8{9}, 112), slices.Repeat([]uint8{7}, 24), slices.Repeat([]uint8{8}, 8))
	lit.set(lengths)
	dist.set(slices.Repeat([]uint8{5}, 32))
	return lit, dist
}()

// dynamic reads the codes of a block. RFC 1951 section 3.2.7
func (z *inflate64) dynamic() error {
	v, err := z.bits(14)
	if err != nil {
		return err
	}
	lits, dists, codes := v&31+257, v>>5&31+1, v>>10+4
	var order = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	var lengths [320]uint8
	for i := range codes {
		n, err := z.bits(3)
		if err != nil {
			return err
		}
		lengths[order[i]] = uint8(n)
	}
	var code huffman
	if !code.set(lengths[:19]) {
		return errInflate64
	}
	lengths = [320]uint8{}
	for i := 0; i < lits+dists; {
		s, err := z.decode(&code)
		if err != nil {
			return err
		}
		n, v, err := z.repeated(s, i, lengths[:])
		if err != nil || i+n > lits+dists {
			return cmp.Or(err, errInflate64)
		}
		for range n {
			lengths[i] = v
			i++
		}
	}
	z.lit, z.dist = &z.own[0], &z.own[1]
	if !z.lit.set(lengths[:lits]) || !z.dist.set(lengths[lits:lits+dists]) {
		return errInflate64
	}
	return nil
}

// repeated is how often which length comes, after a symbol of the code of lengths.
func (z *inflate64) repeated(s, i int, lengths []uint8) (n int, v uint8, err error) {
	switch {
	case s < 16:
		return 1, uint8(s), nil
	case s == 16:
		if i == 0 {
			return 0, 0, errInflate64
		}
		n, err = z.bits(2)
		return n + 3, lengths[i-1], err
	case s == 17:
		n, err = z.bits(3)
		return n + 3, 0, err
	}
	n, err = z.bits(7)
	return n + 11, 0, err
}

// decode reads a symbol.
func (z *inflate64) decode(h *huffman) (int, error) {
	for z.have < 15 {
		c, err := z.r.ReadByte()
		if err == io.EOF && z.have > 0 {
			break // the last code may be shorter
		}
		if err != nil {
			return 0, noEOF(err)
		}
		z.acc |= uint64(c) << z.have
		z.have += 8
	}
	s, n := h.find(z.acc)
	switch {
	case n == 0:
		return 0, errInflate64
	case n > z.have:
		return 0, io.ErrUnexpectedEOF
	}
	z.acc >>= n
	z.have -= n
	return s, nil
}
