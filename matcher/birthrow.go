package matcher

// rowSort says what a date is a field of.
type rowSort uint8

const (
	noRow     rowSort = iota
	delimited         // a line, or an SQL tuple, with separators
	object            // a JSON object
)

// dateRow is what a date is a field of, and how far that may reach.
type dateRow struct {
	sort   rowSort
	sep    byte
	loose  bool // it may be prose with commas as well
	lo, hi int
}

// dateRowOf looks at what stands right before a date and behind it.
func dateRowOf(b []byte, d birthDate, lo, hi int) dateRow {
	r := dateRow{lo: lo, hi: hi}
	i, spaced := d.start, false
	for i > lo && b[i-1] == ' ' {
		i, spaced = i-1, true
	}
	quoted := i > lo && quote(b[i-1])
	for quoted && i > lo && (b[i-1] == ' ' || quote(b[i-1]) || national(b[i-1:d.end])) {
		i--
	}
	if i > lo && b[i-1] == ':' && (quoted && b[d.start-1] == '"' || i-2 >= lo && b[i-2] == '"') {
		r.sort = object
		return r
	}
	if i > lo && separates(b[i-1]) {
		r.sort, r.sep, r.loose = delimited, b[i-1], b[i-1] == ',' && spaced && !quoted
		return r
	}
	j := d.end
	quoted = j < hi && quote(b[j])
	for j < hi && (b[j] == ' ' || quote(b[j])) {
		j++
	}
	if j < hi && separates(b[j]) {
		r.sort, r.sep, r.loose = delimited, b[j], b[j] == ',' && !quoted && j+1 < hi && b[j+1] == ' '
	}
	return r
}

// national says whether b begins as T-SQL writes texts, N'…'.
func national(b []byte) bool { return len(b) > 3 && b[0]|0x20 == 'n' && b[1] == '\'' }

func quote(c byte) bool { return c == '"' || c == '\'' || c == '`' || c == '\\' }

func separates(c byte) bool { return c == ',' || c == ';' || c == '\t' || c == '|' }

// fieldEnds are the characters at which fields end: of rows by their separator, and of objects.
type fieldEnds [256]bool

var (
	commaEnds  = endsAt(",\n()[]{}")
	semiEnds   = endsAt(";\n")
	tabEnds    = endsAt("\t\n")
	barEnds    = endsAt("|\n")
	objectEnds = endsAt(",:[]{}")
)

func endsAt(chars string) *fieldEnds {
	var t fieldEnds
	for _, c := range []byte(chars) {
		t[c] = true
	}
	return &t
}

// ends gives the characters at which the fields of the row end.
func (r *dateRow) ends() *fieldEnds {
	switch {
	case r.sort == object:
		return objectEnds
	case r.sep == ',':
		return commaEnds
	case r.sep == ';':
		return semiEnds
	case r.sep == '\t':
		return tabEnds
	}
	return barEnds
}

// row takes the names of a row: on both sides of the date, nearest fields first. An object inside another may have its
// names there.
func (x *beside) row(b []byte, r dateRow) {
	i, j := x.date.start, x.date.end
	for range 3 {
		i = x.left(b, r, i)
		j = x.right(b, r, j)
		if r.sort != object || x.n > 1 || i <= r.lo || j >= r.hi {
			return
		}
		i, j = i-1, j+1
	}
}

// left takes the names of the fields that end before b[at], and gives where the row begins.
func (x *beside) left(b []byte, r dateRow, at int) int {
	depth, skipped, end, ends := 0, 0, x.n+rowWords, r.ends()
	for field := 0; field < rowFields && skipped < rowSkipped && x.n < end; field++ {
		start := at
		for start > r.lo && !ends[b[start-1]] {
			start--
		}
		key := r.sort == object && at < r.hi && b[at] == ':' && field > 0
		if skipped++; !key && x.name(b, start, at, -field) || field == 0 {
			skipped = 0
		}
		if start == r.lo {
			return start
		}
		switch c := b[start-1]; {
		case c == '\n' && r.sort == delimited, r.sort == delimited && opens(c) && tupleBegins(b, start-1, r.lo):
			return start
		case r.sort == object && c == '}':
			depth++
		case r.sort == object && c == '{':
			if depth == 0 {
				return start
			}
			depth--
		}
		at = start - 1
	}
	return r.lo
}

// right takes the names of the fields that begin at b[at], and gives where the row ends.
func (x *beside) right(b []byte, r dateRow, at int) int {
	depth, skipped, end, ends := 0, 0, x.n+rowWords, r.ends()
	for field := 0; field < rowFields && skipped < rowSkipped && x.n < end; field++ {
		stop := at
		for stop < r.hi && !ends[b[stop]] {
			stop++
		}
		key := r.sort == object && stop < r.hi && b[stop] == ':'
		if skipped++; !key && x.name(b, at, stop, field) || field == 0 {
			skipped = 0
		}
		if stop == r.hi {
			return stop
		}
		switch c := b[stop]; {
		case c == '\n' && r.sort == delimited, r.sort == delimited && closes(c) && tupleEnds(b, stop, r.hi):
			return stop
		case r.sort == object && c == '{':
			depth++
		case r.sort == object && c == '}':
			if depth == 0 {
				return stop
			}
			depth--
		}
		at = stop + 1
	}
	return r.hi
}

func opens(c byte) bool { return c == '(' || c == '[' || c == '{' }

func closes(c byte) bool { return c == ')' || c == ']' || c == '}' }

// tupleBegins says whether the bracket at b[i] begins a tuple of several: behind another one and a comma, behind another
// bracket, or behind VALUES.
func tupleBegins(b []byte, i, lo int) bool {
	i = skipSpaceBack(b, i, lo)
	if i > lo && b[i-1] == ',' {
		i = skipSpaceBack(b, i-1, lo)
		return i > lo && closes(b[i-1])
	}
	return i > lo && opens(b[i-1]) || i-lo >= 6 && lowerEqual(b[i-6:i], "values")
}

// tupleEnds says whether the bracket at b[i] ends a tuple of several.
func tupleEnds(b []byte, i, hi int) bool {
	if i = skipSpace(b, i+1, hi); i >= hi || b[i] != ',' {
		return i < hi && (b[i] == ';' || closes(b[i]))
	}
	i = skipSpace(b, i+1, hi)
	return i < hi && opens(b[i])
}

func skipSpaceBack(b []byte, i, lo int) int {
	for i > lo && (b[i-1] == ' ' || b[i-1] == '\n' || b[i-1] == '\r' || b[i-1] == '\t') {
		i--
	}
	return i
}

func skipSpace(b []byte, i, hi int) int {
	for i < hi && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// name takes the words of b[i:j] if it may be a name: one to six words and nothing else. Particles are left out where
// there are other words.
func (x *beside) name(b []byte, i, j, field int) bool {
	if i < j && b[i]-'0' <= 9 {
		return false
	}
	i = skipSpace(b, i, j)
	j = skipSpaceBack(b, j, i)
	if i == j || j-i > fieldBytes || nothing(b[i:j]) {
		return false
	}
	from, words := x.n, 0
	for i < j {
		if n := wordLength(b[i:j]); n > 0 {
			if words++; words > fieldWords {
				x.drop(from)
				return false
			}
			x.add(b[i:i+n], field, 0, 0)
			i += n
			continue
		}
		n := joinsNames(b[i:j])
		if n == 0 {
			x.drop(from)
			return false
		}
		i += n
	}
	x.dropParticles(from)
	return words > 0
}

// nothing says whether a field says that it is empty, or a truth value.
func nothing(f []byte) bool {
	switch len(f) {
	case 4:
		return lowerEqual(f, "null") || lowerEqual(f, "true")
	case 5:
		return lowerEqual(f, "false")
	}
	return false
}
