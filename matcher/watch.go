package matcher

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"leakwatch/leak"
)

// Bounds of a watch term, in letters and digits and in bytes.
const (
	termLetters = 3
	termDigits  = 6
	termBytes   = 64
)

// wholeBelow is how many letters and digits a term has at least of which an inflected form is found as well. A shorter
// one, and a domain, must stand as a word of its own.
const wholeBelow = 6

// BadTerm says why a text cannot be watched for. It never holds the text.
type BadTerm struct{ Why string }

func (e *BadTerm) Error() string { return "not a watch term: " + e.Why }

// CheckTerm says whether a text can be watched for: three letters or digits at least and 64 bytes at most, on one line,
// without signs that are not seen, and no identifier or mailbox, for those are registered as hashes and never handed
// over. The error is a *BadTerm.
func CheckTerm(text string) error {
	n, digits := 0, 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			n, digits = n+1, digits+1
		case unicode.IsLetter(r):
			n++
		case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return &BadTerm{"it holds a sign that is not seen, or is no UTF-8"}
		}
	}
	switch {
	case len(text) > termBytes:
		return &BadTerm{fmt.Sprintf("more than %d bytes", termBytes)}
	case n < termLetters:
		return &BadTerm{fmt.Sprintf("less than %d letters or digits", termLetters)}
	case strings.TrimSpace(text) != text:
		return &BadTerm{"a space at its begin or end"}
	case strings.Contains(text[1:], "@"):
		return &BadTerm{"a mailbox may be a patient's: watch for what stands behind its @"}
	case digits > termDigits || identifies(text):
		return &BadTerm{"an identifier, or as many digits as one has: those are registered as hashes"}
	}
	return nil
}

// identifies says whether a text is a number that some state gives to a person.
func identifies(text string) bool {
	for k := range kinds {
		if kindNames[k].National() {
			if _, err := canonical(k, text, nil, true, farDay); err == nil {
				return true
			}
		}
	}
	return false
}

// farDay is later than any date of birth.
var farDay = day(2199, 12, 31)

// Watch replaces the terms that are watched for. Readings that begin from now on look for them. A term that CheckTerm
// refuses is left out, and the error says how many those are and of whom; the others are watched for all the same.
func (m *Matcher) Watch(terms []leak.Term) error {
	good, err := make([]leak.Term, 0, len(terms)), error(nil)
	for _, t := range terms {
		if bad := CheckTerm(t.Text); bad != nil {
			err = errors.Join(err, fmt.Errorf("watch for clinic %s: %w", t.Clinic, bad))
			continue
		}
		good = append(good, t)
	}
	m.watched.Store(newWatch(good, m.kernels.three))
	return err
}

// watch finds any of many terms in one pass: by three bytes of each where there is a kernel for that; else by the way of
// Wu and Manber ("A fast algorithm for multi-pattern searching", 1994), where two bytes of the text say how far the next
// term is away at least; and from letter to letter in a chunk in which too many places look like a term.
type watch struct {
	terms    []leak.Term
	patterns []pattern
	anchors  *anchors         // nil without a kernel, and with many terms
	window   int              // bytes that every pattern has
	shift    [1 << 16]uint8   // by the two bytes that end a window
	ending   map[uint16][]int // patterns, by the two bytes that end their first window
	tree     *wordTree
}

// pattern is one spelling of a term.
type pattern struct {
	term  int
	runes []rune // lower case; separators are spaces
	whole bool   // must end as a word
	first [][]byte
}

// maxWindow bounds the table's work; longer windows gain nothing.
const maxWindow = 16

func newWatch(terms []leak.Term, k threeKernel) *watch {
	if len(terms) == 0 {
		return nil
	}
	w := &watch{terms: terms, window: maxWindow, ending: map[uint16][]int{}}
	for i, t := range terms {
		for _, s := range spellings(t.Text) {
			p := newPattern(i, s)
			w.window = min(w.window, len(p.first))
			w.patterns = append(w.patterns, p)
		}
	}
	w.anchors, w.tree = newAnchors(w.patterns, k), newWordTree(w.patterns)
	for i := range w.shift {
		w.shift[i] = uint8(w.window - 1)
	}
	for i, p := range w.patterns {
		for at := 1; at < w.window; at++ {
			for _, pair := range bytePairs(p.first[at-1], p.first[at]) {
				w.shift[pair] = min(w.shift[pair], uint8(w.window-1-at))
				if at == w.window-1 {
					w.ending[pair] = append(w.ending[pair], i)
				}
			}
		}
	}
	return w
}

// bytePairs gives every two bytes of which the first is of a and the second of b.
func bytePairs(a, b []byte) (all []uint16) {
	for _, x := range a {
		for _, y := range b {
			all = append(all, uint16(x)<<8|uint16(y))
		}
	}
	return all
}

// spellings are the ways to write a term: composed, decomposed, and without diacritics.
func spellings(text string) []string {
	lower := strings.ToLower(norm.NFKC.String(text))
	apart := norm.NFD.String(lower)
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, apart)
	all := []string{lower}
	for _, s := range []string{apart, plain} {
		if s != all[0] && s != all[len(all)-1] {
			all = append(all, s)
		}
	}
	return all
}

// separators may stand for one another: a term with a space is written with a dash or a line under it in file names.
const separators = " _-.+"

func separator(r rune) bool { return r < utf8.RuneSelf && strings.IndexByte(separators, byte(r)) >= 0 }

func newPattern(term int, text string) pattern {
	p := pattern{term: term, whole: strings.ContainsRune(text, '.')}
	letters := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters++
		}
		if separator(r) && r != '.' { // a dot is a domain's, and stays
			p.runes = append(p.runes, ' ')
			p.first = append(p.first, []byte(separators))
			continue
		}
		p.runes = append(p.runes, r)
		p.first = append(p.first, eitherCase(r)...)
	}
	p.whole = p.whole || letters < wholeBelow
	return p
}

// eitherCase gives, for each byte of a letter, the bytes that it and its capital have there. Letters whose capital has
// another length in UTF-8 are found as they are.
func eitherCase(r rune) [][]byte {
	low, up := string(r), string(unicode.ToUpper(r))
	sets := make([][]byte, len(low))
	for i := range len(low) {
		sets[i] = []byte{low[i]}
		if len(up) == len(low) && up[i] != low[i] {
			sets[i] = append(sets[i], up[i])
		}
	}
	return sets
}

// astray is how many places of a chunk may look like a term and be none: one in so many bytes, and a few.
const (
	astray    = 16
	astrayFew = 256
)

// find appends each term that begins in b[lo:hi].
func (w *watch) find(b []byte, lo, hi int, terms []int) []int {
	before, tries := len(terms), astrayFew+(hi-lo)/astray
	try := func(pattern, start int) bool {
		if p := &w.patterns[pattern]; p.at(b, start) {
			terms = append(terms, p.term)
		}
		tries--
		return tries > 0
	}
	quick := w.shifts
	if w.anchors != nil {
		quick = w.anchors.find
	}
	if !quick(b, lo, hi, try) {
		terms = terms[:before]
		w.tree.find(b, lo, hi, func(term int) { terms = append(terms, term) })
	}
	return terms
}

// shifts calls try for each pattern that may begin in b[lo:hi], and ends with false when that says so.
func (w *watch) shifts(b []byte, lo, hi int, try func(pattern, start int) bool) bool {
	last := min(len(b), hi+w.window-1)
	for i := lo + w.window - 1; i < last; {
		pair := uint16(b[i-1])<<8 | uint16(b[i])
		if s := w.shift[pair]; s > 0 {
			i += int(s)
			continue
		}
		for _, p := range w.ending[pair] {
			if !try(p, i-w.window+1) {
				return false
			}
		}
		i++
	}
	return true
}

// at says whether the pattern stands at b[start], as a word or at the begin of one.
func (p *pattern) at(b []byte, start int) bool {
	i := start
	for _, want := range p.runes {
		if i < len(b) && b[i] < utf8.RuneSelf {
			if c := lowerASCII(b[i]); rune(c) != want && !(want == ' ' && separator(rune(c))) {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if n == 0 || smallLetter(r, n) != want {
			return false
		}
		i += n
	}
	return begins(b, start) && !(p.whole && goesOn(b, i))
}

func lowerASCII(c byte) byte {
	if c-'A' < 26 {
		c += 'a' - 'A'
	}
	return c
}

// begins says whether a word begins at b[i]: what stands before is no letter, or is a small one before a capital.
func begins(b []byte, i int) bool {
	before, n := utf8.DecodeLastRune(b[:i])
	if n == 0 || !unicode.IsLetter(before) && !unicode.IsDigit(before) && !unicode.Is(unicode.Mn, before) {
		return true
	}
	first, _ := utf8.DecodeRune(b[i:])
	return unicode.IsDigit(before) != unicode.IsDigit(first) || unicode.IsUpper(first) && unicode.IsLower(before)
}

// goesOn says whether the word or number that ends before b[i] goes on there.
func goesOn(b []byte, i int) bool {
	last, _ := utf8.DecodeLastRune(b[:i])
	r, n := utf8.DecodeRune(b[i:])
	return n > 0 && (unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) || unicode.IsDigit(r) && unicode.IsDigit(last))
}
