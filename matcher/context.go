package matcher

import "bytes"

// How far from a candidate a keyword may stand, in folded bytes.
const (
	wordsBefore = 64
	wordsAfter  = 32
)

// near says whether a keyword for the kind stands near a candidate, or in the first line of a table.
func (s *scanner) near(k kindID, start, end int) bool {
	words := rules[k].words
	if words == nil {
		return false
	}
	b := s.folded.text
	return s.header.has(k) || mentions(b[max(0, start-wordsBefore):start], words) ||
		mentions(b[end:min(len(b), end+wordsAfter)], words)
}

// mentions says whether a word of text begins with one of the words.
func mentions(text []byte, words [][]byte) bool {
	var low [1024]byte
	n := 0
	for _, c := range text[:min(len(text), len(low))] {
		if c-'A' < 26 {
			c += 32
		}
		low[n] = c
		n++
	}
	for _, w := range words {
		for i := 0; i+len(w) <= n; i++ {
			j := bytes.Index(low[i:n], w)
			if j < 0 {
				break
			}
			if i += j; i == 0 || classes[low[i-1]]&isLetter == 0 {
				return true
			}
		}
	}
	return false
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
		if k := want.first(); mentions(line, rules[k].words) {
			s = s.with(k)
		}
	}
	return s
}
