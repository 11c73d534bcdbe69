package matcher

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"leakwatch/leak"
)

// Tally gives the counts so far. It is cheap enough to be asked for every second, and may be called while texts are
// being read.
func (r *Reading) Tally() leak.Tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tally()
}

func (r *Reading) tally() leak.Tally {
	t := leak.Tally{Candidates: map[leak.Kind]int64{}, Clinics: map[string]*leak.ClinicTally{}}
	for k := range kinds {
		n, estimated := r.distinct[k].count()
		if n == 0 || k == kName {
			continue
		}
		t.Candidates[kindNames[k]] = n
		if estimated {
			t.Estimated = append(t.Estimated, kindNames[k])
		}
	}
	estimated := false
	if t.Names, estimated = r.names.count(); estimated {
		t.Estimated = append(t.Estimated, leak.Name)
	}
	r.reg.mu.RLock()
	defer r.reg.mu.RUnlock()
	for index, c := range r.clinics {
		t.Clinics[r.reg.clinics[index].id] = r.clinicTally(c, t.Names)
	}
	for term, n := range r.terms {
		r.mention(t.Clinics, r.watch.terms[term], n)
	}
	return t
}

// mention puts a watch term into its clinic's part.
func (r *Reading) mention(clinics map[string]*leak.ClinicTally, t leak.Term, n int64) {
	c := clinics[t.Clinic]
	if c == nil {
		c = &leak.ClinicTally{Kinds: map[leak.Kind]int64{}, Hits: map[leak.Kind]int64{}}
		if index, ok := r.reg.byName[t.Clinic]; ok {
			c.Registered, c.Patients = r.reg.registered(index)
		}
		clinics[t.Clinic] = c
	}
	if c.Terms == nil {
		c.Terms = map[string]int64{}
	}
	c.Terms[t.Text] += n
}

func (r *Reading) clinicTally(c *clinicState, names int64) *leak.ClinicTally {
	t := &leak.ClinicTally{Kinds: map[leak.Kind]int64{}, Hits: map[leak.Kind]int64{}, Two: c.two, Together: c.together, Tagged: c.tagged}
	t.Registered, t.Patients = r.reg.registered(c.index)
	for k := range kinds {
		n := c.kinds[k]
		if k == kName {
			n = min(n, c.names) // several may share a name: one file is one person
		}
		if n > 0 {
			t.Kinds[kindNames[k]] = n
		}
		if c.hits[k] > 0 {
			t.Hits[kindNames[k]] = c.hits[k]
		}
		if c.lesser[k] > 0 {
			if t.Lesser == nil {
				t.Lesser = map[leak.Kind]int64{}
			}
			t.Lesser[kindNames[k]] = c.lesser[k]
		}
	}
	t.Persons = c.counted
	if c.namesSuffice(names) {
		t.Persons += c.nameOnly
	}
	t.Weak = c.people - t.Persons
	return t
}

// namesSuffice asks the rule of leak whether names alone make a find.
func (c *clinicState) namesSuffice(names int64) bool {
	t := leak.Tally{Names: names}
	return leak.NamesSuffice(t, &leak.ClinicTally{Kinds: map[leak.Kind]int64{leak.Name: min(c.kinds[kName], c.names)}})
}

// Drain gives what is new since the last Drain: persons, each with all kinds that count so far, and tokens. People of
// whom only a name was seen come once names suffice by leak.NamesSuffice. cut says, in fixed words and counts, which
// limits have cut something in this reading, "" when none has.
func (r *Reading) Drain() (seen []leak.Seen, tokens []leak.Token, cut string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	names, _ := r.names.count()
	suffice := map[*clinicState]bool{}
	for _, c := range r.clinics {
		suffice[c] = c.namesSuffice(names)
	}
	queue := append(r.named, r.changed...)
	r.named, r.changed = nil, nil
	for _, p := range queue {
		set := p.counted
		if p.seen.has(kName) && (set != 0 || suffice[p.clinic]) {
			set = set.with(kName)
		}
		switch p.queued = set == 0; {
		case set == 0:
			r.named = append(r.named, p)
		case set != p.told:
			p.told = set
			seen = append(seen, leak.Seen{Person: p.who(), Kinds: set.list()})
		}
	}
	slices.SortFunc(seen, func(a, b leak.Seen) int {
		return cmp.Or(cmp.Compare(a.Person.Clinic, b.Person.Clinic), cmp.Compare(a.Person.Ref, b.Person.Ref))
	})
	return seen, r.drainTokens(), r.cut()
}

func (s kindSet) list() (list []leak.Kind) {
	for k := range kinds {
		if s.has(k) {
			list = append(list, kindNames[k])
		}
	}
	return list
}

func (r *Reading) cut() string {
	var cuts []string
	if r.cutTokens > 0 {
		cuts = append(cuts, fmt.Sprintf("token limit %d: %d later sightings without a token", r.m.options.TokenCap, r.cutTokens))
	}
	if r.dropped > 0 {
		cuts = append(cuts, fmt.Sprintf("limit of %d undecided weak matches: %d not counted", maxWaiting, r.dropped))
	}
	return strings.Join(cuts, "; ")
}

// Finish decides the weak matches for which nothing spoke: names count where they suffice together, the rest do not.
// Call it once, when no Text runs any more.
func (r *Reading) Finish() {
	r.mu.Lock()
	names, _ := r.names.count()
	var rest []undecided
	for _, p := range r.persons {
		for _, u := range p.waiting {
			u.match.Counted = u.kind == kName && p.clinic.namesSuffice(names)
			rest = append(rest, u)
		}
		p.waiting = nil
	}
	r.waiting = 0
	slices.SortFunc(rest, func(a, b undecided) int { return cmp.Compare(a.order, b.order) })
	for _, u := range rest {
		r.decide(u.match)
	}
	r.mu.Unlock()
	r.tell()
}
