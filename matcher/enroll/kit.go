package enroll

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"filippo.io/age"

	"leakwatch/configs"
	"leakwatch/matcher"
)

// SpecKit names the kit's file format.
const SpecKit = "leakwatch-kit/1"

// Kit is what a clinic gets, in one file: all that its tool needs. It holds the ring's registration key, and is a
// secret of the ring.
type Kit struct {
	Clinic    string // the clinic's id
	RK        string // id of the registration key
	Secret    configs.Secret
	Recipient string // the deployment's age recipient
	Region    string // two letters: telephone numbers without a country are of it

	RecordNumbers string // pattern that the clinic's own record numbers have, see matcher.ParseNumberPattern; "" when there is none
}

// Test says whether the ring is for test numbers only.
func (k Kit) Test() bool { return strings.HasPrefix(k.RK, "test-") }

// KCV is the check value of the registration key, printed beside it so that a wrong key is noticed.
func (k Kit) KCV() string { return matcher.NewHasher(k.key(), k.Region).KCV() }

func (k Kit) key() matcher.Key { return matcher.Key{ID: k.RK, Secret: k.Secret} }

type kitFile struct {
	Spec      string `json:"spec"`
	Clinic    string `json:"clinic"`
	RK        string `json:"rk"`
	Key       string `json:"key"`
	KCV       string `json:"kcv"`
	Test      bool   `json:"test"`
	Recipient string `json:"recipient"`
	Region    string `json:"region"`

	RecordNumbers string `json:"record_numbers,omitempty"`
}

// WriteKit writes a kit to a new file that its owner alone can read. It fails when the file exists.
func WriteKit(path string, k Kit) error {
	if err := k.Check(); err != nil {
		return fmt.Errorf("write kit: %w", err)
	}
	b, err := json.MarshalIndent(kitFile{
		Spec: SpecKit, Clinic: k.Clinic, RK: k.RK, Key: base64.StdEncoding.EncodeToString(k.Secret[:]), KCV: k.KCV(),
		Test: k.Test(), Recipient: k.Recipient, Region: k.Region, RecordNumbers: k.RecordNumbers,
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("write kit: %w", err)
	}
	if err := configs.WriteSecret(path, append(b, '\n')); err != nil {
		return fmt.Errorf("write kit: %w", withoutPath(err))
	}
	return nil
}

// ReadKit reads a kit and checks it: spec, key against its check value, recipient. A file that others can read is
// refused.
func ReadKit(path string) (Kit, error) {
	b, err := readSecret(path)
	if err != nil {
		return Kit{}, fmt.Errorf("read kit: %w", err)
	}
	k, err := parseKit(b)
	if err != nil {
		return Kit{}, fmt.Errorf("read kit: %w", err)
	}
	return k, nil
}

func parseKit(b []byte) (Kit, error) {
	var f kitFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return Kit{}, errors.New("this is no kit, or a damaged one")
	}
	if f.Spec != SpecKit {
		return Kit{}, fmt.Errorf("spec %.40q, want %q", f.Spec, SpecKit)
	}
	secret, err := base64.StdEncoding.DecodeString(f.Key)
	if err != nil || len(secret) != 32 {
		return Kit{}, errors.New("the key is damaged")
	}
	k := Kit{Clinic: f.Clinic, RK: f.RK, Secret: configs.Secret(secret), Recipient: f.Recipient, Region: f.Region, RecordNumbers: f.RecordNumbers}
	if err := k.Check(); err != nil {
		return Kit{}, err
	}
	if k.KCV() != f.KCV {
		return Kit{}, fmt.Errorf("the key's check value is %s, the kit says %.16q: the kit is damaged", k.KCV(), f.KCV)
	}
	if k.Test() != f.Test {
		return Kit{}, errors.New("the kit's test mark does not fit its ring")
	}
	return k, nil
}

var (
	ringID   = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)
	clinicID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	region   = regexp.MustCompile(`^[A-Z]{2}$`)
)

// CheckClinicID says what is wrong with a clinic's id: it stands in keyed hashes, file names and alerts.
func CheckClinicID(id string) error {
	if !clinicID.MatchString(id) {
		return fmt.Errorf("clinic id %.70q: want lower-case letters, digits and hyphens, at most 64", id)
	}
	return nil
}

// Check says what is wrong with a kit's fields, or nil.
func (k Kit) Check() error {
	if err := CheckClinicID(k.Clinic); err != nil {
		return err
	}
	if !ringID.MatchString(k.RK) {
		return fmt.Errorf("ring id %.40q: want lower-case letters, digits and hyphens, at most 32", k.RK)
	}
	if !region.MatchString(k.Region) {
		return fmt.Errorf("region %.10q: want two letters, such as FI", k.Region)
	}
	if _, err := age.ParseX25519Recipient(k.Recipient); err != nil {
		return errors.New("the deployment's recipient is no age recipient")
	}
	if k.RecordNumbers != "" {
		if _, err := matcher.ParseNumberPattern(k.RecordNumbers); err != nil {
			return err
		}
	}
	return nil
}

// readSecret reads a small file that its owner alone may read.
func readSecret(path string) ([]byte, error) {
	if err := configs.CheckMode(path); err != nil {
		return nil, withoutPath(err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer f.Close()
	return readLimited(f, 1<<20)
}
