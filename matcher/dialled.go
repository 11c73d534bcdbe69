package matcher

// dialled is a number as it stands in text: its digits, and where each of its groups ends.
type dialled struct {
	digits [phoneMax + 3]byte
	n      int
	plus   bool
	split  bool // has separators
	ends   [12]struct {
		at     int // in the text, past the group
		digits int // so far
	}
	groups int
}

// tryPhone looks for a telephone number at or around the run of n digits at b[at].
func (s *scanner) tryPhone(b []byte, at, n int) {
	start := at
	if at > 0 && classes[b[at-1]]&isDial != 0 {
		var ok bool
		if start, ok = phoneStart(b, at, n); !ok {
			return
		}
	}
	if b[start] != '+' && !s.dialable(b, start) {
		return
	}
	d := &s.dial
	d.read(b, start)
	if d.groups == 0 || d.ends[d.groups-1].digits < 7 || d.otherThing(b, start) {
		return
	}
	for i, tries := d.groups-1, 0; i >= 0 && tries < 3 && d.ends[i].digits >= 7; i-- {
		if free := d.ends[i].at; (!touchesAfter(b, free) || extensionAt(b, free)) && s.phone(d, i, start) {
			tries++
		}
	}
}

// dialable says whether a number without a plus may begin like this in any of the regions.
func (s *scanner) dialable(b []byte, i int) bool {
	if b[i] == '(' {
		i++
	}
	if i+1 >= len(b) {
		return false
	}
	if c := b[i+1]; c-'0' <= 9 {
		return s.starts[two(b[i:])]
	}
	return s.starts[digit(b[i])*10]
}

// phoneStart says where a number would start of which a digit run at b[at] is part, and whether it may. The run touches
// no letter or digit, and begins behind a character that may be part of a number.
func phoneStart(b []byte, at, n int) (int, bool) {
	switch c := b[at-1]; {
	case c == '+':
		return at - 1, !touchesBefore(b, at-1)
	case c == '(':
		if i := countryBefore(b, at-1); i >= 0 {
			return i, b[at-2] == ' ' // without a space the country code was tried itself
		}
		return at - 1, !touchesBefore(b, at-1)
	case c == ' ' && at >= 2 && b[at-2] == ')':
		if i, ok := parenBefore(b, at-2); ok {
			return i, true
		}
	case classes[c]&isJoin != 0 && at >= 2 && b[at-2]-'0' <= 9:
		return at, c == ' ' && (b[at] == '0' || n >= 8)
	}
	return at, true
}

// parenBefore finds the group in brackets that ends at b[i], of at most five digits, and the country code before it. It
// is asked where a space follows the bracket, for then the group's own place is not looked at.
func parenBefore(b []byte, i int) (int, bool) {
	j := i
	for j > 0 && i-j < 6 && b[j-1]-'0' <= 9 {
		j--
	}
	if j == i || i-j > 5 || j == 0 || b[j-1] != '(' {
		return 0, false
	}
	if k := countryBefore(b, j-1); k >= 0 {
		return k, true
	}
	return j - 1, !touchesBefore(b, j-1)
}

// countryBefore finds "+358" or "+358 " before b[i], and gives -1 when it is not there.
func countryBefore(b []byte, i int) int {
	if i > 0 && b[i-1] == ' ' {
		i--
	}
	j := i
	for j > 0 && i-j < 4 && b[j-1]-'0' <= 9 {
		j--
	}
	if j == i || i-j > 3 || j == 0 || b[j-1] != '+' || touchesBefore(b, j-1) {
		return -1
	}
	return j - 1
}

// read takes digits and separators from b[i] on.
func (d *dialled) read(b []byte, i int) {
	d.n, d.groups, d.split, d.plus = 0, 0, false, b[i] == '+'
	if d.plus {
		i++
	}
	for i < len(b) && d.groups < len(d.ends) {
		j, gap := i, 0
		switch {
		case b[i]-'0' <= 9:
		case b[i] != '(' && i+1 < len(b) && b[i+1]-'0' <= 9: // the usual gap
			if classes[b[i]]&isJoin == 0 {
				return
			}
			j, gap = i+1, 1
		default:
			for gap < 3 && i+gap < len(b) && classes[b[i+gap]]&isJoin != 0 {
				gap++
			}
			if skip := zeroInBrackets(b, i); d.plus && d.groups > 0 && skip > 0 {
				i += skip
				continue
			}
			j = i + gap
			if gap == 0 || j >= len(b) || b[j]-'0' > 9 || gap == 3 && (b[i] != ' ' || b[i+2] != ' ') || gap == 2 && !brackets(b[i], b[i+1]) {
				return
			}
		}
		for j < len(b) && b[j]-'0' <= 9 {
			if d.n == len(d.digits) {
				return
			}
			d.digits[d.n] = b[j]
			d.n++
			j++
		}
		d.split = d.split || gap > 0 && d.groups > 0
		e := &d.ends[d.groups]
		e.at, e.digits = j, d.n
		d.groups++
		i = j
	}
}

// zeroInBrackets gives the length of "(0)" or " (0)" at b[i], or 0.
func zeroInBrackets(b []byte, i int) int {
	j := i
	if j < len(b) && b[j] == ' ' {
		j++
	}
	if j+2 < len(b) && b[j] == '(' && b[j+1] == '0' && b[j+2] == ')' {
		return j + 3 - i
	}
	return 0
}

func brackets(a, c byte) bool { return a == ')' || c == '(' }

func extensionAt(b []byte, i int) bool {
	return (b[i] == 'x' || b[i] == 'X') && i+1 < len(b) && b[i+1]-'0' <= 9
}

// otherThing says whether the digits are shaped like a date or an address of a machine.
func (d *dialled) otherThing(b []byte, start int) bool {
	if d.plus || d.groups < 3 || b[start] == '(' {
		return false
	}
	e := &d.ends
	g0, g1, g2 := e[0].digits, e[1].digits-e[0].digits, e[2].digits-e[1].digits
	sep := b[e[0].at]
	if b[e[1].at] != sep || sep == ' ' || e[1].at-e[0].at != g1+1 {
		return false
	}
	iso := g0 == 4 && g1 <= 2 && g2 <= 2
	european := g0 <= 2 && g1 <= 2 && g2 == 4
	quad := sep == '.' && d.groups >= 4 && g0 <= 3 && g1 <= 3 && g2 <= 3 && b[e[2].at] == '.' && e[3].digits-e[2].digits <= 3
	return iso || european || quad
}

// phone hashes the number that ends with a group, and says whether it was one in any region.
func (s *scanner) phone(d *dialled, group, start int) (found bool) {
	e := &d.ends[group]
	digits := d.digits[:e.digits]
	if len(digits) > 2 && !d.plus && digits[0] == '0' && digits[1] == '0' {
		if code, nsn, ok := international(digits[2:]); ok {
			s.base = appendPhone(s.base[:0], code, nsn)
			s.candidate(kPhone, s.base, start, e.at, printed)
			return true
		}
	}
	if d.plus {
		code, nsn, ok := international(digits)
		if ok {
			s.base = appendPhone(s.base[:0], code, nsn)
			s.candidate(kPhone, s.base, start, e.at, printed)
		}
		return ok
	}
	for _, p := range s.regions {
		if nsn, f, ok := d.inRegion(p, digits, group); ok {
			s.base = appendPhone(s.base[:0], p.code, nsn)
			s.candidate(kPhone, s.base, start, e.at, f)
			found = true
		}
	}
	return found
}

// even says whether the groups have two to four digits, as numbers without a national prefix are printed.
func (d *dialled) even(group int) bool {
	before := 0
	for i := range d.ends[:group+1] {
		if n := d.ends[i].digits - before; n < 2 || n > 4 {
			return false
		}
		before = d.ends[i].digits
	}
	return true
}

// inRegion reads digits as a number dialled in a region, and gives the national number.
func (d *dialled) inRegion(p *plan, digits []byte, group int) ([]byte, marks, bool) {
	f := marks(0)
	if d.split && (p.trunk != "" || group >= 2) {
		f = printed
	}
	if p.trunk != "" || !d.split || d.even(group) {
		if nsn, ok := p.national(digits); ok {
			return nsn, f, true
		}
	}
	if nsn, ok := p.withoutPlus(digits); ok {
		return nsn, f | variant, true
	}
	if !d.split && p.mobile[two(digits)] {
		nsn, ok := p.withoutZero(digits)
		return nsn, variant, ok
	}
	return nil, 0, false
}
