package enroll

import (
	"bufio"
	"bytes"
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
	in.Split(wholeLines)
	var h mappingHeader
	if !in.Scan() || json.Unmarshal(in.Bytes(), &h) != nil || h.Spec != SpecMapping {
		return nil, errMapping
	}
	m := newMapping(h.Clinic, h.Sequence)
	m.rk = h.RK
	b := blocks{m: m}
	for in.Scan() {
		if err := b.line(in.Bytes()); err != nil {
			return nil, err
		}
	}
	b.flush()
	if in.Err() != nil {
		return nil, errMapping
	}
	return m, nil
}

// wholeLines ends lines at a line feed only: ScanLines would take a carriage return from an entry that ends in one.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// blocks gathers the lines of one patient after the other.
type blocks struct {
	m         *mapping
	p         *patient
	old, told strings.Builder
}

func (b *blocks) flush() {
	if b.p != nil {
		b.p.old, b.p.told = b.old.String(), b.told.String()
	}
	b.old, b.told = strings.Builder{}, strings.Builder{}
}

func (b *blocks) line(line []byte) error {
	switch {
	case len(line) == 0:
		return errMapping
	case line[0] == '=':
		b.flush()
		return b.patient(string(line[1:]))
	case line[0] == '+' && b.p != nil:
		b.old.Write(line[1:])
		b.old.WriteByte('\n')
	case line[0] == '!' && b.p != nil:
		b.told.Write(line[1:])
		b.told.WriteByte('\n')
	default:
		return errMapping
	}
	return nil
}

func (b *blocks) patient(line string) error {
	id, ref, ok := strings.Cut(line, "\t")
	id = unescape(id)
	if _, twice := b.m.byID[id]; !ok || twice || len(ref) != 26 || b.m.n == math.MaxInt32 {
		return errMapping
	}
	b.p = b.m.add(id)
	if _, err := refEncoding.Decode(b.p.ref[:], []byte(ref)); err != nil {
		return errMapping
	}
	return nil
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
