package office

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"

	"leakwatch/matcher/unpack/child"
)

const freeBytes = 16 << 20 // unpacked before a ratio counts

// Extract is the child.Extractor of docx, pptx, odt, odp, odg and epub.
func Extract(_ context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	zr, err := zip.NewReader(in, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // nothing is written to a path
		return err
	}
	zr.RegisterDecompressor(zip.Deflate, flate.NewReader)
	x := &extraction{e: e, left: max(freeBytes, size*max(e.Document().Ratio, 1))}
	if x.encrypted(zr) {
		return child.ErrEncrypted
	}
	if zr.Comment != "" {
		if err := e.Text(strings.NewReader(zr.Comment)); err != nil {
			return err
		}
	}
	files := slices.Clone(zr.File)
	slices.SortStableFunc(files, func(a, b *zip.File) int { return cmp.Compare(rank(a.Name), rank(b.Name)) })
	for _, f := range files {
		if err := x.part(f); err != nil {
			return err
		}
	}
	return nil
}

// rank puts what the document says before what is said of it.
func rank(name string) int {
	switch dir, base := path.Split(name); {
	case base == "document.xml", base == "content.xml" && dir == "":
		return 0
	case strings.HasSuffix(name, ".rels"), strings.HasPrefix(name, "_rels/"), base == "[Content_Types].xml":
		return 2
	}
	return 1
}

type extraction struct {
	e    *child.Emitter
	left int64 // bytes that may still be unpacked
}

// encrypted says whether an OpenDocument file is encrypted: its list of parts says so.
func (x *extraction) encrypted(zr *zip.Reader) bool {
	for _, f := range zr.File {
		if f.Name != "META-INF/manifest.xml" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return false
		}
		defer r.Close()
		b, _ := io.ReadAll(io.LimitReader(r, 1<<20))
		return bytes.Contains(b, []byte("encryption-data"))
	}
	return false
}

// errBytes ends a document that unpacks to too much.
var errBytes = child.ErrBounded

// bounded reads no more than the document may unpack to.
type bounded struct {
	x *extraction
	r io.Reader
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.x.left <= 0 {
		return 0, errBytes
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.x.left)])
	b.x.left -= int64(n)
	return n, err
}

// part hands over one part as what it is.
func (x *extraction) part(f *zip.File) error {
	if err := x.e.Name(f.Comment); err != nil {
		return err
	}
	folder, sealed := strings.HasSuffix(f.Name, "/"), f.Flags&1 != 0
	if !folder && !sealed && f.Name != "mimetype" && !isXML(f.Name) {
		return x.member(f)
	}
	if telling(f.Name) { // and none of those that writers give
		if err := x.e.Name(f.Name); err != nil {
			return err
		}
	}
	switch {
	case folder, f.Name == "mimetype":
		return nil
	case sealed:
		return x.e.Note(child.EncryptedMembers, 1)
	}
	return x.xml(f)
}

func isXML(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx", ".rdf", ".vml", ".svg", ".smil":
		return true
	}
	return false
}

// xml hands over the text of a part, and the part itself when it is not sound.
func (x *extraction) xml(f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return x.damaged(f)
	}
	defer r.Close()
	t := newText(x.e)
	t.all = strings.HasPrefix(f.Name, "customXml/") // data of whoever's making
	err = t.read(&bounded{x, r})
	if cerr := t.close(); cerr != nil {
		return cerr
	}
	if t.cut {
		if err := x.e.Note(child.PartsLeft, 1); err != nil {
			return err
		}
	}
	switch {
	case errors.Is(err, errBytes):
		return err
	case err != nil:
		return x.damaged(f)
	}
	return nil
}

func (x *extraction) damaged(f *zip.File) error {
	if err := x.e.Note(child.DamagedParts, 1); err != nil {
		return err
	}
	return x.member(f)
}

// member hands over a part as a file.
func (x *extraction) member(f *zip.File) error {
	m := child.Entry{Name: f.Name, Size: int64(min(f.UncompressedSize64, 1<<62))}
	if !f.Modified.IsZero() && f.Modified.Year() > 1980 && f.Modified.Year() < 3000 {
		m.ModTime = f.Modified.Unix()
	}
	r, err := f.Open()
	if err != nil {
		if errors.Is(err, zip.ErrAlgorithm) {
			return x.e.Note(child.UnknownMembers, 1)
		}
		return x.e.Note(child.DamagedMembers, 1)
	}
	defer r.Close()
	err = x.e.Member(m, &bounded{x, r})
	if err == nil || errors.Is(err, errBytes) || errors.Is(err, child.ErrRecord) {
		return err
	}
	return x.e.Note(child.DamagedMembers, 1)
}
