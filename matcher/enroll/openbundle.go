package enroll

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"filippo.io/age"

	"leakwatch/leak"
)

// maxLine is how long a line of a bundle may be.
const maxLine = 4096

// Bundle is an opened bundle: its header is signed by the key that it names, and fits what is known of the clinic.
// Rows reads the body, once. Not for concurrent use.
type Bundle struct {
	Header Header
	First  bool // no signing key was known of this clinic: the fingerprint is to be compared by telephone
	body   *bufio.Reader
	read   bool
}

// OpenBundle opens a bundle with the deployment's identity. It checks form, spec and signature, asks known what the
// server knows of the clinic in the header, and checks ring key, check value, sequence and signer against that. Row
// count and digest are checked by Rows. Errors wrap ErrBundle, ErrKey, ErrSequence, ErrSigner, or are known's own.
func OpenBundle(r io.Reader, identity age.Identity, known func(Header) (Known, error)) (*Bundle, error) {
	plain, err := age.Decrypt(bufio.NewReaderSize(r, 64<<10), identity)
	if err != nil {
		var other *age.NoIdentityMatchError
		if errors.As(err, &other) {
			return nil, fmt.Errorf("open bundle: %w: it is not sealed to this deployment", ErrBundle)
		}
		return nil, fmt.Errorf("open bundle: %w: it is no sealed bundle", ErrBundle)
	}
	b := &Bundle{body: bufio.NewReaderSize(plain, 64<<10)}
	if err := b.readHeader(); err != nil {
		return nil, fmt.Errorf("open bundle: %w", err)
	}
	k, err := known(b.Header)
	if err != nil {
		return nil, fmt.Errorf("open bundle: %w", err)
	}
	if err := b.Header.fits(k); err != nil {
		return nil, fmt.Errorf("open bundle: %w", err)
	}
	b.First = k.Signer == ""
	return b, nil
}

// readHeader reads the header and its signature, and checks that they belong together.
func (b *Bundle) readHeader() error {
	line, err := b.line()
	if err != nil {
		return fmt.Errorf("%w: no header", ErrBundle)
	}
	raw := slices.Clone(line)
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(&b.Header) != nil || d.More() {
		return fmt.Errorf("%w: malformed header", ErrBundle)
	}
	if err := b.Header.valid(); err != nil {
		return err
	}
	line, err = b.line()
	if err != nil {
		return fmt.Errorf("%w: no signature", ErrBundle)
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(string(line))
	if err != nil || len(signature) != ed25519.SignatureSize {
		return fmt.Errorf("%w: malformed signature", ErrBundle)
	}
	key, _ := hex.DecodeString(b.Header.Signer)
	if !ed25519.Verify(key, signed(raw), signature) {
		return fmt.Errorf("%w: the signature does not fit the header", ErrBundle)
	}
	return nil
}

// valid checks what can be seen in the header alone.
func (h Header) valid() error {
	wrong := func(what string) error { return fmt.Errorf("%w: %s", ErrBundle, what) }
	digest, err := hex.DecodeString(h.SHA256)
	switch {
	case h.Spec != SpecBundle:
		return wrong("its spec is not " + SpecBundle)
	case !clinicID.MatchString(h.Clinic):
		return wrong("malformed clinic id")
	case !ringID.MatchString(h.RK):
		return wrong("malformed ring id")
	case h.Mode != ModeFull && h.Mode != ModeDelta:
		return wrong("its mode is neither full nor delta")
	case h.Sequence < 1 || h.Rows < 0:
		return wrong("negative sequence or count")
	case err != nil || len(digest) != sha256.Size:
		return wrong("malformed digest")
	case Fingerprint(h.Signer) == "":
		return wrong("malformed signing key")
	}
	if _, err := age.ParseX25519Recipient(h.Recipient); err != nil {
		return wrong("malformed recipient")
	}
	return nil
}

// fits compares the header with what the server knows.
func (h Header) fits(k Known) error {
	switch {
	case k.KCV == "":
		return fmt.Errorf("%w: there is no active ring %s here", ErrKey, h.RK)
	case subtle.ConstantTimeCompare([]byte(k.KCV), []byte(h.KCV)) != 1:
		return fmt.Errorf("%w: the check value of ring %s is %s here and %.16q in the bundle", ErrKey, h.RK, k.KCV, h.KCV)
	case k.Signer != "" && k.Signer != h.Signer && !k.NewSignerOK:
		return fmt.Errorf("%w: known is %s, the bundle is signed by %s; compare by telephone, then --signer-ok takes it",
			ErrSigner, Fingerprint(k.Signer), Fingerprint(h.Signer))
	case h.Sequence <= k.Sequence:
		return fmt.Errorf("%w: number %d was applied already, this is number %d; a clinic that lost its mapping begins anew with --new-mapping",
			ErrSequence, k.Sequence, h.Sequence)
	case h.Mode == ModeDelta && h.Sequence != k.Sequence+1:
		return fmt.Errorf("%w: a delta after number %d was expected to be %d and is %d; ask the clinic for a full bundle",
			ErrSequence, k.Sequence, k.Sequence+1, h.Sequence)
	}
	return nil
}

// Rows yields the body's rows. What it yielded is true only when it ends without an error: count and digest are known
// to be right at the end, so rows are applied in one transaction that an error takes back. It works once.
func (b *Bundle) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if b.read {
			yield(Row{}, errors.New("read bundle: its rows were read already"))
			return
		}
		b.read = true
		digest := sha256.New()
		var n int64
		for {
			line, err := b.line()
			if err == io.EOF {
				break
			}
			if err == nil {
				n++
				digest.Write(line)
				digest.Write([]byte{'\n'})
			}
			var row Row
			if err != nil || n > b.Header.Rows {
				err = fmt.Errorf("read bundle: %w: cut off or longer than its header says, at row %d", ErrBundle, n)
			} else if row, err = parseRow(line); err != nil {
				err = fmt.Errorf("read bundle: row %d: %w", n, err)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
		if n != b.Header.Rows {
			yield(Row{}, fmt.Errorf("read bundle: %w: %d rows, the header says %d", ErrBundle, n, b.Header.Rows))
		} else if hex.EncodeToString(digest.Sum(nil)) != b.Header.SHA256 {
			yield(Row{}, fmt.Errorf("read bundle: %w: the digest does not fit", ErrBundle))
		}
	}
}

// line reads a line without its end. A last line without an end is damage.
func (b *Bundle) line() ([]byte, error) {
	line, err := b.body.ReadSlice('\n')
	switch {
	case err == io.EOF && len(line) == 0:
		return nil, io.EOF
	case err != nil || len(line) > maxLine:
		return nil, ErrBundle
	}
	return line[:len(line)-1], nil
}

func parseRow(line []byte) (Row, error) {
	var part [4][]byte
	for i := range 3 {
		var ok bool
		if part[i], line, ok = bytes.Cut(line, []byte{'\t'}); !ok {
			return Row{}, fmt.Errorf("%w: malformed row", ErrBundle)
		}
	}
	part[3] = line
	r := Row{Op: string(part[0]), Ref: string(part[1]), Kind: leak.Kind(part[2])}
	if r.Op != OpAdd && r.Op != OpDel {
		return Row{}, fmt.Errorf("%w: unknown operation", ErrBundle)
	}
	if !r.Kind.Known() {
		return Row{}, fmt.Errorf("%w: a kind that is not known here: is this program older than the clinic's?", ErrBundle)
	}
	var ref [17]byte
	if n, err := refEncoding.Decode(ref[:], part[1]); len(part[1]) != 26 || err != nil || n != 16 {
		return Row{}, fmt.Errorf("%w: malformed ref", ErrBundle)
	}
	if n, err := hex.Decode(r.T1[:], part[3][:min(len(part[3]), 64)]); err != nil || n != 32 || len(part[3]) != 64 {
		return Row{}, fmt.Errorf("%w: malformed hash", ErrBundle)
	}
	return r, nil
}
