package unpack

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unmarked reads RTF (Rich Text Format 1.9.1) as the text that is written in it: groups and control words are left out or stand for
// a line's or a cell's end, letters of other sets are decoded. Hidden text, fields, headers, notes and properties are kept;
// of pictures and objects the hex, in which something may be packed.
type unmarked struct {
	*inPlace
	now    group
	groups []group
	lost   int // groups opened that are not in groups, for there are too many
	skip   int // characters that stand for the letter before, for readers who do not know it
	high   rune
	star   bool // the next word begins a group that may be unknown
	ansi   *[256]rune
	fonts  map[int]*[256]rune
	font   int // that the table of fonts speaks of
}

// group is what holds until a group ends.
type group struct {
	table *[256]rune
	uc    int  // how many characters stand for one
	dull  bool // nothing that somebody wrote
	fonts bool
}

const (
	maxGroups  = 4096
	longestRTF = 48 // control word with its number
)

// isRTF knows the mark.
func isRTF(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"), []byte(`{\rtf`))
}

func newUnmarked(r io.Reader) *inPlace {
	u := &unmarked{inPlace: newInPlace(r), ansi: runesOf("windows-1252"), fonts: map[int]*[256]rune{}}
	u.now = group{table: u.ansi, uc: 1}
	u.rewrite = u.resolve
	return u.inPlace
}

func runesOf(name string) *[256]rune {
	if t := namedTable(name); t != nil {
		return &t.runes
	}
	return nil
}

// resolve writes b's letters over it, which take no more room than what stands for them.
func (u *unmarked) resolve(b []byte, last bool) (n int, rest []byte) {
	i := 0
	var buf [utf8.UTFMax]byte
	for i < len(b) {
		if k := bytes.IndexAny(b[i:], "\\{}\r\n"); k != 0 {
			if k < 0 {
				k = len(b) - i
			}
			from, size := u.plain(b[i : i+k])
			u.marks.set(u.out+int64(n), u.in+int64(i+from), 1, asIs, 0)
			n += copy(b[n:], b[i+from:i+from+size])
			i += k
			continue
		}
		if !last && len(b)-i < longestRTF && b[i] == '\\' {
			break
		}
		letter, size := u.control(b[i:], buf[:0])
		u.marks.set(u.out+int64(n), u.in+int64(i), 1, asIs, 0)
		n += copy(b[n:i+size], letter)
		i += size
	}
	return n, b[i:]
}

// plain says which of b's letters are text.
func (u *unmarked) plain(b []byte) (from, size int) {
	for u.skip > 0 && from < len(b) {
		_, k := utf8.DecodeRune(b[from:])
		from, u.skip = from+k, u.skip-1
	}
	if u.now.dull {
		return from, 0
	}
	return from, len(b) - from
}

// control takes what b begins with: a brace, a line's end, a control symbol or a control word.
func (u *unmarked) control(b, buf []byte) (letter []byte, size int) {
	switch b[0] {
	case '{':
		u.open()
		return nil, 1
	case '}':
		u.end()
		return nil, 1
	case '\r', '\n': // only the file's
		return nil, 1
	}
	if len(b) < 2 {
		return nil, 1
	}
	if c := b[1] | 0x20; c >= 'a' && c <= 'z' {
		return u.word(b, buf)
	}
	return u.symbol(b, buf)
}

func (u *unmarked) open() {
	u.skip = 0
	if len(u.groups) == maxGroups {
		u.lost++
		return
	}
	u.groups = append(u.groups, u.now)
}

func (u *unmarked) end() {
	u.skip = 0
	switch k := len(u.groups) - 1; {
	case u.lost > 0:
		u.lost--
	case k >= 0:
		u.now, u.groups = u.groups[k], u.groups[:k]
	}
}

// symbol takes a control symbol: \'e4, \~, \{.
func (u *unmarked) symbol(b, buf []byte) (letter []byte, size int) {
	size = 2
	switch b[1] {
	case '\'':
		if len(b) < 4 || hexValues[b[2]] > 15 || hexValues[b[3]] > 15 {
			return nil, 2
		}
		size = 4
		buf = utf8.AppendRune(buf, u.now.table[hexValues[b[2]]<<4|hexValues[b[3]]])
	case '~':
		buf = append(buf, "\u00a0"...)
	case '_':
		buf = append(buf, '-')
	case '\\', '{', '}':
		buf = append(buf, b[1])
	case '\r', '\n':
		buf = append(buf, '\n')
	case '*':
		u.star = true
		return nil, size
	default:
		return nil, size
	}
	if u.skip > 0 {
		u.skip--
		return nil, size
	}
	return u.written(buf), size
}

func (u *unmarked) written(b []byte) []byte {
	if u.now.dull {
		return nil
	}
	return b
}

// word takes a control word, its number and the blank that ends it.
func (u *unmarked) word(b, buf []byte) (letter []byte, size int) {
	i := 1
	for i < min(len(b), 33) && b[i]|0x20 >= 'a' && b[i]|0x20 <= 'z' {
		i++
	}
	name := string(b[1:i])
	from := i
	if i < len(b) && b[i] == '-' {
		i++
	}
	for i < min(len(b), from+11) && b[i]-'0' <= 9 {
		i++
	}
	number, err := strconv.Atoi(string(b[from:i]))
	if i < len(b) && b[i] == ' ' {
		i++
	}
	if name == "u" && err == nil {
		return u.unicode(rune(uint16(number)), buf), i
	}
	if u.skip > 0 {
		u.skip--
		return nil, i
	}
	u.meaning(name, number, err == nil)
	if u.star { // text beside the text
		u.star, buf = false, append(buf, '\n')
	}
	return u.written(append(buf, wordText(name)...)), i
}

// unicode takes \uN. Two halves of a letter come one after the other.
func (u *unmarked) unicode(r rune, buf []byte) []byte {
	u.skip = u.now.uc
	if utf16.IsSurrogate(r) {
		if high := u.high; high != 0 {
			u.high = 0
			if r = utf16.DecodeRune(high, r); r != utf8.RuneError {
				return u.written(utf8.AppendRune(buf, r))
			}
			return nil
		}
		u.high = r
		return nil
	}
	u.high = 0
	return u.written(utf8.AppendRune(buf, r))
}
