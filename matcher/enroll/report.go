package enroll

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// report lists what was refused: row, column, kind and reason, never the value.
type report struct {
	path    string // "" means counting only
	file    *os.File
	out     *csv.Writer
	counts  map[[2]string]int64
	rows    int64
	lastRow int64
}

// newReport begins a report, over an older one: what that said is of another table.
func newReport(path string) (*report, error) {
	r := &report{path: path, counts: map[[2]string]int64{}}
	if path == "" {
		return r, nil
	}
	return r, r.open()
}

func (r *report) add(row int64, f refusal) error {
	r.counts[[2]string{string(f.kind), f.why}]++
	if row != r.lastRow {
		r.lastRow = row
		r.rows++
	}
	if r.path == "" {
		return nil
	}
	return r.out.Write([]string{strconv.FormatInt(row, 10), guard(f.label), string(f.kind), f.why})
}

func (r *report) open() error {
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write report: %w", withoutPath(err))
	}
	r.file, r.out = f, csv.NewWriter(f)
	return r.out.Write([]string{"row", "column", "kind", "reason"})
}

// close ends the file, if there is one. It may be called twice.
func (r *report) close() error {
	if r.file == nil {
		return nil
	}
	r.out.Flush()
	err := r.out.Error()
	if e := r.file.Close(); err == nil {
		err = e
	}
	r.file = nil
	if err != nil {
		return fmt.Errorf("write report: %w", withoutPath(err))
	}
	return nil
}

func (r *report) refusals() []Refusals {
	list := []Refusals{}
	for k, n := range r.counts {
		list = append(list, Refusals{k[0], k[1], n})
	}
	slices.SortFunc(list, func(a, b Refusals) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}

// guard keeps a spreadsheet from taking a cell for a formula.
func guard(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
