package matcher

import "bytes"

// Keywords that make a weak identifier count when one stands near it, in Finnish, Swedish, Norwegian, Danish and
// English. They are beginnings of words, in lower case and ASCII, for the text is compared byte by byte.
var (
	idWords = [][]byte{[]byte("hetu"), []byte("henkil"), []byte("sotu"), []byte("syntym"), []byte("person"), []byte("cpr"),
		[]byte("ssn"), []byte("social sec"), []byte("national id"), []byte("f\u00f8dsels"), []byte("fodsels"), []byte("fnr"), []byte("pnr"),
		[]byte("f\u00f6delse"), []byte("identit")}
	nhsWords = [][]byte{[]byte("nhs"), []byte("chi"), []byte("h&c"), []byte("hcn"), []byte("health"), []byte("patient")}
	telWords = [][]byte{[]byte("puh"), []byte("tel"), []byte("gsm"), []byte("mob"), []byte("matkap"), []byte("k\u00e4nny"), []byte("phone"),
		[]byte("tlf"), []byte("tfn"), []byte("cell"), []byte("call"), []byte("ring"), []byte("soita"), []byte("soitto"), []byte("fax"),
		[]byte("sms"), []byte("whatsapp"), []byte("landline"), []byte("contact")}
)

// keywords gives the words for a kind, or nil when context is nothing to it.
func keywords(k kindID) [][]byte {
	switch k {
	case kHetu, kCpr:
		return idWords
	case kNhs:
		return nhsWords
	case kPhone:
		return telWords
	}
	return nil
}

// How far from a candidate a keyword may stand, in folded bytes.
const (
	wordsBefore = 64
	wordsAfter  = 32
)

// near says whether a keyword for the kind stands near a candidate, or in the first line of a table.
func (s *scanner) near(k kindID, start, end int) bool {
	words := keywords(k)
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

// headerKinds says which kinds the first line of a text names, when it is the head of a table: it has separators, and
// no long number.
func headerKinds(b []byte) (s kindSet) {
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
	for _, k := range []kindID{kHetu, kCpr, kNhs, kPhone} {
		if mentions(line, keywords(k)) {
			s = s.with(k)
		}
	}
	return s
}
