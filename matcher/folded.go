package matcher

import (
	"encoding/binary"
	"math/bits"
	"sort"
	"unicode/utf8"
)

// span says that folded text from at on came from raw bytes from raw on: one rune (n folded, rawN raw bytes), or, where
// n is 0, a stretch that was copied.
type span struct {
	at, raw int32
	n, rawN uint8
}

// folded is text in common form, with the way back to the bytes that it came from.
type folded struct {
	text  []byte // the raw text itself when there was nothing to fold
	spans []span // empty then
	own   []byte // memory, used again
	one   [utf8.UTFMax]byte

	// while folding
	raw, out  []byte
	done, run int // bytes of raw that are in out, and runes that vanished since
	table     *foldRunes
}

const (
	highBits = 0x8080808080808080
	ones     = 0x0101010101010101
)

// odd says whether a word holds a byte with which a folded rune may begin: 0xC2, or 0xD6 and above. The letters of the
// Latin, Greek and Cyrillic alphabets begin with others.
func odd(w uint64) bool { return w&highBits != 0 && oddBits(w) != 0 }

// oddBits has the high bit of each such byte of w set.
func oddBits(w uint64) uint64 {
	x := w &^ highBits
	from := x + (0x80-0x56)*ones      // the high bit says that the low seven are 0x56 or more
	c2 := (x ^ 0x42*ones) + 0x7f*ones // no high bit says that they are 0x42
	return w & highBits & (from | ^c2)
}

// fold folds raw bytes, which must not change before the next call. With escapes %XX is undone as well, as names need it.
func (f *folded) fold(raw []byte, escapes bool) {
	f.begin(raw)
	for i := 0; i < len(raw); {
		if !escapes {
			if i = skipPlain(raw, i); i == len(raw) {
				break
			}
		}
		i += f.step(i, escapes)
	}
	f.finish()
}

// foldMarked folds raw bytes whose masks are known, and which have slack behind them. It gives the same as fold, without
// escapes.
func (f *folded) foldMarked(raw []byte, all []masks) {
	f.begin(raw)
	for i := range all {
		for o := all[i].odd; o != 0; o &= o - 1 {
			f.step(i*block+bits.TrailingZeros64(o), false)
		}
	}
	f.finish()
}

func (f *folded) begin(raw []byte) {
	f.raw, f.text, f.spans = raw, raw, f.spans[:0]
	f.out, f.done, f.run, f.table = f.own[:0], 0, 0, foldTable()
}

// step folds the rune at raw[i], and gives its length.
func (f *folded) step(i int, escapes bool) int {
	one, n, changed := f.table.next(f.raw[i:], escapes, f.one[:0])
	if !changed {
		return n
	}
	if i > f.done {
		f.spans = append(f.spans, span{at: int32(len(f.out)), raw: int32(f.done)})
		f.out = append(f.out, f.raw[f.done:i]...)
		f.run = 0
	}
	if len(one) == 0 {
		if f.run++; f.run > maxDeleted {
			one = append(one, 0)
		}
	} else {
		f.run = 0
	}
	if len(one) > 0 {
		f.spans = append(f.spans, span{int32(len(f.out)), int32(i), uint8(len(one)), uint8(n)})
		f.out = append(f.out, one...)
	}
	f.done = i + n
	return n
}

func (f *folded) finish() {
	if f.done == 0 {
		return
	}
	if f.done < len(f.raw) {
		f.spans = append(f.spans, span{at: int32(len(f.out)), raw: int32(f.done)})
		f.out = append(f.out, f.raw[f.done:]...)
	}
	f.own = padded(f.out)
	f.text = f.own
}

// padded gives out with slack zeros behind it, for loads that go past the end.
func padded(out []byte) []byte {
	n := len(out)
	for range slack / 8 {
		out = append(out, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	return out[:n]
}

// skipPlain goes from i to the next byte with which a folded rune may begin, or past a few bytes before it.
func skipPlain(b []byte, i int) int {
	for i+32 <= len(b) {
		w := b[i : i+32 : i+32]
		w0, w1 := binary.LittleEndian.Uint64(w), binary.LittleEndian.Uint64(w[8:])
		w2, w3 := binary.LittleEndian.Uint64(w[16:]), binary.LittleEndian.Uint64(w[24:])
		if (w0|w1|w2|w3)&highBits != 0 && (odd(w0) || odd(w1) || odd(w2) || odd(w3)) {
			break
		}
		i += 32
	}
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		if odd(w) {
			return i + bits.TrailingZeros64(w&highBits)/8
		}
		i += 8
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// next folds the rune that b begins with: to what it becomes, its length in b, and whether that is a change.
func (t *foldRunes) next(b []byte, escapes bool, dst []byte) (one []byte, n int, changed bool) {
	var r rune
	switch c := b[0]; {
	case escapes && c == '%':
		if r, n = unescape(b); n == 0 {
			return dst, 1, false
		}
	case c < utf8.RuneSelf:
		return dst, 1, false
	default:
		if r, n = utf8.DecodeRune(b); r == utf8.RuneError && n <= 1 {
			return dst, 1, false
		}
		if !escapes && c < 0xD6 && c != 0xC2 { // skipPlain passes these by: folding must not depend on where it stops
			return dst, n, false
		}
	}
	var code uint8
	if r >= utf8.RuneSelf && r < keep {
		code = t.codes[r]
	}
	switch {
	case code == deleted:
		return dst, n, true
	case code >= utf8.RuneSelf:
		return append(dst, t.long[code-utf8.RuneSelf]...), n, true
	case code != 0:
		return append(dst, code), n, true
	case b[0] == '%':
		return utf8.AppendRune(dst, r), n, true
	}
	return dst, n, false
}

// unescape reads the rune that %XX sequences at the start of b spell, and gives 0 bytes when they do not.
func unescape(b []byte) (rune, int) {
	var raw [utf8.UTFMax]byte
	for i := range raw {
		e := b[min(3*i, len(b)):]
		if len(e) < 3 || e[0] != '%' || classes[e[1]]&classes[e[2]]&isHex == 0 {
			return 0, 0
		}
		raw[i] = unhex(e[1])<<4 | unhex(e[2])
		if i == 0 && raw[0] < 0x20 {
			return ' ', 3
		}
		if r, n := utf8.DecodeRune(raw[:i+1]); r != utf8.RuneError && n == i+1 {
			return r, 3 * n
		}
	}
	return 0, 0
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&0x0f + 9
}

// find gives the span that holds byte p of the folded text.
func (f *folded) find(p int) span {
	return f.spans[sort.Search(len(f.spans), func(i int) bool { return int(f.spans[i].at) > p })-1]
}

// start and end give the raw offset of where byte p of the folded text begins, and of where it ends.
func (f *folded) start(p int) int {
	if len(f.spans) == 0 {
		return p
	}
	if s := f.find(p); s.n == 0 {
		return int(s.raw) + p - int(s.at)
	} else {
		return int(s.raw)
	}
}

func (f *folded) end(p int) int {
	if len(f.spans) == 0 {
		return p + 1
	}
	if s := f.find(p); s.n == 0 {
		return int(s.raw) + p + 1 - int(s.at)
	} else {
		return int(s.raw) + int(s.rawN)
	}
}

// index gives the place in the folded text of a raw offset that does not lie inside a rune.
func (f *folded) index(raw int) int {
	if len(f.spans) == 0 {
		return raw
	}
	i := sort.Search(len(f.spans), func(i int) bool { return int(f.spans[i].raw) >= raw })
	next := len(f.text)
	if i < len(f.spans) {
		next = int(f.spans[i].at)
	}
	if i == 0 {
		return 0
	}
	if s := f.spans[i-1]; s.n == 0 {
		return min(next, int(s.at)+raw-int(s.raw))
	}
	return next
}

// changed says whether byte p of the folded text stood there in another form.
func (f *folded) changed(p int) bool { return len(f.spans) > 0 && f.find(p).n != 0 }
