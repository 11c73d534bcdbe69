package leak

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Place is a URL, a path inside a container, a file name or a title's link: anything that says where. It may name a
// patient, so whatever prints a Place (fmt, JSON, slog) prints its shown form. Only Reveal gives the clear one.
// The zero Place is "nowhere".
type Place struct {
	base  string // what the configuration already says, and so may be shown
	clear string
	shown string
	key   *PlaceKey
}

// Shown is the form for logs, index, alerts and pages.
func (p Place) Shown() string { return p.shown }

// Reveal is the clear form. Callers write an audit row first, or use it to fetch or to match and never print it.
func (p Place) Reveal() string { return p.clear }

// IsZero says whether the place is nowhere.
func (p Place) IsZero() bool { return p.clear == "" }

// Inner is the place of a member inside this one: `outer!member`.
func (p Place) Inner(member string) Place {
	q := Place{base: p.base, clear: p.clear + "!" + member, key: p.key}
	q.shown = p.shown + "!" + p.key.codes(member)
	return q
}

// String gives the shown form.
func (p Place) String() string { return p.shown }

// GoString gives the shown form, so that %#v does not spill.
func (p Place) GoString() string { return fmt.Sprintf("leak.Place(%q)", p.shown) }

// Format gives the shown form for every verb.
func (p Place) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.shown) }

// MarshalText gives the shown form, in JSON too.
func (p Place) MarshalText() ([]byte, error) { return []byte(p.shown), nil }

// LogValue gives the shown form.
func (p Place) LogValue() slog.Value { return slog.StringValue(p.shown) }

// Digest is a keyed hash by which a sealed thing is found again.
type Digest [16]byte

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// PlaceKey seals places, finds them again, and makes their shown forms. It is safe for concurrent use.
type PlaceKey struct {
	aead         cipher.AEAD
	digest, code []byte
}

// NewPlaceKey derives the key's three uses (sealing, digests, codes) from 32 secret bytes.
func NewPlaceKey(secret []byte) (*PlaceKey, error) {
	if len(secret) != 32 {
		return nil, fmt.Errorf("place key: %d bytes, want 32", len(secret))
	}
	block, err := aes.NewCipher(derive(secret, "seal"))
	if err != nil {
		return nil, fmt.Errorf("place key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("place key: %w", err)
	}
	return &PlaceKey{aead: aead, digest: derive(secret, "digest"), code: derive(secret, "code")}, nil
}

func derive(secret []byte, use string) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("leakwatch/v1/place/" + use + "\n"))
	return m.Sum(nil)
}

// Check is four bytes that tell one place key from another, for the store to notice a wrong one.
func (k *PlaceKey) Check() string { return hex.EncodeToString(k.mac(k.digest, "check")[:4]) }

// Place makes a place out of its clear form. base is what the source's own configuration says (its URL, a folder
// given on the command line): that part stays readable, everything past it becomes codes.
func (k *PlaceKey) Place(base, clear string) Place {
	return Place{base: base, clear: clear, shown: k.show(base, clear), key: k}
}

// Digest is the keyed hash of any string that identifies something secret, such as an item's URL in NFC.
func (k *PlaceKey) Digest(s string) Digest { return Digest(k.mac(k.digest, s)[:16]) }

// Seal encrypts a place, for the store. Open gives it back.
func (k *PlaceKey) Seal(p Place) []byte {
	b := binary.AppendUvarint(nil, uint64(len(p.base)))
	b = append(b, p.base...)
	return k.SealBytes("place", append(b, p.clear...))
}

// Open decrypts what Seal made. It fails under another key or on a changed byte.
func (k *PlaceKey) Open(sealed []byte) (Place, error) {
	b, err := k.OpenBytes("place", sealed)
	if err != nil {
		return Place{}, err
	}
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) {
		return Place{}, errors.New("open place: malformed")
	}
	b = b[w:]
	return k.Place(string(b[:n]), string(b[n:])), nil
}

// SealBytes encrypts any small secret (AES-256-GCM, random nonce) bound to a label that says what it is.
func (k *PlaceKey) SealBytes(label string, b []byte) []byte {
	nonce := make([]byte, k.aead.NonceSize(), k.aead.NonceSize()+len(b)+k.aead.Overhead())
	_, _ = rand.Read(nonce) // never fails, see crypto/rand
	return k.aead.Seal(nonce, nonce, b, []byte(label))
}

// OpenBytes decrypts what SealBytes made under the same label.
func (k *PlaceKey) OpenBytes(label string, sealed []byte) ([]byte, error) {
	n := k.aead.NonceSize()
	if len(sealed) < n {
		return nil, fmt.Errorf("open %s: too short", label)
	}
	b, err := k.aead.Open(nil, sealed[:n], sealed[n:], []byte(label))
	if err != nil {
		return nil, fmt.Errorf("open %s: wrong place key or damaged", label)
	}
	return b, nil
}

func (k *PlaceKey) mac(key []byte, s string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(s))
	return m.Sum(nil)
}

// code is the short keyed code of one component: the same component has the same code everywhere, so an
// investigator who knows a name can search for it, and nobody else can read it.
func (k *PlaceKey) codeOf(prefix, s string) string {
	return prefix + "-" + hex.EncodeToString(k.mac(k.code, s)[:4])
}

// codes shows a path: every component a code with its extension, separators kept.
func (k *PlaceKey) codes(path string) string {
	var b strings.Builder
	for {
		i := strings.IndexAny(path, `/\`)
		part := path
		if i >= 0 {
			part = path[:i]
		}
		switch part {
		case "", ".", "..":
			b.WriteString(part)
		default:
			b.WriteString(k.codeOf("n", part))
			b.WriteString(extension(part))
		}
		if i < 0 {
			return b.String()
		}
		b.WriteByte('/')
		path = path[i+1:]
	}
}
