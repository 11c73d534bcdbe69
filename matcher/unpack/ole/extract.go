package ole

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"leakwatch/matcher/unpack/child"
)

// Extract gives the child.Extractor of compound files. Sheets, if it is not nil, reads those that hold an Excel workbook, alone or
// beside what else is in them.
func Extract(sheets child.Extractor) child.Extractor {
	return func(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
		s, err := Open(in, size)
		if err != nil {
			return err
		}
		x := &extraction{e: e, sheets: func() error {
			if sheets == nil {
				return child.ErrUnsupported
			}
			return sheets(ctx, in, size, e)
		}}
		return x.storage(s, 0)
	}
}

type extraction struct {
	e      *child.Emitter
	sheets func() error
}

const (
	deepest    = 16        // folders that are documents, in one another
	mostStream = 256 << 20 // bytes of a stream that must be in memory
)

// storage reads a folder as what it is.
func (x *extraction) storage(s *Storage, depth int) error {
	if depth > deepest {
		return x.e.Note(child.PartsLeft, 1)
	}
	var err error
	used := map[string]bool{}
	switch {
	case s.Stream("EncryptedPackage") != nil:
		return child.ErrEncrypted
	case s.Stream("__properties_version1.0") != nil:
		return x.message(s, depth)
	case s.Stream("WordDocument") != nil:
		used["WordDocument"] = true
		err = x.word(s)
	case s.Stream("PowerPoint Document") != nil:
		used["PowerPoint Document"] = true
		err = x.slides(s)
	case depth == 0 && (s.Stream("Workbook") != nil || s.Stream("Book") != nil):
		used["Workbook"], used["Book"] = true, true
		err = x.sheets()
	case depth == 0:
		err = x.e.Note(child.RawText, 1)
	}
	if err != nil {
		return err
	}
	return x.rest(s, used, depth)
}

// rest reads what lies in a folder beside its document.
func (x *extraction) rest(s *Storage, used map[string]bool, depth int) error {
	files, folders := s.split()
	for _, f := range files {
		if used[f.base()] {
			continue
		}
		if err := x.stream(f); err != nil {
			return err
		}
	}
	for _, dir := range folders {
		if err := x.storage(dir, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// stream reads a stream of which only the name is known: a file in it is a member, else what looks like text is.
func (x *extraction) stream(f *Stream) error {
	if f.Size == 0 {
		return nil
	}
	b, err := x.read(f)
	if err != nil {
		return err
	}
	switch {
	case f.base() == "\x01Ole10Native":
		return x.native(b)
	case isFile(b):
		return x.e.Member(child.Entry{Name: f.Name, Size: int64(len(b))}, bytes.NewReader(b))
	case f.base() == "Pictures":
		return x.pictures(b, drawings(b))
	case f.base() == "Data":
		return x.pictures(b, 0)
	}
	if code, ok := macro(b); ok {
		return x.e.Text(bytes.NewReader(code))
	}
	if text := words(b); text != "" {
		return x.e.Text(strings.NewReader(text))
	}
	return nil
}

// read reads a stream into memory. That not all of it could be is noted; the error is the emitter's.
func (x *extraction) read(f *Stream) ([]byte, error) {
	b, err := f.Read(mostStream)
	if err != nil || f.Size > mostStream {
		return b, x.e.Note(child.DamagedParts, 1)
	}
	return b, nil
}

// errStream is the fault of a stream, after which one goes on.
var errStream = errors.New("ole: damaged stream")

// faulty makes every fault of a stream errStream.
type faulty struct{ r io.Reader }

func (f faulty) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		err = errStream
	}
	return n, err
}

// member hands a stream over as a file.
func (x *extraction) member(name string, f *Stream) error {
	err := x.e.Member(child.Entry{Name: name, Size: f.Size}, faulty{f.Reader()})
	if errors.Is(err, errStream) {
		return x.e.Note(child.DamagedMembers, 1)
	}
	return err
}

// isFile says whether bytes begin as a file does that others open.
func isFile(b []byte) bool {
	for _, mark := range []string{"PK\x03\x04", "%PDF-", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "\x89PNG\r\n", "\xff\xd8\xff", "{\\rtf", "GIF8", "Rar!", "7z\xbc\xaf", "\x1f\x8b\x08"} {
		if bytes.HasPrefix(b, []byte(mark)) {
			return true
		}
	}
	return false
}

// native reads a packed file (MS-OLEDS 2.3.6): its name, the path that it came from, and itself.
func (x *extraction) native(b []byte) error {
	r := cursor{b: b}
	r.skip(6)
	label, source := r.ansi(), r.ansi()
	r.skip(4)
	r.skip(int(r.u32())) // the path that it was copied to
	data := r.take(int(r.u32()))
	if r.bad {
		return x.e.Text(strings.NewReader(words(b)))
	}
	return x.e.Member(child.Entry{Name: label, Size: int64(len(data)), Comment: source}, bytes.NewReader(data))
}

// cursor reads fields. After the end it gives zeros, and is bad.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.bad, c.b = true, nil
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) skip(n int) { c.take(n) }

func (c *cursor) u16() uint16 {
	if b := c.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) u32() uint32 {
	if b := c.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// ansi reads a string up to its NUL.
func (c *cursor) ansi() string {
	i := bytes.IndexByte(c.b, 0)
	if i < 0 {
		c.bad = true
		return ""
	}
	s := string(c.b[:i])
	c.b = c.b[i+1:]
	return s
}
