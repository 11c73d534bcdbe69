package corpus

import (
	"hash/crc32"
	"math/bits"
	"sort"
)

// bzipped packs as bzip2 does, plainly: without looking which symbols are common.
func bzipped(b []byte) []byte {
	w := &bitWriter{}
	for _, c := range "BZh9" {
		w.put(uint64(c), 8)
	}
	sum := uint32(0)
	for len(b) > 0 {
		n := min(len(b), 100_000)
		crc := bzipSum(b[:n])
		sum = bits.RotateLeft32(sum, 1) ^ crc
		w.put(0x314159265359, 48)
		w.put(uint64(crc), 32)
		bzipBlock(w, b[:n])
		b = b[n:]
	}
	w.put(0x177245385090, 48)
	w.put(uint64(sum), 32)
	return w.close()
}

// bzipSum is CRC-32 with the highest bit first.
func bzipSum(b []byte) uint32 {
	turned := make([]byte, len(b))
	for i, c := range b {
		turned[i] = bits.Reverse8(c)
	}
	return bits.Reverse32(crc32.ChecksumIEEE(turned))
}

func bzipBlock(w *bitWriter, b []byte) {
	var runs []byte // four equal bytes have a count behind them
	for i := 0; i < len(b); {
		n := 1
		for i+n < len(b) && n < 255 && b[i+n] == b[i] {
			n++
		}
		for range min(n, 4) {
			runs = append(runs, b[i])
		}
		if n >= 4 {
			runs = append(runs, byte(n-4))
		}
		i += n
	}
	last, at := burrows(runs)
	w.put(0, 1)
	w.put(uint64(at), 24)
	symbols, used := moveToFront(last)
	for g := range 16 {
		w.put(b2u(group(used, g)), 1)
	}
	for g := range 16 {
		for i := 0; group(used, g) && i < 16; i++ {
			w.put(b2u(used[16*g+i]), 1)
		}
	}
	bzipCodes(w, symbols)
}

func b2u(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func group(used [256]bool, g int) bool {
	for _, u := range used[16*g : 16*g+16] {
		if u {
			return true
		}
	}
	return false
}

// burrows sorts all rotations, and gives the last column and where the text itself is.
func burrows(b []byte) (last []byte, at int) {
	n := len(b)
	order := make([]int, n)
	rank := make([]int, n)
	for i := range order {
		order[i], rank[i] = i, int(b[i])
	}
	for k := 1; ; k *= 2 {
		less := func(i, j int) int {
			if rank[i] != rank[j] {
				return rank[i] - rank[j]
			}
			return rank[(i+k)%n] - rank[(j+k)%n]
		}
		sort.Slice(order, func(i, j int) bool { return less(order[i], order[j]) < 0 })
		next := make([]int, n)
		for i := 1; i < n; i++ {
			next[order[i]] = next[order[i-1]]
			if less(order[i-1], order[i]) != 0 {
				next[order[i]]++
			}
		}
		copy(rank, next)
		if k >= n || rank[order[n-1]] == n-1 {
			break
		}
	}
	for i, o := range order {
		last = append(last, b[(o+n-1)%n])
		if o == 0 {
			at = i
		}
	}
	return last, at
}

// moveToFront gives symbols: 0 and 1 count zeros in base two, places come after, the last ends the block.
func moveToFront(b []byte) (symbols []int, used [256]bool) {
	for _, c := range b {
		used[c] = true
	}
	var table []byte
	for c, u := range used {
		if u {
			table = append(table, byte(c))
		}
	}
	zeros := 0
	flush := func() {
		for ; zeros > 0; zeros = (zeros - 1) / 2 {
			symbols = append(symbols, (zeros-1)%2)
		}
	}
	end := len(table) + 1
	for _, c := range b {
		i := 0
		for table[i] != c {
			i++
		}
		copy(table[1:i+1], table[:i])
		table[0] = c
		if i == 0 {
			zeros++
			continue
		}
		flush()
		symbols = append(symbols, i+1)
	}
	flush()
	return append(symbols, end), used
}

// bzipCodes writes the symbols in two tables of codes that are the same: the first few one bit shorter than the rest, so
// that every code is used.
func bzipCodes(w *bitWriter, symbols []int) {
	n := symbols[len(symbols)-1] + 1
	length := uint(bits.Len(uint(n - 1)))
	short := 1<<length - n
	w.put(2, 3)
	groups := (len(symbols) + 49) / 50
	w.put(uint64(groups), 15)
	for range groups {
		w.put(0, 1)
	}
	for range 2 {
		w.put(uint64(length), 5)
		for s := range n {
			switch {
			case s == 0 && short > 0:
				w.put(0b110, 3) // one shorter
			case s == short && short > 0:
				w.put(0b100, 3) // one longer
			default:
				w.put(0, 1)
			}
		}
	}
	for _, s := range symbols {
		if s < short {
			w.put(uint64(s), length-1)
		} else {
			w.put(uint64(s+short), length)
		}
	}
}
