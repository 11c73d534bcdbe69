package matcher

import (
	"bytes"
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"leakwatch/leak"
)

// A clinic's own record number.
//
// Canonical form: the clinic's id in lower case, a slash, upper-case letters and digits without separators. What a
// number looks like is the clinic's to say (NumberPattern); without a pattern numbers are registered and not looked for.
//
// A record number is never matched alone. It is looked for only near something else of the same clinic: within 3 KiB of
// an identifier of another kind that is registered by it. And it counts, a weak kind, only when another identifier of the
// same person was found, or when something else of the same clinic counts in the document.
//
// So the search costs nothing where nothing was found, however many clinics have patterns. Two chunks of a text may find
// the same number, from identifiers on both sides of it: it is taken once.
//
// Source: the clinic.

var mrnRule = rule{name: leak.MRN, canon: func(v []byte, _ input) ([][]byte, reason) { return one(canonMRN(v)) }}

// recordReach is how far from an identifier of a clinic its record numbers are looked for, in bytes of the text as read.
const recordReach = rowReach

// canonMRN reads issuer/NUMBER.
func canonMRN(v []byte) ([]byte, reason) {
	issuer, number, ok := bytes.Cut(v, []byte("/"))
	number = bytes.ToUpper(without(number, numberJoiners))
	if issuer = bytes.ToLower(issuer); !ok || len(issuer) == 0 || len(number) == 0 {
		return nil, badFormat
	}
	for _, c := range issuer {
		if classes[c]&(isDigit|isLetter) == 0 && c != '-' {
			return nil, badFormat
		}
	}
	for _, c := range number {
		if classes[c]&(isDigit|isLetter) == 0 {
			return nil, badFormat
		}
	}
	return append(append(issuer, '/'), number...), good
}

// numberPatterns are patterns by clinic.
type numberPatterns map[string]*NumberPattern

// SetPatterns replaces what the clinics' record numbers look like, by clinic. Texts that are read from now on are
// searched by them. A pattern that ParseNumberPattern refuses is an error, and then everything stays as it was.
func (m *Matcher) SetPatterns(patterns map[string]string) error {
	parsed := numberPatterns{}
	for _, clinic := range slices.Sorted(maps.Keys(patterns)) {
		p, err := ParseNumberPattern(patterns[clinic])
		if err != nil {
			return fmt.Errorf("clinic %s: %w", clinic, err)
		}
		parsed[clinic] = p
	}
	m.patterns.Store(&parsed)
	return nil
}

// searched is as far as a window was searched for a clinic's record numbers, in raw bytes.
type searched struct {
	clinic uint16
	upTo   int
}

// scanRecords looks for record numbers of the clinics whose identifiers the window holds, near those.
func (s *scanner) scanRecords(w *window, b []byte) {
	patterns := s.m.patterns.Load()
	if patterns == nil || len(*patterns) == 0 {
		return
	}
	s.searched = s.searched[:0]
	for i := range s.hits { // in the order of the text; what is found is put behind them
		h := &s.hits[i]
		from := max(0, s.folded.start(int(h.start))-recordReach)
		to := min(w.n, s.folded.end(int(h.end)-1)+recordReach)
		for _, person := range s.people[h.people[0]:h.people[1]] {
			who, ok := s.reg.personOf(person, s.view)
			if !ok {
				continue
			}
			if p := (*patterns)[s.reg.clinics[who.clinic].id]; p != nil {
				s.recordsNear(b, p, who.clinic, from, to)
			}
		}
	}
	s.flush()
}

// recordsNear searches what of a stretch of the window was not searched for the clinic yet.
func (s *scanner) recordsNear(b []byte, p *NumberPattern, clinic uint16, from, to int) {
	i := slices.IndexFunc(s.searched, func(d searched) bool { return d.clinic == clinic })
	if i < 0 {
		i = len(s.searched)
		s.searched = append(s.searched, searched{clinic, 0})
	}
	if from = max(from, s.searched[i].upTo); from < to {
		s.records(b, p, clinic, s.folded.index(from), s.folded.index(to))
		s.searched[i].upTo = to
	}
}

// records tries every place of b[from:to] at which a word begins.
func (s *scanner) records(b []byte, p *NumberPattern, clinic uint16, from, to int) {
	for i := from; i < to; i++ {
		if c := b[i]; classes[c]&(isDigit|isLetter) != 0 && p.table.begins(c) && !touchesBefore(b, i) {
			s.record(b, p, clinic, i)
		}
	}
}

// record takes the longest number that begins at b[i] and is whole words.
func (s *scanner) record(b []byte, p *NumberPattern, clinic uint16, i int) {
	for ends := p.table.ends(b[i:]); ends != 0; {
		n := bits.Len64(ends) - 1
		ends ^= 1 << n
		if classes[b[i+n-1]]&(isDigit|isLetter) == 0 || touchesAfter(b, i+n) {
			continue
		}
		c := append(append(s.base[:0], s.reg.clinics[clinic].id...), '/')
		for _, x := range b[i : i+n] {
			if classes[x]&(isDigit|isLetter) != 0 {
				c = append(c, upper(x))
			}
		}
		s.base = c
		s.candidate(kMRN, c, i, i+n, 0)
		return
	}
}
