package matcher

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// How many candidates are hashed and looked up together. Side by side, the hashes fill the lanes of a processor that has
// some, and the look-ups wait for memory at the same time and not one after the other.
const (
	queueSize = 1024
	longSize  = 256 // of them may need two blocks
	giantSize = 16  // or more
)

// queued is a candidate that waits to be hashed.
type queued struct {
	start, end int32
	sum        int32 // where its T1 will be among the queue's sums
	kind       kindID
	marks      marks
	maybe      bool
}

// queue holds candidates, and the messages that their T1 are the MACs of, padded to whole blocks as SHA-256 wants them.
type queue struct {
	all    []queued
	kinds  kindSet
	short  []block1
	long   []block2
	giants int
	sums   [][]half // T1[0:16] by ring: of the short, the long and the giant
	hashed []bool   // by ring
	near   uint64   // what touch read, which means nothing
	most   [2]int   // how many messages were ever in short and in long since they were wiped
}

type (
	block1 = [sha256.BlockSize]byte
	block2 = [2 * sha256.BlockSize]byte
	half   = [sha256.Size / 2]byte
)

func newQueue(rings int) *queue {
	q := &queue{all: make([]queued, 0, queueSize), short: make([]block1, 0, queueSize), long: make([]block2, 0, longSize), hashed: make([]bool, rings)}
	for range rings {
		q.sums = append(q.sums, make([]half, queueSize+longSize+giantSize))
	}
	return q
}

func (q *queue) full() bool {
	return len(q.all) == queueSize || len(q.long) == longSize || q.giants == giantSize
}

// clear empties the queue.
func (q *queue) clear() {
	q.most = [2]int{max(q.most[0], len(q.short)), max(q.most[1], len(q.long))}
	q.all, q.kinds, q.short, q.long, q.giants = q.all[:0], 0, q.short[:0], q.long[:0], 0
}

// wipe leaves nothing of what was in it.
func (q *queue) wipe() {
	q.clear()
	clear(q.short[:q.most[0]])
	clear(q.long[:q.most[1]])
	q.most = [2]int{}
}

// slots has the beginning of a message by kind.
var slots = func() (t [kinds]block1) {
	for k := range t {
		copy(t[k][:], kindPrefixes[k])
	}
	return t
}()

// candidate takes a valid identifier in canonical form, to be looked up soon. It does not keep canon.
func (s *scanner) candidate(k kindID, canon []byte, start, end int, f marks) {
	if !s.want.has(k) || f&testMark != 0 && !s.testing {
		return
	}
	q := s.queue
	if q.full() {
		s.flush()
	}
	q.kinds = q.kinds.with(k)
	q.all = append(q.all, queued{start: int32(start), end: int32(end), sum: int32(s.message(k, canon)), kind: k, marks: f})
}

// message writes the message of a candidate, and gives the place of its sum.
func (s *scanner) message(k kindID, canon []byte) int {
	q, prefix := s.queue, kindPrefixes[k]
	n := len(prefix) + len(canon)
	switch {
	case n <= len(block1{})-9:
		q.short = append(q.short, slots[k])
		m := &q.short[len(q.short)-1]
		if c := m[len(prefix):]; len(canon) >= 8 && len(canon) <= 16 { // as numbers are: two words that overlap
			last := len(canon) - 8
			binary.LittleEndian.PutUint64(c, binary.LittleEndian.Uint64(canon))
			binary.LittleEndian.PutUint64(c[last:], binary.LittleEndian.Uint64(canon[last:]))
		} else {
			copy(c, canon)
		}
		endMessage(m[:], n)
		return len(q.short) - 1
	case n <= len(block2{})-9:
		q.long = append(q.long, block2{})
		m := &q.long[len(q.long)-1]
		copy(m[copy(m[:], prefix):], canon)
		endMessage(m[:], n)
		return queueSize + len(q.long) - 1
	}
	at := queueSize + longSize + q.giants
	for i, m := range s.macs {
		q.sums[i][at] = half(m.of(prefix, canon)[:])
	}
	q.giants++
	return at
}

// flush hashes the queue and looks it up.
func (s *scanner) flush() {
	q := s.queue
	for i := range s.macs {
		if q.hashed[i] = s.hashes(uint8(i)); q.hashed[i] {
			s.hash(i)
		}
	}
	s.ask()
	for i := range q.all {
		c := &q.all[i]
		if !c.maybe && c.marks&silent == 0 && s.stranger(c) {
			continue
		}
		// One HETU without its sign may be several: the first that is registered is the one.
		alternative := c.kind == kHetu && c.marks&silent != 0
		if alternative && c.start == s.settled {
			continue
		}
		if s.settle(c) && alternative {
			s.settled = c.start
		}
	}
	q.clear()
}

// stranger takes a candidate that nobody registered, as most are, and says whether it is that simple: its kind has rows
// under one ring, which takes it.
func (s *scanner) stranger(c *queued) bool {
	p := &s.reg.plan[c.kind]
	if len(p.match) != 1 || c.marks&testMark != 0 && !s.m.rings[p.match[0]].test || c.kind == kNameDOB {
		return false
	}
	s.seen = append(s.seen, sighting{tagOf(s.queue.sums[p.match[0]][c.sum][:]).a, c.kind})
	if p.all && c.marks&doubtful == 0 {
		s.tokenise(c, 0, [2]int32{})
	}
	return true
}

// ask asks the filter for the whole queue, and touches what find will read of those that may be registered. Each pass
// reads far and wide and does little else, so that the reads wait for memory side by side.
func (s *scanner) ask() {
	q, t, near := s.queue, s.reg.table, uint64(0)
	for ring := range q.sums {
		kinds := s.matched(uint8(ring))
		if kinds == 0 {
			continue
		}
		sums := q.sums[ring]
		for i := range q.all {
			near += t.touchFilter(tagOf(sums[q.all[i].sum][:]).a)
		}
		for i := range q.all {
			c := &q.all[i]
			if g := tagOf(sums[c.sum][:]); t.maybe(g) && kinds.has(c.kind) {
				c.maybe = true
				near += t.touch(g)
			}
		}
	}
	q.near = near
}

// matched are the kinds in the queue that have rows under a ring.
func (s *scanner) matched(ring uint8) (set kindSet) {
	for rest := s.queue.kinds; rest != 0; rest &= rest - 1 {
		if k := rest.first(); slices.Contains(s.reg.plan[k].match, ring) {
			set = set.with(k)
		}
	}
	return set
}

// hashes says whether a ring is asked for anything in the queue.
func (s *scanner) hashes(ring uint8) bool {
	for k := range kinds {
		if p := &s.reg.plan[k]; s.queue.kinds.has(k) && (p.all || slices.Contains(p.match, ring)) {
			return true
		}
	}
	return false
}

// hash hashes the queue under a ring.
func (s *scanner) hash(ring int) {
	q := s.queue
	s.macs[ring].short(q.sums[ring], q.short)
	s.macs[ring].long(q.sums[ring][queueSize:], q.long)
}

// settle looks a hashed candidate up under every ring that has rows of its kind, and says whether it is registered.
func (s *scanner) settle(c *queued) bool {
	p, people, first := &s.reg.plan[c.kind], len(s.people), -1
	for _, ring := range p.match {
		if c.marks&testMark != 0 && !s.m.rings[ring].test {
			continue
		}
		if first < 0 {
			first = int(ring)
		}
		if !c.maybe {
			break
		}
		if slot := s.reg.table.find(tagOf(s.queue.sums[ring][c.sum][:])); slot >= 0 {
			s.people = s.reg.owned(slot, s.people)
		}
	}
	registered := len(s.people) > people
	if registered {
		s.people = once(s.people, people)
	}
	if !registered && c.marks&silent != 0 {
		if c.marks&counted != 0 && first >= 0 {
			s.seen = append(s.seen, sighting{tagOf(s.queue.sums[first][c.sum][:]).a, c.kind})
		}
		return false
	}
	whose := [2]int32{int32(people), int32(len(s.people))}
	if registered || p.all && c.marks&doubtful == 0 {
		first = s.tokenise(c, first, whose)
	}
	if first < 0 {
		return false
	}
	id := tagOf(s.queue.sums[first][c.sum][:]).a
	if c.kind != kNameDOB || c.marks&silent == 0 { // a date was counted by its first pair of names
		s.seen = append(s.seen, sighting{id, c.kind})
	}
	if registered {
		s.hits = append(s.hits, hit{id: id, start: c.start, end: c.end, kind: c.kind, marks: c.marks, people: whose,
			near: s.near(c.kind, int(c.start), int(c.end))})
	}
	return registered
}

// once drops repetitions behind from: while a ring is being replaced, a person has the same identifier under both.
func once(people []uint32, from int) []uint32 {
	out := people[:from]
	for _, p := range people[from:] {
		if !slices.Contains(out[from:], p) {
			out = append(out, p)
		}
	}
	return out
}

// tokenise notes the candidate's T1 under every ring, and gives the first ring under which it was hashed, or -1.
func (s *scanner) tokenise(c *queued, first int, whose [2]int32) int {
	for i := range s.m.rings {
		if c.marks&testMark != 0 && !s.m.rings[i].test {
			continue
		}
		if first < 0 {
			first = i
		}
		if !s.queue.hashed[i] {
			s.hash(i)
			s.queue.hashed[i] = true
		}
		s.tokens = append(s.tokens, tokenRow{s.queue.sums[i][c.sum], whose, c.kind, uint8(i)})
	}
	return first
}
