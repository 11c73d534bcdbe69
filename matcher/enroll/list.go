package enroll

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"leakwatch/leak"
)

// resolve turns refs into patients and notes the list that they are on.
func (m *mapping) resolve(e Export) Resolved {
	byRef := make(map[[16]byte]int32, len(e.Persons))
	r := Resolved{Alert: e.Alert, Clinic: e.Clinic, Event: e.Event, Confidence: e.Confidence, Test: e.Test}
	wanted := make(map[[16]byte]ExportPerson, len(e.Persons))
	for _, person := range e.Persons {
		var ref [17]byte
		n, err := refEncoding.Decode(ref[:], []byte(person.Ref[:min(len(person.Ref), 26)]))
		if err != nil || n != 16 || len(person.Ref) != 26 {
			r.Unknown++
			continue
		}
		key := [16]byte(ref[:16])
		before := wanted[key]
		person.Kinds = append(before.Kinds, person.Kinds...)
		person.Told = person.Told || before.Told
		wanted[key] = person
	}
	for i := range m.n {
		ref := m.at(i).ref
		if _, ok := wanted[ref]; ok {
			byRef[ref] = i
		}
	}
	for ref, person := range wanted {
		i, ok := byRef[ref]
		if !ok {
			r.Unknown++
			continue
		}
		r.Patients = append(r.Patients, m.at(i).list(e, person))
	}
	slices.SortFunc(r.Patients, func(a, b Patient) int { return strings.Compare(a.Patient, b.Patient) })
	return r
}

// list makes a patient's line in a list. What earlier lists said decides its standing; this list, if it was made
// before, does not. A test export is noted nowhere.
func (p *patient) list(e Export, person ExportPerson) Patient {
	kinds := slices.Compact(slices.Sorted(slices.Values(person.Kinds)))
	earlier := map[leak.Kind]bool{}
	listed, again := false, false
	entriesOf(p.told, func(_ int, line string) {
		id, told, _ := strings.Cut(line, "\t")
		if id == e.ID {
			again = true
		}
		if again {
			return // this list or a later one
		}
		listed = true
		for k := range strings.SplitSeq(told, ",") {
			earlier[leak.Kind(k)] = true
		}
	})
	line := Patient{Patient: p.id, Kinds: kinds, NewKinds: []leak.Kind{}, Standing: StandingNew, Earlier: person.Told}
	for _, k := range kinds {
		if !earlier[k] {
			line.NewKinds = append(line.NewKinds, k)
		}
	}
	switch {
	case listed && len(line.NewKinds) > 0:
		line.Standing = StandingMore
	case listed:
		line.Standing = StandingTold
	}
	if !again && !e.Test {
		p.told += e.ID + "\t" + joinKinds(kinds, ",") + "\n"
	}
	return line
}

func joinKinds(kinds []leak.Kind, sep string) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	return strings.Join(words, sep)
}

// WriteCSV writes the list as CSV with a header line. A cell that a spreadsheet would take for a formula is written
// with an apostrophe before it.
func (r Resolved) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"patient", "standing", "kinds", "new kinds", "earlier find"})
	for _, p := range r.Patients {
		if err != nil {
			break
		}
		earlier := "no"
		if p.Earlier {
			earlier = "yes"
		}
		err = out.Write([]string{guard(p.Patient), p.Standing, joinKinds(p.Kinds, " "), joinKinds(p.NewKinds, " "), earlier})
	}
	out.Flush()
	if err = errors.Join(err, out.Error()); err != nil {
		return fmt.Errorf("write patient list: %w", withoutPath(err))
	}
	return nil
}

// WriteJSON writes the list as JSON Lines.
func (r Resolved) WriteJSON(w io.Writer) error {
	lines := json.NewEncoder(w)
	for _, p := range r.Patients {
		if err := lines.Encode(p); err != nil {
			return fmt.Errorf("write patient list: %w", withoutPath(err))
		}
	}
	return nil
}

// Standings counts the patients by standing.
func (r Resolved) Standings() map[string]int {
	n := map[string]int{}
	for _, p := range r.Patients {
		n[p.Standing]++
	}
	return n
}
