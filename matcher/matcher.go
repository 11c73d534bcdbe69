package matcher

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"leakwatch/leak"
)

// Version is raised when what is found changes, so that what was read with an older one can be read again.
const Version = "1"

// Key is a registration key of a ring (RK) or a pepper, with its id. Its secret never leaves this package again.
type Key struct {
	ID         string
	Secret     [32]byte
	SearchOnly bool // of a ring: finds are tokenised under it so that lineage holds, and nothing new is registered
}

// Keys are all keys of a deployment. Index[0] is the pepper that rows are wrapped under from now on; every Find pepper
// makes tokens. Rings are tried in order.
type Keys struct{ Rings, Index, Find []Key }

// Options are the matcher's settings. Zero values mean defaults.
type Options struct {
	Regions      []string         // in which national telephone numbers are read; default FI, SE, NO, DK, GB
	CandidateCap int              // distinct candidates of a kind counted exactly; default 65,536
	TokenCap     int              // distinct unregistered identifiers of which a find keeps tokens; default 262,144
	Now          func() time.Time // default time.Now; for dates of birth in the future

	// Kinds are looked for even when no clinic registered one of them, so that finds keep tokens (of those that are
	// Tokenised) for a clinic that registers later. All other kinds are looked for once somebody has registered one.
	Kinds []leak.Kind
}

func (o Options) withDefaults() Options {
	if len(o.Regions) == 0 {
		o.Regions = []string{"FI", "SE", "NO", "DK", "GB"}
	}
	if o.CandidateCap <= 0 {
		o.CandidateCap = 1 << 16
	}
	if o.TokenCap <= 0 {
		o.TokenCap = 1 << 18
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Matcher holds the keys and the registry. Its methods may run at the same time.
type Matcher struct {
	keys       Keys
	options    Options
	rings      []ring
	regions    []*plan
	always     kindSet // Options.Kinds
	registry   atomic.Pointer[registry]
	watched    atomic.Pointer[watch]
	generation atomic.Int64
	change     sync.Mutex // one writer of the registry at a time
	ciphers    ciphers    // under change
	scanners   sync.Pool
	kernels    kernels
}

// New makes a matcher with an empty registry. It turns core dumps off for the process where the system allows, and
// keeps its keys from being swapped out.
func New(k Keys, o Options) (*Matcher, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	m := &Matcher{keys: k.clone(), options: o.withDefaults(), kernels: pickKernels()}
	for _, key := range m.keys.Rings {
		m.rings = append(m.rings, newRing(key))
	}
	for _, region := range m.options.Regions {
		p := plans[strings.ToUpper(region)]
		if p == nil {
			return nil, fmt.Errorf("matcher: no numbering plan for region %q", region)
		}
		if !slices.Contains(m.regions, p) && !slices.ContainsFunc(m.regions, func(q *plan) bool { return q.code == p.code }) {
			m.regions = append(m.regions, p)
		}
	}
	for _, name := range m.options.Kinds {
		k, ok := kindOf(name)
		if !ok {
			return nil, fmt.Errorf("matcher: kind %q is not known", name)
		}
		m.always = m.always.with(k)
	}
	m.ciphers.forget(m.keys.Index)
	m.scanners.New = func() any { return newScanner(m) }
	m.registry.Store(newRegistry(m.rings, m.always, 0))
	Protect()
	lock(m.keys.Rings)
	lock(m.keys.Index)
	lock(m.keys.Find)
	lock(m.rings)
	return m, nil
}

func (k Keys) check() error {
	if len(k.Rings) == 0 || len(k.Index) == 0 || len(k.Find) == 0 {
		return errors.New("matcher: at least one ring, one index pepper and one find pepper are needed")
	}
	if len(k.Rings) > 255 || len(k.Find) > 255 {
		return errors.New("matcher: more than 255 rings or find peppers")
	}
	for _, keys := range [][]Key{k.Rings, k.Index, k.Find} {
		seen := map[string]bool{}
		for _, key := range keys {
			switch {
			case !keyID(key.ID):
				return fmt.Errorf("matcher: key id %q: want lower-case letters, digits and dashes, 32 at most", key.ID)
			case seen[key.ID]:
				return fmt.Errorf("matcher: key id %q is there twice", key.ID)
			case key.Secret == [32]byte{}:
				return fmt.Errorf("matcher: key %q is all zero", key.ID)
			}
			seen[key.ID] = true
		}
	}
	return nil
}

// keyID says whether an id is ^[a-z0-9-]{1,32}$.
func keyID(id string) bool {
	for _, c := range []byte(id) {
		if c-'a' > 25 && c-'0' > 9 && c != '-' {
			return false
		}
	}
	return id != "" && len(id) <= 32
}

func (k Keys) clone() Keys {
	return Keys{slices.Clone(k.Rings), slices.Clone(k.Index), slices.Clone(k.Find)}
}

// Checks gives the check value of every key, four bytes in hex: "ring/fi-2026a" (its KCV), "index/pk-1", "find/pk-2".
// They tell a wrong key from the right one and nothing else.
func (m *Matcher) Checks() map[string]string {
	c := map[string]string{}
	for name, keys := range map[string][]Key{"ring/": m.keys.Rings, "index/": m.keys.Index, "find/": m.keys.Find} {
		for i := range keys {
			c[name+keys[i].ID] = checkValue(&keys[i].Secret)
		}
	}
	return c
}

// Load replaces the registry by the tags. Readings under way keep the one that they began with. On an error, that of
// tags or a row under a key that is not loaded, everything stays as it was.
func (m *Matcher) Load(generation int64, tags iter.Seq2[leak.Tag, error]) error {
	m.change.Lock()
	defer m.change.Unlock()
	r := newRegistry(m.rings, m.always, 0)
	for t, err := range tags {
		if err != nil {
			return fmt.Errorf("load registry: %w", err)
		}
		w, err := m.unwrap(t)
		if err != nil {
			return fmt.Errorf("load registry: %w", err)
		}
		c, err := r.clinic(t.Clinic)
		if err != nil {
			return err
		}
		r.add(c, w)
	}
	m.ciphers.forget(m.keys.Index)
	r.replan()
	r.table.lock()
	m.registry.Store(r)
	m.generation.Store(generation)
	return nil
}

// Add puts rows into the registry in place. Readings see them from their next chunk on. A row that is there already
// changes nothing; on an error nothing is added.
func (m *Matcher) Add(tags []leak.Tag) error {
	return m.edit(tags, (*registry).add)
}

// Remove takes rows out of the registry in place. A row that is not there changes nothing; on an error nothing is
// removed.
func (m *Matcher) Remove(tags []leak.Tag) error {
	return m.edit(tags, (*registry).remove)
}

func (m *Matcher) edit(tags []leak.Tag, do func(*registry, uint16, row)) error {
	m.change.Lock()
	defer m.change.Unlock()
	rows := make([]row, len(tags))
	for i, t := range tags {
		var err error
		if rows[i], err = m.unwrap(t); err != nil {
			return fmt.Errorf("change registry: %w", err)
		}
	}
	r := m.registry.Load()
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.replan()
	for i, t := range tags {
		c, err := r.clinic(t.Clinic)
		if err != nil {
			return err
		}
		do(r, c, rows[i])
	}
	return nil
}

// unwrap turns a stored row back into T1[0:16].
func (m *Matcher) unwrap(t leak.Tag) (row, error) {
	k, ok := kindOf(t.Kind)
	if !ok {
		return row{}, fmt.Errorf("row of clinic %s: kind %q is not known", t.Clinic, t.Kind)
	}
	ring := slices.IndexFunc(m.rings, func(r ring) bool { return r.id == t.RK })
	if ring < 0 {
		return row{}, fmt.Errorf("row of clinic %s: ring %q is not loaded", t.Clinic, t.RK)
	}
	block, err := m.ciphers.of(t.PK, t.Clinic)
	if err != nil {
		return row{}, fmt.Errorf("row of clinic %s: %w", t.Clinic, err)
	}
	var t1 [16]byte
	block.Decrypt(t1[:], t.W[:])
	return row{tag: tagOf(t1[:]), kind: k, ring: uint8(ring), ref: t.Ref}, nil
}

// Generation is the registry's generation, as Load or SetGeneration gave it.
func (m *Matcher) Generation() int64 { return m.generation.Load() }

// SetGeneration says which generation the registry has after Add and Remove.
func (m *Matcher) SetGeneration(g int64) { m.generation.Store(g) }

// Size is the number of rows in the registry.
func (m *Matcher) Size() int {
	r := m.registry.Load()
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.rows
}
