package matcher

import (
	"math/bits"

	"leakwatch/leak"
)

// hit takes a registered candidate into the reading, for each person whose it may be.
func (r *Reading) hit(s *scanner, w *window, h *hit, near *record) {
	start := w.at + int64(s.folded.start(int(h.start)))
	end := w.at + int64(s.folded.end(int(h.end)-1))
	m := leak.Match{Place: near.text.Place, Kind: kindNames[h.kind], Offset: start, Length: end - start, Class: h.class(s.folded.text[h.start:h.end]),
		Variant: h.marks&variant != 0, Tagged: h.marks&tagged != 0}
	if h.kind == kMRN && near.taken(start, h.id) {
		return
	}
	if to := near.text.Offset; to != nil && r.onMatch != nil {
		m.Offset = to(start)
		m.Length = to(end) - m.Offset
	}
	near.advance(s, w, start)
	for _, id := range s.people[h.people[0]:h.people[1]] {
		p := r.patient(id)
		if p == nil {
			continue
		}
		if r.onMatch != nil {
			m.Person = p.who()
		}
		r.see(p, h, m)
		if near.with(id, sight{h.kind, start, end}) {
			r.join(p)
		}
	}
}

// class is the kind's class, or a lower one for a form that proves less. A HETU that is digits and a dash, with no keyword
// near it, may be the number of an order, or a day and an hour: one in 31 of those has the right check character.
func (h *hit) class(text []byte) leak.Class {
	switch c := kindClasses[h.kind]; {
	case h.marks&doubtful != 0:
		return leak.Weak
	case h.kind == kHetu && h.marks&silent != 0, h.kind == kHetu && !h.near && !hasLetter(text):
		return leak.Medium
	default:
		return c
	}
}

func hasLetter(b []byte) bool {
	for _, c := range b {
		if classes[c]&isLetter != 0 {
			return true
		}
	}
	return false
}

// patient gives a person's state, making it at first sight; nil for one who was withdrawn since the chunk was looked at.
func (r *Reading) patient(id uint32) *patient {
	if p := r.persons[id]; p != nil {
		return p
	}
	key, ok := r.reg.personOf(id, r.view)
	if !ok {
		return nil
	}
	c := r.clinics[key.clinic]
	if c == nil {
		c = &clinicState{index: key.clinic, id: r.reg.clinics[key.clinic].id}
		r.clinics[key.clinic] = c
	}
	if len(r.unused) == 0 {
		r.unused = make([]patient, min(len(r.persons)+1, 64))
	}
	p := &r.unused[0]
	r.unused = r.unused[1:]
	*p = patient{id: id, key: key, clinic: c}
	if key.odd {
		p.ref = r.reg.odd[id]
	}
	r.persons[id] = p
	c.people++
	return p
}

// who is the leak's word for a person.
func (p *patient) who() leak.Person {
	if p.ref == "" {
		p.ref = p.key.text()
	}
	return leak.Person{Clinic: p.clinic.id, Ref: p.ref}
}

// see takes one identifier of a person, and decides whether it counts.
func (r *Reading) see(p *patient, h *hit, m leak.Match) {
	identity := h.id | 1
	switch {
	case h.kind.address():
		identity = 2
	case h.kind.named():
		identity = 4
	}
	if !p.seen.has(h.kind) {
		p.seen = p.seen.with(h.kind)
		if h.kind == kName {
			p.clinic.kinds[kName]++
			if p.counted == 0 {
				p.clinic.nameOnly++
			}
			r.queue(p)
		}
	}
	if h.kind == kName && r.hits.add(mix(h.id, kName, p.clinic.index)) {
		p.clinic.names++
	}
	if p.first == 0 {
		p.first = identity
	} else if p.first != identity {
		r.another(p)
	}
	if p.another || h.counts(m.Class) || h.kind == kMRN && p.clinic.anchored {
		r.count(p, h.kind, h.id, m.Class)
		if h.marks&tagged != 0 && !p.tagged {
			p.tagged = true
			p.clinic.tagged++
		}
		m.Counted = true
		r.decide(m)
		return
	}
	r.wait(p, h, m)
}

// counts says whether a match counts by itself or by its surroundings. An address needs no keyword: its @ is its form.
func (h *hit) counts(c leak.Class) bool {
	if h.kind == kName {
		return false
	}
	return c != leak.Weak || h.kind == kEmailBase || h.near || h.marks&printed != 0
}

// another notes that a second identifier of a person was seen: what waited for one counts.
func (r *Reading) another(p *patient) {
	if p.another {
		return
	}
	p.another = true
	for i := range p.waiting {
		u := &p.waiting[i]
		r.count(p, u.kind, u.id, u.class)
		u.match.Counted = true
		r.decide(u.match)
	}
	r.waiting -= len(p.waiting)
	p.waiting = nil
}

// wait keeps a weak match until something speaks for it. Where nobody asks for matches one of each identifier is enough.
func (r *Reading) wait(p *patient, h *hit, m leak.Match) {
	if r.onMatch == nil {
		for i := range p.waiting {
			if p.waiting[i].id == h.id {
				return
			}
		}
		m = leak.Match{Class: m.Class}
	}
	if r.waiting >= maxWaiting {
		r.dropped++
		r.decide(m)
		return
	}
	if h.kind == kMRN {
		p.clinic.records = append(p.clinic.records, p)
	}
	r.waiting++
	r.order++
	p.waiting = append(p.waiting, undecided{h.kind, m.Class, h.id, r.order, m})
}

// decide hands a match to onMatch, soon.
func (r *Reading) decide(m leak.Match) {
	if r.onMatch != nil {
		r.decided = append(r.decided, m)
	}
}

// count takes an identifier that counts into the tally.
func (r *Reading) count(p *patient, k kindID, id uint64, class leak.Class) {
	c := p.clinic
	if k != kMRN && !c.anchored {
		c.anchored = true
		r.records(c)
	}
	if k != kName {
		r.countHit(c, k, mix(id, k, c.index), class < kindClasses[k])
	}
	if p.counted.has(k) {
		return
	}
	if p.counted == 0 {
		c.counted++
		if p.seen.has(kName) {
			c.nameOnly--
		}
	}
	before := p.counted.merged()
	p.counted = p.counted.with(k)
	if before < 2 && p.counted.merged() >= 2 {
		c.two++
	}
	if k != kName {
		c.kinds[k]++
	}
	r.queue(p)
}

// records counts the record numbers of a clinic that waited for something else of it that counts.
func (r *Reading) records(c *clinicState) {
	for _, p := range c.records {
		rest := p.waiting[:0]
		for _, u := range p.waiting {
			if u.kind != kMRN {
				rest = append(rest, u)
				continue
			}
			r.count(p, u.kind, u.id, u.class)
			u.match.Counted = true
			r.decide(u.match)
			r.waiting--
		}
		p.waiting = rest
	}
	c.records = nil
}

// countHit counts an identifier once, and remembers those of which only a lesser form was seen so far.
func (r *Reading) countHit(c *clinicState, k kindID, id uint64, lesser bool) {
	switch {
	case r.hits.add(id):
		c.hits[k]++
		if lesser {
			if r.lesser == nil {
				r.lesser = map[uint64]struct{}{}
			}
			r.lesser[id] = struct{}{}
			c.lesser[k]++
		}
	case !lesser && len(r.lesser) > 0:
		if _, ok := r.lesser[id]; ok {
			delete(r.lesser, id)
			c.lesser[k]--
		}
	}
}

// join notes that two kinds of a person stood in one record.
func (r *Reading) join(p *patient) {
	if !p.together {
		p.together = true
		p.clinic.together++
	}
}

// queue notes that Drain has something to say of a person.
func (r *Reading) queue(p *patient) {
	if !p.queued {
		p.queued = true
		r.changed = append(r.changed, p)
	}
}

// mix makes one id of an identifier, its kind and a clinic.
func mix(id uint64, k kindID, clinic uint16) uint64 {
	return bits.RotateLeft64(id, int(k)) ^ (uint64(clinic)+1)*0x9E3779B97F4A7C15
}
