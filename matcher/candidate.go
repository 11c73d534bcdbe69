package matcher

import "slices"

// queueSize is how many candidates are hashed before they are looked up: far enough apart from the hashing, the look-ups
// wait for memory side by side and not one after the other.
const queueSize = 256

// queued is a candidate that was hashed under the one ring that has rows of its kind.
type queued struct {
	t1         [16]byte
	start, end int32
	canon      [2]int32 // in canons
	kind       kindID
	marks      marks
	maybe      bool
}

// candidate takes a valid identifier in canonical form, to be looked up soon. It does not keep canon.
func (s *scanner) candidate(k kindID, canon []byte, start, end int, f marks) {
	if !s.want.has(k) {
		return
	}
	p := &s.reg.plan[k]
	if len(p.match) != 1 || f&testMark != 0 && !s.m.rings[p.match[0]].test {
		s.candidateNow(k, canon, start, end, f)
		return
	}
	if len(s.queue) == queueSize {
		s.flush()
	}
	from := len(s.canons)
	s.canons = append(append(s.canons, kindPrefixes[k]...), canon...)
	s.queue = append(s.queue, queued{t1: [16]byte(s.macs[p.match[0]].whole(s.canons[from:])[:16]), start: int32(start), end: int32(end),
		canon: [2]int32{int32(from + len(kindPrefixes[k])), int32(len(s.canons))}, kind: k, marks: f})
}

// flush looks the queue up.
func (s *scanner) flush() {
	t := s.reg.table
	for i := range s.queue {
		q := &s.queue[i]
		q.maybe = t.maybe(tagOf(q.t1[:]))
	}
	for i := range s.queue {
		q := &s.queue[i]
		g, people := tagOf(q.t1[:]), len(s.people)
		if q.maybe {
			if slot := t.find(g); slot >= 0 {
				s.people = s.reg.owned(slot, s.people)
			}
		}
		p, registered := &s.reg.plan[q.kind], len(s.people) > people
		s.seen = append(s.seen, sighting{g.a, q.kind})
		if !registered && !p.all {
			continue
		}
		s.sums[p.match[0]], s.done[p.match[0]] = q.t1, true
		whose := [2]int32{int32(people), int32(len(s.people))}
		s.tokenise(q.kind, s.canons[q.canon[0]:q.canon[1]], q.marks, int(p.match[0]), whose)
		clear(s.done)
		if registered {
			s.hit(g.a, q.kind, int(q.start), int(q.end), q.marks, whose)
		}
	}
	s.queue, s.canons = s.queue[:0], s.canons[:0]
}

func (s *scanner) hit(id uint64, k kindID, start, end int, f marks, whose [2]int32) {
	s.hits = append(s.hits, hit{id: id, start: int32(start), end: int32(end), kind: k, marks: f, people: whose, near: s.near(k, start, end)})
}

// candidateNow hashes an identifier under every ring that has rows of its kind, looks it up at once, and says whether
// it is registered.
func (s *scanner) candidateNow(k kindID, canon []byte, start, end int, f marks) bool {
	if !s.want.has(k) {
		return false
	}
	p := &s.reg.plan[k]
	people := len(s.people)
	first := -1
	for _, i := range p.match {
		if f&testMark != 0 && !s.m.rings[i].test {
			continue
		}
		g := s.hash(int(i), k, canon)
		if first < 0 {
			first = int(i)
		}
		if s.reg.table.maybe(g) {
			if slot := s.reg.table.find(g); slot >= 0 {
				s.people = s.reg.owned(slot, s.people)
			}
		}
	}
	s.people = once(s.people, people)
	registered, whose := len(s.people) > people, [2]int32{int32(people), int32(len(s.people))}
	if registered || p.all && f&silent == 0 {
		first = s.tokenise(k, canon, f, first, whose)
	}
	if first >= 0 && (registered || f&silent == 0) {
		id := tagOf(s.sums[first][:]).a
		s.seen = append(s.seen, sighting{id, k})
		if registered {
			s.hit(id, k, start, end, f, whose)
		}
	}
	clear(s.done)
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

// hash makes T1 under a ring.
func (s *scanner) hash(ring int, k kindID, canon []byte) tag {
	s.sums[ring] = [16]byte(s.macs[ring].of(kindPrefixes[k], canon)[:16])
	s.done[ring] = true
	return tagOf(s.sums[ring][:])
}

// tokenise notes the candidate's T1 under every ring, and gives the first ring under which it was hashed, or -1.
func (s *scanner) tokenise(k kindID, canon []byte, f marks, first int, whose [2]int32) int {
	for i := range s.m.rings {
		if f&testMark != 0 && !s.m.rings[i].test {
			continue
		}
		if !s.done[i] {
			s.hash(i, k, canon)
		}
		if first < 0 {
			first = i
		}
		s.tokens = append(s.tokens, tokenRow{s.sums[i], whose, k, uint8(i)})
	}
	return first
}
