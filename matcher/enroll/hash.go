package enroll

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// HashTable reads a clinic's table and writes a bundle of keyed hashes, signed by the clinic and sealed to the
// deployment. The mapping is brought up to date in the same run: patients keep their refs, and what was registered
// before is carried forward. On an error, or when ctx ends, mapping and bundle are as they were before; a crash
// between the two leaves a mapping whose last bundle was never written, so that the server refuses the next delta and
// a full bundle mends it.
//
// Memory grows with the number of patients (a few hundred bytes each) and not with the rows.
func HashTable(ctx context.Context, o Options) (Summary, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Summary{}, usage(err)
	}
	if o.Bundle != "" {
		if there, err := exists(o.Bundle); err != nil || there {
			return Summary{}, usage(errors.New("the bundle's file is there already, or its folder is not: name another with --out"))
		}
	}
	j, err := openJob(o)
	if err != nil {
		return Summary{}, err
	}
	defer j.report.close()
	if err := j.read(ctx); err != nil {
		return Summary{}, err
	}
	if err := j.sameIDs(); err != nil {
		return Summary{}, err
	}
	if err := j.erase(); err != nil {
		return Summary{}, err
	}
	if err := j.publish(ctx); err != nil {
		return Summary{}, err
	}
	return j.summary()
}

func (o Options) withDefaults() (Options, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Region == "" {
		o.Region = o.Kit.Region
	}
	o.Region = strings.ToUpper(o.Region)
	if !region.MatchString(o.Region) {
		return o, fmt.Errorf("region %.10q: want two letters, such as FI", o.Region)
	}
	if o.Mapping == "" {
		return o, errors.New("the mapping file is not named")
	}
	return o, ParseMap(o.Map)
}

// job is one run of HashTable.
type job struct {
	o       Options
	keys    *clinicKeys
	mapping *mapping
	report  *report
	sum     Summary
}

func openJob(o Options) (*job, error) {
	keys, m, first, err := openClinic(o.Mapping, o.Kit.Clinic, o.NewMapping, o.Now().Unix())
	if err != nil {
		return nil, err
	}
	j := &job{o: o, keys: keys, mapping: m}
	j.sum.Mode, j.sum.FirstUse = ModeFull, first
	if o.Delta {
		j.sum.Mode = ModeDelta
		if m.sequence == 0 || m.rk == "" {
			return nil, usage(errors.New("no bundle was made with this mapping yet: the first one must be full"))
		}
		if m.rk != o.Kit.RK {
			return nil, usage(fmt.Errorf("the last bundle was made under ring key %s, the kit has %s: send a full bundle", m.rk, o.Kit.RK))
		}
	}
	j.sum.Sequence = m.sequence + 1
	if j.o.Bundle == "" {
		j.o.Bundle = filepath.Clean(fmt.Sprintf("%s-%d.bundle", o.Kit.Clinic, j.sum.Sequence))
	}
	j.report, err = newReport(o.Report)
	return j, err
}

// read merges the table into the mapping.
func (j *job) read(ctx context.Context) error {
	t, err := openTable(j.o)
	if err != nil {
		return err
	}
	defer t.close()
	first, err := t.next()
	if err == io.EOF {
		return errors.New("read table: there is no row in it")
	}
	if err != nil {
		return fmt.Errorf("read table: %w", err)
	}
	p, err := makePlan(first, j.o)
	if err != nil {
		return usage(err)
	}
	f := t.facts()
	j.sum.Charset, j.sum.Delimiter, j.sum.Sheet = f.charset, f.delimiter, f.sheet
	if err := j.rows(ctx, t, p, first); err != nil {
		return fmt.Errorf("read table: %w", err)
	}
	return j.report.close()
}

// sameIDs refuses a table that has nobody of the mapping: another column was named, or a spreadsheet ate the zeros
// before the numbers. All patients would get second handles, and no later run could take that back.
func (j *job) sameIDs() error {
	before := int64(j.mapping.n) - j.sum.NewPatients
	if before == 0 || j.sum.Patients == 0 || j.sum.Patients > j.sum.NewPatients || j.o.AllNew {
		return nil
	}
	return usage(fmt.Errorf("none of the %d patients of the former exports is in this table, so nothing was written. Does --id name the same column, "+
		"and are its numbers written as before, zeros in front included? If the table really holds other people only, add --all-new", before))
}

// Batches are small enough to keep all workers busy, and limited by cells too, for a table can be very wide.
const (
	batchRows  = 256
	batchCells = 1 << 14
)

func (j *job) rows(ctx context.Context, t table, p plan, first record) error {
	facts := t.facts()
	feed := func(give func([]slim) error) error {
		var batch []slim
		flush := func() error {
			j.progress(StageRead, min(facts.read(), facts.total), facts.total)
			b := batch
			batch = nil
			if len(b) == 0 {
				return nil
			}
			return give(b)
		}
		add := func(r record) error {
			batch = append(batch, p.slim(r))
			if len(batch) < batchRows && len(batch)*(1+len(p.columns)) < batchCells {
				return nil
			}
			return flush()
		}
		if !p.header {
			if err := add(first); err != nil {
				return err
			}
		}
		if err := eachRecord(ctx, t, add); err != nil {
			return err
		}
		return flush()
	}
	work := func() func([]slim) ([]extracted, error) {
		x := newExtractor(j.o, p, facts)
		return func(batch []slim) ([]extracted, error) {
			out := make([]extracted, len(batch))
			for i, s := range batch {
				out[i] = x.row(s)
			}
			return out, nil
		}
	}
	return inOrder(ctx, j.o.Workers, feed, work, func(batch []extracted) error {
		for _, e := range batch {
			if err := j.take(e); err != nil {
				return err
			}
		}
		return nil
	})
}

func (j *job) progress(stage string, done, total int64) {
	if j.o.Progress != nil {
		j.o.Progress(stage, done, total)
	}
}

// take merges what one row said.
func (j *job) take(e extracted) error {
	j.sum.Rows++
	for _, f := range e.refused {
		if err := j.report.add(e.n, f); err != nil {
			return err
		}
	}
	if e.id == "" || slices.ContainsFunc(e.refused, func(f refusal) bool { return f.kind == fieldID }) {
		return nil
	}
	p, fresh, err := j.mapping.get(e.id)
	if err != nil {
		return err
	}
	if !p.inTable {
		j.sum.Patients++
	}
	if fresh {
		j.sum.NewPatients++
	}
	return p.merge(e.entries)
}

func (j *job) summary() (Summary, error) {
	j.sum.Refused, j.sum.RefusedRows = j.report.refusals(), j.report.rows
	j.sum.Signer = j.keys.public()
	j.sum.Fingerprint = Fingerprint(j.sum.Signer)
	j.sum.Bundle = j.o.Bundle
	return j.sum, nil
}
