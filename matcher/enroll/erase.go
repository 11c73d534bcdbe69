package enroll

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// erase takes the former identifiers of the patients in the erasure file out of the mapping. What the table itself
// still says of them stays: whoever is to go altogether is taken out of the register first.
func (j *job) erase() error {
	if j.o.Erase == "" {
		return nil
	}
	ids, err := readIDs(j.o)
	if err != nil {
		return err
	}
	for id := range ids {
		known, kept := j.mapping.erase(id)
		switch {
		case !known:
			j.sum.EraseUnknown++
		case kept:
			j.sum.EraseKept++
			j.sum.Erased++
		default:
			j.sum.Erased++
		}
	}
	return nil
}

// readIDs reads the erasure file: text in any charset that a table may have, one patient id a line.
func readIDs(o Options) (map[string]bool, error) {
	f, err := os.Open(o.Erase)
	if err != nil {
		return nil, fmt.Errorf("read erasure file: %w", withoutPath(err))
	}
	defer f.Close()
	charset, err := detectCharset(f)
	if err != nil {
		return nil, fmt.Errorf("read erasure file: %w", withoutPath(err))
	}
	if _, err := f.Seek(0, 0); err != nil {
		return nil, fmt.Errorf("read erasure file: %w", withoutPath(err))
	}
	plain, err := decode(f, charset)
	if err != nil {
		return nil, fmt.Errorf("read erasure file: %w", err)
	}
	b, err := readLimited(plain, 256<<20)
	if err != nil {
		return nil, fmt.Errorf("read erasure file: %w", err)
	}
	ids := map[string]bool{}
	for _, line := range strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if id := norm.NFC.String(strings.TrimSpace(line)); id != "" {
			ids[id] = true
		}
	}
	if len(ids) == 0 {
		return nil, errors.New("read erasure file: there is no patient id in it")
	}
	return ids, nil
}
