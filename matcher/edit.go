package matcher

// This file changes a registry. All of it wants the registry's lock for itself.

// row is a tag that was unwrapped.
type row struct {
	tag  tag
	kind kindID
	ring uint8
}

// edit changes a record.
func (r *registry) edit(i uint32, change func(b []byte)) {
	n, from := at(i)
	if own := r.pages.here(n); own != nil {
		change(own[from : from+recordSize])
		return
	}
	b := r.read(i)
	if r.broken.Load() { // what cannot be read is not overwritten
		return
	}
	change(b)
	r.pages.write(n, &r.pen.kept[n%viewPages].data) // where read has just put it
}

// read gives a record until the next one is asked for.
func (r *registry) read(i uint32) []byte {
	b := r.pen.record(i, 0)
	if r.pen.broken {
		r.broken.Store(true)
	}
	return b
}

// person looks somebody up: 0 is nobody.
func (r *registry) person(k personKey, hash uint64) uint32 {
	s, p := r.people.shard(hash), printOf(hash)
	for slot := s.next(p, -1); slot >= 0; slot = s.next(p, slot) {
		i := s.record(slot)
		if b := r.read(i); b[30] == personMark && personIn(b).personKey == k {
			return i
		}
	}
	return 0
}

// seek gives the slot of an identifier in its shard, or -1.
func (r *registry) seek(g tag) (*shard, int) {
	s, p := r.table.shard(g.a), printOf(g.a)
	if !r.table.maybe(g.a) {
		return s, -1
	}
	for slot := s.next(p, -1); slot >= 0; slot = s.next(p, slot) {
		if tagIn(r.read(s.record(slot))) == g {
			return s, slot
		}
	}
	return s, -1
}

// add gives a person more rows; those that are there already change nothing. On an error, which is one of memory or of
// the temporary file, some may have been added.
func (r *registry) add(u *unwrapped) error {
	if len(u.rows) == 0 {
		return nil
	}
	i := r.person(u.key, u.hash)
	p := personRecord{personKey: u.key}
	known := newTagSet(len(u.rows))
	if i != 0 {
		p = personIn(r.read(i))
		r.tagsOf(&p, known)
	} else {
		var err error
		if i, err = r.pages.extend(1); err != nil {
			return err
		}
		if err := r.people.put(u.hash, i); err != nil {
			return err
		}
		r.clinics[u.key.clinic].patients++
		if u.key.odd {
			r.odd[i] = u.who.Ref
		}
	}
	var err error
	for _, w := range u.rows {
		if known.has(w.tag) {
			continue
		}
		if err = r.addRow(i, &p, w); err != nil {
			break
		}
		known.add(w.tag)
	}
	r.edit(i, p.encode)
	return err
}

// tagsOf adds the identifiers of a person to a set.
func (r *registry) tagsOf(p *personRecord, to *tagSet) {
	for i := p.first; i != 0; {
		w := rowOf(r.read(i))
		to.add(w.tag)
		i = w.mate
	}
}

// addRow puts a row into the chains of its identifier and of its person.
func (r *registry) addRow(person uint32, p *personRecord, w row) error {
	i, err := r.newRow()
	if err != nil {
		return err
	}
	rec := rowRecord{tag: w.tag, person: person, mate: p.first, clinic: p.clinic, ring: w.ring, kind: w.kind}
	if rec.next, err = r.chain(w.tag, i); err != nil {
		r.release(i)
		return err
	}
	r.edit(i, rec.encode)
	p.first = i
	p.rows++
	r.count(p.clinic, w.kind, w.ring, 1)
	return nil
}

// chain puts a row before the others of its identifier, and gives the one that is next to it.
func (r *registry) chain(g tag, row uint32) (next uint32, err error) {
	s, slot := r.seek(g)
	if slot < 0 {
		return 0, r.table.put(g.a, row)
	}
	head := s.record(slot)
	if b := r.read(head); b[30] == crowdMark {
		c := crowdOf(b)
		next, c.first = c.first, row
		c.rows++
		r.edit(head, c.encode)
		return next, nil
	}
	n := 0
	for i := head; i != 0; i = rowOf(r.read(i)).next {
		n++
	}
	if n < maxOwners {
		s.set(slot, row)
		return head, nil
	}
	i, err := r.newRow()
	if err != nil {
		return 0, err
	}
	c := crowdRecord{tag: g, rows: uint32(n) + 1, first: row}
	r.edit(i, c.encode)
	s.set(slot, i)
	return head, nil
}

// newRow gives a record that is free.
func (r *registry) newRow() (uint32, error) {
	if i := r.spare; i != 0 {
		r.spare = rowOf(r.read(i)).next
		return i, nil
	}
	return r.pages.extend(1)
}

// release takes a record back, and leaves nothing of it.
func (r *registry) release(i uint32) {
	free := rowRecord{next: r.spare}
	r.edit(i, func(b []byte) {
		free.encode(b)
		b[30] = freeMark
	})
	r.spare = i
}

// remove takes rows of a person out; those that are not there change nothing.
func (r *registry) remove(u *unwrapped) error {
	drop := tagsIn(u.rows)
	r.sift(u, func(g tag) bool { return !drop.has(g) })
	return nil
}

// revise makes the rows of a person be these.
func (r *registry) revise(u *unwrapped) error {
	if err := r.add(u); err != nil { // first, so that the person stays the same one
		return err
	}
	want := tagsIn(u.rows)
	r.sift(u, want.has)
	return nil
}

// sift keeps those rows of a person that keep says, and the person while any is left.
func (r *registry) sift(u *unwrapped, keep func(tag) bool) {
	person := r.person(u.key, u.hash)
	if person == 0 {
		return
	}
	p := personIn(r.read(person))
	last := uint32(0)
	for i := p.first; i != 0; {
		w := rowOf(r.read(i))
		if keep(w.tag) {
			last, i = i, w.mate
			continue
		}
		if last == 0 {
			p.first = w.mate
		} else {
			before := rowOf(r.read(last))
			before.mate = w.mate
			r.edit(last, before.encode)
		}
		r.unchain(i, &w)
		p.rows--
		r.count(p.clinic, w.kind, w.ring, -1)
		i = w.mate
	}
	if p.rows > 0 {
		r.edit(person, p.encode)
		return
	}
	r.forget(person, &p)
}

// forget removes a person without rows. The record's number is not used again: a reading under way may know it.
func (r *registry) forget(person uint32, p *personRecord) {
	hash := r.hash(p.personKey)
	s, print := r.people.shard(hash), printOf(hash)
	for slot := s.next(print, -1); slot >= 0; slot = s.next(print, slot) {
		if s.record(slot) == person {
			r.people.remove(s, slot)
			break
		}
	}
	r.edit(person, func(b []byte) { clear(b) })
	delete(r.odd, person)
	r.clinics[p.clinic].patients--
}

// unchain takes a row out of the chain of its identifier.
func (r *registry) unchain(i uint32, w *rowRecord) {
	s, slot := r.seek(w.tag)
	if slot < 0 {
		return
	}
	head := s.record(slot)
	if b := r.read(head); b[30] == crowdMark {
		c := crowdOf(b)
		r.leave(s, slot, head, &c, i, w)
		return
	}
	if head == i {
		if w.next == 0 {
			r.table.remove(s, slot)
		} else {
			s.set(slot, w.next)
		}
	}
	for j := head; j != i && j != 0; {
		before := rowOf(r.read(j))
		if before.next == i {
			before.next = w.next
			r.edit(j, before.encode)
			break
		}
		j = before.next
	}
	r.release(i)
}

// dissolve forgets a clinic whole: nobody of it is matched from now on. Its rows stay where they are until the registry
// is next loaded.
func (r *registry) dissolve(id string) {
	i, ok := r.byName[id]
	if !ok {
		return
	}
	c := &r.clinics[i]
	for ring := range c.rows {
		for k, n := range c.rows[ring] {
			r.count(i, kindID(k), uint8(ring), -int(n))
		}
	}
	c.patients, c.gone = 0, true
	delete(r.byName, id)
}
