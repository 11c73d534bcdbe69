package matcher

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"strings"
)

// LWH-1, see docs/hashing.md.

const (
	kcvText  = "leakwatch/v1/kcv\n"
	wrapText = "leakwatch/v1/wrap\n"
	findText = "leakwatch/v1/fnd\n"
)

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

// tokens gives the tokens of many T1 to take, in order.
func (m *mac) tokens(all []kept, take func(*kept, half)) {
	var messages [4 * laneCount]block1
	var sums [4 * laneCount]half
	for len(all) > 0 {
		n := min(len(all), len(messages))
		for i := range all[:n] {
			b := &messages[i]
			*b = block1{}
			size := copy(b[:], findText)
			size += copy(b[size:], all[i].t1[:])
			endMessage(b[:], size)
		}
		m.short(sums[:], messages[:n])
		for i := range all[:n] {
			take(&all[i], sums[i])
		}
		all = all[n:]
	}
}

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
