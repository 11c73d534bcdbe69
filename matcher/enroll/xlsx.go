package enroll

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
)

// Limits on an XLSX file: far above what a spreadsheet program writes.
const (
	maxPartXML = 16 << 20  // of workbook and relations
	maxToken   = 4 << 20   // of one piece of XML: a cell holds 32,767 characters
	maxShared  = 512 << 20 // of all shared strings
)

var errToken = fmt.Errorf("one cell is larger than %d bytes", maxToken)

// xlsxTable reads one sheet as a stream. Only the shared strings are held in memory.
type xlsxTable struct {
	file    *os.File
	sheet   io.ReadCloser
	tokens  *tokenReader
	strings *sharedStrings
	known   tableFacts
	last    int64 // number of the last row
}

func openXLSX(f *os.File, size int64, sheet string) (table, error) {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return nil, errors.New("it is a damaged XLSX file")
	}
	book, err := readWorkbook(z)
	if err != nil {
		return nil, err
	}
	n, err := book.find(sheet)
	if err != nil {
		return nil, err
	}
	shared, err := readShared(z, book.shared)
	if err != nil {
		return nil, err
	}
	part := partOf(z, book.sheets[n].part)
	if part == nil {
		return nil, errors.New("the sheet is missing from the file")
	}
	in, err := part.Open()
	if err != nil {
		return nil, errors.New("the sheet is damaged")
	}
	read := &counter{r: in}
	return &xlsxTable{file: f, sheet: in, tokens: newTokens(read), strings: shared, known: tableFacts{
		sheet: n + 1, date1904: book.date1904, total: int64(min(part.UncompressedSize64, 1<<62)), read: func() int64 { return read.n },
	}}, nil
}

func (t *xlsxTable) close() error {
	t.sheet.Close()
	return t.file.Close()
}

func (t *xlsxTable) facts() tableFacts { return t.known }

// workbook says which sheets there are and where their parts lie.
type workbook struct {
	sheets   []sheetEntry
	shared   string
	date1904 bool
}

type sheetEntry struct{ name, id, part string }

// find gives the index of a sheet by name or number; "" is the first.
func (w workbook) find(sheet string) (int, error) {
	if len(w.sheets) == 0 {
		return 0, errors.New("it is a zip file, but no XLSX: there is no sheet in it")
	}
	if sheet == "" {
		return 0, nil
	}
	for i, s := range w.sheets {
		if strings.EqualFold(s.name, sheet) {
			return i, nil
		}
	}
	if n, err := strconv.Atoi(sheet); err == nil && n >= 1 && n <= len(w.sheets) {
		return n - 1, nil
	}
	return 0, fmt.Errorf("there is no sheet %.40q among its %d", sheet, len(w.sheets))
}

func readWorkbook(z *zip.Reader) (workbook, error) {
	var book workbook
	const where = "xl/workbook.xml"
	err := eachElement(z, where, func(e xml.StartElement) {
		switch e.Name.Local {
		case "sheet":
			book.sheets = append(book.sheets, sheetEntry{name: attr(e, "name"), id: attr(e, "id")})
		case "workbookPr":
			v := attr(e, "date1904")
			book.date1904 = v == "1" || v == "true"
		}
	})
	if err != nil {
		return workbook{}, err
	}
	targets := map[string]string{}
	err = eachElement(z, "xl/_rels/workbook.xml.rels", func(e xml.StartElement) {
		if e.Name.Local != "Relationship" {
			return
		}
		target := attr(e, "Target")
		if strings.HasPrefix(target, "/") {
			target = target[1:]
		} else {
			target = path.Join("xl", target)
		}
		targets[attr(e, "Id")] = target
		if strings.HasSuffix(attr(e, "Type"), "/sharedStrings") {
			book.shared = target
		}
	})
	for i := range book.sheets {
		book.sheets[i].part = targets[book.sheets[i].id]
	}
	return book, err
}

// eachElement reads a small part and calls f for each element in it. A missing part has none.
func eachElement(z *zip.Reader, name string, f func(xml.StartElement)) error {
	part := partOf(z, name)
	if part == nil {
		return nil
	}
	in, err := part.Open()
	if err != nil {
		return errors.New("it is a damaged XLSX file")
	}
	defer in.Close()
	d := newTokens(io.LimitReader(in, maxPartXML))
	for {
		t, err := d.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok {
			f(e)
		}
	}
}

func partOf(z *zip.Reader, name string) *zip.File {
	for _, f := range z.File {
		if name != "" && strings.EqualFold(strings.TrimPrefix(f.Name, "/"), name) {
			return f
		}
	}
	return nil
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// tokenReader reads XML tokens, each of a limited size.
type tokenReader struct {
	d     *xml.Decoder
	in    io.Reader
	since int64 // bytes read since the last token
}

func newTokens(r io.Reader) *tokenReader {
	t := &tokenReader{in: r}
	t.d = xml.NewDecoder(t)
	return t
}

// Read hands the decoder its bytes, until one token has taken too many.
func (t *tokenReader) Read(p []byte) (int, error) {
	if t.since > maxToken {
		return 0, errToken
	}
	n, err := t.in.Read(p)
	t.since += int64(n)
	return n, err
}

// next gives the next token. Its bytes are valid until the call after.
func (t *tokenReader) next() (xml.Token, error) {
	t.since = 0
	tok, err := t.d.RawToken()
	if err == nil || err == io.EOF {
		return tok, err
	}
	if errors.Is(err, errToken) {
		return nil, errToken
	}
	return nil, errors.New("the XML of the sheet is damaged") // the decoder's own words may quote a cell
}
