package matcher

import "math/bits"

// shape is how digits stand in groups from a place on.
type shape struct {
	digits  [2 * maxDigits]byte // of which half is room for whole words
	n       int
	groups  int
	lengths uint64 // of the groups, four bits each
	gaps    uint64 // sorts of separators, four bits each
	wraps   uint64 // a bit for each gap in which a line ends
	ends    [maxGroups]int
	upto    [maxGroups]int // digits up to the end of a group
}

// groups tries the printed forms that begin with the run of n digits at b[at] and in which a line may end.
func (s *scanner) groups(b []byte, at, n int) {
	x := &s.shape
	x.begin(b, at, n)
	if !x.more(b) {
		return
	}
	first, second := x.lengths&15, x.lengths>>4&15
	if second >= 10 || s.want&digitShapes.pairs[first][second] == 0 {
		return
	}
	for x.groups < maxGroups && x.more(b) {
	}
	forms, want := digitShapes.forms[first][second], s.want
	for i := range forms {
		f := &forms[i]
		if want.has(f.kind) && x.lengths&f.mask == f.lengths && x.gaps&f.others == 0 && s.form(b, at, f) {
			want &^= 1 << f.kind // a shorter form would be a part of it
		}
	}
}

// form takes a number that stands in one of its kind's forms, and says whether it was one.
func (s *scanner) form(b []byte, at int, f *form) bool {
	x := &s.shape
	end := x.ends[f.groups-1]
	wraps := x.wraps & (1<<(f.groups-1) - 1)
	if bits.OnesCount64(wraps) > 1 || !free(f.kind, b, end) {
		return false
	}
	m := f.marks
	if wraps != 0 {
		m |= variant
	}
	n := x.upto[f.groups-1]
	if wraps != 0 && f.groups == 2 || f.groups > 2 && f.goesOn(b, at, end, n, x.gaps>>(4*(f.groups-2))&15) {
		m &^= printed // numbers on two lines, or a part of something longer, have no form at all
	}
	return s.number(f.kind, x.digits[:n], at, end, m)
}

// goesOn says whether a form of at least three groups, of n digits at b[at:end], has another group of the same length
// before or behind it. sort is that of its last separator.
func (f *form) goesOn(b []byte, at, end, n int, sort uint64) bool {
	if end < len(b) && gapBits[b[end]] != 0 && f.groups < maxGroups {
		length := int(f.lengths >> (4 * (f.groups - 1)))
		next, width, _ := gap(b, end)
		from := end + width
		if width > 0 && next == sort && n+length <= maxDigits && from+length <= len(b) && allDigits(b[from:from+length]) &&
			(from+length == len(b) || b[from+length]-'0' > 9) {
			return true
		}
	}
	first := int(f.lengths & 15)
	return at > first && b[at-1] == b[at+first] && allDigits(b[at-1-first:at-1]) && !touchesBefore(b, at-1-first)
}

// begin takes the first group.
func (x *shape) begin(b []byte, at, n int) {
	x.n, x.groups, x.lengths, x.gaps, x.wraps = 0, 0, 0, 0, 0
	x.take(b, at, n)
}

// take takes a group of n digits at b[at].
func (x *shape) take(b []byte, at, n int) {
	copy(x.digits[x.n:], b[at:at+n])
	x.n += n
	x.lengths |= uint64(n) << (4 * x.groups)
	x.ends[x.groups], x.upto[x.groups] = at+n, x.n
	x.groups++
}

// more takes the next separator and group, and says whether there was one that a number may have.
func (x *shape) more(b []byte) bool {
	at := x.ends[x.groups-1]
	sort, width, wrapped := gap(b, at)
	if width == 0 {
		return false
	}
	at += width
	n := 0
	for at+n < len(b) && b[at+n]-'0' <= 9 {
		n++
	}
	if n == 0 || n > 9 || x.n+n > maxDigits {
		return false
	}
	x.gaps |= sort << (4 * (x.groups - 1))
	if wrapped {
		x.wraps |= 1 << (x.groups - 1)
	}
	x.take(b, at, n)
	return true
}

// gap reads a separator at b[i]: one character, or the end of a line, alone or behind a character. Its width is 0 when
// there is none.
func gap(b []byte, i int) (sort uint64, width int, wrapped bool) {
	if i >= len(b) {
		return 0, 0, false
	}
	switch b[i] {
	case ' ':
		sort, width = gapSpace, 1
	case '-':
		sort, width = gapDash, 1
	case '.':
		sort, width = gapDot, 1
	case '/':
		sort, width = gapSlash, 1
	case '\n', '\r':
		sort = gapSpace
	default:
		return 0, 0, false
	}
	if n := lineEnd(b, i+width); n > 0 {
		return sort, width + n, true
	}
	return sort, width, false
}

// lineEnd gives the length of the end of a line at b[i], with the indentation of the next, or 0.
func lineEnd(b []byte, i int) int {
	j := i
	if j < len(b) && b[j] == '\r' {
		j++
	}
	if j >= len(b) || b[j] != '\n' {
		return 0
	}
	for j++; j < len(b) && j-i < maxIndent && b[j] == ' '; {
		j++
	}
	return j - i
}

// maxIndent is how far a line's end and the indentation of the next may reach inside a number.
const maxIndent = 8
