package matcher

import (
	"strings"
	"time"

	"leakwatch/leak"
)

// Hasher makes T1 out of the values of a clinic's table. It holds nothing but the ring's key, and is for one goroutine.
type Hasher struct {
	ring   ring
	mac    *mac
	region *plan
	now    func() time.Time
}

// NewHasher makes a hasher. region ("FI") is where telephone numbers without country code are at home; with "" or a
// region without a numbering plan those are refused with Why "context".
func NewHasher(ring Key, region string) *Hasher {
	h := &Hasher{ring: newRing(ring), region: plans[strings.ToUpper(region)], now: time.Now}
	h.mac = newMAC(&h.ring.secret)
	return h
}

// T1 hashes one value. Spaces, separators, zeros that a spreadsheet ate and the like are mended; what fails its check is
// refused with a *BadIdentifier. For name and name-dob the value is "given|family" or "given|family|date", and must
// give one form only; use Names for a person.
func (h *Hasher) T1(kind leak.Kind, value string) ([32]byte, error) {
	k, ok := kindOf(kind)
	if !ok {
		return [32]byte{}, &BadIdentifier{Kind: kind, Why: reasonNames[badFormat]}
	}
	forms, err := canonical(k, value, h.region, h.ring.test, today(h.now()))
	if err != nil {
		return [32]byte{}, err
	}
	if len(forms) != 1 {
		return [32]byte{}, k.bad(badFormat)
	}
	return *h.mac.of(kindPrefixes[k], forms[0]), nil
}

// Names hashes a person's names for the kinds name and name-dob: every given name with every family name, former ones
// too, names with hyphens whole and in parts; up to eight of each. dob is a date as a table has it (ISO, D.M.YYYY or
// D/M/YYYY), and is not looked at for the kind name.
func (h *Hasher) Names(kind leak.Kind, given, family []string, dob string) ([][32]byte, error) {
	k, ok := kindOf(kind)
	if !ok || k != kName && k != kNameDOB {
		return nil, &BadIdentifier{Kind: kind, Why: reasonNames[badFormat]}
	}
	iso := ""
	if k == kNameDOB {
		if iso, ok = isoDate([]byte(strings.TrimSpace(dob))); !ok {
			return nil, k.bad(badDate)
		}
	}
	forms := pairs(nameForms(given), nameForms(family), iso)
	if len(forms) == 0 {
		return nil, k.bad(badFormat)
	}
	t1s := make([][32]byte, len(forms))
	for i, c := range forms {
		t1s[i] = *h.mac.of(kindPrefixes[k], c)
	}
	return t1s, nil
}

// KCV is the key's check value in hex, as it is printed beside the key.
func (h *Hasher) KCV() string { return checkValue(&h.ring.secret) }
