package configs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"
)

// LoadKeys reads the key files that the settings name, or, where they name none, the one of each sort that the folder
// has. It refuses files that others can read, and names every mistake. While NextIndexPepper is set it is the current
// index pepper, and IndexPepper is there to unwrap what is still under it.
func LoadKeys(c KeysConfig) (Keys, error) {
	r := &keyReader{dir: c.Dir}
	keys := Keys{
		Rings: r.several(UseRing, c.Rings, c.SearchOnlyRings),
		Index: r.index(c),
		Find:  r.several(UseFind, some(c.FindPepper), c.SearchOnlyFindPeppers),
		Place: r.one(placeFile, "place", "place").Secret,
	}
	keys.Deployment, keys.DeploymentRecipient = r.deployment()
	keys.Investigators = r.investigators(c.Investigators)
	if len(r.errs) > 0 {
		return Keys{}, fmt.Errorf("read keys: %w", errors.Join(r.errs...))
	}
	return keys, nil
}

func some(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}

// keyReader reads key files and collects what is wrong with them.
type keyReader struct {
	dir  string
	errs []error
}

func (r *keyReader) wrong(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf(format, args...))
}

func (r *keyReader) one(file, use, id string) Key {
	k, err := readKey(filepath.Join(r.dir, file), use, id)
	if err != nil {
		r.errs = append(r.errs, err)
	}
	return k
}

// several reads the active keys of a use, then the search-only ones.
func (r *keyReader) several(use string, active, searchOnly []string) []Key {
	if len(active) == 0 {
		active = r.only(use, searchOnly)
	}
	var keys []Key
	for i, id := range slices.Concat(active, searchOnly) {
		k := r.one(use+"-"+id+".key", use, id)
		k.SearchOnly = i >= len(active)
		keys = append(keys, k)
	}
	return keys
}

func (r *keyReader) index(c KeysConfig) []Key {
	next := some(c.NextIndexPepper)
	current := some(c.IndexPepper)
	if len(current) == 0 {
		current = r.only(UseIndex, next)
	}
	switch {
	case len(current) == 0:
		return nil // only has said why
	case len(next) == 0:
		return r.several(UseIndex, current, nil)
	}
	return r.several(UseIndex, next, current)
}

// only gives the id of the one key of a use in the folder, leaving out the ids that are named for something else.
func (r *keyReader) only(use string, but []string) []string {
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		r.wrong("%s: cannot be read: `leakwatch init` makes it", r.dir)
		return nil
	}
	var ids []string
	for _, e := range entries {
		id, isKey := strings.CutSuffix(e.Name(), ".key")
		id, isUse := strings.CutPrefix(id, use+"-")
		if isKey && isUse && !slices.Contains(but, id) {
			ids = append(ids, id)
		}
	}
	switch len(ids) {
	case 0:
		r.wrong("%s: no file %s-ID.key", r.dir, use)
	case 1:
		return ids
	default:
		r.wrong("%s: several files %s-ID.key (%s): say in the settings which is current", r.dir, use, strings.Join(ids, ", "))
	}
	return nil
}

func (r *keyReader) deployment() (Identity, string) {
	path := filepath.Join(r.dir, deploymentFile)
	b, err := ReadSecret(path)
	if err != nil {
		r.errs = append(r.errs, err)
		return "", ""
	}
	ids, err := age.ParseIdentities(strings.NewReader(string(b)))
	if err == nil && len(ids) == 1 {
		if id, ok := ids[0].(*age.X25519Identity); ok {
			return Identity(id.String()), id.Recipient().String()
		}
	}
	r.wrong("%s does not hold one age identity (AGE-SECRET-KEY-1…)", path)
	return "", ""
}

// investigators gives the recipients that evidence is sealed to. There must be one: else nobody could ever open it.
func (r *keyReader) investigators(named []string) []string {
	if len(named) > 0 {
		return named
	}
	path := filepath.Join(r.dir, investigatorsFile)
	b, err := readBounded(path)
	if err != nil {
		r.errs = append(r.errs, err)
		return nil
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case !isRecipient(line):
			r.wrong("%s: a line is not an age recipient (age1…)", path)
		default:
			out = append(out, line)
		}
	}
	if len(out) == 0 {
		r.wrong("%s names nobody: evidence could never be opened", path)
	}
	return out
}
