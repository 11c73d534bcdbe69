package mail

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"

	"leakwatch/matcher/unpack/child"
)

const (
	mostLines  = 4_000   // that look like boundaries, in a mail of which a tree of parts is made: that costs their square
	mostNamed  = 16      // lines that may name a boundary in such a mail: parts in parts cost two to the power of their depth
	mostBounds = 1_000   // boundaries that are known at one time
	mostHeader = 1 << 20 // bytes of one part's headers
	lineBytes  = 64 << 10
)

// crowded says whether a mail has too many lines that look like boundaries, or that may name one, for a tree.
func crowded(in io.ReaderAt, size int64) bool {
	r := bufio.NewReaderSize(io.NewSectionReader(in, 0, size), lineBytes)
	start, lines, named := true, 0, 0
	for lines <= mostLines && named <= mostNamed {
		line, err := r.ReadSlice('\n')
		if start && len(line) > 2 && string(line[:2]) == "--" && line[2] > ' ' {
			lines++
		}
		if bytes.Contains(bytes.ToLower(line), []byte("boundary")) {
			named++
		}
		if start = err == nil; err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return false
		}
	}
	return true
}

// split reads a mail of very many parts, or of parts deep in parts, as they come, without a tree of them: a part ends at any boundary that a header named before.
// Plain text is one text with the headers around it, all else is a member.
type split struct {
	r       *bufio.Reader
	e       *child.Emitter
	w       io.WriteCloser // of the text, while it is open
	bounds  map[string]bool
	closing bool   // the last boundary was the end of its parts: no headers follow
	over    bool   // the mail is
	held    []byte // a line that was no header
	members int
	damaged int64
}

// fields are what a part's headers say of it.
type fields struct{ kind, encoding, name, subject string }

func splitMail(in io.ReaderAt, size int64, e *child.Emitter) error {
	s := &split{r: bufio.NewReaderSize(io.NewSectionReader(in, 0, size), lineBytes), e: e, bounds: map[string]bool{}}
	for first := true; !s.over; first = false {
		f, err := s.headers()
		if err == nil && first {
			if err = s.close(); err == nil {
				err = e.Name(f.subject)
			}
		}
		if err == nil {
			err = s.part(f)
		}
		if err != nil {
			return errors.Join(err, s.close())
		}
	}
	if err := s.close(); err != nil || s.damaged == 0 {
		return err
	}
	return e.Note(child.DamagedParts, s.damaged)
}

// text is where plain text goes.
func (s *split) text() (w io.Writer, err error) {
	if s.w == nil {
		s.w, err = s.e.Writer()
	}
	return s.w, err
}

func (s *split) close() error {
	if s.w == nil {
		return nil
	}
	w := s.w
	s.w = nil
	return w.Close()
}

// headers reads the headers of a part, and hands them over, a line each.
func (s *split) headers() (f fields, err error) {
	if s.closing {
		return f, nil
	}
	w, err := s.text()
	if err != nil {
		return f, err
	}
	var field []byte
	end := func() error {
		k, v, _ := strings.Cut(string(field), ":")
		field = field[:0]
		if k == "" {
			return nil
		}
		v = strings.TrimSpace(v)
		s.field(&f, strings.ToLower(k), v)
		_, err := io.WriteString(w, k+": "+header(v)+"\n")
		return err
	}
	for total := 0; ; {
		line, err := s.r.ReadSlice('\n')
		total += len(line)
		trimmed := bytes.TrimRight(line, "\r\n")
		folded := len(field) > 0 && len(trimmed) > 0 && (trimmed[0] == ' ' || trimmed[0] == '\t')
		switch {
		case err == nil && len(trimmed) == 0:
			return f, end()
		case total > mostHeader, !folded && bytes.IndexByte(trimmed, ':') <= 0, s.isBoundary(line), errors.Is(err, bufio.ErrBufferFull):
			s.held = bytes.Clone(line)
			return f, end()
		case !folded:
			if err := end(); err != nil {
				return f, err
			}
			field = append(field, trimmed...)
		default:
			field = append(append(field, ' '), bytes.TrimSpace(trimmed)...)
		}
		if err != nil {
			return f, end()
		}
	}
}

// field takes what a header says of its part.
func (s *split) field(f *fields, k, v string) {
	switch k {
	case "subject":
		f.subject = header(v)
	case "content-transfer-encoding":
		f.encoding = strings.ToLower(v)
	case "content-disposition":
		if _, p, err := mime.ParseMediaType(v); err == nil && p["filename"] != "" {
			f.name = header(p["filename"])
		}
	case "content-type":
		kind, p, err := mime.ParseMediaType(v)
		if err != nil {
			kind, _, _ = strings.Cut(v, ";")
			kind = strings.ToLower(strings.TrimSpace(kind))
		}
		f.kind = kind
		if b := p["boundary"]; b != "" && len(s.bounds) < mostBounds {
			s.bounds[b] = true
		}
		if f.name == "" {
			f.name = header(p["name"])
		}
	}
}

// part hands over what a part holds.
func (s *split) part(f fields) error {
	b := &body{s: s, rest: s.held, start: true}
	s.held = nil
	if len(b.rest) > 0 && s.isBoundary(b.rest) {
		s.closing = s.closes(b.rest)
		return nil
	}
	var r io.Reader = b
	encoded := true
	switch f.encoding {
	case "base64":
		r = base64.NewDecoder(base64.RawStdEncoding, &letters64{r: b})
	case "quoted-printable":
		r = quotedprintable.NewReader(b)
	default:
		encoded = false
	}
	var err error
	if encoded || f.name != "" || f.kind != "" && f.kind != "text/plain" && !strings.HasPrefix(f.kind, "multipart/") {
		err = s.member(f, r)
	} else {
		var w io.Writer
		if w, err = s.text(); err == nil {
			_, err = io.Copy(w, r)
		}
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, b)
	return err
}

// member hands a part over as a file of its own.
func (s *split) member(f fields, r io.Reader) error {
	if s.members++; s.members > mostParts {
		return child.ErrBounded
	}
	if err := s.close(); err != nil {
		return err
	}
	m := child.Entry{Name: f.name, Size: -1}
	if m.Name == "" {
		m.Name = usual(f.kind)
	}
	d := &damage{r: r}
	err := s.e.Member(m, d)
	if d.seen {
		s.damaged++
		return nil
	}
	return err
}

// damage is a reader that knows whether it failed.
type damage struct {
	r    io.Reader
	seen bool
}

func (d *damage) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	d.seen = d.seen || err != nil && !errors.Is(err, io.EOF)
	return n, err
}

func (s *split) isBoundary(line []byte) bool {
	t, ok := boundary(line)
	return ok && (s.bounds[string(t)] || s.closes(line))
}

// closes says whether a line ends the parts of a boundary.
func (s *split) closes(line []byte) bool {
	t, ok := boundary(line)
	t, end := bytes.CutSuffix(t, []byte("--"))
	return ok && end && s.bounds[string(t)]
}

func boundary(line []byte) ([]byte, bool) {
	return bytes.CutPrefix(bytes.TrimRight(line, " \t\r\n"), []byte("--"))
}

// body reads a part up to the boundary behind it.
type body struct {
	s     *split
	rest  []byte
	start bool // the next byte begins a line
	err   error
}

func (b *body) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		line, err := b.s.r.ReadSlice('\n')
		if b.start && b.s.isBoundary(line) {
			b.s.closing, b.s.over = b.s.closes(line), err != nil
			b.err = io.EOF
			continue
		}
		b.rest, b.start = line, err == nil
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			b.s.over, b.err = true, io.EOF
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// letters64 leaves out what is no letter of base64.
type letters64 struct{ r io.Reader }

func (l *letters64) Read(p []byte) (int, error) {
	for {
		n, err := l.r.Read(p)
		k := 0
		for _, c := range p[:n] {
			if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' {
				p[k] = c
				k++
			}
		}
		if k > 0 || err != nil {
			return k, err
		}
	}
}
