package matcher

import (
	"cmp"
	"math/bits"
	"slices"
)

// tries say what is to be tried on a run of digits. Nearly all runs of most texts are none of it, and the faster that is
// known, the better: out of tables, by the length of the run and of the digits behind the next character, the two characters
// before, and the first two digits.
type tries uint8

const (
	tryAlone  tries = 1 << iota // kinds that are one run of digits
	tryGroups                   // printed forms
	tryLines                    // printed forms and those with a sign, if the line ends before or behind the next character
	trySigned                   // kinds with a sign behind their date, or that have lost it
	tryPhone
	tryGlued // kinds that a letter may touch
)

// triage has the tables for a set of kinds.
type triage struct {
	kinds  kindSet
	by     [32][16]tries // by the length of a run, and of the digits behind the next character
	starts [256]uint8    // dialStarts by the first two digits with which a telephone number may begin, see figures
	forms  [10]formMasks // by the length of the first group
	phones uint8         // dialAlways, if telephone numbers are wanted
}

// formMasks are the printed forms that begin with a group of one length.
type formMasks struct {
	gaps uint8 // sorts of separators that one of them has first
	all  []formMask
}

// formMask is where the digits of forms stand when each gap is one character: of the characters in window in those of
// digits.
type formMask struct {
	digits, window uint64
	lengths        uint64 // of the groups, four bits each
	forms          []form
}

// gapBits are the sorts of separators by character. A line's end counts as a space, see gap.
var gapBits = func() (t [256]uint8) {
	for c, sort := range gapSorts {
		t[c] = uint8(sort)
	}
	t['\n'], t['\r'] = gapSpace, gapSpace
	return t
}()

// What the two characters before a run say of a telephone number: leadRules has the rule for leads of the last and
// seconds of the one before.
const (
	leadOpens  = iota + 1 // part of the number: + or (
	leadSpaced            // perhaps
	leadJoined            // perhaps

	secondDigit  = 1 << 2
	secondCloses = 2 << 2
)

var leads, seconds = func() (first, second [256]uint8) {
	for c, class := range classes {
		if class&isJoin != 0 {
			first[c] = leadJoined
		}
		if class&isDigit != 0 {
			second[c] = secondDigit
		}
	}
	first['+'], first['('], first[' '], second[')'] = leadOpens, leadOpens, leadSpaced, secondCloses
	return first, second
}()

// The rules. One may begin with a run that is no part of a longer chain.
const (
	dialAlways = 1 << iota
	dialStarts // if it begins with digits of triage.starts
	dialLong   // and is long, or begins with a zero
)

var leadRules = func() (t [16]uint8) {
	for i := range t {
		t[i] = dialStarts
	}
	for _, second := range []int{0, secondDigit, secondCloses} {
		t[leadOpens|second] = dialAlways
	}
	t[leadSpaced|secondCloses] = dialAlways
	t[leadSpaced|secondDigit] |= dialLong
	t[leadJoined|secondDigit] = 0
	return t
}()

// figures are the digits' values, and noFigure for all else.
const noFigure = 15

var figures = func() (t [256]uint8) {
	for c := range t {
		if t[c] = noFigure; c >= '0' && c <= '9' {
			t[c] = uint8(c - '0')
		}
	}
	return t
}()

// prepare makes the tables for the kinds that are wanted.
func (s *scanner) prepare() {
	t := &s.triage
	if t.kinds == s.want {
		return
	}
	*t = triage{kinds: s.want}
	for n := 1; n < len(t.by); n++ {
		for second := range t.by[n] {
			t.by[n][second] = s.triesOf(n, second)
		}
	}
	s.formsOf()
	if !s.want.has(kPhone) {
		return
	}
	t.phones = dialAlways
	for i, may := range s.starts {
		if may {
			t.starts[i/10<<4|i%10] = dialStarts
			if i%10 == 0 {
				t.starts[i/10<<4|noFigure] = dialStarts
			}
		}
	}
}

// formsOf takes the printed forms of the kinds that are wanted.
func (s *scanner) formsOf() {
	for first := range digitShapes.forms {
		t := &s.triage.forms[first]
		for _, forms := range digitShapes.forms[first] {
			for _, f := range forms {
				if s.want.has(f.kind) {
					t.add(f)
				}
			}
		}
		slices.SortStableFunc(t.all, func(x, y formMask) int { return cmp.Compare(y.window, x.window) })
	}
}

func (t *formMasks) add(f form) {
	t.gaps |= uint8(15 &^ f.others & 15)
	for i := range t.all {
		if t.all[i].lengths == f.lengths {
			t.all[i].forms = append(t.all[i].forms, f)
			return
		}
	}
	m, at := formMask{lengths: f.lengths, forms: []form{f}}, 0
	for i := range f.groups {
		n := int(f.lengths >> (4 * i) & 15)
		m.digits |= (1<<n - 1) << at
		at += n + 1
	}
	m.window = 1<<at - 1
	t.all = append(t.all, m)
}

// triesOf is triage by lengths; what stands in the tables for lengths past their ends is tried for all of those.
func (s *scanner) triesOf(n, second int) (t tries) {
	if s.want&glued != 0 {
		t |= tryGlued
	}
	if n > maxDigits {
		return t
	}
	if s.want&digitShapes.runs[n] != 0 {
		t |= tryAlone
	}
	if n < len(digitShapes.starts) && s.want&digitShapes.starts[n] != 0 {
		if second == 0 {
			t |= tryLines
		} else if second < len(digitShapes.pairs) && s.want&digitShapes.pairs[n][second] != 0 {
			t |= tryGroups
		}
	}
	if s.want&(1<<kHetu|1<<kPnr) != 0 {
		switch n {
		case 6, 8:
			switch second {
			case 0:
				t |= tryLines
			case 3, 4:
				t |= trySigned
			}
		case 9, 10, 12:
			t |= trySigned
		}
	}
	return t
}

// runs tries the runs of digits whose first places are marked in f, of the block at b[i].
func (s *scanner) runs(b []byte, i, hi int, f, d0, d1 uint64) {
	full, t := b[:len(b)+slack], &s.triage
	for ; f != 0; f &= f - 1 {
		k := bits.TrailingZeros64(f)
		at := i + k
		if at >= hi {
			return
		}
		if at > 0 && s.want&glued == 0 && classes[b[at-1]]&isLetter != 0 && !escapeBefore(b, at) {
			continue
		}
		m := d0>>k | d1<<(block-k) // has a bit for each of the 64 characters from b[at] on that is a digit
		n := bits.TrailingZeros64(^m)
		if at > 0 && b[at-1] == '%' && n > 2 { // the rest of an escape
			at, n, m = at+2, n-2, m>>2
		}
		second := bits.TrailingZeros64(^(m >> 1 >> n))
		try := t.by[min(n, 31)][min(second, 15)]
		rule := uint8(dialStarts)
		if at > 1 {
			rule = leadRules[(leads[b[at-1]]|seconds[b[at-2]])%16]
		} else if at > 0 {
			rule = leadRules[leads[b[0]]%16]
		}
		start := t.starts[b[at]<<4|figures[full[at+1]]] // the high half of a digit is shifted out
		if rule&(t.phones|start) != 0 && dials(rule, b[at], n, m) {
			try |= tryPhone
		}
		if try&tryGroups != 0 && gapBits[full[at+n]]&t.forms[n].gaps == 0 {
			try &^= tryGroups
		}
		if try == tryLines && !newline(full[at+n]) && !newline(full[at+n+1]) {
			continue
		}
		if try != 0 {
			s.run(b, at, n, m, try)
		}
	}
}

func newline(c byte) bool { return c == '\n' || c == '\r' }

// dials says whether a telephone number may begin with a run of n digits, or a bit before it, of which no more is known
// than the rule for what stands before it, its first digit, and where the next digits are.
func dials(rule, first uint8, n int, m uint64) bool {
	return n <= phoneMax+2 && (rule == dialAlways || (rule&dialLong == 0 || first == '0' || n >= 8) && sevenDigits(m))
}

// sevenDigits says whether seven digits or more stand in groups from a place on, with gaps of three characters at most.
func sevenDigits(m uint64) bool {
	near := m | m<<1
	near |= near << 2
	return bits.OnesCount64(m&^(^uint64(0)<<bits.TrailingZeros64(^near))) >= 7
}
