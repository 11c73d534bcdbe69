package matcher

import (
	"unicode"
	"unicode/utf8"
)

// span of a word in a text.
type wordSpan struct{ start, end int32 }

// prose takes the words nearest to the date on both sides: the nearest ones, and the nearest with a capital letter.
func (x *beside) prose(b []byte, lo, hi int) {
	var before, behind [proseReach / 2]wordSpan
	n := x.wordsIn(b, lo, x.date.start, hi, before[:])
	m := x.wordsIn(b, x.date.end, hi, hi, behind[:])
	names := 0
	for rank, i := 0, 0; (rank < nearWords || names < nearNames) && (n > 0 || i < m); rank++ {
		var w wordSpan
		if n > 0 && (i == m || x.date.start-int(before[n-1].end) <= int(behind[i].start)-x.date.end) {
			n--
			w = before[n]
		} else {
			w = behind[i]
			i++
		}
		word := b[w.start:w.end]
		capital := nearNames
		if r, _ := utf8.DecodeRune(word); unicode.IsUpper(r) {
			capital = names
		}
		if capital == nearNames && rank >= nearWords {
			continue
		}
		if before := x.n; x.add(word, 0, rank, capital) && capital < nearNames && x.n > before {
			names++
		}
	}
	x.dropParticles(0)
}

// wordsIn gives the words of b[lo:hi] that may be names, in order; limit is how far may be looked behind them.
func (x *beside) wordsIn(b []byte, lo, hi, limit int, dst []wordSpan) int {
	n, i := 0, lo
	for i < hi && n < len(dst) {
		if c := b[i]; c < utf8.RuneSelf && classes[c]&isLetter == 0 {
			i++
			continue
		}
		k := wordLength(b[i:hi])
		if k == 0 {
			_, k = utf8.DecodeRune(b[i:hi])
			i += k
			continue
		}
		if x.mayBeName(b, i, i+k, lo, limit) {
			dst[n] = wordSpan{int32(i), int32(i + k)}
			n++
		}
		i += k
	}
	return n
}

// mayBeName says whether a word of prose is none of these: part of a longer one with digits or of an address, the name of
// a tag, the label of something other than the date.
func (x *beside) mayBeName(b []byte, start, end, lo, limit int) bool {
	if end-start < 2 || start == lo && lo != x.date.end && touchesBefore(b, start) {
		return false
	}
	if start > 0 {
		switch c := b[start-1]; {
		case c-'0' <= 9, c == '<', c == '/' && start > 1 && b[start-2] == '<':
			return false
		}
	}
	if end < limit && b[end]-'0' <= 9 {
		return false
	}
	return !x.label(b, end, limit) && !addressAround(b, start, end, max(0, lo), limit)
}

// label says whether a colon or an equals sign stands behind a word, and something else than the date behind that.
func (x *beside) label(b []byte, i, limit int) bool {
	for i < limit && (classes[b[i]]&isLetter != 0 || b[i] == '_') {
		i++
	}
	for i < limit && (b[i] == ' ' || quote(b[i])) {
		i++
	}
	if i >= limit || b[i] != ':' && b[i] != '=' {
		return false
	}
	for i++; i < limit && (b[i] == ' ' || quote(b[i])); i++ {
	}
	return i != x.date.start
}

// wordLength is the length of the word that b begins with: letters and marks, and apostrophes between letters.
func wordLength(b []byte) int {
	i, letters := 0, false
	for i < len(b) {
		c := b[i]
		if classes[c]&isLetter != 0 {
			i, letters = i+1, true
			continue
		}
		if c < utf8.RuneSelf {
			n := apostrophe(b[i:])
			if n == 0 || !letters {
				return i
			}
			i += n
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case unicode.IsLetter(r):
			letters = true
		case !unicode.IsMark(r) && r != '’' || !letters:
			return i
		}
		i += n
	}
	return i
}

// apostrophe is the length of the apostrophe that b begins with, single, or doubled or escaped as SQL has it, if a letter
// stands behind it.
func apostrophe(b []byte) int {
	n := 0
	for n < 2 && n < len(b) && (b[n] == '\'' || n == 0 && b[n] == '\\') {
		n++
	}
	if n == 0 || n == len(b) || b[n-1] != '\'' || classes[b[n]]&isLetter == 0 && b[n] < 0xC3 {
		return 0
	}
	return n
}

// joinsNames is the length of what b begins with, if that may stand between the words of a name, or around one.
func joinsNames(b []byte) int {
	switch b[0] {
	case ' ', '-', '.', ',', '\'', '"', '`', '(', ')', '\\', '\r':
		return 1
	}
	if r, n := utf8.DecodeRune(b); r == '’' || r == '´' || r == '“' || r == '”' {
		return n
	}
	return 0
}
