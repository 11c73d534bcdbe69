package matcher

import (
	"fmt"
	"iter"
	"slices"

	"leakwatch/leak"
)

// unwrapped is a person with rows.
type unwrapped struct {
	who  leak.Person
	rows []row

	// in the registry
	key  personKey
	hash uint64
}

// batchRows is how many rows are put into a registry, or taken out, at one time: readings wait for them.
const batchRows = 1024

// batches unwraps. A batch is good until the next one.
func (m *Matcher) batches(c *ciphers, people iter.Seq2[leak.Registration, error]) iter.Seq2[[]unwrapped, error] {
	return func(yield func([]unwrapped, error) bool) {
		var batch []unwrapped
		rows := make([]row, 0, batchRows)
		for p, err := range people {
			if err != nil {
				yield(nil, err)
				return
			}
			from := len(rows)
			for i := range p.Tags {
				w, err := m.unwrap(c, &p.Tags[i])
				if err != nil {
					yield(nil, err)
					return
				}
				rows = append(rows, w)
			}
			batch = append(batch, unwrapped{who: p.Person, rows: rows[from:len(rows):len(rows)]})
			if len(rows) < batchRows && len(batch) < batchRows {
				continue
			}
			if !yield(batch, nil) {
				return
			}
			batch, rows = batch[:0], rows[:0]
		}
		if len(batch) > 0 {
			yield(batch, nil)
		}
	}
}

// collect keeps all batches.
func collect(batches iter.Seq2[[]unwrapped, error]) (all [][]unwrapped, err error) {
	for b, err := range batches {
		if err != nil {
			return nil, err
		}
		b = slices.Clone(b)
		for i := range b {
			b[i].rows = slices.Clone(b[i].rows)
		}
		all = append(all, b)
	}
	return all, nil
}

// personRows is how many rows of a person are taken together: a bundle may give one all.
const personRows = 4096

// byPerson puts tags together that come one after the other and are one person's.
func byPerson(tags iter.Seq2[leak.Tag, error]) iter.Seq2[leak.Registration, error] {
	return func(yield func(leak.Registration, error) bool) {
		var p leak.Registration
		for t, err := range tags {
			if err != nil {
				yield(leak.Registration{}, err)
				return
			}
			who := leak.Person{Clinic: t.Clinic, Ref: t.Ref}
			if len(p.Tags) > 0 && (who != p.Person || len(p.Tags) >= personRows) {
				if !yield(p, nil) {
					return
				}
				p.Tags = p.Tags[:0]
			}
			p.Person, p.Tags = who, append(p.Tags, t)
		}
		if len(p.Tags) > 0 {
			yield(p, nil)
		}
	}
}

// unwrap turns a stored row back into T1[0:16].
func (m *Matcher) unwrap(c *ciphers, t *leak.Tag) (row, error) {
	k, ok := kindOf(t.Kind)
	if !ok {
		return row{}, fmt.Errorf("row of clinic %s: kind %q is not known", t.Clinic, t.Kind)
	}
	ring := slices.IndexFunc(m.rings, func(r ring) bool { return r.id == t.RK })
	if ring < 0 {
		return row{}, fmt.Errorf("row of clinic %s: ring %q is not loaded", t.Clinic, t.RK)
	}
	block, err := c.of(t.PK, t.Clinic)
	if err != nil {
		return row{}, fmt.Errorf("row of clinic %s: %w", t.Clinic, err)
	}
	var t1 [16]byte
	block.Decrypt(t1[:], t.W[:])
	return row{tag: tagOf(t1[:]), kind: k, ring: uint8(ring)}, nil
}
