package matcher

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
)

// LWH-1, see docs/hashing.md.

const (
	kcvText  = "leakwatch/v1/kcv\n"
	wrapText = "leakwatch/v1/wrap\n"
	findText = "leakwatch/v1/fnd\n"
)

// mac is HMAC-SHA-256 under one key, its keyed state kept. It is for one goroutine, and does not allocate.
type mac struct {
	h   hash.Hash
	msg []byte
	sum [sha256.Size]byte
}

func newMAC(key *[32]byte) *mac {
	return &mac{h: hmac.New(sha256.New, key[:]), msg: make([]byte, 0, 512)}
}

// of gives the MAC of prefix and rest. The answer is good until the next call.
func (m *mac) of(prefix, rest []byte) *[sha256.Size]byte {
	m.msg = append(append(m.msg[:0], prefix...), rest...)
	m.h.Reset()
	_, _ = m.h.Write(m.msg) // a hash never fails
	m.h.Sum(m.sum[:0])
	return &m.sum
}

// checkValue is four bytes that tell one key from another.
func checkValue(key *[32]byte) string {
	return hex.EncodeToString(newMAC(key).of([]byte(kcvText), nil)[:4])
}

// wrapping is the clinic's wrapping cipher under an index pepper.
func wrapping(pepper *[32]byte, clinic string) cipher.Block {
	key := newMAC(pepper).of([]byte(wrapText), []byte(clinic))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("matcher: AES-256 with a key of 32 bytes: " + err.Error()) // cannot be
	}
	return block
}

// token is F.
func (m *mac) token(t1 []byte) [16]byte { return [16]byte(m.of([]byte(findText), t1[:16])[:16]) }

// ring is a registration key, as the matcher uses it.
type ring struct {
	id     string
	secret [32]byte
	search bool // finds are tokenised under it; rows under it still match while there are any
	test   bool // takes test numbers
}

func newRing(k Key) ring {
	return ring{id: k.ID, secret: k.Secret, search: k.SearchOnly, test: strings.HasPrefix(k.ID, "test-")}
}
