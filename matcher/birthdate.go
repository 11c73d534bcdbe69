package matcher

import "unicode/utf8"

// Dates of birth in text, told by their year of four digits:
//
//	1994-05-01  1994/5/1  19940501         year first
//	1.5.1994  01/05/1994  1-5-1994         day first; month first only where the source says so
//	1. toukokuuta 1994  1 May 1994         a month by its name, in the languages of monthWords
//	May 1st, 1994  1 de mayo de 1994
//
// Years of two digits are not read: nobody knows the century. A date with a time of day other than midnight is when
// something happened, and nobody's birth.

// birthDate is a date and where it stands.
type birthDate struct{ start, end, y, m, d int }

// oldest is the first year that a date of birth may have.
const oldest = 1850

// readBirth reads the date of which the run of n digits at b[at] is the year, or the whole.
func readBirth(b []byte, at, n int, monthFirst bool) (birthDate, bool) {
	if c := b[at+1]; b[at] != '1' && b[at] != '2' || b[at] == '1' && c < '8' || b[at] == '2' && c != '0' {
		return birthDate{}, false
	}
	d := birthDate{start: at, end: at + n, y: two(b[at:])*100 + two(b[at+2:])}
	switch {
	case n == 8:
		d.m, d.d = two(b[at+4:]), two(b[at+6:])
	case !d.forward(b) && !d.backward(b, monthFirst):
		return d, false
	}
	return d, d.y >= oldest && date(d.y, d.m, d.d) && !touchesBefore(b, d.start) && !touchesAfter(b, d.end) && !timeOfDay(b, d.end)
}

// forward reads month and day behind the year.
func (d *birthDate) forward(b []byte) bool {
	m, i := shortNumber(b, d.end+1)
	if i == 0 || i >= len(b) || !joinsDate(b[d.end]) || b[i] != b[d.end] {
		return false
	}
	day, j := shortNumber(b, i+1)
	if j == 0 {
		return false
	}
	d.m, d.d, d.end = m, day, j
	return true
}

func joinsDate(c byte) bool { return c == '-' || c == '.' || c == '/' || c == '_' }

// shortNumber reads one or two digits at b[i], and gives 0 as their end when there are none, or more.
func shortNumber(b []byte, i int) (n, end int) {
	for end = i; end < len(b) && b[end]-'0' <= 9; end++ {
		if end-i == 2 {
			return 0, 0
		}
		n = n*10 + digit(b[end])
	}
	if end == i {
		return 0, 0
	}
	return n, end
}

// shortBefore reads one or two digits that end before b[i], and gives -1 as their start when there are none, or more.
func shortBefore(b []byte, i int) (n, start int) {
	start = i
	for start > 0 && b[start-1]-'0' <= 9 {
		if start--; i-start > 2 {
			return 0, -1
		}
	}
	if start == i {
		return 0, -1
	}
	n, _ = shortNumber(b, start)
	return n, start
}

// backward reads day and month before the year.
func (d *birthDate) backward(b []byte, monthFirst bool) bool {
	i := skipBack(b, d.start)
	if i == d.start || i == 0 {
		return false
	}
	if b[i-1]-'0' > 9 {
		return d.named(b, i)
	}
	second, j := shortBefore(b, i)
	if j <= 0 {
		return false
	}
	k := skipBack(b, j)
	first, start := shortBefore(b, k)
	if start < 0 {
		if m, w := monthBefore(b, k); m != 0 && k < j { // May 1, 1994
			d.start, d.m, d.d = w, m, second
			return true
		}
		return false
	}
	if sep := b[k]; k == j || !joinsDate(sep) || b[i] != sep || start > 1 && joinsDate(b[start-1]) && b[start-1] != '_' && b[start-2]-'0' <= 9 {
		return false
	}
	d.start, d.m, d.d = start, second, first
	if monthFirst && b[k] != '.' && dayMonth(second, first) {
		d.m, d.d = first, second
	}
	return true
}

// named reads a month's name before b[i], and a day before it or, as an ordinal, behind it.
func (d *birthDate) named(b []byte, i int) bool {
	w := wordBefore(b, i)
	if small(b[w:i]) { // 1 de mayo de 1994
		if i = skipBack(b, w); i == w {
			return false
		}
		w = wordBefore(b, i)
	}
	if ordinal(b[w:i]) { // May 1st, 1994
		n, j := shortBefore(b, w)
		k := skipBack(b, max(j, 0))
		m, start := monthBefore(b, k)
		d.start, d.m, d.d = start, m, n
		return j > 0 && k < j && m != 0
	}
	m := monthOf(b[w:i])
	j := skipBack(b, w)
	if m == 0 || j == w {
		return false
	}
	if v := wordBefore(b, j); v < j { // 1st of May, 1 de mayo, 1st May
		if small(b[v:j]) {
			j = skipBack(b, v)
			v = wordBefore(b, j)
		}
		if v < j && !ordinal(b[v:j]) {
			return false
		}
		j = v
	}
	n, start := shortBefore(b, j)
	d.start, d.m, d.d = start, m, n
	return start >= 0
}

// skipBack goes back from b[i] over what may stand between the parts of a date.
func skipBack(b []byte, i int) int {
	for n := 0; n < 3 && i > 0; n++ {
		switch b[i-1] {
		case ' ', '.', ',', '-', '/', '_', '\n':
			i--
		default:
			return i
		}
	}
	return i
}

// wordBefore goes back from b[i] to where the letters before it begin.
func wordBefore(b []byte, i int) int {
	w := i
	for w > 0 && i-w < 24 && (classes[b[w-1]]&isLetter != 0 || b[w-1] >= utf8.RuneSelf) {
		w--
	}
	return w
}

func monthBefore(b []byte, i int) (month, start int) {
	w := wordBefore(b, i)
	return monthOf(b[w:i]), w
}

// small are the words that may stand inside a date.
func small(w []byte) bool {
	return len(w) == 2 && (lowerEqual(w, "de") || lowerEqual(w, "of")) || len(w) == 3 && lowerEqual(w, "del")
}

// ordinal are the ends of numbers, as in 1st.
func ordinal(w []byte) bool {
	if len(w) != 2 {
		return false
	}
	for _, end := range [...]string{"st", "nd", "rd", "th", "er"} {
		if lowerEqual(w, end) {
			return true
		}
	}
	return false
}

// monthOf gives the number of a month by its name, or 0.
func monthOf(w []byte) int {
	if len(w) < 3 || len(w) > 24 {
		return 0
	}
	var b [48]byte
	f := appendName(b[:0], w)
	for i := 3; i+2 < len(f); i++ { // tammikuu, tammikuun, tammikuuta
		if f[i] == 'k' && f[i+1] == 'u' && f[i+2] == 'u' {
			f = f[:i+3]
		}
	}
	return int(monthWords[string(f)])
}

// timeOfDay says whether a time other than midnight stands at b[i].
func timeOfDay(b []byte, i int) bool {
	if i+6 > len(b) || b[i] != 'T' && b[i] != ' ' && b[i] != ':' || b[i+3] != ':' || !allDigits(b[i+1:i+3]) || !allDigits(b[i+4:i+6]) {
		return false
	}
	return two(b[i+1:]) != 0 || two(b[i+4:]) != 0
}
