package table

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"leakwatch/matcher/unpack/child"
)

// XLSX reads the sheets of Office Open XML spreadsheets (ECMA-376, part 1, 18), each as a text; names of sheets are names, and other
// parts that may hold something (comments, properties, links, pivot caches, pictures, what is embedded) are members.
func XLSX(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	a, err := openArchive(ctx, in, size, e)
	if err != nil {
		return err
	}
	b, err := a.workbook()
	if err != nil {
		return err
	}
	read := map[string]bool{b.part: true, b.sharedPart: true, b.stylesPart: true}
	if err := b.readShared(); err != nil {
		return err
	}
	b.readStyles()
	for _, s := range b.sheets {
		if err := e.Name(s.name); err != nil {
			return err
		}
		if read[s.part] {
			continue
		}
		if err := b.sheet(s.part); err != nil {
			return err
		}
		read[s.part] = true
	}
	if err := b.unused(); err != nil {
		return err
	}
	for _, f := range a.z.File {
		if read[strings.TrimPrefix(f.Name, "/")] || dull(f.Name) {
			continue
		}
		if err := a.raw(f); err != nil {
			return err
		}
	}
	return nil
}

// dull parts hold nothing that somebody wrote.
func dull(name string) bool {
	switch base := path.Base(name); base {
	case "[Content_Types].xml", "calcChain.xml", ".rels", "workbook.xml.rels", "manifest.xml", "settings.xml", "mimetype":
		return true
	}
	return strings.HasSuffix(name, "/") || strings.Contains(name, "/theme/")
}

// book is a workbook.
type book struct {
	*archive
	part, sharedPart, stylesPart string
	sheets                       []sheetOf
	date1904                     bool
	shared                       texts
	styles                       []style
}

type sheetOf struct{ name, part string }

func (a *archive) workbook() (*book, error) {
	b := &book{archive: a, part: "xl/workbook.xml"}
	for _, r := range a.relations("") {
		if r.kind == "officeDocument" {
			b.part = r.target
		}
	}
	if strings.HasSuffix(b.part, ".bin") {
		return nil, child.ErrUnsupported
	}
	targets := a.relations(b.part)
	for _, r := range targets {
		switch r.kind {
		case "sharedStrings":
			b.sharedPart = r.target
		case "styles":
			b.stylesPart = r.target
		}
	}
	err := a.each(b.part, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "sheet":
			if len(b.sheets) >= maxParts {
				return child.ErrBounded
			}
			b.sheets = append(b.sheets, sheetOf{attr(e, "name"), targets[attr(e, "id")].target})
		case "workbookPr":
			v := attr(e, "date1904")
			b.date1904 = v == "1" || v == "true"
		}
		return nil
	})
	return b, err
}

// readShared reads the texts that cells name by number. Of too many the rest is handed over as it lies.
func (b *book) readShared() error {
	t, err := b.open(b.sharedPart)
	if errors.Is(err, errMissing) {
		return nil
	}
	if err != nil {
		return b.e.Note(child.DamagedParts, 1)
	}
	defer t.close()
	for {
		tok, err := t.next()
		if err == io.EOF {
			return nil
		}
		if e, ok := tok.(xml.StartElement); ok && err == nil && e.Name.Local == "si" {
			if b.shared.full() {
				return b.tooMany()
			}
			if b.shared.all, err = t.text(b.shared.all, "si"); err == nil {
				b.shared.end()
			}
		}
		if err != nil {
			return b.damaged(b.sharedPart)
		}
	}
}

// unused hands over the texts that no cell names: of cells that were deleted, and whatever else was put there.
func (b *book) unused() error {
	r := rows{e: b.e}
	for i := range b.shared.ends {
		if t := b.shared.at(i); len(t) > 0 && !b.shared.used(i) {
			r.cell(t)
			if err := r.end(); err != nil {
				return err
			}
		}
	}
	return r.close()
}

func (b *book) tooMany() error {
	if err := b.e.Note(child.PartsLeft, 1); err != nil {
		return err
	}
	return b.raw(b.archive.part(b.sharedPart))
}

// damaged notes a part that is not what it should be, and hands it over as it lies.
func (b *archive) damaged(part string) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	if err := b.e.Note(child.DamagedInOrder, 1); err != nil {
		return err
	}
	return b.raw(b.part(part))
}

// readStyles reads how numbers are shown. Without it they are shown as they are.
func (b *book) readStyles() {
	codes := map[int]style{}
	inCells := false
	_ = b.each(b.stylesPart, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			id, err := strconv.Atoi(attr(e, "numFmtId"))
			if err == nil && len(codes) < maxStyles {
				codes[id] = styleOf(attr(e, "formatCode"))
			}
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs":
			inCells = false
		case "xf":
			id, _ := strconv.Atoi(attr(e, "numFmtId"))
			s, ok := codes[id]
			if !ok {
				s = builtin(id)
			}
			if inCells && len(b.styles) < maxStyles {
				b.styles = append(b.styles, s)
			}
		}
		return nil
	})
}

// text appends what the <t> elements hold up to the end of the element called end, phonetic readings left out.
func (t *tokens) text(dst []byte, end string) ([]byte, error) {
	inText, phonetic, from := false, 0, len(dst)
	for {
		tok, err := t.next()
		if err != nil {
			return dst, err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			inText = e.Name.Local == "t"
			if e.Name.Local == "rPh" {
				phonetic++
			}
		case xml.EndElement:
			inText = false
			switch e.Name.Local {
			case "rPh":
				phonetic--
			case end:
				return dst, nil
			}
		case xml.CharData:
			if inText && phonetic <= 0 {
				dst = append(dst, e...)
			}
		}
		if len(dst)-from > maxToken {
			return dst, errToken
		}
	}
}
