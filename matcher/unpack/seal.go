package unpack

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// spool keeps what must be read out of order: in memory while small, else in a temporary file that is encrypted under
// a key which never leaves memory, so that nothing of it can be read once the process is gone. It knows no names. One
// goroutine uses it.
type spool struct {
	w      *walker
	mem    []byte
	file   *os.File
	gone   bool // the file has no name any more
	block  cipher.Block
	iv     [aes.BlockSize]byte
	stream cipher.Stream
	size   int64
	held   int64  // memory reserved for it
	cut    string // why not all was kept
	page   []byte // read ahead
	pageAt int64

	keepers int // beside the one who made it
}

const (
	spoolMemory = 8 << 20
	pageBytes   = 64 << 10
)

// newSpool reads src to its end, or to a limit. doneSpool removes it.
func (w *walker) newSpool(src *source) *spool {
	s := &spool{w: w, pageAt: -1, held: min(spoolMemory, max((w.l.MaxMemory-w.mem)/4, pageBytes))}
	w.mem += s.held
	b := w.scratch()
	defer w.putScratch(b)
	for {
		n, err := src.Read(b)
		if werr := s.write(b[:n]); werr != nil {
			s.cut = "temp: %d containers cut for want of space"
			return s
		}
		if s.cut != "" || err != nil {
			return s
		}
	}
}

// write appends p, going over to a file when memory is full.
func (s *spool) write(p []byte) error {
	if s.file == nil && s.size+int64(len(p)) <= s.held {
		s.mem = append(s.mem, p...)
		s.size += int64(len(p))
		return nil
	}
	if s.file == nil {
		if err := s.toFile(); err != nil {
			return err
		}
	}
	return s.append(p)
}

// append encrypts p in place and writes it, within the limit on temporary files.
func (s *spool) append(p []byte) error {
	if room := s.w.l.MaxTemp - s.w.spooled; int64(len(p)) > room {
		p = p[:max(room, 0)]
		s.cut = "temp limit " + bytesWord(s.w.l.MaxTemp) + ": rest of %d containers left"
	}
	s.stream.XORKeyStream(p, p)
	n, err := s.file.Write(p)
	s.size += int64(n)
	s.w.spooled += int64(n)
	if err != nil {
		return errors.New("write temporary file")
	}
	return nil
}

// toFile moves what is in memory into a sealed file.
func (s *spool) toFile() error {
	if s.w.temp == "" {
		return errors.New("no folder for temporary files")
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	_, _ = rand.Read(s.iv[:8])
	block, err := aes.NewCipher(key)
	if err != nil {
		return fmt.Errorf("temporary file: %w", err)
	}
	s.block, s.stream = block, cipher.NewCTR(block, s.iv[:])
	if s.file, err = os.CreateTemp(s.w.temp, "sealed-*.tmp"); err != nil {
		return errors.New("create temporary file")
	}
	s.gone = os.Remove(s.file.Name()) == nil // where the system allows, it has no name from the start
	head := s.mem
	s.mem, s.size = nil, 0
	return s.append(head)
}

// ReadAt reads decrypted bytes.
func (s *spool) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		b, err := s.at(off + int64(n))
		if err != nil {
			return n, err
		}
		n += copy(p[n:], b)
	}
	return n, nil
}

// at gives some bytes from off on.
func (s *spool) at(off int64) ([]byte, error) {
	if err := s.w.check(); err != nil {
		return nil, err
	}
	switch {
	case off < 0:
		return nil, errors.New("unpack: negative offset")
	case off >= s.size:
		return nil, io.EOF
	case s.file == nil:
		return s.mem[off:], nil
	}
	start := off / pageBytes * pageBytes
	if start != s.pageAt {
		if err := s.load(start); err != nil {
			return nil, err
		}
	}
	return s.page[off-start:], nil
}

// load decrypts one page.
func (s *spool) load(start int64) error {
	if s.page == nil {
		s.page = make([]byte, pageBytes)
	}
	s.pageAt = -1
	s.page = s.page[:min(pageBytes, s.size-start)]
	if _, err := s.file.ReadAt(s.page, start); err != nil {
		return errors.New("read temporary file")
	}
	iv := s.iv // the first half is random, the second counts blocks
	binary.BigEndian.PutUint64(iv[8:], uint64(start/aes.BlockSize))
	cipher.NewCTR(s.block, iv[:]).XORKeyStream(s.page, s.page)
	s.pageAt = start
	return nil
}

// doneSpool removes it, unless somebody else keeps it still.
func (w *walker) doneSpool(s *spool) {
	if s.keepers > 0 {
		s.keepers--
		return
	}
	w.release(s.held)
	if s.file == nil {
		return
	}
	w.spooled -= s.size
	_ = s.file.Close()
	if !s.gone && os.Remove(s.file.Name()) != nil {
		w.notes.add("temp: %d sealed files could not be removed")
	}
}
