package finds

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"leakwatch/leak"
)

// Row is what a document is found by, worked out in one place so that two engines cannot differ.
type Row struct {
	Order   int64    // MatchedAt, see Order
	Rank    int      // its confidence, 0 to 3
	Words   []string // distinct, as Words gives them
	Kinds   []string
	Clinics []ClinicRow
}

// ClinicRow is one clinic's part of a Row.
type ClinicRow struct {
	Clinic string
	Rank   int
	Kinds  []string
}

// NewRow works out what a document is found by.
func NewRow(d leak.IndexDoc) Row {
	r := Row{Order: Order(d.MatchedAt), Rank: rank(d.Confidence), Kinds: d.Kinds}
	for _, c := range d.Clinics {
		r.Clinics = append(r.Clinics, ClinicRow{Clinic: c.Clinic, Rank: rank(c.Confidence), Kinds: kindsOf(c)})
	}
	texts := append([]string{d.Title, d.Poster, d.Place, d.Host, d.ID, d.Leak, d.Collection}, d.Indicators...)
	for _, w := range Words(strings.Join(texts, " ")) {
		r.Words = append(r.Words, w)
		if parts := strings.Split(w, "-"); len(parts) > 1 && !code(parts) {
			r.Words = append(r.Words, parts...) // `leak-site` is found by `site` too
		}
	}
	slices.Sort(r.Words)
	r.Words = slices.DeleteFunc(slices.Compact(r.Words), func(w string) bool { return w == "" })
	return r
}

// code says whether a word is one of the keyed codes of a shown form, or an id: `n-7f3a91c2`. Its second half alone is
// no word.
func code(parts []string) bool {
	if len(parts) != 2 || len(parts[0]) != 1 || len(parts[1]) < 8 {
		return false
	}
	return strings.Trim(parts[1], "0123456789abcdef") == ""
}

// Order puts a time on a line of whole nanoseconds since 1970. What lies outside 1678 to 2262 goes to the end it is
// nearer to; the zero time is the oldest.
func Order(t time.Time) int64 {
	switch y := t.Year(); {
	case y < 1678:
		return math.MinInt64
	case y > 2261:
		return math.MaxInt64
	}
	return t.UnixNano()
}

func rank(confidence string) int {
	var c leak.Confidence
	if c.UnmarshalText([]byte(confidence)) != nil {
		return 0
	}
	return int(c)
}

func kindsOf(c leak.IndexClinic) []string {
	var kinds []string
	for k, n := range c.Kinds {
		if n > 0 {
			kinds = append(kinds, k)
		}
	}
	slices.Sort(kinds)
	return kinds
}

const (
	wordBytes  = 128 // of one word; the rest of a longer one is cut
	queryWords = 64
)

// Words splits a text into words: lower case, without diacritics, of letters, digits and inner hyphens, so that a code
// such as `n-7f3a91c2` is one word.
func Words(s string) []string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	words := strings.FieldsFunc(norm.NFC.String(b.String()), func(r rune) bool {
		return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	for i, w := range words {
		words[i] = cut(strings.Trim(w, "-"))
	}
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

func cut(w string) string {
	if len(w) <= wordBytes {
		return w
	}
	n := wordBytes
	for !utf8.RuneStart(w[n]) {
		n--
	}
	return w[:n]
}

// Term is one word of a query.
type Term struct {
	Word   string
	Prefix bool // the beginning of a word
}

// Terms splits the words of a query, at most 64 of them. `potil*` is the beginning of a word.
func Terms(query string) []Term {
	var terms []Term
	for _, field := range strings.Fields(query) {
		words := Words(field)
		for i, w := range words {
			terms = append(terms, Term{Word: w, Prefix: i == len(words)-1 && strings.HasSuffix(field, "*")})
		}
	}
	return terms[:min(len(terms), queryWords)]
}
