package enroll

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"filippo.io/age"

	"leakwatch/configs"
)

// SpecKeys names the format of the clinic's own keys.
const SpecKeys = "leakwatch-clinic-keys/1"

// clinicKeys are the clinic's own: it signs its bundles with one, and opens its mapping and its exports with the other.
type clinicKeys struct {
	clinic   string
	signer   ed25519.PrivateKey
	identity *age.X25519Identity
}

type keysFile struct {
	Spec     string `json:"spec"`
	Clinic   string `json:"clinic"`
	Signer   string `json:"signing_key"` // Ed25519 seed
	Identity string `json:"identity"`    // age
}

// KeysPath is where the clinic's keys lie: beside the mapping.
func KeysPath(mapping string) string { return mapping + ".keys" }

func makeKeys(clinic string) (*clinicKeys, error) {
	_, signer, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make identity: %w", err)
	}
	return &clinicKeys{clinic, signer, identity}, nil
}

func (k *clinicKeys) write(path string) error {
	b, err := json.MarshalIndent(keysFile{
		Spec: SpecKeys, Clinic: k.clinic, Signer: base64.StdEncoding.EncodeToString(k.signer.Seed()), Identity: k.identity.String(),
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("write the clinic's keys: %w", err)
	}
	if err := configs.WriteSecret(path, append(b, '\n')); err != nil {
		return fmt.Errorf("write the clinic's keys: %w", withoutPath(err))
	}
	return nil
}

func readKeys(path string) (*clinicKeys, error) {
	b, err := readSecret(path)
	if err != nil {
		return nil, fmt.Errorf("read the clinic's keys: %w", err)
	}
	var f keysFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if d.Decode(&f) != nil || f.Spec != SpecKeys {
		return nil, errors.New("read the clinic's keys: this is no such file, or a damaged one")
	}
	seed, err := base64.StdEncoding.DecodeString(f.Signer)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("read the clinic's keys: the signing key is damaged")
	}
	identity, err := age.ParseX25519Identity(f.Identity)
	if err != nil {
		return nil, errors.New("read the clinic's keys: the identity is damaged")
	}
	return &clinicKeys{f.Clinic, ed25519.NewKeyFromSeed(seed), identity}, nil
}

// public is the signing key's public half, in hex.
func (k *clinicKeys) public() string {
	return hex.EncodeToString(k.signer.Public().(ed25519.PublicKey))
}

// openClinic opens the mapping and the keys beside it. With neither there, both are new: first is true, and the keys
// are not yet written. Keys without their mapping are refused unless fresh says that it is lost, for new refs would
// make every patient a stranger.
func openClinic(path, clinic string, fresh bool, now int64) (k *clinicKeys, m *mapping, first bool, err error) {
	haveKeys, err := exists(KeysPath(path))
	if err != nil {
		return nil, nil, false, fmt.Errorf("look for the clinic's keys: %w", err)
	}
	haveMapping, err := exists(path)
	if err != nil {
		return nil, nil, false, fmt.Errorf("look for the mapping: %w", err)
	}
	switch {
	case !haveKeys && haveMapping:
		return nil, nil, false, errors.New("the mapping is there, but not the keys beside it: restore both from the backup")
	case !haveKeys:
		if k, err = makeKeys(clinic); err != nil {
			return nil, nil, false, err
		}
		if !fresh {
			now = 0
		}
		return k, newMapping(clinic, now), true, nil
	}
	if k, err = readKeys(KeysPath(path)); err != nil {
		return nil, nil, false, err
	}
	switch {
	case k.clinic != clinic:
		return nil, nil, false, fmt.Errorf("the keys beside the mapping are clinic %q's, the kit is %q's", k.clinic, clinic)
	case haveMapping:
		m, err = readMapping(path, k)
		return k, m, false, err
	case fresh:
		return k, newMapping(clinic, now), false, nil // a sequence past any that was used
	}
	return nil, nil, false, errors.New("the keys are there, but not the mapping: restore it from the backup; or, if it is lost for good, begin another one with --new-mapping")
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, withoutPath(err)
}
