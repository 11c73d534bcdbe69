package matcher

import (
	"hash/maphash"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Names, in places only: one given and one family name.
//
// Canonical form: a|b with a < b in byte order, each folded: NFKD without marks, lower case, letters of the Nordic and
// neighbouring alphabets spelled out (ø oe, æ ae, ß ss, þ th, ð and đ d, ł l, ı i), then, once from left to right, aa
// becomes a, ae a, oe o and ue u, so that Mäki, Maeki and Maki agree; letters a to z only. Sorting makes "Meikäläinen
// Matti" and "Matti Meikäläinen" one. Particles (von, de …) go when other words remain. Names in other scripts are not
// read; in a word of mixed scripts only the Latin letters count.
//
// name-dob is a|b|YYYY-MM-DD. In text it is looked for in births.go, in places here.
//
// Source: docs/hashing.md; the folding follows ICAO 9303 part 3, section 6, where that names a spelling.

const (
	maxNameWords = 32 // of one component of a place
	nameWindow   = 5  // words beside each other among which pairs are tried
	maxComponent = 1024
)

var particles = map[string]bool{"von": true, "van": true, "der": true, "den": true, "af": true, "av": true, "de": true, "da": true,
	"la": true, "le": true, "el": true, "al": true, "bin": true, "ibn": true}

// foldName folds one word.
func foldName(s string) string { return string(appendName(nil, []byte(s))) }

// appendName appends a word folded.
func appendName(dst, word []byte) []byte {
	from := len(dst)
	for i := 0; i < len(word); {
		if c := word[i]; c < utf8.RuneSelf {
			if c |= 0x20; c-'a' < 26 {
				dst = append(dst, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(word[i:])
		dst = appendLetter(dst, unicode.ToLower(r))
		i += n
	}
	return shortened(dst, from)
}

// appendLetter appends what a letter in lower case is without its marks, in letters a to z.
func appendLetter(dst []byte, r rune) []byte {
	switch {
	case r < 0x250:
		return append(dst, latin()[r]...)
	case r >= 0x300 && r < 0x370: // marks
		return dst
	case r >= 0x1E00 && r < 0x1F00:
		return append(dst, latin()[r-0x1E00+0x250]...)
	}
	return append(dst, plainLetter(r)...)
}

// latin has what the letters U+0000 to U+024F and U+1E00 to U+1EFF, those of European languages, are without marks.
var latin = sync.OnceValue(func() *[0x350]string {
	var t [0x350]string
	for r := range rune(0x350) {
		letter := r
		if r >= 0x250 {
			letter += 0x1E00 - 0x250
		}
		t[r] = plainLetter(letter)
	}
	return &t
})

// plainLetter is the rule that the table is made by: letters that are spelled out, and the decomposition of the others.
func plainLetter(r rune) string {
	switch r {
	case 'ø', 'œ':
		return "oe"
	case 'æ':
		return "ae"
	case 'ß':
		return "ss"
	case 'þ':
		return "th"
	case 'ð', 'đ':
		return "d"
	case 'ł':
		return "l"
	case 'ı':
		return "i"
	}
	if r < utf8.RuneSelf {
		if r >= 'a' && r <= 'z' {
			return string(r)
		}
		return ""
	}
	var b strings.Builder
	for _, p := range string(norm.NFKD.PropertiesString(string(r)).Decomposition()) {
		if p != r {
			b.WriteString(plainLetter(p))
		}
	}
	return b.String()
}

// shortened makes aa and ae a, oe o and ue u in b[from:], once from left to right.
func shortened(b []byte, from int) []byte {
	to := from
	for i := from; i < len(b); i++ {
		b[to] = b[i]
		to++
		if i+1 < len(b) && (b[i+1] == 'e' && (b[i] == 'a' || b[i] == 'o' || b[i] == 'u') || b[i] == 'a' && b[i+1] == 'a') {
			i++
		}
	}
	return b[:to]
}

// pairName is the canonical form of two folded words.
func pairName(dst []byte, a, b string) []byte {
	if b < a {
		a, b = b, a
	}
	return append(append(append(dst, a...), '|'), b...)
}

// nameWord is a folded word and where it stood.
type nameWord struct {
	text       string
	start, end int
}

// scanNames tries the names in a text that is a name itself. Components that begin in b[lo:hi] are looked at.
func (s *scanner) scanNames(b []byte, lo, hi int) {
	i := lo
	if lo > 0 && !endsComponent(b[lo-1]) {
		i = componentEnd(b, lo) + 1
	}
	for i < hi {
		end := componentEnd(b, i)
		s.nameIn(b, i, min(end, i+maxComponent))
		i = end + 1
	}
}

func componentEnd(b []byte, i int) int {
	for i < len(b) && !endsComponent(b[i]) {
		i++
	}
	return i
}

func endsComponent(c byte) bool {
	return c == '/' || c == '\\' || c == '!' || c < 0x20 || c == '?' || c == '|'
}

var nameSeed = maphash.MakeSeed()

// nameIn counts a component that may be a name, and tries its words in pairs.
func (s *scanner) nameIn(b []byte, start, end int) {
	words := nameWords(b, start, end)
	if len(words) < 2 {
		return
	}
	s.names = append(s.names, nameDigest(b, words))
	if s.want.has(kNameDOB) {
		s.birthsIn(b, start, end, words)
	}
	if !s.want.has(kName) {
		return
	}
	for i, x := range words {
		for _, y := range words[i+1 : min(len(words), i+nameWindow)] {
			if x.text != y.text && y.start >= x.end {
				s.base = pairName(s.base[:0], x.text, y.text)
				s.candidate(kName, s.base, x.start, y.end, silent)
			}
		}
	}
}

// nameDigest stands for a component, its extension left out, so that a name is counted once.
func nameDigest(b []byte, words []nameWord) uint64 {
	if w := words[len(words)-1]; len(words) > 2 && w.end-w.start <= 4 && w.start > 0 && b[w.start-1] == '.' {
		words = words[:len(words)-1]
	}
	var h maphash.Hash
	h.SetSeed(nameSeed)
	for _, w := range words {
		_, _ = h.WriteString(w.text)
		_ = h.WriteByte('|')
	}
	return h.Sum64()
}

// nameWords splits b[start:end] into folded words. A word in camel case gives its parts, and then itself. Words of an
// e-mail address are left out: the address speaks for itself.
func nameWords(b []byte, start, end int) []nameWord {
	var words []nameWord
	for i := start; i < end && len(words) < maxNameWords; {
		r, n := utf8.DecodeRune(b[i:end])
		if !unicode.IsLetter(r) {
			i += n
			continue
		}
		j, parts := wordEnd(b, i, end)
		if addressAround(b, i, j, start, end) {
			i = j
			continue
		}
		for k, p := range parts {
			next := j
			if k+1 < len(parts) {
				next = parts[k+1]
			}
			words = appendWord(words, b, p, next)
		}
		if len(parts) > 1 {
			words = appendWord(words, b, i, j)
		}
		i = j
	}
	return withoutParticles(words)
}

func appendWord(words []nameWord, b []byte, start, end int) []nameWord {
	if w := foldName(string(b[start:end])); len(w) > 1 {
		return append(words, nameWord{w, start, end})
	}
	return words
}

// wordEnd goes from the start of a word to its end, and gives where its parts in camel case begin. An apostrophe between
// letters belongs to the word.
func wordEnd(b []byte, start, end int) (int, []int) {
	parts, lower, i := []int{start}, false, start
	for i < end {
		r, n := utf8.DecodeRune(b[i:end])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			next, _ := utf8.DecodeRune(b[i+n : end])
			if r != '\'' && r != '’' || !unicode.IsLetter(next) {
				break
			}
		}
		if unicode.IsUpper(r) && lower {
			parts = append(parts, i)
		}
		if !unicode.IsMark(r) {
			lower = unicode.IsLower(r)
		}
		i += n
	}
	return i, parts
}

// addressAround says whether a word is part of an e-mail address.
func addressAround(b []byte, i, j, start, end int) bool {
	for i > start && (classes[b[i-1]]&isLocal != 0 || b[i-1] >= utf8.RuneSelf) {
		i--
	}
	for j < end && (classes[b[j]]&isLocal != 0 || b[j] >= utf8.RuneSelf) {
		j++
	}
	return i > start && b[i-1] == '@' || j < end && b[j] == '@'
}

// withoutParticles drops particles when two other words remain.
func withoutParticles(words []nameWord) []nameWord {
	rest := make([]nameWord, 0, len(words))
	for _, w := range words {
		if !particles[w.text] {
			rest = append(rest, w)
		}
	}
	if len(rest) < 2 {
		return words
	}
	return rest
}
