package enroll

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// publish writes the bundle and then the mapping. The bundle gets its name last: whoever sees it can send it.
func (j *job) publish(ctx context.Context) error {
	to, err := age.ParseX25519Recipient(j.o.Kit.Recipient)
	if err != nil {
		return errors.New("the kit's recipient is no age recipient")
	}
	body, err := newSpool(filepath.Dir(j.o.Bundle))
	if err != nil {
		return fmt.Errorf("write bundle: %w", withoutPath(err))
	}
	defer body.close()
	if err := j.emit(ctx, body.write); err != nil {
		return fmt.Errorf("write bundle: %w", withoutPath(err))
	}
	digest, err := body.finish()
	if err != nil {
		return fmt.Errorf("write bundle: %w", withoutPath(err))
	}
	j.mapping.sequence, j.mapping.rk = j.sum.Sequence, j.o.Kit.RK
	err = replaceFile(j.o.Bundle, func(w io.Writer) error {
		if err := writeBundle(w, to, j.keys.signer, j.header(digest), body.copyTo); err != nil {
			return err
		}
		return j.saveMapping()
	})
	if err != nil {
		return fmt.Errorf("write bundle: %w", withoutPath(err))
	}
	return nil
}

// saveMapping saves the mapping, and with the first one its keys: neither is of use without the other.
func (j *job) saveMapping() error {
	keys := KeysPath(j.o.Mapping)
	if j.sum.FirstUse {
		if err := j.keys.write(keys); err != nil {
			return err
		}
	}
	err := j.mapping.save(j.o.Mapping, j.keys, j.o.Now())
	if err != nil && j.sum.FirstUse {
		os.Remove(keys)
	}
	return err
}

func (j *job) header(digest [32]byte) Header {
	return Header{
		Spec: SpecBundle, Clinic: j.o.Kit.Clinic, RK: j.o.Kit.RK, KCV: j.o.Kit.KCV(), Mode: j.sum.Mode,
		Sequence: j.sum.Sequence, Rows: j.sum.BundleRows, Created: j.o.Now().UTC(),
		SHA256: hex.EncodeToString(digest[:]), Recipient: j.keys.identity.Recipient().String(), Signer: j.keys.public(),
	}
}

// writeBundle writes header line, signature line and body, sealed to the deployment.
func writeBundle(w io.Writer, to age.Recipient, signer ed25519.PrivateKey, h Header, body func(io.Writer) error) error {
	line, err := json.Marshal(h)
	if err != nil {
		return err
	}
	sealed, err := age.Encrypt(w, to)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(sealed, 256<<10)
	out.Write(line) // bufio keeps the first error for Flush
	out.WriteByte('\n')
	out.WriteString(base64.StdEncoding.EncodeToString(ed25519.Sign(signer, signed(line))))
	out.WriteByte('\n')
	if err := body(out); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return sealed.Close()
}

// spool holds a body while its digest is not known. Whoever has the registration key could try all numbers against it,
// so it is sealed on disk, to an identity that exists in memory only.
type spool struct {
	file     *os.File
	identity *age.X25519Identity
	sealed   io.WriteCloser
	digest   hash.Hash
}

func newSpool(folder string) (*spool, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(folder, ".leakwatch-*") // mode 0600
	if err != nil {
		return nil, err
	}
	s := &spool{file: f, identity: identity, digest: sha256.New()}
	if s.sealed, err = age.Encrypt(f, identity.Recipient()); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *spool) write(b []byte) error {
	s.digest.Write(b)
	_, err := s.sealed.Write(b)
	return err
}

// finish ends the writing and gives the digest of all that was written.
func (s *spool) finish() ([32]byte, error) {
	if err := s.sealed.Close(); err != nil {
		return [32]byte{}, err
	}
	return [32]byte(s.digest.Sum(nil)), nil
}

func (s *spool) copyTo(w io.Writer) error {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	plain, err := age.Decrypt(bufio.NewReaderSize(s.file, 256<<10), s.identity)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, plain)
	return err
}

func (s *spool) close() {
	s.file.Close()
	os.Remove(s.file.Name())
}
