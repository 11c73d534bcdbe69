package matcher

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// maxDigits is how many digits a number of a digits-only kind has at most.
const maxDigits = 16

// digits is a kind that is digits only: how it is checked, and in which forms it stands in text and tables.
type digits struct {
	// check judges a number of one of the lengths of runs, filled up to full. It is pure and sees digits only.
	check func(d []byte) reason

	runs  []int  // how many digits the number has when they stand together
	full  int    // a number with fewer digits is filled up to this length with zeros; 0 means never
	zeros int    // how many zeros a clinic's spreadsheet may have eaten
	keep  int    // how many of the digits are the canonical form; 0 means all
	tail  int    // how many letters may follow the digits, and are no part of the number
	drop  string // separators that a clinic's table may have, beside space and dash

	// printed are the forms with separators in which the issuing country prints the number, and loose are others that
	// are usual but prove less. 9 is a digit: "999 999 9999".
	printed, loose []string
}

// canon reads a value as a clinic's table has it.
func (r *digits) canon(v []byte) ([]byte, reason) {
	plain := unfloat(v)
	d := without(plain, " -"+r.drop)
	if r.full > 0 && allDigits(plain) {
		d = filled(d, r.full, r.zeros)
	}
	if len(d) < r.full || !allDigits(d) || !slices.Contains(r.runs, len(d)) {
		return nil, badFormat
	}
	verdict := r.check(d)
	if r.keep > 0 {
		d = d[:r.keep]
	}
	return d, verdict
}

// filled puts back up to most zeros that a spreadsheet ate.
func filled(d []byte, length, most int) []byte {
	if n := length - len(d); n > 0 && n <= most {
		return append(bytes.Repeat([]byte("0"), n), d...)
	}
	return d
}

// form is one printed form of a kind, packed so that comparing it with what stands in a text takes two operations: a
// group's length and a gap's sorts of separator take four bits each.
type form struct {
	kind    kindID
	groups  int
	lengths uint64
	mask    uint64 // of lengths, over its groups
	others  uint64 // sorts of separators that it does not have, over its gaps
	marks   marks
}

// The sorts of separators. A line's end counts as a space, and one behind a separator as nothing.
const (
	gapSpace = 1 << iota
	gapDash
	gapDot
	gapSlash
)

var gapSorts = map[byte]uint64{' ': gapSpace, '-': gapDash, '.': gapDot, '/': gapSlash}

// maxGroups is how many groups a printed form has at most.
const maxGroups = 6

// readForm packs a form: "99.99.99-999.99".
func readForm(k kindID, pattern string, f marks) form {
	x := form{kind: k, marks: f}
	length := uint64(0)
	for _, c := range []byte(pattern) {
		if c == '9' {
			length++
			continue
		}
		x.lengths |= length << (4 * x.groups)
		x.others |= (15 &^ gapSorts[c]) << (4 * x.groups)
		x.groups++
		length = 0
	}
	x.lengths |= length << (4 * x.groups)
	x.groups++
	x.mask = 1<<(4*x.groups) - 1
	return x
}

// shapes says which kinds are tried on what stands in a text.
type shapes struct {
	runs   [maxDigits + 1]kindSet // by the length of a run of digits that stands alone
	starts [10]kindSet            // by the length of the first of several groups
	pairs  [10][10]kindSet        // and of the second
	forms  [10][10][]form         // the longest first
	tails  kindSet                // kinds that letters may follow
}

// digitShapes are the shapes of all kinds of digits only.
var digitShapes = func() *shapes {
	t := &shapes{}
	for k := range kinds {
		r := &rules[k].digits
		for _, n := range r.runs {
			t.runs[n] = t.runs[n].with(k)
		}
		for _, p := range r.printed {
			t.add(readForm(k, p, printed))
		}
		for _, p := range r.loose {
			t.add(readForm(k, p, variant))
		}
		if r.tail > 0 {
			t.tails = t.tails.with(k)
		}
	}
	return t
}()

func (t *shapes) add(f form) {
	a, b := f.lengths&15, f.lengths>>4&15
	t.starts[a] = t.starts[a].with(f.kind)
	t.pairs[a][b] = t.pairs[a][b].with(f.kind)
	t.forms[a][b] = append(t.forms[a][b], f)
	slices.SortStableFunc(t.forms[a][b], func(x, y form) int { return cmp.Compare(y.groups, x.groups) })
}

// without drops separators.
func without(v []byte, separators string) []byte {
	out := make([]byte, 0, len(v))
	for _, c := range v {
		if strings.IndexByte(separators, c) < 0 {
			out = append(out, c)
		}
	}
	return out
}

// unfloat drops the ".0" that a number gets when a program takes it for a measure.
func unfloat(v []byte) []byte {
	if d, ok := bytes.CutSuffix(v, []byte(".0")); ok && allDigits(d) {
		return d
	}
	return v
}
