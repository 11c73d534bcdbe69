package matcher

import (
	"bytes"
	"maps"

	"leakwatch/leak"
)

// Two matches are of one record when they lie within recordSpan bytes of each other, or on one line and not more than
// recordLine apart.
const (
	recordSpan = 1 << 10
	recordLine = 16 << 10
)

// record remembers what was last seen of whom in a text, to tell what stands together. It forgets what is more than
// twice recordLine behind.
type record struct {
	text      leak.Text
	cur, prev map[uint32]*sights // by person; prev is from before
	spare     []*sights
	since     int64              // where cur begins
	last      int64              // end of the last match
	line      int64              // where the line begins in which scanned lies
	scanned   int64              // as far as line ends were looked for
	numbers   map[place]struct{} // record numbers near the last chunk's end
}

// place is where an identifier stands.
type place struct {
	start int64
	id    uint64
}

// taken says whether a record number was taken before, and notes it.
func (n *record) taken(start int64, id uint64) bool {
	if n.numbers == nil {
		n.numbers = map[place]struct{}{}
	}
	before := len(n.numbers)
	n.numbers[place{start, id}] = struct{}{}
	return len(n.numbers) == before
}

// sight is a match of a person.
type sight struct {
	kind       kindID
	start, end int64
}

// sights are the last matches of a person, one of each kind.
type sights struct{ of []sight }

// advance goes on to a match that starts at start: it looks for the line's beginning, and forgets what is far behind.
func (n *record) advance(s *scanner, w *window, start int64) {
	n.lines(s, w, start)
	if n.cur == nil || start-n.since > recordLine {
		if n.prev == nil {
			n.prev = map[uint32]*sights{}
		}
		n.cur, n.prev = n.prev, n.cur
		for _, o := range n.cur {
			n.spare = append(n.spare, o)
		}
		clear(n.cur)
		n.since = start
	}
}

// lines looks for line ends up to an offset in the window.
func (n *record) lines(s *scanner, w *window, to int64) {
	if to <= n.scanned {
		return
	}
	from := max(n.scanned, w.at)
	if i := bytes.LastIndexByte(s.raw[from-w.at:to-w.at], '\n'); i >= 0 {
		n.line = from + int64(i) + 1
	}
	n.scanned = to
}

// endOfChunk looks for line ends in what is left of the chunk, where that may matter to what follows.
func (n *record) endOfChunk(s *scanner, w *window) {
	end := w.at + int64(w.hi)
	if n.last > 0 && end-n.last <= recordLine {
		n.lines(s, w, end)
	}
	n.scanned = max(n.scanned, end)
	maps.DeleteFunc(n.numbers, func(p place, _ struct{}) bool { return p.start < end-2*recordReach })
}

// with notes a match of a person, and says whether one of another kind stands in the same record.
func (n *record) with(person uint32, x sight) bool {
	n.last = max(n.last, x.end)
	together := false
	for _, m := range []map[uint32]*sights{n.cur, n.prev} {
		if o := m[person]; o != nil {
			for _, y := range o.of {
				together = together || n.same(x, y)
			}
		}
	}
	o := n.cur[person]
	if o == nil {
		o = n.blank()
		n.cur[person] = o
	}
	for i := range o.of {
		if o.of[i].kind == x.kind {
			o.of[i] = x
			return together
		}
	}
	o.of = append(o.of, x)
	return together
}

// blank gives sights without any.
func (n *record) blank() *sights {
	i := len(n.spare) - 1
	if i < 0 {
		return &sights{make([]sight, 0, 4)} // few people have more, of more than forty kinds
	}
	o := n.spare[i]
	n.spare, o.of = n.spare[:i], o.of[:0]
	return o
}

// same says whether two matches are of different kinds, in different places, and of one record.
func (n *record) same(x, y sight) bool {
	if x.kind == y.kind || x.kind.address() && y.kind.address() || x.kind.named() && y.kind.named() || x.start < y.end && y.start < x.end {
		return false
	}
	gap := max(x.start-y.end, y.start-x.end)
	if x.kind == kMRN || y.kind == kMRN { // which is found by what is near it, so lines are nothing to it
		return gap <= recordSpan
	}
	return gap <= recordSpan || gap <= recordLine && n.line <= min(x.end, y.end)
}
