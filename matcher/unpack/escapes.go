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

// escapes makes a view of a text that is not JSON, or of what was written twice over in JSON: the surroundings of each
// backslash escape, with the escapes resolved. The text itself stays as it was; the view is a text beside it, at the
// same place and with the same offsets. A text without escapes costs one search for a backslash.
type escapes struct {
	t     *tap
	view  aside
	carry []byte
	base  int64  // text offset of the next byte to be looked at
	back  []byte // the last bytes before it, while no view is open
	open  bool
	after int // bytes that the open view still takes
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
	return e.view.finish()
}

// step looks at b and gives how much of it is decided.
func (e *escapes) step(b []byte, last bool) (i int, err error) {
	start := e.base
	defer func() { e.base = start + int64(i) }()
	for i < len(b) {
		if !e.open {
			k := bytes.IndexByte(b[i:], '\\')
			if k < 0 {
				e.remember(b[i:])
				return len(b), nil
			}
			e.remember(b[i : i+k])
			i += k
		}
		if b[i] != '\\' {
			n, err := e.plain(b[i:], start+int64(i))
			i += n
			if err != nil {
				return i, err
			}
			continue
		}
		if len(b)-i < longestEscape && !last {
			return i, nil
		}
		n, err := e.escape(b[i:], start+int64(i))
		i += n
		if err != nil {
			return i, err
		}
	}
	return i, nil
}

// escape takes the backslash that b begins with, and what belongs to it.
func (e *escapes) escape(b []byte, off int64) (int, error) {
	var buf [4]byte
	letter, size := anyEscape(b, buf[:0])
	if size == 0 {
		if !e.open {
			e.remember(b[:1])
			return 1, nil
		}
		return 1, e.add(b[:1], off)
	}
	if !e.open {
		if err := e.begin(off); err != nil {
			return 0, err
		}
	}
	e.after = viewAfter
	at := e.t.way.back(off)
	return size, e.view.add(letter, func(int64) int64 { return at })
}

// plain takes text up to the next escape or the end of the view, which is where no identifier is cut.
func (e *escapes) plain(b []byte, off int64) (int, error) {
	k := bytes.IndexByte(b, '\\')
	if k < 0 {
		k = len(b)
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
	if e.view.w == nil {
		e.view = aside{w: e.t.w, n: e.t.n, views: e.t.n.views + 1, place: func() leak.Place { return e.t.n.place }}
	}
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

// anyEscape resolves an escape of JSON, or one that only other languages have: \x41, \101, \'.
func anyEscape(b, buf []byte) (letter []byte, size int) {
	if letter, size = jsonEscape(b, buf); size > 0 || len(b) < 2 {
		return letter, size
	}
	octalAt := func(i int) bool { return b[i] >= '0' && b[i] <= '7' }
	switch c := b[1]; {
	case c == '\'':
		return append(buf, '\''), 2
	case c == 'x' && len(b) >= 4 && hexValues[b[2]] < 16 && hexValues[b[3]] < 16:
		return append(buf, hexValues[b[2]]<<4|hexValues[b[3]]), 4
	case c >= '0' && c <= '3' && len(b) >= 4 && octalAt(2) && octalAt(3):
		return append(buf, (c-'0')<<6|(b[2]-'0')<<3|(b[3]-'0')), 4
	case c == '0' || c == 'v' || c == 'a':
		return append(buf, ' '), 2
	}
	return nil, 0
}
