package matcher

// Too many share an identifier when it is more than maxOwners. Its rows then stand behind a record that says so.

// leave takes a row out of a crowd. It stays in the chain, dead, until the chain is walked: when half of it is dead, or
// the crowd is none any more.
func (r *registry) leave(s *shard, slot int, head uint32, c *crowdRecord, i uint32, w *rowRecord) {
	dead := *w
	dead.dead, dead.person, dead.mate = true, 0, 0
	r.edit(i, dead.encode)
	c.rows--
	c.dead++
	if c.rows > maxOwners && c.dead <= c.rows {
		r.edit(head, c.encode)
		return
	}
	c.first, c.dead = r.sweep(c.first), 0
	if c.rows > maxOwners {
		r.edit(head, c.encode)
		return
	}
	s.set(slot, c.first)
	r.release(head)
}

// sweep takes the dead rows out of a chain, and gives its first.
func (r *registry) sweep(i uint32) (first uint32) {
	last, before := uint32(0), rowRecord{}
	for i != 0 {
		w := rowOf(r.read(i))
		next := w.next
		switch {
		case w.dead:
			r.release(i)
		case first == 0:
			first, last, before = i, i, w
		default:
			if before.next != i {
				before.next = i
				r.edit(last, before.encode)
			}
			last, before = i, w
		}
		i = next
	}
	if last != 0 && before.next != 0 {
		before.next = 0
		r.edit(last, before.encode)
	}
	return first
}
