package pdf

// get resolves references, as far as they go, to an object that is none.
func (f *file) get(o object) object {
	for range 8 {
		r, ok := o.(ref)
		if !ok {
			return o
		}
		o = f.load(r.id)
	}
	return nil
}

func (f *file) load(id int64) object {
	if o, ok := f.cache[id]; ok {
		return o
	}
	p, ok := f.at[id]
	if !ok {
		return nil
	}
	f.cache[id] = nil // should reading it ask for itself
	o := f.loadAt(entry{id: id, place: p})
	if len(f.cache) >= mostCached {
		clear(f.cache)
	}
	f.cache[id] = o
	return o
}

// loadAt reads an object where it lies.
func (f *file) loadAt(e entry) object {
	if e.within != 0 {
		b := f.contents(e.within)
		if e.off >= int64(len(b)) || f.within <= 0 {
			return nil
		}
		l := &lexer{b: b[e.off:], refs: true}
		o, _ := l.next()
		f.within -= int64(l.i)
		return o
	}
	o, _ := f.parse(e.off)
	if s, ok := o.(stream); ok {
		s.id, s.gen = e.id, e.gen
		o = s
	}
	if f.crypt != nil {
		o = f.crypt.strings(o, e.id, e.gen, 0)
	}
	return o
}

// unpack finds the objects in an object stream.
func (f *file) unpack(id int64) {
	s, _ := f.load(id).(stream)
	n, _ := f.get(s.dict["N"]).(int64)
	first, _ := f.get(s.dict["First"]).(int64)
	b := f.contents(id)
	if first <= 0 || first > int64(len(b)) {
		f.damaged++
		return
	}
	f.within += mostAgain * int64(len(b))
	l := &lexer{b: b[:first]}
	for range min(n, mostObjects) {
		a, _ := l.next()
		o, ok := l.next()
		num, isNum := a.(int64)
		off, isOff := o.(int64)
		if !ok || !isNum || !isOff || num <= 0 || off < 0 || len(f.all) >= mostObjects {
			return
		}
		p := place{off: first + off, within: id}
		f.all = append(f.all, entry{num, p, false})
		if old, ok := f.at[num]; !ok || f.position(old) < f.position(p) {
			f.at[num] = p
			delete(f.cache, num)
		}
	}
}

// position is where an object lies in the file, to tell which of two was written later.
func (f *file) position(p place) int64 {
	if p.within != 0 {
		return f.at[p.within].off
	}
	return p.off
}

// contents decodes an object stream.
func (f *file) contents(id int64) []byte {
	if b, ok := f.packed[id]; ok {
		return b
	}
	s, ok := f.load(id).(stream)
	if !ok {
		return nil
	}
	b, whole := f.decoded(s, mostPacked)
	if !whole {
		f.damaged++
	}
	if f.held += len(b); f.held > mostPacked {
		clear(f.packed)
		f.held = len(b)
	}
	f.packed[id] = b
	return b
}
