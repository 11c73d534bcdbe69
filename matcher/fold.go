package matcher

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Folding brings text into the common form in which identifiers are looked for: soft hyphens, zero-width characters and
// bidi controls go, every dash becomes -, every space U+0020, every decimal digit an ASCII one, and what NFKC turns into
// ASCII (full-width letters, ligatures) becomes that. Each rune is folded by itself, so that where a text is cut never
// matters. Letters stay; the kinds that need more normalise their candidates themselves.

// keep bounds the table of folded runes; from there on every rune stays.
const keep = 0x20000

// maxDeleted is how many runes in a row may vanish. What hides behind more is cut in two by a NUL, so that a candidate
// is never longer than a bounded number of bytes.
const maxDeleted = 4

const deleted = 0xff

// foldTable gives for a rune a code: 0 stays, deleted vanishes, below 0x80 becomes that character, and from 0x80 on
// becomes foldLong[code-0x80].
var foldTable = sync.OnceValue(func() *foldRunes {
	t := &foldRunes{codes: make([]uint8, keep), long: []string{}}
	for r := rune(utf8.RuneSelf); r < keep; r++ {
		if unassigned := r >= 0x3400 && r < 0xA000 || r >= 0xAC00 && r < 0xF900; !unassigned {
			t.codes[r] = t.code(r)
		}
	}
	return t
})

type foldRunes struct {
	codes []uint8
	long  []string
}

func (t *foldRunes) code(r rune) uint8 {
	switch {
	case vanishes(r):
		return deleted
	case unicode.Is(unicode.Pd, r) || r == 0x2212:
		return '-'
	case unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.Is(unicode.Nd, r):
		return '0' + decimal(r)
	}
	s := norm.NFKC.String(string(r))
	if !ascii([]byte(s)) || len(s) > 4 {
		return 0
	}
	if len(s) == 1 {
		return s[0]
	}
	for i, l := range t.long {
		if l == s {
			return uint8(utf8.RuneSelf + i)
		}
	}
	if len(t.long) == deleted-utf8.RuneSelf {
		return 0
	}
	t.long = append(t.long, s)
	return uint8(utf8.RuneSelf + len(t.long) - 1)
}

func vanishes(r rune) bool {
	return r == 0xAD || r >= 0x200B && r <= 0x200D || r == 0x2060 || r == 0xFEFF ||
		r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// decimal is the value of a digit: those of a script stand in a row of ten that begins with zero.
func decimal(r rune) byte {
	if r >= 0x1D7CE && r <= 0x1D7FF { // five rows without a gap
		return byte(r-0x1D7CE) % 10
	}
	n := byte(0)
	for n < 9 && unicode.Is(unicode.Nd, r-1) {
		r--
		n++
	}
	return n
}
