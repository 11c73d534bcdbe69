package matcher

import (
	"errors"
	"fmt"
	"runtime"
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
	Workers      int              // cores that one reading of a long text may use; default as many as there are
	Temp         string           // folder for what of a large registry does not stay in memory, sealed; "" keeps all in memory
	MaxMemory    int64            // bytes that the registry's tables may take; default what GOMEMLIMIT says, if anything

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
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
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
	patterns   atomic.Pointer[numberPatterns]
	watched    atomic.Pointer[watch]
	generation atomic.Int64
	change     sync.Mutex // one writer of the registry at a time
	ciphers    ciphers    // under change
	scanners   sync.Pool
	kernels    kernels
	helpers    chan struct{} // one for each that is at work
}

// New makes a matcher with an empty registry. It turns core dumps off for the process where the system allows, and
// keeps its keys from being swapped out.
func New(k Keys, o Options) (*Matcher, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	m := &Matcher{keys: k.clone(), options: o.withDefaults(), kernels: pickKernels()}
	m.helpers = make(chan struct{}, m.options.Workers-1)
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
	m.registry.Store(newRegistry(m.rings, m.always, m.options.Temp))
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
