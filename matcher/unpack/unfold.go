package unpack

import "io"

// unfolded joins the lines that vCard, iCalendar and LDIF fold (RFC 6350 3.2, RFC 5545 3.1, RFC 2849): a line end with a space or a tab
// after it is nothing.
type unfolded struct{ *inPlace }

// folds says whether lines of a format are folded so.
func folds(f format) bool { return f == "vcf" || f == "ics" || f == "ldif" }

func newUnfolded(r io.Reader) *inPlace {
	u := unfolded{newInPlace(r)}
	u.rewrite = u.join
	return u.inPlace
}

// join takes the folds out of b. What may be the beginning of one waits.
func (u unfolded) join(b []byte, last bool) (n int, rest []byte) {
	i := 0
	for i < len(b) {
		k := foldAt(b[i:])
		switch {
		case k == 0:
			b[n] = b[i]
			n, i = n+1, i+1
		case k < 0 && !last:
			return n, b[i:]
		case k < 0:
			n += copy(b[n:], b[i:])
			i = len(b)
		default:
			i += k
			u.marks.set(u.out+int64(n), u.in+int64(i), 1, asIs, 0)
		}
	}
	return n, nil
}

// foldAt is the length of the fold that b begins with, 0 if it begins with none, less when that is not known yet.
func foldAt(b []byte) int {
	i := 0
	if b[0] == '\r' {
		i = 1
	}
	switch {
	case i == len(b):
		return -1
	case b[i] != '\n':
		return 0
	case i+1 == len(b):
		return -1
	case b[i+1] == ' ' || b[i+1] == '\t':
		return i + 2
	}
	return 0
}
