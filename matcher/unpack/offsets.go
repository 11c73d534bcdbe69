package unpack

import "sort"

// lookBack is how far behind what was read offsets are still known. A text promises one megabyte; texts inside texts
// ask theirs of the one around them, and a megabyte decoded is more than one encoded.
const lookBack = 3 << 20

// offsets maps offsets of decoded bytes to offsets before decoding, exactly, for the last lookBack bytes.
type offsets struct {
	marks []mark
	head  int // marks before it are forgotten
}

// mark holds from its offset on, until the next one.
type mark struct {
	out, in int64
	unit    int8 // bytes that one character took
	kind    kind
	phase   int8 // which byte of its group of three out is
}

// kind is how characters became bytes.
type kind int8

const (
	asIs  kind = iota // one to one
	quads             // base64: four to three
	pairs             // hex: two to one
)

// at is the offset before decoding of decoded offset o.
func (m mark) at(o int64) int64 {
	d := o - m.out
	switch m.kind {
	case quads:
		p := int64(m.phase)
		d = (d+p)/3*4 + (d+p)%3 - p
	case pairs:
		d *= 2
	}
	return m.in + int64(m.unit)*d
}

// set says that from out on, decoded bytes come from in on.
func (m *offsets) set(out, in int64, unit int8, k kind, phase int8) {
	v := mark{out, in, unit, k, phase}
	if n := len(m.marks); n > m.head {
		last := &m.marks[n-1]
		same := last.unit == unit && last.kind == k && last.at(out) == in
		if same && (k != quads || (out-last.out+int64(last.phase))%3 == int64(phase)) {
			return
		}
		if last.out == out {
			*last = v
			return
		}
	}
	m.marks = append(m.marks, v)
}

// forget drops what lies more than keep bytes behind out.
func (m *offsets) forget(out, keep int64) {
	for m.head+1 < len(m.marks) && m.marks[m.head+1].out <= out-keep {
		m.head++
	}
	if m.head > 1024 && m.head > len(m.marks)/2 {
		m.marks = m.marks[:copy(m.marks, m.marks[m.head:])]
		m.head = 0
	}
}

// newMarks gives an empty map, one used before if there is one.
func (w *walker) newMarks() *offsets {
	n := len(w.maps)
	if n == 0 {
		return &offsets{}
	}
	m := w.maps[n-1]
	w.maps = w.maps[:n-1]
	m.marks, m.head = m.marks[:0], 0
	return m
}

func (w *walker) doneMarks(m *offsets) {
	if m != nil && cap(m.marks) > 0 && cap(m.marks) < 64<<10 {
		w.maps = append(w.maps, m)
	}
}

// at is the offset before decoding of decoded offset o.
func (m *offsets) at(o int64) int64 {
	live := m.marks[m.head:]
	i := sort.Search(len(live), func(i int) bool { return live[i].out > o }) - 1
	if i < 0 {
		i = 0
	}
	if len(live) == 0 {
		return o
	}
	return live[i].at(o)
}

// span maps n decoded bytes from out on through f, which gives the offset before decoding of the i-th of them. It
// halves the span until each part is straight.
func (m *offsets) span(out, n int64, f func(i int64) int64) {
	if n <= 0 {
		return
	}
	first, last := f(0), f(n-1)
	switch last - first {
	case n - 1:
		m.set(out, first, 1, asIs, 0)
		return
	case 2 * (n - 1):
		m.set(out, first, 2, asIs, 0)
		return
	}
	h := n / 2
	m.span(out, h, f)
	m.span(out+h, n-h, func(i int64) int64 { return f(i + h) })
}

// through chains two maps, inner first; nil stands for no change.
func through(inner, outer func(int64) int64) func(int64) int64 {
	switch {
	case inner == nil:
		return outer
	case outer == nil:
		return inner
	}
	return func(o int64) int64 { return outer(inner(o)) }
}
