package unpack

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/bodgit/sevenzip"

	"leakwatch/matcher/unpack/child"
)

// extract7z reads a 7z archive in a child process. Files share packed streams: in one that is damaged, or for which there
// is no password, the files before the damage are handed over.
func extract7z(_ context.Context, in io.ReaderAt, size int64, e *emitter) error {
	if cut7z(in, size) {
		return io.ErrUnexpectedEOF
	}
	sevenzip.RegisterDecompressor([]byte{4, 1, 9}, deflate64In7z)
	s := &sevenZips{in: &faulty{r: in}, size: size, e: e, locked: map[int]bool{}, bad: map[int]bool{}}
	if err := s.open(); err != nil {
		return err
	}
	return s.files()
}

// deflate64In7z is the one codec of 7z that the library lacks and we have.
func deflate64In7z(_ []byte, _ uint64, in []io.ReadCloser) (io.ReadCloser, error) {
	if len(in) != 1 {
		return nil, errInflate64
	}
	return io.NopCloser(newInflate64(bufio.NewReader(in[0]))), nil
}

// cut7z says whether the archive's directory, which lies behind all else, is not there: the first of several volumes, or
// what is left of one.
func cut7z(in io.ReaderAt, size int64) bool {
	var h [32]byte
	if n, _ := in.ReadAt(h[:], 0); n < len(h) {
		return true
	}
	at, n := binary.LittleEndian.Uint64(h[12:]), binary.LittleEndian.Uint64(h[20:])
	return crc32.ChecksumIEEE(h[12:]) == binary.LittleEndian.Uint32(h[8:]) && (at > uint64(size) || n > uint64(size) || 32+at+n > uint64(size))
}

// sevenZips reads one archive.
type sevenZips struct {
	in       *faulty
	size     int64
	e        *emitter
	z        *sevenzip.Reader
	hidden   bool         // its directory is encrypted
	fits     bool         // z has the password
	locked   map[int]bool // streams, and whether they are encrypted, as far as it was asked
	bad      map[int]bool // streams that cannot be read on
	unfitted int          // streams that no password opened
	sealed   int64        // members left for want of a password
	damaged  int64
}

// open reads the directory, which may be encrypted itself.
func (s *sevenZips) open() (err error) {
	s.z, err = sevenzip.NewReader(s.in, s.size)
	var re *sevenzip.ReadError
	if !errors.As(err, &re) || !re.Encrypted {
		return err
	}
	s.hidden = true
	if !s.e.Document().Sealed {
		return child.ErrEncrypted
	}
	for _, p := range s.e.Passwords() {
		if s.z, err = sevenzip.NewReaderWithPassword(s.in, s.size, p); err == nil {
			s.fits = true
			return nil
		}
	}
	return child.ErrEncrypted
}

func (s *sevenZips) files() error {
	for i := range s.z.File {
		if err := s.file(i); err != nil {
			return err
		}
	}
	return s.notes()
}

func (s *sevenZips) notes() error {
	if s.sealed > 0 {
		if err := s.e.Note(child.EncryptedMembers, s.sealed); err != nil {
			return err
		}
	}
	if s.damaged > 0 {
		return s.e.Note(child.DamagedMembers, s.damaged)
	}
	return nil
}

// file hands over one file, if it is of those that are wanted now.
func (s *sevenZips) file(i int) error {
	f := s.z.File[i]
	m := child.Entry{Name: f.Name, Size: int64(min(f.UncompressedSize, 1<<62)), Format: ""}
	if !f.Modified.IsZero() {
		m.ModTime = f.Modified.Unix()
	}
	last := s.e.Document().Sealed
	if f.UncompressedSize == 0 {
		if f.FileInfo().IsDir() {
			m.Format = "dir"
		}
		if last && !s.hidden {
			return nil // was handed over the first time
		}
		return s.e.Member(m, nil)
	}
	sealed := s.hidden || s.encrypted(f)
	switch {
	case sealed && !last:
		s.sealed++
		return nil
	case last && !sealed:
		return nil
	case sealed && !s.unlock(i):
		s.sealed++
		m.Format = "encrypted"
		return s.e.Member(m, nil)
	case s.bad[f.Stream]:
		s.damaged++
		m.Format = "damaged"
		return s.e.Member(m, nil)
	}
	return s.contents(s.z.File[i], m)
}

// contents hands over a file's contents, to their checksum.
func (s *sevenZips) contents(f *sevenzip.File, m child.Entry) error {
	r, err := f.Open()
	if err != nil {
		s.bad[f.Stream] = true
		s.damaged++
		m.Format = "damaged"
		return s.e.Member(m, nil)
	}
	t := &tracked{r: checked7z(r, f)}
	err = s.e.Member(m, t)
	if t.err != nil {
		s.damaged++
		s.bad[f.Stream] = !errors.Is(t.err, errSum)
		return nil
	}
	if err != nil {
		return err
	}
	return r.Close()
}

// checked7z compares a file's checksum, if the archive has one, and its length.
func checked7z(r io.ReadCloser, f *sevenzip.File) io.Reader {
	r = io.NopCloser(&exactly{r, int64(min(f.UncompressedSize, 1<<62))})
	if f.CRC32 == 0 {
		return r
	}
	return &summed{r, f.CRC32, crc32.NewIEEE()}
}

// exactly wants so many bytes.
type exactly struct {
	r    io.Reader
	left int64
}

func (x *exactly) Read(p []byte) (int, error) {
	n, err := x.r.Read(p)
	if x.left -= int64(n); err == io.EOF && x.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// encrypted says whether the stream of a file is. The library tells only with an error, so it is given one: nothing can be
// read while it opens the stream.
func (s *sevenZips) encrypted(f *sevenzip.File) bool {
	if known, ok := s.locked[f.Stream]; ok {
		return known
	}
	s.in.fail = true
	defer func() { s.in.fail = false }()
	r, err := f.Open()
	if err == nil {
		_, err = r.Read(make([]byte, 1))
	}
	var re *sevenzip.ReadError
	s.locked[f.Stream] = errors.As(err, &re) && re.Encrypted
	return s.locked[f.Stream]
}

var errFaulty = errors.New("unpack: not now")

// faulty fails when it is told to.
type faulty struct {
	r    io.ReaderAt
	fail bool
}

func (f *faulty) ReadAt(p []byte, off int64) (int, error) {
	if f.fail {
		return 0, errFaulty
	}
	return f.r.ReadAt(p, off)
}

// unlock finds the password of a file's stream, if need be. An archive has one for all of it.
func (s *sevenZips) unlock(i int) bool {
	if s.fits || s.unfitted >= triedMembers {
		return s.fits
	}
	for _, p := range s.e.Passwords() {
		z, err := sevenzip.NewReaderWithPassword(s.in, s.size, p)
		if err == nil && len(z.File) == len(s.z.File) && proves7z(z.File[i]) {
			s.z, s.fits = z, true
			return true
		}
	}
	s.unfitted++
	return false
}

// proves7z reads a file to its checksum, or far enough.
func proves7z(f *sevenzip.File) bool {
	r, err := f.Open()
	if err != nil {
		return false
	}
	n, err := io.Copy(io.Discard, io.LimitReader(checked7z(r, f), provedBytes))
	return err == nil && n > 0
}
