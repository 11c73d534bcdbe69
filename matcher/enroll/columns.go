package enroll

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"leakwatch/leak"
)

// field is what a column holds: a kind of identifier, or a part of a name.
type field string

// The fields that are no kinds.
const (
	fieldID     field = "id" // the clinic's own patient id
	fieldGiven  field = "given"
	fieldFamily field = "family"
	fieldFull   field = "name"
	fieldDOB    field = "dob"
)

// The fields that are kinds.
const (
	fieldEmail = field(leak.Email)
	fieldPhone = field(leak.Phone)
	fieldMRN   = field(leak.MRN)
)

// national are the national numbers that a column may hold: those with a check first, for a proposal takes the first of
// equals.
var national = []leak.Kind{leak.FIHetu, leak.SEPnr, leak.NOFnr, leak.EEIk, leak.LTAk, leak.LVPk, leak.ISKt, leak.GBNhs, leak.IEPpsn, leak.NLBsn, leak.BENrn,
	leak.DEKvnr, leak.FRNir, leak.ESDni, leak.ESNie, leak.ITCf, leak.PTNif, leak.PLPesel, leak.CSRc, leak.CHAhv, leak.ATSvnr, leak.USMbi, leak.CASin,
	leak.CAOnHcn, leak.AUMcn, leak.AUIhi, leak.NZNhi, leak.BRCpf, leak.BRCns, leak.INAadhaar, leak.DKCpr, leak.GBNino, leak.USItin, leak.USSsn, leak.PTSns}

// nationalFields are they as fields.
func nationalFields() []field {
	fields := make([]field, len(national))
	for i, k := range national {
		fields[i] = field(k)
	}
	return fields
}

// Fields are the left sides of --map, in the order in which a usage text names them.
func Fields() []string {
	fields := []string{string(fieldEmail), string(fieldPhone), string(fieldGiven), string(fieldFamily), string(fieldFull), string(fieldDOB), string(fieldMRN)}
	for _, k := range national {
		fields = append(fields, string(k))
	}
	return fields
}

// mapped is one column and what it holds.
type mapped struct {
	field field
	index int
	label string // safe to show
}

// plan says which columns are read.
type plan struct {
	id      mapped
	columns []mapped
	header  bool // the first row names the columns
}

// ParseMap checks the arguments of --map: kind=column, the column by its header or as #3.
func ParseMap(args []string) error {
	for _, a := range args {
		if _, _, err := splitMap(a); err != nil {
			return err
		}
	}
	return nil
}

func splitMap(arg string) (field, string, error) {
	kind, column, ok := strings.Cut(arg, "=")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if !ok || strings.TrimSpace(column) == "" {
		return "", "", fmt.Errorf("--map %.80q: want kind=column", arg)
	}
	if !slices.Contains(Fields(), kind) {
		return "", "", fmt.Errorf("--map %.80q: there is no kind %.40q; there are %s", arg, kind, strings.Join(Fields(), ", "))
	}
	return field(kind), column, nil
}

// makePlan finds the columns in the first row of the table.
func makePlan(first record, o Options) (plan, error) {
	if o.ID == "" {
		return plan{}, errors.New("--id is missing: the column with your own patient number, by which visits merge and a later export finds the same patient")
	}
	if len(o.Map) == 0 {
		return plan{}, errors.New("--map is missing: say which column holds which kind; --preview proposes it")
	}
	h := newHeader(first)
	var p plan
	var err error
	if p.id, err = h.find(fieldID, o.ID); err != nil {
		return plan{}, fmt.Errorf("--id: %w", err)
	}
	for _, arg := range o.Map {
		f, column, err := splitMap(arg)
		if err != nil {
			return plan{}, err
		}
		m, err := h.find(f, column)
		if err != nil {
			return plan{}, fmt.Errorf("--map %s: %w", f, err)
		}
		if !slices.Contains(p.columns, m) {
			p.columns = append(p.columns, m)
		}
	}
	p.header = h.used || h.likely()
	return p, p.check()
}

func (p plan) check() error {
	has := func(f field) bool {
		return slices.ContainsFunc(p.columns, func(m mapped) bool { return m.field == f })
	}
	dob := 0
	for _, m := range p.columns {
		if m.field == fieldDOB {
			dob++
		}
	}
	switch {
	case has(fieldGiven) != has(fieldFamily):
		return errors.New("given and family belong together: map both, or name for a column with the whole name")
	case dob > 1:
		return errors.New("only one column can be the date of birth")
	case has(fieldDOB) && !has(fieldGiven) && !has(fieldFull):
		return errors.New("a date of birth says nothing without a name: map name, or given and family, too")
	}
	return nil
}

// header is the first row of a table, as far as it is one.
type header struct {
	cells []string
	plain []string // in lower case, letters and digits only
	used  bool     // a column was found by its name
}

func newHeader(first record) *header {
	h := &header{cells: first.cells, plain: make([]string, len(first.cells))}
	for i, c := range first.cells {
		h.plain[i] = plainHeader(c)
	}
	return h
}

// find looks a column up by its header, or by its number when it is written #3.
func (h *header) find(f field, column string) (mapped, error) {
	want := plainHeader(column)
	at := -1
	for i, c := range h.cells {
		if strings.TrimSpace(c) != strings.TrimSpace(column) && (want == "" || h.plain[i] != want) {
			continue
		}
		if at >= 0 {
			return mapped{}, fmt.Errorf("two columns are called %.60q: say which by number, #%d or #%d", column, at+1, i+1)
		}
		at = i
	}
	if at >= 0 {
		h.used = true
		return mapped{f, at, strings.TrimSpace(column)}, nil
	}
	if digits, ok := strings.CutPrefix(column, "#"); ok {
		n, err := strconv.Atoi(digits)
		if err == nil && n >= 1 && n <= maxColumns {
			return mapped{f, n - 1, h.label(n - 1)}, nil
		}
	}
	return mapped{}, fmt.Errorf("there is no column %.60q in the first row; a column can be named by number too: #3", column)
}

// label is what a column may be called in public: its header when that is a known word, otherwise its letter. In a
// table without a header the first row is a patient.
func (h *header) label(i int) string {
	if i < len(h.plain) && len(guessField(h.plain[i])) > 0 {
		return strings.TrimSpace(h.cells[i])
	}
	return "column " + columnName(i)
}

// likely says whether the first row looks like a header: known words, and nothing that looks like a value.
func (h *header) likely() bool {
	known := false
	for i, c := range h.cells {
		digits := 0
		for _, r := range c {
			if unicode.IsDigit(r) {
				digits++
			}
		}
		if strings.Contains(c, "@") || digits >= 4 {
			return false
		}
		known = known || len(guessField(h.plain[i])) > 0
	}
	return known
}

// plainHeader keeps a header's letters and digits, in lower case.
func plainHeader(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
