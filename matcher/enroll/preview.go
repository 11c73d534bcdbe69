package enroll

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"leakwatch/leak"
)

// sampleRows is how many rows a proposal is made from.
const sampleRows = 1000

// Proposal is what Preview found: which column seems to hold what, and what HashTable would do. Counts and known
// words only, never a value.
type Proposal struct {
	Charset   string           `json:"charset,omitempty"`
	Delimiter string           `json:"delimiter,omitempty"`
	Sheet     int              `json:"sheet,omitempty"`
	Header    bool             `json:"header"`
	Sampled   int64            `json:"sampled"` // rows that the proposal is made from
	Columns   []ColumnProposal `json:"columns"`
	ID        string           `json:"id,omitempty"`  // for --id
	Map       []string         `json:"map,omitempty"` // for --map
	Would     *Summary         `json:"would,omitempty"`
}

// ColumnProposal is one column: what it seems to hold, and how many of its sampled values would pass.
type ColumnProposal struct {
	Column   string `json:"column"`          // safe to show
	Name     string `json:"name"`            // by which --id and --map can name it
	Filled   int64  `json:"filled"`          // sampled cells that say something
	Field    string `json:"field,omitempty"` // "" when nothing is proposed
	Accepted int64  `json:"accepted"`
	MRN      bool   `json:"mrn,omitempty"` // an id column that is the clinic's record number too
	index    int
}

// Preview proposes a mapping from headers and values, and counts what HashTable would do with it, or with the one that
// the options give. It writes nothing.
func Preview(ctx context.Context, o Options) (Proposal, error) {
	o.Bundle, o.Report, o.Erase = "", "", ""
	o, err := o.withDefaults()
	if err != nil {
		return Proposal{}, usage(err)
	}
	p, err := propose(ctx, o)
	if err != nil {
		return Proposal{}, err
	}
	if o.ID == "" {
		o.ID = p.ID
	}
	if len(o.Map) == 0 {
		o.Map = p.Map
	}
	p.ID, p.Map = o.ID, o.Map
	if o.ID == "" || len(o.Map) == 0 {
		return p, nil
	}
	p.Would, err = rehearse(ctx, o)
	return p, err
}

// rehearse does what HashTable does, and writes nothing.
func rehearse(ctx context.Context, o Options) (*Summary, error) {
	o.NewMapping = true
	j, err := openJob(o)
	if err != nil {
		return nil, err
	}
	if err := j.read(ctx); err != nil {
		return nil, err
	}
	if err := j.emit(ctx, func([]byte) error { return nil }); err != nil {
		return nil, err
	}
	j.o.Bundle = ""
	s, err := j.summary()
	if s.FirstUse {
		s.Signer, s.Fingerprint = "", "" // of keys that are thrown away
	}
	return &s, err
}

// propose looks at the first rows of the table.
func propose(ctx context.Context, o Options) (Proposal, error) {
	t, err := openTable(o)
	if err != nil {
		return Proposal{}, err
	}
	defer t.close()
	var sample []record
	err = eachRecord(ctx, t, func(r record) error {
		if sample = append(sample, r); len(sample) > sampleRows {
			return io.EOF
		}
		return nil
	})
	if err != nil && err != io.EOF {
		return Proposal{}, fmt.Errorf("read table: %w", err)
	}
	if len(sample) == 0 {
		return Proposal{}, fmt.Errorf("read table: there is no row in it")
	}
	f := t.facts()
	p := Proposal{Charset: f.charset, Delimiter: f.delimiter, Sheet: f.sheet}
	h := newHeader(sample[0])
	if p.Header = h.likely() || o.namesColumn(h); p.Header {
		sample = sample[1:]
	}
	p.Sampled = int64(len(sample))
	x := newExtractor(o, plan{}, f)
	for i := range min(widest(sample, h), 512) {
		p.Columns = append(p.Columns, x.proposeColumn(h, p.Header, sample, i))
	}
	p.choose()
	return p, nil
}

// namesColumn says whether the user named a column that is in the header.
func (o Options) namesColumn(h *header) bool {
	names := []string{o.ID}
	for _, m := range o.Map {
		_, column, _ := strings.Cut(m, "=")
		names = append(names, column)
	}
	for _, n := range names {
		if n != "" {
			_, _ = h.find(fieldID, n)
		}
	}
	return h.used
}

func widest(sample []record, h *header) int {
	n := len(h.cells)
	for _, r := range sample {
		n = max(n, len(r.cells))
	}
	return n
}

// proposeColumn says what column i seems to hold: what its header says, as far as the values bear it out; without a
// known header, what nearly all values pass as.
func (x *extractor) proposeColumn(h *header, named bool, sample []record, i int) ColumnProposal {
	c := ColumnProposal{Column: "column " + columnName(i), Name: fmt.Sprintf("#%d", i+1), index: i}
	var words []field
	if named && i < len(h.plain) {
		if words = guessField(h.plain[i]); len(words) > 0 {
			c.Column = strings.TrimSpace(h.cells[i])
			if _, err := h.find(fieldID, c.Column); err == nil {
				c.Name = c.Column
			}
		}
	}
	candidates := words
	if len(words) == 0 {
		candidates = telling
	}
	passed := map[field]int64{}
	for _, r := range sample {
		cell := clean(r.cell(i))
		if cell == "" {
			continue
		}
		c.Filled++
		for _, f := range candidates {
			if x.passes(f, cell, r.isNumber(i), len(words) > 0) {
				passed[f]++
			}
		}
	}
	for _, f := range candidates {
		if passed[f] > c.Accepted {
			c.Field, c.Accepted = string(f), passed[f]
		}
	}
	switch {
	case len(words) > 0 && c.Field == "":
		c.Field = string(words[0])
	case len(words) == 0 && (c.Filled < 3 || c.Accepted*5 < c.Filled*4):
		c.Field, c.Accepted = "", 0
	}
	c.MRN = slices.Contains(words, fieldMRN)
	return c
}

// telling are the fields that are proposed without a header: those whose values no others look like.
var telling = []field{field(leak.FIHetu), field(leak.SEPnr), field(leak.NOFnr), field(leak.ITCf), field(leak.FRNir), field(leak.ESNie), field(leak.IEPpsn),
	field(leak.DEKvnr), field(leak.USMbi), field(leak.NZNhi), field(leak.PLPesel), field(leak.BENrn), field(leak.CHAhv), field(leak.GBNhs), field(leak.DKCpr),
	fieldEmail, fieldPhone}

// passes says whether a cell would be taken as a field. Without a header, a telephone number must look like one: most
// other numbers pass as one too.
func (x *extractor) passes(f field, cell string, number, named bool) bool {
	switch f {
	case fieldID, fieldMRN:
		return len(cell) <= maxID
	case fieldGiven, fieldFamily:
		return len(cell) <= maxValue
	case fieldFull:
		_, _, ok := splitFull(cell, x.familyFirst)
		return ok
	case fieldDOB:
		_, ok := birthDate(cell, number, x.date1904)
		return ok
	case fieldPhone:
		if !named && !strings.HasPrefix(cell, "+") && !strings.HasPrefix(cell, "0") {
			return false
		}
	}
	for _, part := range pieces(f, cell) {
		if _, err := x.accept(f, part); err == nil {
			return true
		}
	}
	return false
}

// choose makes the arguments of the proposal: one id column, and every other column that has a field.
func (p *Proposal) choose() {
	split := slices.ContainsFunc(p.Columns, func(c ColumnProposal) bool { return c.Field == string(fieldFamily) }) &&
		slices.ContainsFunc(p.Columns, func(c ColumnProposal) bool { return c.Field == string(fieldGiven) })
	birth := false
	for i := range p.Columns {
		c := &p.Columns[i]
		switch f := field(c.Field); {
		case f == "":
		case f == fieldID:
			if p.ID == "" {
				p.ID = c.Name
			}
			if c.MRN {
				p.Map = append(p.Map, string(fieldMRN)+"="+c.Name)
			}
		case f == fieldFull && split, (f == fieldGiven || f == fieldFamily) && !split, f == fieldDOB && birth:
			c.Field = ""
		default:
			birth = birth || f == fieldDOB
			p.Map = append(p.Map, c.Field+"="+c.Name)
		}
	}
	p.dropLoneDate()
}

// dropLoneDate takes a date of birth out that has no name beside it.
func (p *Proposal) dropLoneDate() {
	named := slices.ContainsFunc(p.Columns, func(c ColumnProposal) bool {
		return c.Field == string(fieldFull) || c.Field == string(fieldGiven)
	})
	if !named {
		p.Map = slices.DeleteFunc(p.Map, func(m string) bool { return strings.HasPrefix(m, string(fieldDOB)+"=") })
	}
}
