package enroll

import (
	"errors"
	"strings"

	"leakwatch/leak"
)

// An entry is one thing that the clinic's table says or said of a patient, as the mapping keeps it: the field and its
// parts, tabs between, one line. What is kept is what was hashed and not the hash, so that under a new registration key
// former identifiers can be hashed again.
func entry(f field, parts ...string) string {
	var b strings.Builder
	b.WriteString(string(f))
	for _, p := range parts {
		b.WriteByte('\t')
		escape(&b, p)
	}
	b.WriteByte('\n')
	return b.String()
}

func escape(b *strings.Builder, s string) {
	if !strings.ContainsAny(s, "\t\n\r\\") {
		b.WriteString(s)
		return
	}
	_, _ = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`).WriteString(b, s)
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\\`, "\\", `\t`, "\t", `\n`, "\n", `\r`, "\r").Replace(s)
}

// entriesOf calls f for each entry of a block, without its line end.
func entriesOf(block string, f func(i int, line string)) {
	for i := 0; block != ""; i++ {
		line, rest, _ := strings.Cut(block, "\n")
		f(i, line)
		block = rest
	}
}

// tagged is a registered hash of one kind.
type tagged struct {
	kind leak.Kind
	t1   [32]byte
}

// entryHasher turns entries into the hashes that are registered: an address in both its forms, a name in all its
// pairs, with and without the date. One goroutine.
type entryHasher struct {
	h      hasher
	clinic string
}

var errEntry = errors.New("unknown entry")

// hash appends an entry's hashes to dst.
func (e *entryHasher) hash(dst []tagged, line string) ([]tagged, error) {
	name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
	if !ok {
		return dst, errEntry
	}
	switch f := field(name); f {
	case fieldFull:
		return e.names(dst, value)
	case fieldEmail:
		dst, err := e.one(dst, leak.Email, unescape(value))
		if err != nil {
			return dst, err
		}
		return e.one(dst, leak.EmailBase, unescape(value))
	case fieldMRN:
		return e.one(dst, leak.MRN, e.clinic+"/"+unescape(value))
	default:
		if k := leak.Kind(f); k.Known() {
			return e.one(dst, k, unescape(value))
		}
	}
	return dst, errEntry
}

func (e *entryHasher) one(dst []tagged, k leak.Kind, value string) ([]tagged, error) {
	t1, err := e.h.T1(k, value)
	if err != nil {
		return dst, err
	}
	return append(dst, tagged{k, t1}), nil
}

func (e *entryHasher) names(dst []tagged, value string) ([]tagged, error) {
	parts := strings.Split(value, "\t")
	if len(parts) != 3 {
		return dst, errEntry
	}
	given, family := givenNames(unescape(parts[0])), familyNames(unescape(parts[1]))
	if len(given) == 0 || len(family) == 0 {
		return dst, errEntry
	}
	t1s, err := e.h.Names(leak.Name, given, family, "")
	if err != nil {
		return dst, err
	}
	for _, t := range t1s {
		dst = append(dst, tagged{leak.Name, t})
	}
	if parts[2] == "" {
		return dst, nil
	}
	if t1s, err = e.h.Names(leak.NameDOB, given, family, parts[2]); err != nil {
		return dst, err
	}
	for _, t := range t1s {
		dst = append(dst, tagged{leak.NameDOB, t})
	}
	return dst, nil
}

// kindOfEntry is an entry's field, which is public.
func kindOfEntry(line string) string {
	name, _, _ := strings.Cut(line, "\t")
	for _, f := range Fields() {
		if f == name {
			return name
		}
	}
	return "unknown"
}
