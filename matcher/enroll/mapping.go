package enroll

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"math"
	"strings"
	"time"
)

// SpecMapping names the mapping's format.
const SpecMapping = "leakwatch-mapping/1"

// patient is one line of the mapping: the clinic's own id, the handle that stands for it outside, everything that was
// registered of the patient, and the lists that the patient was on.
type patient struct {
	id      string
	ref     [16]byte
	old     string       // entries of former runs
	fresh   string       // entries that this run added
	told    string       // "export\tkind,kind" lines
	seen    uint64       // which of the first 64 old entries the table of this run still has
	more    map[int]bool // and which of the others; nil for nearly everybody
	inTable bool
	gone    bool // erased: not written any more
}

// mapping is the clinic's own file in memory. Not for concurrent use.
type mapping struct {
	clinic   string
	rk       string      // that the last bundle was made under
	sequence int64       // of the last bundle
	people   [][]patient // in blocks, so that growing copies nobody
	n        int32
	byID     map[string]int32
	erased   map[int32]string // entries taken out by this run
	stamp    fileStamp
}

// fileStamp tells whether a file is still the one that was read.
type fileStamp struct {
	size int64
	mod  time.Time
}

type mappingHeader struct {
	Spec     string    `json:"spec"`
	Clinic   string    `json:"clinic"`
	RK       string    `json:"rk"`
	Sequence int64     `json:"sequence"`
	Updated  time.Time `json:"updated"`
}

func newMapping(clinic string, sequence int64) *mapping {
	return &mapping{clinic: clinic, sequence: sequence, byID: map[string]int32{}, erased: map[int32]string{}}
}

// get gives the patient with an id, and makes one with a random ref when it is new.
func (m *mapping) get(id string) (p *patient, fresh bool, err error) {
	if i, ok := m.byID[id]; ok {
		return m.at(i), false, nil
	}
	if m.n == math.MaxInt32 {
		return nil, false, errors.New("too many patients for one mapping")
	}
	p = m.add(strings.Clone(id))
	_, _ = rand.Read(p.ref[:]) // never fails, see crypto/rand
	return p, true, nil
}

func (m *mapping) add(id string) *patient {
	m.byID[id] = m.n
	if m.n%blockSize == 0 {
		m.people = append(m.people, make([]patient, blockSize))
	}
	m.n++
	p := m.at(m.n - 1)
	p.id = id
	return p
}

const blockSize = 1 << 12

func (m *mapping) at(i int32) *patient { return &m.people[i/blockSize][i%blockSize] }

// maxEntries is how many bytes of new entries one patient may have. More means that the id column is none.
const maxEntries = 128 << 10

var errMerged = errors.New("one patient has more identifiers than anybody can have: is --id the right column?")

// merge adds a row's entries to a patient: new ones are kept, known ones are marked as still there.
func (p *patient) merge(entries string) error {
	p.inTable = true
	if p.old == "" && p.fresh == "" {
		p.fresh = entries
		return nil
	}
	entriesOf(entries, func(_ int, line string) {
		known := false
		entriesOf(p.old, func(i int, have string) {
			if have == line {
				known = true
				p.mark(i)
			}
		})
		entriesOf(p.fresh, func(_ int, have string) { known = known || have == line })
		if !known {
			p.fresh += line + "\n"
		}
	})
	if len(p.fresh) > maxEntries {
		return errMerged
	}
	return nil
}

func (p *patient) mark(i int) {
	if i < 64 {
		p.seen |= 1 << i
		return
	}
	if p.more == nil {
		p.more = map[int]bool{}
	}
	p.more[i] = true
}

func (p *patient) marked(i int) bool { return i < 64 && p.seen&(1<<i) != 0 || i >= 64 && p.more[i] }

// split cuts the old entries into those that the table still has and the former ones.
func (p *patient) split() (still, former string) {
	if p.old == "" {
		return "", ""
	}
	var a, b strings.Builder
	entriesOf(p.old, func(i int, line string) {
		to := &b
		if p.marked(i) {
			to = &a
		}
		to.WriteString(line)
		to.WriteByte('\n')
	})
	return a.String(), b.String()
}

// erase takes a patient's former entries out, and the patient when nothing is left. kept says that the table still has
// the patient; known, that the mapping had.
func (m *mapping) erase(id string) (known, kept bool) {
	i, ok := m.byID[id]
	if !ok {
		return false, false
	}
	p := m.at(i)
	still, former := p.split()
	m.erased[i] += former
	p.old, p.seen, p.more = still, 0, nil
	entriesOf(still, func(i int, _ string) { p.mark(i) })
	p.gone = !p.inTable
	return true, p.inTable
}

var refEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

func (p *patient) refText() string { return refEncoding.EncodeToString(p.ref[:]) }
