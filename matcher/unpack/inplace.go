package unpack

import "io"

// inPlace rewrites a text while it is read, into one that is no longer than it was, and keeps the way back.
type inPlace struct {
	r     io.Reader
	marks offsets
	in    int64 // of the first byte not yet rewritten
	out   int64
	held  []byte // of which it is not known yet what they stand for
	err   error
	// rewrite writes what b stands for over it. It gives the length of that, and what of b must wait for more; last says
	// that no more comes. Until it returns, b begins at in, and at out of what was written.
	rewrite func(b []byte, last bool) (n int, rest []byte)
}

func newInPlace(r io.Reader) *inPlace {
	p := &inPlace{r: r}
	p.marks.set(0, 0, 1, asIs, 0)
	return p
}

// Read needs room for more than what may have to wait.
func (p *inPlace) Read(b []byte) (int, error) {
	p.marks.forget(p.out, lookBack)
	for {
		k := copy(b, p.held)
		p.held = p.held[:0]
		if p.err == nil {
			var n int
			n, p.err = p.r.Read(b[k:])
			k += n
		}
		n, rest := p.rewrite(b[:k], p.err != nil)
		p.held = append(p.held, rest...)
		p.in += int64(k - len(rest))
		p.out += int64(n)
		if n > 0 {
			return n, nil
		}
		if p.err != nil {
			return 0, p.err
		}
	}
}
