package unpack

import (
	"bytes"
	"regexp"
	"unicode/utf8"
)

// charset is how bytes become letters.
type charset int8

const (
	plain     charset = iota // UTF-8 as it is, until a byte that is not
	undecided                // ASCII, until a byte that is not
	mixed                    // UTF-8 in which single bytes are of a table
	single                   // one byte a letter, by a table
	double                   // one byte or several a letter
	utf16le
	utf16be
	utf32le
	utf32be
	utf7
)

// begins chooses how a text begins: byte order mark, NULs where UTF-16 and UTF-32 have them, else as undecided bytes, or as
// UTF-8 if its first bytes are. skip is the length of the mark. What a server said decides only what bytes cannot tell.
func begins(head []byte, said string) (c charset, skip int) {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return plain, 3
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")) && len(head)%4 == 0:
		return utf32le, 4
	case bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return utf32be, 4
	case bytes.HasPrefix(head, []byte("\xff\xfe")) && len(head) != 3:
		return utf16le, 2
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return utf16be, 2
	}
	first := head[:min(len(head), lookBytes)]
	if hasNUL(first) {
		if c, ok := wideText(first); ok {
			return c, 0
		}
	}
	switch canonicalName(said) {
	case "utf-16le", "utf-16be":
		if hasNUL(first) && look(first).control*10 < len(first) {
			return map[string]charset{"utf-16le": utf16le, "utf-16be": utf16be}[canonicalName(said)], 0
		}
	}
	if isUTF7(said, first) {
		return utf7, 0
	}
	if whole := trimCut(head); asciiPrefix(whole) < len(whole) && utf8.Valid(whole) {
		return plain, 0
	}
	return undecided, 0
}

// wideText says whether bytes with NULs among them are UTF-16 or UTF-32 without a mark, and in which order. Of Latin letters
// the NULs tell; of others the half of each unit that hardly changes does.
func wideText(b []byte) (charset, bool) {
	if c, ok := look(b).wide(); ok {
		return c, true
	}
	b = b[:len(b)&^3]
	if len(b) < 16 {
		return 0, false
	}
	var nul [4]int
	for i, c := range b {
		if c == 0 {
			nul[i&3]++
		}
	}
	all := len(b) / 4
	switch {
	case nul[3] == all && nul[2] == all && nul[0] == 0:
		return utf32le, true
	case nul[0] == all && nul[1] == all && nul[3] == 0:
		return utf32be, true
	}
	return wideScript(b)
}

// wideScript knows UTF-16 of scripts whose letters are in one block of 256 with ASCII between them, as of Latin with its signs,
// Cyrillic, Greek, Hebrew and Arabic.
func wideScript(b []byte) (charset, bool) {
	for _, at := range []int{1, 0} {
		var blocks [256]int
		wrong := 0
		for i := 0; i+1 < len(b); i += 2 {
			high, low := b[i+at], b[i+1-at]
			if blocks[high]++; high == 0 && sorts[low] > 1 {
				wrong++
			}
		}
		half := len(b) / 2
		if latin := blocks[0] + blocks[1] + blocks[0x20]; blocks[0]*2 > half && latin*20 > half*19 && wrong*50 <= half {
			return utf16le + charset(1-at), true
		}
		for _, block := range []int{3, 4, 5, 6} {
			if n := blocks[block] + blocks[0]; blocks[block]*4 > half && blocks[0] > 0 && n*20 > half*19 && wrong*50 <= half {
				return utf16le + charset(1-at), true
			}
		}
	}
	return 0, false
}

// declared finds the set that a document names in its first lines: meta and XML declarations, MySQL's SET NAMES.
var declared = regexp.MustCompile(`(?i)(?:charset|encoding|set names)\s*=?\s*["']?([a-z][a-z0-9_-]{2,20})`)

// hintOf is what is said of the set of a text: by the server, or else by the text.
func hintOf(said string, head []byte) string {
	if said != "" {
		return said
	}
	head = head[:min(len(head), 2<<10)]
	for _, word := range []string{"harset", "ncoding", "HARSET", "NCODING", "et names", "ET NAMES"} { // cheaper than the expression
		if !bytes.Contains(head, []byte(word)) {
			continue
		}
		if m := declared.FindSubmatch(head); m != nil {
			return string(m[1])
		}
	}
	return ""
}

// region is how a stretch of bytes that is no plain UTF-8 is read.
type region struct {
	set   charset
	table *codepage
	multi *multibyte
}

// decide chooses how b is read, a stretch that begins with a byte above ASCII. before is how the stretch before it was, and
// prev the byte before it.
func decide(b []byte, prev byte, hint string, before region) region {
	good, bad := valid(b)
	r := region{set: plain, table: before.table}
	switch {
	case bad == 0 && good > 0:
		return r
	case bad*4 <= good && good > 0:
		r.set, r.table = mixed, best(sampled(b, prev, true), hint, before.table)
		return r
	}
	s := sampled(b, prev, false)
	if before.table != nil && before.table.suits(s) >= len(s)*clear {
		return region{set: single, table: before.table}
	}
	r.set, r.table = single, best(s, hint, before.table)
	if r.table.suits(s) < len(s)*clear {
		if m := eastern(b, hint, before.multi); m != nil {
			return region{set: double, multi: m, table: before.table}
		}
	}
	return r
}

// clear is how much the bytes of a text say for its table, on the average, when there is no doubt of it.
const clear = 4

// best is the table that suits what was seen, the hint and what went before.
func best(s []seen, hint string, before *codepage) *codepage {
	all := candidates()
	want := namedTable(hint)
	if want != nil {
		all = append(all[:len(all):len(all)], want)
	}
	var top *codepage
	most := 0
	for i, t := range all {
		n := t.suits(s)
		if i > 0 {
			n -= 5
		}
		if t == want {
			n += 2*len(s) + 5
		}
		if t == before {
			n += 2*len(s) + 10
		}
		if top == nil || n > most {
			top, most = t, n
		}
	}
	return top
}

// seen is a byte above ASCII with its neighbours.
type seen struct{ before, b, after byte }

const maxSeen = 600

// sampled takes the first bytes above ASCII of b, before which prev stands; of stray ones only those that are no UTF-8.
func sampled(b []byte, prev byte, stray bool) (s []seen) {
	for i := 0; i < len(b) && len(s) < maxSeen; i++ {
		if i += asciiPrefix(b[i:]); i == len(b) {
			break
		}
		if r, n := utf8.DecodeRune(b[i:]); stray && r != utf8.RuneError || westernRune(r) {
			i += n - 1
			continue
		}
		v := seen{prev, b[i], '\n'}
		if i > 0 {
			v.before = b[i-1]
		}
		if i+1 < len(b) {
			v.after = b[i+1]
		}
		s = append(s, v)
	}
	return s
}

// westernRune says whether a letter of UTF-8 is one of the West. Its bytes would make no word in tables of the West, and
// hardly any in others.
func westernRune(r rune) bool { return r >= 0xc0 && r < 0x250 || r >= 0x2010 && r < 0x2045 }

// suits is how well bytes make words by a table.
func (t *codepage) suits(s []seen) (n int) {
	for _, v := range s {
		k, before, after := t.kinds[v.b], t.kinds[v.before], t.kinds[v.after]
		n += int(t.score[v.b])
		switch {
		case k == quoteSort:
			if before.letter() {
				n += 4
			}
		case !k.letter():
			n += punctuation(t.runes[v.b], before.letter(), after.letter())
		default:
			n += fits(k, before, after, v.before >= 0x80)
		}
	}
	return n
}

// punctuation is what a sign says where it stands.
func punctuation(r rune, before, after bool) int {
	switch {
	case before && after:
		return -6
	case after && !before && (r == '“' || r == '„' || r == '‘' || r == '«'), before && !after && (r == '”' || r == '“' || r == '…' || r == '»'):
		return 4
	}
	return 0
}

// fits is what a letter says beside its neighbours; twice says that the one before is above ASCII too.
func fits(k, before, after sortOf, twice bool) (n int) {
	if !before.letter() && !after.letter() {
		n -= 3
	}
	if before.letter() && before.script() != k.script() {
		n -= 6
	}
	if after.letter() && after.script() != k.script() {
		n -= 6
	}
	switch {
	case k.upper() && before.lower():
		n -= 6
	case k.lower() && before.upper() && after.upper():
		n -= 4
	}
	if twins := (k == twinLower || k == twinUpper) && (before == twinLower || before == twinUpper); twice && !twins &&
		before.letter() && k.script() == latinLower {
		n -= 4
	}
	return n
}

func (k sortOf) letter() bool { return k != otherSort && k != quoteSort }

func (k sortOf) lower() bool {
	return k == latinLower || k == twinLower || k == greekLower || k == cyrillicLower
}

func (k sortOf) upper() bool {
	return k == latinUpper || k == twinUpper || k == greekUpper || k == cyrillicUpper
}

// script is one sort for all letters of a script.
func (k sortOf) script() sortOf {
	switch k {
	case latinLower, latinUpper, twinLower, twinUpper:
		return latinLower
	case greekLower, greekUpper:
		return greekLower
	case cyrillicLower, cyrillicUpper:
		return cyrillicLower
	}
	return k
}
