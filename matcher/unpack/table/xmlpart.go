package table

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"
	"golang.org/x/net/html/charset"

	"leakwatch/matcher/unpack/child"
)

// Limits of a document, far above what spreadsheet programs write.
const (
	maxParts  = 10_000
	maxToken  = 1 << 20  // of one piece of XML: a cell holds 32,767 characters
	maxShared = 96 << 20 // of all shared strings
	maxStyles = 1 << 16
	maxNested = 256
)

var (
	errToken   = errors.New("a piece of XML is too large")
	errMissing = errors.New("the part is missing")
)

// archive is a document that is a zip.
type archive struct {
	ctx context.Context
	z   *zip.Reader
	e   *child.Emitter
}

func openArchive(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) (*archive, error) {
	z, err := zip.NewReader(in, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, err
	}
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	if len(z.File) > maxParts {
		return nil, child.ErrBounded
	}
	for _, f := range z.File {
		if f.Flags&1 != 0 {
			return nil, child.ErrEncrypted
		}
	}
	return &archive{ctx, z, e}, nil
}

// part finds a part by its name, in whatever case.
func (a *archive) part(name string) *zip.File {
	for _, f := range a.z.File {
		if name != "" && strings.EqualFold(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"), name) {
			return f
		}
	}
	return nil
}

// raw hands a part over as a member, to be read as what it is. Of one that is damaged what comes before counts.
func (a *archive) raw(f *zip.File) error {
	in, err := f.Open()
	if err != nil {
		return a.e.Note(child.DamagedParts, 1)
	}
	defer in.Close()
	r := &failing{r: in}
	err = a.e.Member(child.Entry{Name: f.Name, Size: int64(min(f.UncompressedSize64, 1<<62)), ModTime: seconds(f)}, r)
	if r.err != nil { // the part's fault, not the emitter's
		return a.e.Note(child.DamagedParts, 1)
	}
	return err
}

func seconds(f *zip.File) int64 {
	if f.Modified.IsZero() {
		return 0
	}
	return max(min(f.Modified.Unix(), 1<<36), -1<<36)
}

// failing remembers how a reader failed.
type failing struct {
	r   io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// tokens reads XML, each token of a limited size.
type tokens struct {
	ctx   context.Context
	d     *xml.Decoder
	in    io.ReadCloser
	since int64 // bytes read since the last token
	n     int
}

// open begins to read a part.
func (a *archive) open(name string) (*tokens, error) {
	f := a.part(name)
	if f == nil {
		return nil, errMissing
	}
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	t := &tokens{ctx: a.ctx, in: in}
	t.d = xml.NewDecoder(t)
	t.d.Strict = false
	t.d.CharsetReader = charset.NewReaderLabel
	return t, nil
}

func (t *tokens) close() { _ = t.in.Close() }

// Read hands the decoder its bytes, until one token has taken too many.
func (t *tokens) Read(p []byte) (int, error) {
	if t.since > maxToken {
		return 0, errToken
	}
	n, err := t.in.Read(p[:min(len(p), 16<<10)])
	t.since += int64(n)
	return n, err
}

// next gives the next token. Its bytes are valid until the call after.
func (t *tokens) next() (xml.Token, error) {
	t.since = 0
	if t.n++; t.n%1024 == 0 && t.ctx.Err() != nil {
		return nil, t.ctx.Err()
	}
	return t.d.RawToken()
}

// each calls f for each token that follows.
func (t *tokens) each(f func(xml.Token) error) error {
	for {
		tok, err := t.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = f(tok)
		}
		if err != nil {
			return err
		}
	}
}

// each calls f for each element of a part.
func (a *archive) each(name string, f func(xml.StartElement) error) error {
	t, err := a.open(name)
	if err != nil {
		return err
	}
	defer t.close()
	return t.each(func(tok xml.Token) error {
		if e, ok := tok.(xml.StartElement); ok {
			return f(e)
		}
		return nil
	})
}

// attr is the value of an attribute, of whatever name space.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// relation is what a part points at.
type relation struct{ kind, target string }

// relations reads what a part points at, by id.
func (a *archive) relations(part string) map[string]relation {
	dir, file := path.Split(part)
	out := map[string]relation{}
	_ = a.each(dir+"_rels/"+file+".rels", func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || len(out) >= maxParts {
			return nil
		}
		target := attr(e, "Target")
		if attr(e, "TargetMode") != "External" {
			if strings.HasPrefix(target, "/") {
				target = target[1:]
			} else {
				target = path.Join(dir, target)
			}
		}
		out[attr(e, "Id")] = relation{path.Base(attr(e, "Type")), target}
		return nil
	})
	return out
}
