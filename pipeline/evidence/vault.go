// Package evidence keeps what was fetched, sealed from its first byte on disk: age, to an identity of its own for each
// version. While a version is read, that identity lies beside it under the place key, so that a reading cut off by a
// crash goes on from what is already here. In the end the identity is sealed to the investigators and forgotten: from
// then on this machine cannot open what it holds.
//
// A folder per version, named by its id, holds
//
//	body.000.age …   the body in parts: a new part for each time the download went on
//	members.age      what containers said of their members, JSON Lines
//	reading.sealed   identity and validators, under the place key; only while it is read
//	identity.age     identity, to the investigators; only when it is kept
package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"filippo.io/age"

	"leakwatch/leak"
)

// Vault is a folder of evidence. It is safe for concurrent use on different versions.
type Vault struct {
	root          *os.Root
	dir           string
	places        *leak.PlaceKey
	investigators []age.Recipient
}

// Open opens the folder, making it if needed. Recipients are the investigators' age recipients, at least one.
func Open(dir string, places *leak.PlaceKey, recipients []string) (*Vault, error) {
	if len(recipients) == 0 {
		return nil, errors.New("open evidence: no investigator's recipient: what is kept could never be opened")
	}
	v := &Vault{dir: dir, places: places}
	for _, s := range recipients {
		r, err := age.ParseX25519Recipient(s)
		if err != nil {
			return nil, fmt.Errorf("open evidence: recipient: %w", err)
		}
		v.investigators = append(v.investigators, r)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open evidence: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open evidence: %w", err)
	}
	v.root = root
	return v, nil
}

// Close releases the folder.
func (v *Vault) Close() error { return v.root.Close() }

var versionID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// folder is the version's own, two levels deep so that no folder grows to millions.
func folder(version string) (string, error) {
	if !versionID.MatchString(version) {
		return "", errors.New("evidence: malformed version id")
	}
	return filepath.Join(version[max(0, len(version)-2):], version), nil
}

// Drop deletes what is kept of a version. Nothing there is no error.
func (v *Vault) Drop(version string) error {
	dir, err := folder(version)
	if err != nil {
		return err
	}
	err = v.root.RemoveAll(dir)
	for i := range asideMost {
		err = errors.Join(err, v.root.RemoveAll(aside(dir, i)))
	}
	if err != nil {
		return fmt.Errorf("drop evidence of %s: %w", version, err)
	}
	_ = v.root.Remove(filepath.Dir(dir)) // only when it is empty
	return nil
}

// Kept says whether the vault holds a version's evidence, and how many bytes it takes.
func (v *Vault) Kept(version string) (bytes int64, ok bool) {
	dir, err := folder(version)
	if err != nil {
		return 0, false
	}
	if _, err := v.root.Stat(filepath.Join(dir, "identity.age")); err != nil {
		return 0, false
	}
	parts, _ := fs.Glob(v.root.FS(), filepath.ToSlash(filepath.Join(dir, "*.age")))
	for _, p := range parts {
		if info, err := v.root.Stat(p); err == nil {
			bytes += info.Size()
		}
	}
	return bytes, true
}

// asideMost is how many sealed copies of a version stay beside the one that is being read.
const asideMost = 8

// aside is where the nth of them is.
func aside(dir string, n int) string { return dir + strings.Repeat("~", n+1) }

// setAside moves evidence that is already sealed out of the way of a reading that starts over: a crash came between the
// sealing and the outcome, or another version came to the place. The older copies stay beside the newer one.
func (v *Vault) setAside(dir string) error {
	if _, err := v.root.Stat(filepath.Join(dir, "identity.age")); err != nil {
		return nil
	}
	for i := range asideMost {
		if _, err := v.root.Stat(aside(dir, i)); err == nil {
			continue
		}
		return v.root.Rename(dir, aside(dir, i))
	}
	last := aside(dir, asideMost-1)
	if err := v.root.RemoveAll(last); err != nil {
		return err
	}
	return v.root.Rename(dir, last)
}

// dropReading deletes what a reading wrote, and puts back the newest of what was set aside for it.
func (v *Vault) dropReading(dir string) error {
	if err := v.root.RemoveAll(dir); err != nil {
		return fmt.Errorf("drop spool: %w", err)
	}
	for i := asideMost - 1; i >= 0; i-- {
		if _, err := v.root.Stat(aside(dir, i)); err == nil {
			return v.root.Rename(aside(dir, i), dir)
		}
	}
	_ = v.root.Remove(filepath.Dir(dir)) // only when it is empty
	return nil
}

// state is what reading.sealed holds.
type state struct {
	Identity   string
	Validators leak.Validators
}

func (v *Vault) load(dir string) (*state, error) {
	sealed, err := v.root.ReadFile(filepath.Join(dir, "reading.sealed"))
	if err != nil {
		return nil, err
	}
	clear, err := v.places.OpenBytes("spool", sealed)
	if err != nil {
		return nil, err
	}
	var s state
	if err := json.Unmarshal(clear, &s); err != nil {
		return nil, fmt.Errorf("spool state: %w", err)
	}
	return &s, nil
}

func (v *Vault) save(dir string, s *state) error {
	clear, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return v.write(filepath.Join(dir, "reading.sealed"), v.places.SealBytes("spool", clear))
}

// write replaces a small file whole, or leaves the one before.
func (v *Vault) write(name string, b []byte) error {
	f, err := v.root.OpenFile(name+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return v.root.Rename(name+".new", name)
}
