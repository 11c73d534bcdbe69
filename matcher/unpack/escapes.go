package unpack

import (
	"bytes"

	"leakwatch/leak"
)

const (
	maxViews   = 2  // escapes inside escapes
	viewBefore = 48 // bytes of text before an escape that are in its view, at most
	viewAfter  = 64 // and after it, at least
)

// escapes makes a view of a text: the surroundings of each escape of one family, with the escapes resolved. The text itself
// stays as it was; the view is a text beside it, at the same place and with the same offsets. Text without escapes costs one
// search for the byte that they begin with.
type escapes struct {
	t     *tap
	f     family
	on    bool // it is looked for
	view  aside
	carry []byte
	base  int64  // text offset of the next byte to be looked at
	back  []byte // the last bytes before it, while no view is open
	open  bool
	after int // bytes that the open view still takes
	buf   [16]byte
}

// family is a way of writing letters. It keeps no more than lookAhead bytes waiting.
type family interface {
	// next gives where in b an escape may begin, -1 if nowhere. open says that a view is.
	next(b []byte, open bool) int
	// resolve gives what the escape that b begins with stands for, appended to buf, and its length: 0 if it is none, or if its
	// end may be missing.
	resolve(b, buf []byte) (letter []byte, size int)
	// longest is the length of the longest escape.
	longest() int
	// skip takes bytes that belong to an escape after its resolved beginning, and says whether more may. They are not in
	// the view.
	skip(b []byte, off int64) (n int, err error)
	// close ends what a family hands over itself.
	finish() error
	close()
}

// scan looks through the next bytes of the text.
func (e *escapes) scan(b []byte, last bool) error {
	if k := len(e.carry); k > 0 {
		e.carry = append(e.carry, b[:min(len(b), lookAhead)]...)
		all := len(b) <= lookAhead
		n, err := e.step(e.carry, last && all)
		if err != nil {
			return err
		}
		if all {
			e.carry = e.carry[:copy(e.carry, e.carry[n:])]
			return e.last(last)
		}
		b = b[n-k:]
	}
	n, err := e.step(b, last)
	if err != nil {
		return err
	}
	e.carry = append(e.carry[:0], b[n:]...)
	return e.last(last)
}

func (e *escapes) last(last bool) error {
	if !last {
		return nil
	}
	if err := e.f.finish(); err != nil {
		return err
	}
	return e.view.finish()
}

func (e *escapes) close() {
	e.view.close()
	e.f.close()
}

// step looks at b and gives how much of it is decided.
func (e *escapes) step(b []byte, last bool) (i int, err error) {
	start := e.base
	defer func() { e.base = start + int64(i) }()
	for i < len(b) {
		n, err := e.f.skip(b[i:], start+int64(i))
		if i += n; err != nil || i == len(b) {
			return i, err
		}
		k := e.f.next(b[i:], e.open)
		if k != 0 {
			n, err := e.plain(b[i:], k, start+int64(i))
			if i += n; err != nil {
				return i, err
			}
			continue
		}
		if len(b)-i < e.f.longest() && !last {
			return i, nil
		}
		n, err = e.escape(b[i:], start+int64(i))
		if i += n; err != nil {
			return i, err
		}
	}
	return i, nil
}

// escape takes the escape that b begins with, or its first byte if it is none.
func (e *escapes) escape(b []byte, off int64) (int, error) {
	letter, size := e.f.resolve(b, e.buf[:0])
	if size == 0 {
		return e.plain(b, 1, off)
	}
	if !e.open {
		if err := e.begin(off); err != nil {
			return 0, err
		}
	}
	e.after = viewAfter
	return size, e.view.letter(letter, e.t.way.back(off))
}

// plain takes text up to the next escape, k bytes on, or up to the end of the view, which is where no identifier is cut.
func (e *escapes) plain(b []byte, k int, off int64) (int, error) {
	if k < 0 {
		k = len(b)
	}
	if !e.open {
		e.remember(b[:k])
		return k, nil
	}
	if k <= e.after {
		e.after -= k
		return k, e.add(b[:k], off)
	}
	end := bytes.IndexAny(b[e.after:k], viewEnds)
	if end < 0 {
		e.after = 0
		return k, e.add(b[:k], off)
	}
	k = e.after + end
	e.open = false
	if err := e.add(b[:k], off); err != nil {
		return k, err
	}
	return k, e.view.put([]byte("\n\n"))
}

// viewEnds are bytes that belong to no identifier.
const viewEnds = " \t\r\n\"'<>|,;"

// begin opens the view with the text before off, from where no identifier is cut.
func (e *escapes) begin(off int64) error {
	e.view.beside(e.t)
	e.open = true
	b := e.back
	if len(b) == viewBefore {
		k := bytes.IndexAny(b, viewEnds)
		if k < 0 {
			k = len(b)
		}
		b = b[k:]
	}
	e.back = e.back[:0]
	return e.add(b, off-int64(len(b)))
}

// beside makes it a view of a text, once.
func (a *aside) beside(t *tap) {
	if a.w == nil {
		*a = aside{w: t.w, n: t.n, views: t.n.views + 1, raw: t.n.raw, place: func() leak.Place { return t.n.place },
			deep: t.n.views+1 == maxViews && !t.n.raw} // of bytes that are no text it is said that they are not read whole
	}
}

func (e *escapes) add(b []byte, off int64) error { return e.view.copy(b, e.t, off) }

// remember keeps the last bytes before what follows.
func (e *escapes) remember(b []byte) {
	if len(b) >= viewBefore {
		e.back = append(e.back[:0], b[len(b)-viewBefore:]...)
		return
	}
	if over := len(e.back) + len(b) - viewBefore; over > 0 {
		e.back = e.back[:copy(e.back, e.back[over:])]
	}
	e.back = append(e.back, b...)
}

// short is what families have in common whose escapes are short.
type short struct{}

func (short) longest() int                    { return longestEscape }
func (short) skip([]byte, int64) (int, error) { return 0, nil }
func (short) finish() error                   { return nil }
func (short) close()                          {}

// backslashes are the escapes of JSON, SQL, logs and programs.
type backslashes struct{ short }

func (backslashes) next(b []byte, _ bool) int { return bytes.IndexByte(b, '\\') }

// resolve knows the escapes of JSON, and those that only other languages have: \x41, \101, \'.
func (backslashes) resolve(b, buf []byte) (letter []byte, size int) {
	if letter, size = jsonEscape(b, buf); size > 0 || len(b) < 2 {
		return letter, size
	}
	octalAt := func(i int) bool { return b[i] >= '0' && b[i] <= '7' }
	switch c := b[1]; {
	case c == '\'':
		return append(buf, '\''), 2
	case c == 'x' && len(b) >= 4 && hexValues[b[2]] < 16 && hexValues[b[3]] < 16:
		return append(buf, hexValues[b[2]]<<4|hexValues[b[3]]), 4
	case c == 'u' && len(b) > 3 && b[2] == '{':
		return braced(b, buf)
	case c >= '0' && c <= '3' && len(b) >= 4 && octalAt(2) && octalAt(3):
		return append(buf, (c-'0')<<6|(b[2]-'0')<<3|(b[3]-'0')), 4
	case c == '0' || c == 'v' || c == 'a':
		return append(buf, ' '), 2
	}
	return nil, 0
}
