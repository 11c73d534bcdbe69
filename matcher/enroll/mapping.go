package enroll

import (
	"bufio"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"filippo.io/age"
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

// readMapping opens a mapping with the clinic's identity.
func readMapping(path string, k *clinicKeys) (*mapping, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read mapping: %w", withoutPath(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read mapping: %w", withoutPath(err))
	}
	plain, err := age.Decrypt(bufio.NewReaderSize(f, 1<<20), k.identity)
	if err != nil {
		return nil, errors.New("read mapping: it is damaged, or not sealed to the keys beside it")
	}
	m, err := parseMapping(plain)
	if err != nil {
		return nil, fmt.Errorf("read mapping: %w", err)
	}
	if m.clinic != k.clinic {
		return nil, fmt.Errorf("read mapping: it is clinic %q's, the keys are %q's", m.clinic, k.clinic)
	}
	m.stamp = fileStamp{info.Size(), info.ModTime()}
	return m, nil
}

var errMapping = errors.New("it is damaged")

// parseMapping reads the opened form: a header line, then for each patient a line `=id\tref`, a line `+entry` for each
// entry and a line `!export\tkinds` for each list.
func parseMapping(r io.Reader) (*mapping, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), 4<<20)
	var h mappingHeader
	if !in.Scan() || json.Unmarshal(in.Bytes(), &h) != nil || h.Spec != SpecMapping {
		return nil, errMapping
	}
	m := newMapping(h.Clinic, h.Sequence)
	m.rk = h.RK
	var p *patient
	var old, told strings.Builder
	flush := func() {
		if p != nil {
			p.old, p.told = old.String(), told.String()
		}
		old, told = strings.Builder{}, strings.Builder{}
	}
	for in.Scan() {
		line := in.Bytes()
		if len(line) == 0 {
			return nil, errMapping
		}
		switch {
		case line[0] == '=':
			flush()
			id, ref, ok := strings.Cut(string(line[1:]), "\t")
			id = unescape(id)
			if _, twice := m.byID[id]; !ok || twice || len(ref) != 26 || m.n == math.MaxInt32 {
				return nil, errMapping
			}
			p = m.add(id)
			if _, err := refEncoding.Decode(p.ref[:], []byte(ref)); err != nil {
				return nil, errMapping
			}
		case line[0] == '+' && p != nil:
			old.Write(line[1:])
			old.WriteByte('\n')
		case line[0] == '!' && p != nil:
			told.Write(line[1:])
			told.WriteByte('\n')
		default:
			return nil, errMapping
		}
	}
	flush()
	if in.Err() != nil {
		return nil, errMapping
	}
	return m, nil
}

// write writes the opened form.
func (m *mapping) write(w io.Writer, now time.Time) error {
	out := bufio.NewWriterSize(w, 256<<10)
	h, err := json.Marshal(mappingHeader{SpecMapping, m.clinic, m.rk, m.sequence, now.UTC()})
	if err != nil {
		return err
	}
	out.Write(append(h, '\n')) // bufio keeps the first error for Flush
	var id strings.Builder
	for i := range m.n {
		p := m.at(i)
		if p.gone {
			continue
		}
		id.Reset()
		escape(&id, p.id)
		out.WriteByte('=')
		out.WriteString(id.String())
		out.WriteByte('\t')
		out.WriteString(p.refText())
		out.WriteByte('\n')
		writeBlock(out, '+', p.old)
		writeBlock(out, '+', p.fresh)
		writeBlock(out, '!', p.told)
	}
	return out.Flush()
}

func writeBlock(out *bufio.Writer, mark byte, block string) {
	for block != "" {
		n := strings.IndexByte(block, '\n') + 1
		out.WriteByte(mark)
		out.WriteString(block[:n])
		block = block[n:]
	}
}

// save replaces the mapping file, sealed to the clinic. It refuses when somebody else has changed the file since it
// was read.
func (m *mapping) save(path string, k *clinicKeys, now time.Time) error {
	if err := m.unchanged(path); err != nil {
		return fmt.Errorf("save mapping: %w", err)
	}
	err := replaceFile(path, func(w io.Writer) error {
		sealed, err := age.Encrypt(w, k.identity.Recipient())
		if err != nil {
			return err
		}
		if err := m.write(sealed, now); err != nil {
			return err
		}
		return sealed.Close()
	})
	if err != nil {
		return fmt.Errorf("save mapping: %w", withoutPath(err))
	}
	return nil
}

func (m *mapping) unchanged(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist) && m.stamp == fileStamp{}:
		return nil
	case err != nil:
		return withoutPath(err)
	case m.stamp != fileStamp{info.Size(), info.ModTime()}:
		return errors.New("it was changed meanwhile, by another run; nothing was written, run this again")
	}
	return nil
}
