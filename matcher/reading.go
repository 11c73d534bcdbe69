package matcher

import (
	"context"
	"errors"
	"slices"
	"sync"

	"leakwatch/leak"
)

// maxWaiting is how many weak matches a reading keeps undecided. More are decided as not counted, and Drain says so.
const maxWaiting = 1 << 15

// Reading is one document under way: a version's texts, and what was found in them so far. Its methods may run at the
// same time.
type Reading struct {
	m       *Matcher
	reg     *registry
	watch   *watch // nil without terms
	today   int
	onMatch func(leak.Match)

	telling sync.Mutex // held while onMatch runs
	mu      sync.Mutex // guards what follows; never held while onMatch or a reader runs

	distinct [kinds]counter
	names    counter
	terms    map[int]int64       // how often each watch term was seen
	hits     idSet               // registered identifiers that were counted, by clinic
	lesser   map[uint64]struct{} // of them, those of which only a form was seen that proves less than the kind
	view     *view               // while a chunk is merged
	persons  map[uint32]*patient
	unused   []patient
	clinics  map[uint16]*clinicState
	changed  []*patient // since the last Drain
	named    []*patient // of whom so far nothing but a name was seen, and not drained
	decided  []leak.Match
	waiting  int
	dropped  int64 // weak matches past maxWaiting
	order    uint64

	seenTokens idSet
	newTokens  [][]kept // in blocks, for a list that grows is copied again and again
	kept       int      // of newTokens
	loose      int      // tokens of unregistered identifiers, one for each ring
	cutTokens  int64    // sightings past the limit
}

// patient is one person in a document.
type patient struct {
	id       uint32
	key      personKey
	ref      string // made when it is first told
	clinic   *clinicState
	seen     kindSet // kinds of which an identifier was seen
	counted  kindSet
	told     kindSet // as last drained
	first    uint64  // the first identifier that was seen, the two forms of an address as one
	another  bool    // another one was seen
	together bool
	tagged   bool
	queued   bool // in changed
	waiting  []undecided
}

// undecided is a weak match that nothing speaks for yet.
type undecided struct {
	kind  kindID
	class leak.Class
	id    uint64
	order uint64
	match leak.Match
}

// clinicState is one clinic's part of a document.
type clinicState struct {
	index    uint16
	id       string
	kinds    [kinds]int64
	hits     [kinds]int64
	lesser   [kinds]int64 // of hits, in a form that proves less than the kind
	people   int64        // with anything seen
	counted  int64        // with anything counted
	nameOnly int64        // with a name, and nothing counted
	names    int64        // distinct names that are registered
	two      int64
	together int64
	tagged   int64
	anchored bool       // something of it counts that is no record number
	records  []*patient // whose record numbers wait for that
}

// Begin starts a reading with the registry as it is now. onMatch may be nil. It is called once for every match, when it
// is decided whether it counts: at once for most, when something else of the same person turns up for a weak one, at
// Finish for the rest. Calls never overlap; onMatch may call Tally and Drain, but neither Text nor Finish.
func (m *Matcher) Begin(onMatch func(leak.Match)) *Reading {
	r := &Reading{m: m, reg: m.registry.Load(), watch: m.watched.Load(), today: today(m.options.Now()), onMatch: onMatch,
		persons: map[uint32]*patient{}, clinics: map[uint16]*clinicState{}, names: newCounter(m.options.CandidateCap)}
	for k := range r.distinct {
		r.distinct[k] = newCounter(m.options.CandidateCap)
	}
	return r
}

// Text reads one text to its end. It may run at the same time for several texts of one reading, and from within the
// Read of another text's Reader. The error is the context's, that of the text's Reader as it is, or says that the
// registry's temporary file cannot be read; what was read before it is counted. Memory does not grow with the length of the text.
func (r *Reading) Text(ctx context.Context, t leak.Text) error {
	c := &crew{r: r, text: t, near: record{text: t}}
	defer c.end()
	err := c.read(ctx)
	if r.m.damaged(r.reg) { // who is in it may have been missed
		return errors.Join(err, errPages)
	}
	return err
}

// merge takes what a chunk held into the reading.
func (r *Reading) merge(s *scanner, w *window, record *record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reg.mu.RLock()
	defer r.reg.mu.RUnlock()
	r.view = r.reg.view()
	defer r.reg.done(r.view)
	for k := range s.seen {
		r.distinct[k].addAll(s.seen[k])
	}
	r.names.addAll(s.names)
	for _, t := range s.terms {
		if r.terms == nil {
			r.terms = map[int]int64{}
		}
		r.terms[t]++
	}
	for some := range slices.Chunk(s.tokens, touchAhead) {
		for i := range some {
			r.seenTokens.near ^= r.seenTokens.touch(tagOf(some[i].t1[:]).a)
		}
		for i := range some {
			t := &some[i]
			r.token(t, s.people[t.people[0]:t.people[1]])
		}
	}
	for i := range s.hits {
		r.hit(s, w, &s.hits[i], record)
	}
	record.endOfChunk(s, w)
}

// token keeps the tokens of an identifier that was not seen before: of a registered one for each person whose it is.
func (r *Reading) token(t *tokenRow, people []uint32) {
	id := tagOf(t.t1[:]).a
	if len(people) == 0 {
		r.looseToken(t, id)
		return
	}
	for _, p := range people {
		if r.patient(p) != nil && r.seenTokens.add(id^uint64(p+1)*0x9E3779B97F4A7C15) {
			r.keep(t, p, true)
		}
	}
}

// looseToken keeps the tokens of an identifier that nobody registered, within the limit.
func (r *Reading) looseToken(t *tokenRow, id uint64) {
	if r.loose >= r.m.options.TokenCap*len(r.m.rings) {
		r.cutTokens++
		return
	}
	if r.seenTokens.add(id) {
		r.loose++
		r.keep(t, 0, false)
	}
}

// kept is an identifier whose tokens were not drained yet, small and without pointers, for there may be very many.
type kept struct {
	t1         half
	person     uint32
	kind       kindID
	ring       uint8
	registered bool
}

func (r *Reading) keep(t *tokenRow, person uint32, registered bool) {
	last := len(r.newTokens) - 1
	if last < 0 || len(r.newTokens[last]) == cap(r.newTokens[last]) {
		size := 16
		if last >= 0 {
			size = min(2*cap(r.newTokens[last]), 4096)
		}
		r.newTokens = append(r.newTokens, make([]kept, 0, size))
		last++
	}
	r.newTokens[last] = append(r.newTokens[last], kept{t.t1, person, t.kind, t.ring, registered})
	r.kept++
}

// drainTokens gives the tokens since the last Drain, under every find pepper.
func (r *Reading) drainTokens() []leak.Token {
	if r.kept == 0 {
		return nil
	}
	macs := r.m.findMACs()
	tokens := make([]leak.Token, 0, r.kept*len(macs))
	for i, mac := range macs {
		for _, some := range r.newTokens {
			mac.tokens(some, func(k *kept, f half) {
				t := leak.Token{F: f, Kind: kindNames[k.kind], RK: r.m.rings[k.ring].id, PK: r.m.keys.Find[i].ID, Registered: k.registered}
				if k.registered {
					t.Person = r.persons[k.person].who()
				}
				tokens = append(tokens, t)
			})
		}
	}
	r.newTokens, r.kept = nil, 0
	return tokens
}

// tell hands the decided matches over, outside the lock that the other methods take.
func (r *Reading) tell() {
	r.mu.Lock()
	some := len(r.decided) > 0
	r.mu.Unlock()
	if !some {
		return
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	r.mu.Lock()
	decided := r.decided
	r.decided = nil
	r.mu.Unlock()
	for _, m := range decided {
		r.onMatch(m)
	}
}
