package unpack

import "io"

// unfolded joins the lines that vCard, iCalendar and LDIF fold (RFC 6350 3.2, RFC 5545 3.1, RFC 2849): a line end with a space or a tab
// after it is nothing. It keeps the way back.
type unfolded struct {
	r     io.Reader
	marks offsets
	in    int64 // of the first byte that is held
	out   int64
	held  []byte // a line end, of which it is not known what follows
	err   error
}

// folds says whether lines of a format are folded so.
func folds(f format) bool { return f == "vcf" || f == "ics" || f == "ldif" }

func newUnfolded(r io.Reader) *unfolded {
	u := &unfolded{r: r}
	u.marks.set(0, 0, 1, asIs, 0)
	return u
}

// Read needs room for three bytes.
func (u *unfolded) Read(p []byte) (int, error) {
	u.marks.forget(u.out, lookBack)
	for {
		k := copy(p, u.held)
		u.held = u.held[:0]
		if u.err == nil {
			var n int
			n, u.err = u.r.Read(p[k:])
			k += n
		}
		n := u.join(p[:k], u.err != nil)
		u.out += int64(n)
		if n > 0 {
			return n, nil
		}
		if u.err != nil {
			return 0, u.err
		}
	}
}

// join takes the folds out of b, in place, and holds back what may be the beginning of one.
func (u *unfolded) join(b []byte, last bool) (n int) {
	i := 0
	for i < len(b) {
		k := foldAt(b[i:])
		switch {
		case k == 0:
			b[n] = b[i]
			n, i = n+1, i+1
		case k < 0 && !last:
			u.held = append(u.held, b[i:]...)
			u.in += int64(i)
			return n
		case k < 0:
			n += copy(b[n:], b[i:])
			i = len(b)
		default:
			i += k
			u.marks.set(u.out+int64(n), u.in+int64(i), 1, asIs, 0)
		}
	}
	u.in += int64(i)
	return n
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
