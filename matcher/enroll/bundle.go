package enroll

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"leakwatch/leak"
)

// SpecBundle names the construction that a bundle's rows are made by.
const SpecBundle = "LWH-1"

// The modes of a bundle.
const (
	ModeFull  = "full"  // replaces everything registered of the clinic
	ModeDelta = "delta" // adds and removes; fits only the bundle before it
)

// The operations of a row.
const (
	OpAdd = "add"
	OpDel = "del"
)

// Header is the first line of a bundle.
type Header struct {
	Spec      string    `json:"spec"`
	Clinic    string    `json:"clinic"`
	RK        string    `json:"rk"`
	KCV       string    `json:"kcv"`
	Mode      string    `json:"mode"`
	Sequence  int64     `json:"sequence"`
	Rows      int64     `json:"rows"`
	Created   time.Time `json:"created"`
	SHA256    string    `json:"sha256"`    // of the body, hex
	Recipient string    `json:"recipient"` // the clinic's age recipient
	Signer    string    `json:"signer"`    // the clinic's Ed25519 public key, hex
}

// Row is one line of a bundle's body. T1 is a secret: whatever prints a row leaves it out.
type Row struct {
	Op   string
	Ref  string // 26 characters of base32
	Kind leak.Kind
	T1   [32]byte
}

// String shows a row without its hash.
func (r Row) String() string { return fmt.Sprintf("%s %s %s", r.Op, r.Ref, r.Kind) }

// Format shows a row without its hash, for every verb.
func (r Row) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue shows a row without its hash.
func (r Row) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Known is what the server knows of the clinic that a bundle's header names.
type Known struct {
	KCV         string // of the ring's key that the header names; "" when there is no such active ring
	Sequence    int64  // of the last bundle that was applied, 0 for none
	Signer      string // public key pinned at the first bundle, hex; "" before
	NewSignerOK bool   // take another signer than the pinned one: somebody compared the fingerprint
}

// What a bundle is refused for. Damage of any sort is ErrBundle.
var (
	ErrBundle   = errors.New("damaged bundle")
	ErrKey      = errors.New("wrong registration key")
	ErrSequence = errors.New("bundle out of sequence")
	ErrSigner   = errors.New("another signing key than the one known of this clinic")
)

// Fingerprint is a signing key's fingerprint, to be compared by telephone: 32 hexadecimal digits in groups of four.
// It is "" for what is no Ed25519 key in hex.
func Fingerprint(signer string) string {
	key, err := hex.DecodeString(signer)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return ""
	}
	h := sha256.Sum256(append([]byte("leakwatch/v1/signer\n"), key...))
	s := hex.EncodeToString(h[:16])
	groups := make([]string, 0, 8)
	for i := 0; i < len(s); i += 4 {
		groups = append(groups, s[i:i+4])
	}
	return strings.Join(groups, " ")
}

// signed is what the signature is made over.
func signed(header []byte) []byte { return append([]byte("leakwatch/v1/bundle\n"), header...) }
