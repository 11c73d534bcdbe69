package table

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"

	"leakwatch/matcher/unpack/child"
)

// ODS reads the sheets of OpenDocument spreadsheets (ISO/IEC 26300), each as a text: numbers and dates in their own form, other
// cells as they are shown. Rows and cells that are repeated are read once. Names of sheets are names, other parts members.
func ODS(ctx context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	a, err := openArchive(ctx, in, size, e)
	if err != nil {
		return err
	}
	encrypted := false
	_ = a.each("META-INF/manifest.xml", func(e xml.StartElement) error {
		encrypted = encrypted || e.Name.Local == "encryption-data"
		return nil
	})
	if encrypted {
		return child.ErrEncrypted
	}
	t, err := a.open("content.xml")
	if err != nil {
		return err
	}
	defer t.close()
	o := spreadsheet{a: a, rows: rows{e: e}}
	err = t.each(o.read)
	if cerr := o.rows.close(); cerr != nil {
		return cerr
	}
	if err != nil {
		if err := a.damaged("content.xml"); err != nil {
			return err
		}
	}
	for _, f := range a.z.File {
		if f.Name == "content.xml" || dull(f.Name) {
			continue
		}
		if err := a.raw(f); err != nil {
			return err
		}
	}
	return nil
}

// spreadsheet is the content of an OpenDocument spreadsheet while it is read.
type spreadsheet struct {
	a     *archive
	rows  rows
	cell  []byte
	links []byte
	typed string // the cell's value where that is not what is shown
	text  int    // inside paragraphs
}

func (o *spreadsheet) read(tok xml.Token) (err error) {
	switch e := tok.(type) {
	case xml.StartElement:
		err = o.begin(e)
	case xml.EndElement:
		err = o.end(e.Name.Local)
	case xml.CharData:
		if o.text > 0 {
			o.cell = append(o.cell, e...)
		}
	}
	if err == nil && len(o.cell)+len(o.links) > maxToken {
		err = errToken
	}
	return err
}

func (o *spreadsheet) begin(e xml.StartElement) error {
	switch e.Name.Local {
	case "table":
		if err := o.rows.close(); err != nil {
			return err
		}
		return o.a.e.Name(attr(e, "name"))
	case "table-cell", "covered-table-cell":
		o.cell, o.links = o.cell[:0], o.links[:0]
		switch attr(e, "value-type") {
		case "date":
			o.typed = attr(e, "date-value")
		case "float":
			o.typed = attr(e, "value")
		case "string":
			o.typed = attr(e, "string-value")
		default:
			o.typed = ""
		}
	case "p", "h":
		if o.text++; len(o.cell) > 0 {
			o.cell = append(o.cell, ' ')
		}
	case "s", "tab", "line-break":
		o.cell = append(o.cell, ' ')
	case "a":
		o.links = append(append(o.links, ' '), attr(e, "href")...)
	}
	return nil
}

func (o *spreadsheet) end(name string) error {
	switch name {
	case "p", "h":
		o.text = max(o.text-1, 0)
	case "table-cell", "covered-table-cell":
		o.put()
	case "table-row":
		return o.rows.end()
	case "table":
		return o.rows.close()
	}
	return o.rows.err
}

// put writes the cell: dates in their own form; numbers as they are shown, and plainly where that has other digits.
func (o *spreadsheet) put() {
	typed, _, _ := bytes.Cut([]byte(o.typed), []byte("T00:00:00"))
	switch {
	case len(o.cell) == 0:
		if len(typed) > 0 {
			o.rows.cell(typed)
		}
	case len(typed) > 0 && !bytes.Equal(typed, o.cell):
		o.rows.cell(typed)
		o.rows.cell(o.cell)
	default:
		o.rows.cell(o.cell)
	}
	if len(o.links) > 0 {
		o.rows.cell(o.links)
	}
}
