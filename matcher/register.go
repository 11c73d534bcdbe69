package matcher

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"leakwatch/leak"
)

// Load replaces the registry by the tags, which come best by person: those of one person together. Readings under way
// keep the registry that they began with. On an error, that of tags, a row under a key that is not loaded, or one of
// memory or the temporary file, everything stays as it was.
func (m *Matcher) Load(generation int64, tags iter.Seq2[leak.Tag, error]) error {
	return m.LoadParts(generation, 0, []iter.Seq2[leak.Registration, error]{byPerson(tags)})
}

// LoadParts is Load of a registry that comes in parts, each of which is read by a goroutine of its own. No person is in
// two of them. A part may use a Registration's Tags again for the next one. rows is about how many there will be, 0 when
// that is not known: then it takes longer, and more memory meanwhile.
func (m *Matcher) LoadParts(generation, rows int64, parts []iter.Seq2[leak.Registration, error]) error {
	m.change.Lock()
	defer m.change.Unlock()
	r := newRegistry(m.rings, m.always, m.options.Temp)
	r.table.loose, r.people.loose = rows == 0, true
	if err := errors.Join(r.table.reserve(rows), m.fits(r)); err != nil {
		return fmt.Errorf("load registry: %w", err)
	}
	errs, stop := make([]error, len(parts)), new(atomic.Bool)
	var group sync.WaitGroup
	for i, part := range parts {
		group.Go(func() {
			if errs[i] = m.fill(r, part, stop); errs[i] != nil {
				stop.Store(true)
			}
		})
	}
	group.Wait()
	if err := errors.Join(append(errs, r.pages.failed, r.table.fit(), r.people.fit())...); err != nil {
		return fmt.Errorf("load registry: %w", err)
	}
	m.ciphers.forget(m.keys.Index)
	r.replan()
	old := m.registry.Swap(r)
	m.generation.Store(generation)
	if old.table.bytes > 1<<20 {
		runtime.GC() // so that what is outside of Go's heap is given back now, if nobody reads by it
	}
	return nil
}

// fill reads a part into a registry that nobody sees yet.
func (m *Matcher) fill(r *registry, part iter.Seq2[leak.Registration, error], stop *atomic.Bool) error {
	var c ciphers
	c.forget(m.keys.Index)
	for b, err := range m.batches(&c, part) {
		if err != nil {
			return err
		}
		if stop.Load() {
			return nil
		}
		if err := m.apply(r, b, (*registry).add); err != nil {
			return err
		}
		if err := m.fits(r); err != nil {
			return err
		}
	}
	return nil
}

// fits says what a registry lacks that outgrew the memory that it may have.
func (m *Matcher) fits(r *registry) error {
	limit := m.options.MaxMemory
	if limit <= 0 {
		limit = debug.SetMemoryLimit(-1) // that of GOMEMLIMIT
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if n := r.table.bytes + r.people.bytes; limit != math.MaxInt64 && n > limit {
		return fmt.Errorf("%d rows take %d MiB, more than the limit of %d MiB: give the process more memory", r.rows, n>>20, limit>>20)
	}
	return nil
}

// Add puts rows into the registry in place. Readings see them from their next chunk on. A row that is there already
// changes nothing; when a row is wrong nothing is added.
func (m *Matcher) Add(tags []leak.Tag) error { return m.edit(tags, (*registry).add) }

// Remove takes rows out of the registry in place. A row that is not there changes nothing; when a row is wrong nothing
// is removed.
func (m *Matcher) Remove(tags []leak.Tag) error { return m.edit(tags, (*registry).remove) }

func (m *Matcher) edit(tags []leak.Tag, do editing) error {
	m.change.Lock()
	defer m.change.Unlock()
	all, err := collect(m.batches(&m.ciphers, byPerson(func(yield func(leak.Tag, error) bool) {
		for _, t := range tags {
			if !yield(t, nil) {
				return
			}
		}
	})))
	if err != nil {
		return fmt.Errorf("change registry: %w", err)
	}
	r := m.registry.Load()
	for _, b := range all {
		if err := m.apply(r, b, do); err != nil {
			return fmt.Errorf("change registry: %w", err)
		}
	}
	return nil
}

// Revise makes the rows of each person be those that are given, in place; nobody of whom there are none is matched any
// more. One without a reference and without rows stands for the whole clinic, which goes. Readings see it from their
// next chunk on. What came before an error is done; doing all again is harmless. A Registration's Tags may be used again
// for the next one.
func (m *Matcher) Revise(people iter.Seq2[leak.Registration, error]) error {
	m.change.Lock()
	defer m.change.Unlock()
	r := m.registry.Load()
	for b, err := range m.batches(&m.ciphers, people) {
		if err == nil {
			err = m.apply(r, b, (*registry).revise)
		}
		if err != nil {
			return fmt.Errorf("change registry: %w", err)
		}
	}
	return nil
}

// editing is what may be done with rows of a person.
type editing func(*registry, *unwrapped) error

// apply does something with each person of a batch. Readings go on in between.
func (m *Matcher) apply(r *registry, batch []unwrapped, do editing) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.replan()
	r.writes++
	for i := range batch {
		if err := r.begin(&batch[i]); err != nil {
			return err
		}
	}
	for i := range batch {
		if p := &batch[i]; p.who.Ref != "" {
			if err := do(r, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// begin dissolves a clinic, or finds out where a person will be, and brings near what the tables will be asked for: for a whole batch side by
// side, not one after the other.
func (r *registry) begin(p *unwrapped) error {
	if p.who.Ref == "" {
		r.dissolve(p.who.Clinic)
		return nil
	}
	c, err := r.clinic(p.who.Clinic)
	if err != nil {
		return err
	}
	p.key = keyOf(c, p.who.Ref)
	p.hash = r.hash(p.key)
	r.near += r.people.touch(p.hash)
	for i := range p.rows {
		g := p.rows[i].tag
		r.near += r.table.touch(g.a)
	}
	return nil
}

// Generation is the registry's generation, as Load or SetGeneration gave it; 0 when the registry is to be loaded anew
// because its temporary file cannot be read.
func (m *Matcher) Generation() int64 { return m.generation.Load() }

// SetGeneration says which generation the registry has after Add, Remove and Revise.
func (m *Matcher) SetGeneration(g int64) { m.generation.Store(g) }

// Size is the number of rows in the registry.
func (m *Matcher) Size() int { return m.registry.Load().Size() }

// damaged says whether a registry's file cannot be read, and has it loaded anew.
func (m *Matcher) damaged(r *registry) bool {
	if !r.broken.Load() {
		return false
	}
	if m.registry.Load() == r {
		m.generation.Store(0)
	}
	return true
}
