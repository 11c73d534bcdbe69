package unpack

import "sort"

// lookBack is how far behind what was read offsets are still known. A text promises one megabyte; texts inside texts
// ask theirs of the one around them, and a megabyte decoded is more than one encoded.
const lookBack = 3 << 20

// offsets maps offsets of decoded bytes to offsets before decoding, exactly, for the last lookBack bytes.
type offsets struct {
	marks []mark
	head  int // marks before it are forgotten
	hint  int // the mark last asked for
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
	asIs   kind = iota // one to one
	quads              // base64: four to three
	pairs              // hex: two to one
	eights             // base32: eight to five
	fives              // ascii85: five to four
)

// group is how many bytes are decoded together, where that is told by a phase.
func (k kind) group() int64 {
	switch k {
	case quads:
		return 3
	case eights:
		return 5
	case fives:
		return 4
	}
	return 1
}

// at is the offset before decoding of decoded offset o.
func (m mark) at(o int64) int64 {
	d := o - m.out
	switch m.kind {
	case quads:
		p := int64(m.phase)
		d = (d+p)/3*4 + (d+p)%3 - p
	case pairs:
		d *= 2
	case eights:
		p := int64(m.phase)
		d = (d+p)*8/5 - p*8/5
	case fives:
		d = d/4*5 + d%4
	}
	return m.in + int64(m.unit)*d
}

// set says that from out on, decoded bytes come from in on.
func (m *offsets) set(out, in int64, unit int8, k kind, phase int8) {
	v := mark{out, in, unit, k, phase}
	if n := len(m.marks); n > m.head {
		last := &m.marks[n-1]
		same := last.unit == unit && last.kind == k && last.at(out) == in
		if group := k.group(); same && (group == 1 || (out-last.out+int64(last.phase))%group == int64(phase)) {
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
	m.marks, m.head, m.hint = m.marks[:0], 0, 0
	return m
}

func (w *walker) doneMarks(m *offsets) {
	if m != nil && cap(m.marks) > 0 && cap(m.marks) < 64<<10 {
		w.maps = append(w.maps, m)
	}
}

// at is the offset before decoding of decoded offset o. Asked for one offset after the other, it is quick.
func (m *offsets) at(o int64) int64 {
	if len(m.marks) == m.head {
		return o
	}
	i := m.hint
	if i < m.head || i >= len(m.marks) || m.marks[i].out > o {
		i = m.search(o)
	}
	for k := 0; i+1 < len(m.marks) && m.marks[i+1].out <= o; k++ {
		if i++; k == 4 {
			i = m.search(o)
		}
	}
	m.hint = i
	return m.marks[i].at(o)
}

// search finds the mark that holds for o; the first that is left when all begin later.
func (m *offsets) search(o int64) int {
	live := m.marks[m.head:]
	i := sort.Search(len(live), func(i int) bool { return live[i].out > o })
	return m.head + max(i-1, 0)
}

// span maps n decoded bytes from out on through f, which gives the offset before decoding of the i-th of them. It asks
// for every one, for what looks straight from its ends need not be.
func (m *offsets) span(out, n int64, f func(i int64) int64) {
	for i := int64(0); i < n; {
		first, unit := f(i), int64(1)
		if i+1 < n && f(i+1)-first == 2 {
			unit = 2
		}
		m.set(out+i, first, int8(unit), asIs, 0)
		j := i + 1
		for j < n && f(j) == first+unit*(j-i) {
			j++
		}
		i = j
	}
}

// straight gives the bytes that each of n characters from o on took, when they lie one after the other; else 0.
func (m *offsets) straight(o, n int64) int64 {
	m.at(o)
	switch i := m.hint; {
	case len(m.marks) == m.head:
		return 1
	case m.marks[i].kind != asIs, i+1 < len(m.marks) && m.marks[i+1].out < o+n:
		return 0
	default:
		return int64(m.marks[i].unit)
	}
}

// way is the way back from a text to its member. Its functions are nil where nothing was decoded.
type way struct {
	at       func(o int64) int64
	straight func(o, n int64) int64 // as of offsets; nil when it cannot be told cheaply
}

// through chains two ways, inner first.
func through(inner, outer way) way {
	switch {
	case inner.at == nil:
		return outer
	case outer.at == nil:
		return inner
	}
	w := way{at: func(o int64) int64 { return outer.at(inner.at(o)) }}
	if inner.straight != nil && outer.straight != nil {
		w.straight = func(o, n int64) int64 {
			unit := inner.straight(o, n)
			return unit * outer.straight(inner.at(o), n*unit)
		}
	}
	return w
}

// back is the offset in the member of o.
func (w way) back(o int64) int64 {
	if w.at == nil {
		return o
	}
	return w.at(o)
}

// line gives straight's answer, 0 when it cannot tell.
func (w way) line(o, n int64) int64 {
	switch {
	case w.at == nil:
		return 1
	case w.straight == nil:
		return 0
	}
	return w.straight(o, n)
}

func (m *offsets) way() way { return way{m.at, m.straight} }
