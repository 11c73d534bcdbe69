package matcher

import (
	"encoding/base32"
	"fmt"
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"

	"leakwatch/leak"
)

// registry holds what clinics registered. In memory are a table of identifiers, with a filter, and one of people; what
// they lead to lies in records (records.go, pages.go): rows, chained by identifier and by person, and people.
//
// Methods whose names begin with a capital letter take the lock; the others want it held: those that change something,
// for themselves alone.
type registry struct {
	mu      sync.RWMutex
	table   *tagTable
	people  *table // by clinic and reference
	seed    maphash.Seed
	pages   *pages
	views   [maxViews]atomic.Pointer[view] // of readers, while nobody uses them
	pen     *view                          // the writer's
	writes  uint64                         // one more whenever something is written that views may remember
	near    uint64                         // what touch read, which means nothing
	spare   uint32                         // first of the rows that were removed, by next
	odd     map[uint32]string              // references that are not sixteen bytes in base32, by person
	clinics []clinicRows
	byName  map[string]uint16
	rows    int
	counts  [][kinds]int // rows by ring and kind
	plan    [kinds]kindPlan
	rings   []ring
	always  kindSet     // looked for even without rows
	broken  atomic.Bool // some record could not be read
}

// personKey is a person: the clinic, and the reference, or a digest of one that is not sixteen bytes in base32.
type personKey struct {
	clinic uint16
	odd    bool
	ref    [16]byte
}

type clinicRows struct {
	id       string
	rows     [][kinds]int64 // by ring
	patients int64
	gone     bool // removed whole; its rows are still in the chains
}

// kindPlan says what is done with candidates of a kind.
type kindPlan struct {
	match []uint8 // rings with rows of the kind
	all   bool    // hash under the other rings too, for tokens
}

func newRegistry(rings []ring, always kindSet, temp string) *registry {
	r := &registry{people: newTable(false), seed: maphash.MakeSeed(), pages: newPages(temp), odd: map[uint32]string{},
		byName: map[string]uint16{}, rings: rings, always: always, counts: make([][kinds]int, len(rings))}
	r.table = &tagTable{table: newTable(true), reg: r}
	r.pen = newView(r.pages)
	r.replan()
	runtime.AddCleanup(r, assets.free, assets{r.table.table, r.people, r.pages})
	return r
}

// assets are what a registry has beside Go's memory. They are given back when nobody has the registry any more.
type assets struct {
	rows, people *table
	pages        *pages
}

func (a assets) free() {
	a.rows.free()
	a.people.free()
	a.pages.close()
}

// replan works out which kinds are looked for, and under which rings.
func (r *registry) replan() {
	for k := range kinds {
		p := kindPlan{all: k.tokenised()}
		for i := range r.rings {
			if r.counts[i][k] > 0 {
				p.match = append(p.match, uint8(i))
			}
		}
		if len(p.match) == 0 && r.always.has(k) {
			p.match = []uint8{0}
		}
		r.plan[k] = p
	}
}

// wanted are the kinds that are looked for: those with rows, and those that the options name.
func (r *registry) wanted() (s kindSet) {
	for k := range kinds {
		if len(r.plan[k].match) > 0 {
			s = s.with(k)
		}
	}
	return s
}

var refCode = base32.StdEncoding.WithPadding(base32.NoPadding)

// keyOf packs a reference; those that the clinics' tool makes take sixteen bytes.
func keyOf(clinic uint16, ref string) personKey {
	if b, ok := packRef(ref); ok {
		return personKey{clinic: clinic, ref: b}
	}
	return personKey{clinic: clinic, odd: true, ref: [16]byte(refDigest(ref))}
}

func packRef(ref string) (b [16]byte, ok bool) {
	var text [26]byte
	if len(ref) != len(text) {
		return b, false
	}
	copy(text[:], ref)
	n, err := refCode.Decode(b[:], text[:])
	if err != nil || n != len(b) {
		return b, false
	}
	var again [26]byte
	refCode.Encode(again[:], b[:])
	return b, again == text // other texts decode to the same bytes
}

// hash is a person's key in the table of people.
func (r *registry) hash(k personKey) uint64 { return maphash.Comparable(r.seed, k) }

// maxViews is how many views are kept for the next reader.
const maxViews = 16

// view takes a reader of records; done gives it back.
func (r *registry) view() *view {
	for i := range r.views {
		if v := r.views[i].Swap(nil); v != nil {
			return v
		}
	}
	return newView(r.pages)
}

func (r *registry) done(v *view) {
	if v.broken {
		r.broken.Store(true)
		v.broken = false
	}
	for i := range r.views {
		if r.views[i].CompareAndSwap(nil, v) {
			return
		}
	}
}

// personOf gives a person's key, and false for one that was removed.
func (r *registry) personOf(i uint32, v *view) (personKey, bool) {
	b := v.record(i, r.writes)
	if b[30] != personMark {
		return personKey{}, false
	}
	k := personIn(b).personKey
	return k, !r.clinics[k.clinic].gone
}

// text is the reference that was packed.
func (k *personKey) text() string { return refCode.EncodeToString(k.ref[:]) }

func (r *registry) clinic(id string) (uint16, error) {
	if i, ok := r.byName[id]; ok {
		return i, nil
	}
	if len(r.clinics) == 1<<16-1 {
		return 0, fmt.Errorf("registry: more than %d clinics", len(r.clinics))
	}
	r.clinics = append(r.clinics, clinicRows{id: id, rows: make([][kinds]int64, len(r.rings))})
	r.byName[id] = uint16(len(r.clinics) - 1)
	return r.byName[id], nil
}

// count takes n rows of a kind into the counts.
func (r *registry) count(clinic uint16, k kindID, ring uint8, n int) {
	r.rows += n
	r.counts[ring][k] += n
	r.clinics[clinic].rows[ring][k] += int64(n)
}

// registered gives a clinic's rows by kind, and its patients. While a ring is being replaced rows exist twice, so the
// ring with most rows of a kind counts.
func (r *registry) registered(clinic uint16) (map[leak.Kind]int64, int64) {
	c, m := &r.clinics[clinic], map[leak.Kind]int64{}
	for _, rows := range c.rows {
		for k, n := range rows {
			if n > m[kindNames[k]] {
				m[kindNames[k]] = n
			}
		}
	}
	return m, c.patients
}

// Size is the number of rows.
func (r *registry) Size() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.rows
}
