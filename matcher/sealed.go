package matcher

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// sealedFile is the file. Its pages may be read at the same time; one goroutine writes.
type sealedFile struct {
	file   *os.File
	name   string // to be removed at the end, where the system does not let a file go that is open
	aead   cipher.AEAD
	writes uint64
	buf    []byte
}

func newSealedFile(temp string) (*sealedFile, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal registry: %w", err)
	}
	clear(key)
	s := &sealedFile{buf: make([]byte, chunkOnDisk)}
	if s.aead, err = cipher.NewGCM(block); err != nil {
		return nil, fmt.Errorf("seal registry: %w", err)
	}
	if s.file, err = os.CreateTemp(temp, "sealed-*.tmp"); err != nil {
		return nil, fmt.Errorf("registry: make temporary file: %w", bare(err))
	}
	if os.Remove(s.file.Name()) != nil {
		s.name = s.file.Name()
	}
	return s, nil
}

// bare leaves the path out of a system's error.
func bare(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// seal seals a page under the next nonce, which was never used before, into the first pageSize bytes of b.
func (s *sealedFile) seal(b []byte, n pageNumber, data *page) {
	s.writes++
	binary.LittleEndian.PutUint64(b, s.writes)
	nonce, place := sealing(s.writes, n)
	s.aead.Seal(b[pageNonce:pageNonce], nonce[:], data[:], place[:])
}

func sealing(write uint64, n pageNumber) (nonce [12]byte, place [4]byte) {
	binary.LittleEndian.PutUint64(nonce[:], write)
	binary.LittleEndian.PutUint32(place[:], uint32(n))
	return nonce, place
}

func (s *sealedFile) writeChunk(i int, c *chunk) error {
	for j := range c {
		s.seal(s.buf[j*pageSize:], pageNumber(i*chunkPages+j), &c[j])
	}
	_, err := s.file.WriteAt(s.buf, int64(i)*chunkOnDisk)
	if err != nil {
		return fmt.Errorf("registry: write temporary file: %w", bare(err))
	}
	return nil
}

func (s *sealedFile) writePage(n pageNumber, data *page) error {
	b := s.buf[:pageSize]
	s.seal(b, n, data)
	if _, err := s.file.WriteAt(b, int64(n)*pageSize); err != nil {
		return fmt.Errorf("registry: write temporary file: %w", bare(err))
	}
	return nil
}

func (s *sealedFile) read(n pageNumber, into *page, buf *[pageSize]byte) error {
	if _, err := s.file.ReadAt(buf[:], int64(n)*pageSize); err != nil {
		return errPages
	}
	nonce, place := sealing(binary.LittleEndian.Uint64(buf[:]), n)
	if _, err := s.aead.Open(into[:0], nonce[:], buf[pageNonce:pageNonce+pageData+s.aead.Overhead()], place[:]); err != nil {
		return errPages
	}
	return nil
}

func (s *sealedFile) close() {
	_ = s.file.Close() // nothing in it is wanted any more
	if s.name != "" {
		_ = os.Remove(s.name)
	}
}
