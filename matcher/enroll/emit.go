package enroll

import (
	"context"
	"encoding/hex"
	"slices"

	"leakwatch/leak"
)

// counted is what the emission of some patients adds to the summary.
type counted struct {
	rows                  []byte // of the bundle's body
	count                 int64
	kinds                 map[leak.Kind]int64
	added, removed        int64
	former, carried       int64
	withoutStrong, noneAt int64
	unfit                 map[[2]string]int64 // stored entries that no longer pass
}

// emit hashes everything that the mapping holds, on all cores, and hands the rows of the bundle to write.
func (j *job) emit(ctx context.Context, write func([]byte) error) error {
	const batch = 256
	n := j.mapping.n
	feed := func(give func([2]int32) error) error {
		for from := int32(0); from < n; from += batch {
			j.progress(StageHash, int64(from), int64(n))
			if err := give([2]int32{from, min(from+batch, n)}); err != nil {
				return err
			}
		}
		j.progress(StageHash, int64(n), int64(n))
		return nil
	}
	work := func() func([2]int32) (*counted, error) {
		e := &emitter{j: j, hash: entryHasher{h: j.o.hasher(), clinic: j.o.Kit.Clinic}}
		return func(span [2]int32) (*counted, error) {
			c := &counted{kinds: map[leak.Kind]int64{}, unfit: map[[2]string]int64{}}
			for i := span[0]; i < span[1]; i++ {
				e.patient(c, i)
			}
			return c, nil
		}
	}
	return inOrder(ctx, j.o.Workers, feed, work, func(c *counted) error {
		j.count(c)
		return write(c.rows)
	})
}

func (j *job) count(c *counted) {
	if j.sum.Identifiers == nil {
		j.sum.Identifiers = map[leak.Kind]int64{}
	}
	for k, n := range c.kinds {
		j.sum.Identifiers[k] += n
	}
	for k, n := range c.unfit {
		j.report.counts[k] += n
	}
	j.sum.BundleRows += c.count
	j.sum.Added += c.added
	j.sum.Removed += c.removed
	j.sum.Former += c.former
	j.sum.Carried += c.carried
	j.sum.WithoutStrong += c.withoutStrong
	j.sum.WithoutAny += c.noneAt
}

// emitter makes the rows of one patient after the other. One goroutine; the mapping is only read.
type emitter struct {
	j               *job
	hash            entryHasher
	now, sent, some []tagged
	ref             []byte
}

func (e *emitter) patient(c *counted, i int32) {
	m := e.j.mapping
	p := m.at(i)
	still, former := p.split()
	e.ref = refEncoding.AppendEncode(e.ref[:0], p.ref[:])

	e.now = e.all(c, e.now[:0], still)
	e.sent = append(e.sent[:0], e.now...)
	fresh := e.all(c, e.now, p.fresh)
	current := len(fresh)
	e.now = e.all(c, fresh, former)
	e.sent = e.all(nil, e.all(nil, e.sent, former), m.erased[i])
	if m.rk != e.j.o.Kit.RK && !p.gone {
		e.sent = e.sent[:0] // what was sent before was sent under another key
	}
	e.rows(c, p.gone)
	if p.gone {
		return
	}
	c.former += int64(len(e.now) - current)
	if !p.inTable {
		c.carried++
	}
	c.classify(e.now)
}

// rows writes what of the hashes belongs into the bundle, and counts. A full bundle says by leaving rows out that they
// are not registered any more; that a patient is to be forgotten, who is gone, it says by deleting them.
func (e *emitter) rows(c *counted, gone bool) {
	delta := e.j.o.Delta
	for _, t := range e.now {
		known := slices.Contains(e.sent, t)
		if !known {
			c.added++
		}
		if !known || !delta {
			c.row(OpAdd, e.ref, t)
		}
	}
	for _, t := range e.sent {
		if slices.Contains(e.now, t) {
			continue
		}
		c.removed++
		if delta || gone {
			c.row(OpDel, e.ref, t)
		}
	}
}

// all appends the hashes of a block of entries to dst, each once. An entry that no longer passes is counted.
func (e *emitter) all(c *counted, dst []tagged, block string) []tagged {
	entriesOf(block, func(_ int, line string) {
		var err error
		if e.some, err = e.hash.hash(e.some[:0], line); err != nil {
			if c != nil {
				c.unfit[[2]string{kindOfEntry(line), reasonOf(err)}]++
			}
			return
		}
		for _, t := range e.some {
			if !slices.Contains(dst, t) {
				dst = append(dst, t)
			}
		}
	})
	return dst
}

func (c *counted) row(op string, ref []byte, t tagged) {
	c.rows = append(c.rows, op...)
	c.rows = append(c.rows, '\t')
	c.rows = append(c.rows, ref...)
	c.rows = append(c.rows, '\t')
	c.rows = append(c.rows, t.kind...)
	c.rows = append(c.rows, '\t')
	c.rows = hex.AppendEncode(c.rows, t.t1[:])
	c.rows = append(c.rows, '\n')
	c.count++
}

// classify counts a patient's identifiers, and whether one of them is strong.
func (c *counted) classify(now []tagged) {
	strong := false
	for _, t := range now {
		c.kinds[t.kind]++
		strong = strong || provesItself(t.kind)
	}
	if !strong {
		c.withoutStrong++
	}
	if len(now) == 0 {
		c.noneAt++
	}
}

// provesItself says whether a kind can raise an alert by itself: a national number with a check. Addresses, telephone
// numbers, names and weak numbers need others beside them.
func provesItself(k leak.Kind) bool { return k.National() && k.Class() >= leak.Medium }
