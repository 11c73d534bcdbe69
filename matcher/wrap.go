package matcher

import (
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"leakwatch/leak"
)

// wrapKey names a wrapping cipher.
type wrapKey struct{ pepper, clinic string }

// ciphers makes wrapping ciphers once each.
type ciphers struct {
	peppers map[string]*Key
	made    map[wrapKey]cipher.Block
}

func (c *ciphers) of(pepper, clinic string) (cipher.Block, error) {
	k := wrapKey{pepper, clinic}
	if b := c.made[k]; b != nil {
		return b, nil
	}
	p := c.peppers[pepper]
	if p == nil {
		return nil, fmt.Errorf("index pepper %q is not loaded", pepper)
	}
	b := wrapping(&p.Secret, clinic)
	c.made[k] = b
	return b, nil
}

// forget drops the ciphers that were made, and takes the peppers.
func (c *ciphers) forget(peppers []Key) {
	c.peppers, c.made = map[string]*Key{}, map[wrapKey]cipher.Block{}
	for i := range peppers {
		c.peppers[peppers[i].ID] = &peppers[i]
	}
}

// refDigest stands for a reference that is not sixteen bytes in base32.
func refDigest(ref string) []byte {
	h := sha256.Sum256([]byte(ref))
	return h[:16]
}

// Wrap makes the row that the store keeps of a T1 that a clinic sent, under the current index pepper, and its tokens
// under every find pepper, to be compared with past finds.
func (m *Matcher) Wrap(clinic, ring string, kind leak.Kind, t1 [32]byte, ref string) (leak.Tag, []leak.Token, error) {
	if _, ok := kindOf(kind); !ok {
		return leak.Tag{}, nil, fmt.Errorf("wrap: kind %q is not known", kind)
	}
	if !slices.ContainsFunc(m.keys.Rings, func(k Key) bool { return k.ID == ring }) {
		return leak.Tag{}, nil, fmt.Errorf("wrap: ring %q is not loaded", ring)
	}
	if clinic == "" || ref == "" {
		return leak.Tag{}, nil, errors.New("wrap: a clinic and a reference are needed")
	}
	pepper := m.keys.Index[0].ID
	m.change.Lock()
	block, err := m.ciphers.of(pepper, clinic)
	m.change.Unlock()
	if err != nil {
		return leak.Tag{}, nil, fmt.Errorf("wrap: %w", err)
	}
	t := leak.Tag{Clinic: clinic, Ref: ref, Kind: kind, RK: ring, PK: pepper}
	block.Encrypt(t.W[:], t1[:16])
	return t, m.tokensOf(nil, m.findMACs(), kind, ring, t1[:], leak.Person{Clinic: clinic, Ref: ref}), nil
}

// Rewrap turns a row into one under the current index pepper. It may be repeated.
func (m *Matcher) Rewrap(t leak.Tag) (leak.Tag, error) {
	pepper := m.keys.Index[0].ID
	if t.PK == pepper {
		return t, nil
	}
	m.change.Lock()
	defer m.change.Unlock()
	from, err := m.ciphers.of(t.PK, t.Clinic)
	if err != nil {
		return t, fmt.Errorf("rewrap row of clinic %s: %w", t.Clinic, err)
	}
	to, err := m.ciphers.of(pepper, t.Clinic)
	if err != nil {
		return t, fmt.Errorf("rewrap row of clinic %s: %w", t.Clinic, err)
	}
	from.Decrypt(t.W[:], t.W[:])
	to.Encrypt(t.W[:], t.W[:])
	t.PK = pepper
	return t, nil
}

// Tokens gives the tokens of an identifier under every ring and find pepper, to look it up in finds. A telephone number
// without country code is read in every configured region; names are tried in all pairs. The error is a *BadIdentifier
// and never holds the value.
func (m *Matcher) Tokens(kind leak.Kind, value string) ([]leak.Token, error) {
	k, ok := kindOf(kind)
	if !ok {
		return nil, fmt.Errorf("tokens: kind %q is not known", kind)
	}
	var tokens []leak.Token
	macs, last := m.findMACs(), error(nil)
	for i := range m.rings {
		r := &m.rings[i]
		regions := m.regions
		if k != kPhone {
			regions = regions[:1]
		}
		for _, region := range regions {
			forms, err := canonical(k, value, region, r.test, today(m.options.Now()))
			if err != nil {
				last = err
			}
			mac := newMAC(&r.secret)
			for _, c := range forms {
				tokens = m.tokensOf(tokens, macs, kind, r.id, mac.of(kindPrefixes[k], c)[:], leak.Person{})
			}
		}
	}
	if len(tokens) == 0 {
		return nil, last
	}
	slices.SortFunc(tokens, func(a, b leak.Token) int { return slices.Compare(a.F[:], b.F[:]) })
	return slices.Compact(tokens), nil
}

func (m *Matcher) findMACs() []*mac {
	macs := make([]*mac, len(m.keys.Find))
	for i := range m.keys.Find {
		macs[i] = newMAC(&m.keys.Find[i].Secret).with(&m.kernels)
	}
	return macs
}

// tokensOf appends the tokens of a T1 under every find pepper. who is whose it is, nobody when it is not registered.
func (m *Matcher) tokensOf(dst []leak.Token, macs []*mac, kind leak.Kind, ring string, t1 []byte, who leak.Person) []leak.Token {
	for i, mac := range macs {
		dst = append(dst, leak.Token{F: mac.token(t1), Kind: kind, RK: ring, PK: m.keys.Find[i].ID,
			Registered: who != leak.Person{}, Person: who})
	}
	return dst
}
