package enroll

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"leakwatch/matcher"
)

// slim is a row with nothing but the cells that are mapped.
type slim struct {
	n       int64
	id      string
	cells   []string // one for each column of the plan
	numeric []bool
}

func (p plan) slim(r record) slim {
	s := slim{n: r.n, id: r.cell(p.id.index), cells: make([]string, len(p.columns))}
	for i, m := range p.columns {
		s.cells[i] = r.cell(m.index)
	}
	if r.numeric != nil {
		s.numeric = make([]bool, len(p.columns))
		for i, m := range p.columns {
			s.numeric[i] = r.isNumber(m.index)
		}
	}
	return s
}

// refusal is a value that did not pass. It never holds the value.
type refusal struct {
	label string
	kind  field
	why   string
}

// extracted is what a row says of its patient: entries as the mapping keeps them, one a line.
type extracted struct {
	n       int64
	id      string
	entries string
	refused []refusal
}

// extractor turns rows into entries. One goroutine.
type extractor struct {
	h           hasher
	plan        plan
	clinic      string
	numbers     *matcher.NumberPattern // of the clinic's record numbers, or nil
	familyFirst bool
	date1904    bool
}

func newExtractor(o Options, p plan, facts tableFacts) *extractor {
	x := &extractor{h: o.hasher(), plan: p, clinic: o.Kit.Clinic, familyFirst: o.FamilyFirst, date1904: facts.date1904}
	if o.Kit.RecordNumbers != "" {
		x.numbers, _ = matcher.ParseNumberPattern(o.Kit.RecordNumbers) // which Kit.Check parsed
	}
	return x
}

// person gathers what a row says of one human being before names and date are joined.
type person struct {
	given, family []string
	nameLabel     string
	dob, fromID   string
}

func (x *extractor) row(s slim) extracted {
	e := extracted{n: s.n, id: norm.NFC.String(strings.TrimSpace(s.id))}
	if e.id == "" || len(e.id) > maxID {
		e.refused = append(e.refused, refusal{x.plan.id.label, fieldID, whyNoID})
		return e
	}
	var lines []string
	var p person
	for i, m := range x.plan.columns {
		cell := clean(s.cells[i])
		if cell == "" {
			continue
		}
		switch m.field {
		case fieldGiven, fieldFamily, fieldFull, fieldDOB:
			x.part(&p, &e, m, cell, i < len(s.numeric) && s.numeric[i])
		default:
			lines = x.identifiers(lines, &p, &e, m, cell)
		}
	}
	lines = x.name(lines, p, &e)
	e.entries = strings.Join(lines, "")
	return e
}

// identifiers appends an entry for each value in a cell that passes, and a refusal for each that does not. When a part
// does not pass but the whole cell does, the separator was part of the value.
func (x *extractor) identifiers(lines []string, p *person, e *extracted, m mapped, cell string) []string {
	var good []string
	var bad []refusal
	parts := pieces(m.field, cell)
	if len(parts) > maxPieces {
		parts, bad = parts[:maxPieces], append(bad, refusal{m.label, m.field, whyFormat})
	}
	for _, part := range parts {
		value, err := x.accept(m.field, part)
		if err != nil {
			bad = append(bad, refusal{m.label, m.field, reasonOf(err)})
			continue
		}
		good = append(good, value)
	}
	if len(bad) > 0 && len(parts) > 1 {
		if value, err := x.accept(m.field, cell); err == nil {
			good, bad = []string{value}, nil
		}
	}
	for _, v := range good {
		lines = append(lines, entry(m.field, v))
		if date, ok := dateInside(m.field, v); ok && p.fromID == "" {
			p.fromID = date
		}
	}
	e.refused = append(e.refused, bad...)
	return lines
}

// part takes a cell that is a part of a name or a date of birth.
func (x *extractor) part(p *person, e *extracted, m mapped, cell string, number bool) {
	switch {
	case len(cell) > maxValue:
		e.refused = append(e.refused, refusal{m.label, m.field, whyFormat})
	case m.field == fieldDOB:
		date, ok := birthDate(cell, number, x.date1904)
		if !ok {
			e.refused = append(e.refused, refusal{m.label, m.field, whyDate})
		}
		p.dob = date
	case m.field == fieldGiven:
		p.given, p.nameLabel = append(p.given, cell), m.label
	case m.field == fieldFamily:
		p.family, p.nameLabel = append(p.family, cell), m.label
	default:
		given, family, ok := splitFull(cell, x.familyFirst)
		if !ok {
			e.refused = append(e.refused, refusal{m.label, m.field, whyFormat})
			return
		}
		p.given, p.family, p.nameLabel = append(p.given, given), append(p.family, family), m.label
	}
}

// name appends the entry of the person's names, with the date of birth when there is one.
func (x *extractor) name(lines []string, p person, e *extracted) []string {
	if len(p.given) == 0 && len(p.family) == 0 {
		return lines
	}
	if len(p.given) == 0 || len(p.family) == 0 {
		e.refused = append(e.refused, refusal{p.nameLabel, fieldFull, whyIncomplete})
		return lines
	}
	if p.dob == "" {
		p.dob = p.fromID
	}
	line := entry(fieldFull, strings.Join(p.given, ";"), strings.Join(p.family, ";"), p.dob)
	if _, err := (&entryHasher{h: x.h, clinic: x.clinic}).hash(nil, line); err != nil {
		e.refused = append(e.refused, refusal{p.nameLabel, fieldFull, reasonOf(err)})
		return lines
	}
	return append(lines, line)
}
