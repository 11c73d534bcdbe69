package matcher

import (
	"encoding/base32"
	"fmt"
	"sync"

	"leakwatch/leak"
)

// maxOwners is how many people may share an identifier. One that more share is a switchboard's number or a clinic's own
// address: it says nothing about anybody, and is not matched until the registry is loaded anew.
const maxOwners = 64

// A clinic's identifier that more of its patients share than this is not matched for that clinic.
const (
	maxShared     = 20
	maxSharedName = 8
)

// registry holds what clinics registered, in memory only. Methods whose names begin with a capital letter take the
// lock; the others want it held.
type registry struct {
	mu      sync.RWMutex
	table   *table
	owners  []owner // [0] is nobody
	spare   uint32  // first of the owners that were removed, by next
	persons []person
	byRef   map[personKey]uint32
	oddRefs map[personKey]string // references that are not sixteen bytes in base32
	clinics []clinicRows
	byName  map[string]uint16
	rows    int
	counts  [][kinds]int // rows by ring and kind
	plan    [kinds]kindPlan
	rings   []ring
	always  kindSet // looked for even without rows
}

// owner is one registered row: whose identifier it is.
type owner struct {
	person uint32
	next   uint32 // 0 ends the chain
	kind   kindID
	ring   uint8
}

// crowded in place of an owner marks an identifier that too many share.
const crowded = ^uint32(0)

type person struct {
	clinic uint16
	odd    bool
	ref    [16]byte
	rows   uint32
}

type personKey struct {
	clinic uint16
	odd    bool
	ref    [16]byte
}

type clinicRows struct {
	id       string
	rows     [][kinds]int64 // by ring
	patients int64
}

// kindPlan says what is done with candidates of a kind.
type kindPlan struct {
	match []uint8 // rings with rows of the kind
	all   bool    // hash under the other rings too, for tokens
}

func newRegistry(rings []ring, always kindSet, size int) *registry {
	r := &registry{table: newTable(size), owners: make([]owner, 1, size+1), byRef: map[personKey]uint32{},
		oddRefs: map[personKey]string{}, byName: map[string]uint16{}, rings: rings, always: always, counts: make([][kinds]int, len(rings))}
	r.replan()
	return r
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
func keyOf(clinic uint16, ref string) (k personKey) {
	k.clinic = clinic
	if b, err := refCode.DecodeString(ref); err == nil && len(b) == 16 && refCode.EncodeToString(b) == ref {
		copy(k.ref[:], b)
		return k
	}
	k.odd = true
	copy(k.ref[:], refDigest(ref))
	return k
}

// personOf gives the leak's word for a person.
func (r *registry) personOf(i uint32) leak.Person {
	p := r.persons[i]
	ref := r.oddRefs[personKey{p.clinic, true, p.ref}]
	if !p.odd {
		ref = refCode.EncodeToString(p.ref[:])
	}
	return leak.Person{Clinic: r.clinics[p.clinic].id, Ref: ref}
}

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

// row is a tag that was unwrapped.
type row struct {
	tag  tag
	kind kindID
	ring uint8
	ref  string
}

// add puts a row in; one that is there already changes nothing.
func (r *registry) add(clinic uint16, w row) {
	key := keyOf(clinic, w.ref)
	p, ok := r.byRef[key]
	if !ok {
		p = uint32(len(r.persons))
		r.persons = append(r.persons, person{clinic: clinic, odd: key.odd, ref: key.ref})
		r.byRef[key] = p
		if key.odd {
			r.oddRefs[key] = w.ref
		}
	}
	slot := r.table.place(w.tag)
	n := 0
	for i := r.table.heads[slot]; i != 0 && i != crowded; i = r.owners[i].next {
		if n++; r.owners[i].person == p {
			return
		}
	}
	r.count(clinic, w, p, 1)
	switch {
	case r.table.heads[slot] == crowded:
	case n >= maxOwners:
		r.release(r.table.heads[slot])
		r.table.heads[slot] = crowded
	default:
		r.table.heads[slot] = r.own(owner{p, r.table.heads[slot], w.kind, w.ring})
	}
}

func (r *registry) own(o owner) uint32 {
	if i := r.spare; i != 0 {
		r.spare = r.owners[i].next
		r.owners[i] = o
		return i
	}
	r.owners = append(r.owners, o)
	return uint32(len(r.owners) - 1)
}

// release gives a chain of owners back.
func (r *registry) release(i uint32) {
	for i != 0 {
		next := r.owners[i].next
		r.owners[i] = owner{next: r.spare}
		r.spare, i = i, next
	}
}

// remove takes a row out; one that is not there changes nothing.
func (r *registry) remove(clinic uint16, w row) {
	p, ok := r.byRef[keyOf(clinic, w.ref)]
	slot := r.table.find(w.tag)
	if !ok || slot < 0 {
		return
	}
	if r.table.heads[slot] == crowded {
		r.count(clinic, w, p, -1)
		return
	}
	for at := &r.table.heads[slot]; *at != 0; at = &r.owners[*at].next {
		i := *at
		if r.owners[i].person != p {
			continue
		}
		*at = r.owners[i].next
		r.owners[i] = owner{next: r.spare}
		r.spare = i
		r.count(clinic, w, p, -1)
		break
	}
	if r.table.heads[slot] == 0 {
		r.table.remove(slot)
	}
}

func (r *registry) count(clinic uint16, w row, p uint32, n int) {
	r.rows += n
	r.counts[w.ring][w.kind] += n
	c := &r.clinics[clinic]
	c.rows[w.ring][w.kind] += int64(n)
	before := r.persons[p].rows
	r.persons[p].rows = uint32(int(before) + n)
	switch {
	case before == 0 && n > 0:
		c.patients++
	case before > 0 && r.persons[p].rows == 0:
		c.patients--
	}
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

// owned appends the people of a slot to dst. Those of a clinic that has too many of them are left out.
func (r *registry) owned(slot int, dst []uint32) []uint32 {
	head := r.table.heads[slot]
	if head == crowded {
		return dst
	}
	most := maxShared
	if r.owners[head].kind == kName {
		most = maxSharedName
	}
	start := len(dst)
	for i := head; i != 0; i = r.owners[i].next {
		dst = append(dst, r.owners[i].person)
	}
	if len(dst)-start <= most {
		return dst
	}
	all := append([]uint32(nil), dst[start:]...)
	dst = dst[:start]
	for _, p := range all {
		n := 0
		for _, q := range all {
			if r.persons[q].clinic == r.persons[p].clinic {
				n++
			}
		}
		if n <= most {
			dst = append(dst, p)
		}
	}
	return dst
}
