package matcher

import "slices"

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
	s.seen[c.kind] = append(s.seen[c.kind], tagOf(s.queue.sums[p.match[0]][c.sum][:]).a)
	if p.all && c.marks&doubtful == 0 {
		s.tokenise(c, 0, [2]int32{})
	}
	return true
}

// ask asks the filter for the whole queue, and brings near what find will read of those that may be registered. Each pass
// reads far and wide and does little else, so that the reads wait for memory side by side.
func (s *scanner) ask() {
	q, t := s.queue, s.reg.table
	for ring := range q.sums {
		kinds := s.matched(uint8(ring))
		if kinds == 0 {
			continue
		}
		sums, n := q.sums[ring], 0
		for i := range q.all {
			q.some[n] = int32(i)
			if t.perhaps(tagOf(sums[q.all[i].sum][:]).a) {
				n++
			}
		}
		q.maybe = q.maybe[:0]
		for _, i := range q.some[:n] {
			c := &q.all[i]
			if g := tagOf(sums[c.sum][:]); t.maybe(g.a) && kinds.has(c.kind) {
				c.maybe = true
				q.maybe = append(q.maybe, g)
				q.near ^= t.touch(g.a)
			}
		}
		for _, g := range q.maybe {
			q.near ^= uint64(t.touchRecord(g))
		}
	}
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
		if slot := s.reg.table.find(tagOf(s.queue.sums[ring][c.sum][:]), s.view); slot >= 0 {
			s.people = s.reg.owned(slot, s.view, s.people)
		}
	}
	registered := len(s.people) > people
	if registered {
		s.people = once(s.people, people)
	}
	if !registered && c.marks&silent != 0 {
		if c.marks&counted != 0 && first >= 0 {
			s.seen[c.kind] = append(s.seen[c.kind], tagOf(s.queue.sums[first][c.sum][:]).a)
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
		s.seen[c.kind] = append(s.seen[c.kind], id)
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
