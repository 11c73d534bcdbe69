package configs

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
)

// Key is a registration key or a pepper.
type Key struct {
	ID         string
	Secret     Secret
	SearchOnly bool // what was made under it is still found; nothing new is made under it
}

// Keys are all secrets of a deployment. The first ring, the first index pepper and the first find pepper are the
// current ones.
type Keys struct {
	Rings, Index, Find  []Key
	Place               Secret
	Deployment          Identity // what clinics encrypt their bundles to
	DeploymentRecipient string
	Investigators       []string // age recipients that evidence is sealed to
}

// The uses of a key. A key file is <use>-<id>.key.
const (
	UseRing  = "ring"
	UseIndex = "index"
	UseFind  = "find"
)

// The files of a key folder that carry no id.
const (
	placeFile         = "place.key"
	deploymentFile    = "deployment.age-identity"
	InvestigatorFile  = "investigator.age-identity" // to be moved off this machine: it opens the evidence
	investigatorsFile = "investigators.recipients"  // age recipients, one a line
)

// keyFormat begins every key file: one line of text, `leakwatch-key/1 ring fi-2026a <base64 of 32 bytes>`.
const keyFormat = "leakwatch-key/1"

// WriteKeys makes the keys of a new deployment in a folder: a registration key with the id given, an index pepper and a
// find pepper, the place key, the deployment's age identity, and an investigator's, which is to be moved elsewhere. A
// folder that holds keys is refused; what was made before an error is taken away again.
func WriteKeys(dir, ring string) (Keys, error) {
	if !keyID.MatchString(ring) {
		return Keys{}, fmt.Errorf("make keys: ring id %s is not 1 to 32 of a-z, 0-9 and -", quote(ring))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Keys{}, fmt.Errorf("make keys: %w", err)
	}
	if found, err := filepath.Glob(filepath.Join(dir, "*.key")); err != nil || len(found) > 0 {
		return Keys{}, fmt.Errorf("make keys: %s holds keys already", dir)
	}
	w := keyWriter{dir: dir}
	keys := w.all(ring)
	if w.err != nil {
		for _, p := range w.made {
			w.err = errors.Join(w.err, os.Remove(p))
		}
		return Keys{}, fmt.Errorf("make keys: %w", w.err)
	}
	return keys, nil
}

// AddKey makes one more key of a use (UseRing, UseIndex, UseFind) in a folder, for a rotation.
func AddKey(dir, use, id string) (Key, error) {
	if !keyID.MatchString(id) {
		return Key{}, fmt.Errorf("make key: id %s is not 1 to 32 of a-z, 0-9 and -", quote(id))
	}
	w := keyWriter{dir: dir}
	k := w.key(use+"-"+id+".key", use, id)
	if w.err != nil {
		return Key{}, fmt.Errorf("make key: %w", w.err)
	}
	return k, nil
}

// NewPepperID makes an id for a pepper: pk-2026-1c9e.
func NewPepperID(year int) string {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return fmt.Sprintf("pk-%04d-%s", year, hex.EncodeToString(b[:]))
}

// keyWriter writes key files until the first error.
type keyWriter struct {
	dir  string
	made []string
	err  error
}

func (w *keyWriter) all(ring string) Keys {
	year := time.Now().UTC().Year()
	index, find := NewPepperID(year), NewPepperID(year)
	for find == index {
		find = NewPepperID(year)
	}
	keys := Keys{
		Rings: []Key{w.key(UseRing+"-"+ring+".key", UseRing, ring)},
		Index: []Key{w.key(UseIndex+"-"+index+".key", UseIndex, index)},
		Find:  []Key{w.key(UseFind+"-"+find+".key", UseFind, find)},
		Place: w.key(placeFile, "place", "place").Secret,
	}
	keys.Deployment, keys.DeploymentRecipient = w.identity(deploymentFile, "leakwatch: clinics encrypt their bundles to it")
	_, investigator := w.identity(InvestigatorFile, "leakwatch: opens the evidence. Move it off this machine")
	w.file(investigatorsFile, "# Who can open the evidence.\n"+investigator+"\n")
	keys.Investigators = []string{investigator}
	return keys
}

func (w *keyWriter) key(file, use, id string) Key {
	k := Key{ID: id}
	_, _ = rand.Read(k.Secret[:])
	w.file(file, keyFormat+" "+use+" "+id+" "+base64.StdEncoding.EncodeToString(k.Secret[:])+"\n")
	return k
}

func (w *keyWriter) identity(file, comment string) (Identity, string) {
	if w.err != nil {
		return "", ""
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		w.err = err
		return "", ""
	}
	recipient := id.Recipient().String()
	w.file(file, "# "+comment+"\n# public key: "+recipient+"\n"+id.String()+"\n")
	return Identity(id.String()), recipient
}

func (w *keyWriter) file(name, text string) {
	if w.err != nil {
		return
	}
	path := filepath.Join(w.dir, name)
	if w.err = WriteSecret(path, []byte(text)); w.err == nil {
		w.made = append(w.made, path)
	}
}

// readKey reads one key file and checks that it is what its name says. No error holds what the file holds.
func readKey(path, use, id string) (Key, error) {
	b, err := ReadSecret(path)
	if err != nil {
		return Key{}, err
	}
	words := strings.Fields(string(b))
	switch {
	case len(words) != 4 || words[0] != keyFormat:
		return Key{}, fmt.Errorf("%s is not a key file: its one line must be %s USE ID BASE64", path, keyFormat)
	case words[1] != use || words[2] != id:
		return Key{}, fmt.Errorf("%s does not hold the %s key %s", path, use, id)
	}
	secret, err := base64.StdEncoding.Strict().DecodeString(words[3])
	if err != nil {
		return Key{}, fmt.Errorf("%s: the key is not base64", path)
	}
	k := Key{ID: id}
	if len(secret) != len(k.Secret) {
		return Key{}, fmt.Errorf("%s: the key has %d bytes, not %d", path, len(secret), len(k.Secret))
	}
	copy(k.Secret[:], secret)
	if k.Secret == (Secret{}) {
		return Key{}, fmt.Errorf("%s: the key is all zeros", path)
	}
	return k, nil
}
