package matcher

import "bytes"

// How far from a candidate a keyword may stand, in folded bytes.
const (
	wordsBefore = 64
	wordsAfter  = 32
)

// near says whether a keyword for the kind stands near a candidate, or in the first line of a table.
func (s *scanner) near(k kindID, start, end int) bool {
	if rules[k].words == nil {
		return false
	}
	b := s.folded.text
	return s.header.has(k) || k.mentioned(b[max(0, start-wordsBefore):start]) || k.mentioned(b[end:min(len(b), end+wordsAfter)])
}

// wordStarts are the first letters of the keywords of each kind, in either case.
var wordStarts = func() (t [kinds][256]bool) {
	for k := range t {
		for _, w := range rules[k].words {
			t[k][w[0]] = true
			if w[0]-'a' < 26 {
				t[k][w[0]-32] = true
			}
		}
	}
	return t
}()

// mentioned says whether a word of text begins with a keyword of the kind.
func (k kindID) mentioned(text []byte) bool {
	starts, inside := &wordStarts[k], false
	for i, c := range text {
		begins := !inside && starts[c]
		if inside = classes[c]&isLetter != 0; !begins {
			continue
		}
		for _, w := range rules[k].words {
			if w[0] == lower(c) && len(text)-i >= len(w) && lowerIs(text[i:i+len(w)], w) {
				return true
			}
		}
	}
	return false
}

// lower is the ASCII lower case of a character.
func lower(c byte) byte {
	if c-'A' < 26 {
		return c + 32
	}
	return c
}

// lowerIs says whether b is low in any case; low has none.
func lowerIs(b, low []byte) bool {
	for i, c := range b {
		if lower(c) != low[i] {
			return false
		}
	}
	return true
}

// headerKinds says which kinds of a set the first line of a text names, when it is the head of a table: it has
// separators, and no long number.
func headerKinds(b []byte, want kindSet) (s kindSet) {
	line, _, _ := bytes.Cut(b[:min(len(b), 1024)], []byte("\n"))
	if !bytes.ContainsAny(line, ",;\t|") {
		return 0
	}
	digits := 0
	for _, c := range line {
		if digits++; c-'0' > 9 {
			digits = 0
		}
		if digits == 5 {
			return 0
		}
	}
	for ; want != 0; want &= want - 1 {
		if k := want.first(); k.mentioned(line) {
			s = s.with(k)
		}
	}
	return s
}
