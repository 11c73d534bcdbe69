package table

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// sheet hands over the rows of a sheet, then whatever else is written in its part. What is damaged is handed over as it lies.
func (b *book) sheet(part string) error {
	t, err := b.open(part)
	if err != nil {
		if f := b.archive.part(part); f == nil {
			return nil // a chart or a dialogue
		}
		return b.damaged(part)
	}
	defer t.close()
	s := sheet{b: b, t: t, rows: rows{e: b.e}}
	err = t.each(s.read)
	if cerr := s.rows.close(); cerr != nil {
		return cerr
	}
	if err != nil {
		return b.damaged(part)
	}
	return nil
}

// sheet is a sheet while it is read.
type sheet struct {
	b     *book
	t     *tokens
	rows  rows
	value []byte
	code  []byte // of a formula
}

// read reads what a token begins or ends.
func (s *sheet) read(tok xml.Token) error {
	switch e := tok.(type) {
	case xml.StartElement:
		switch e.Name.Local {
		case "c":
			return s.cell(e)
		case "row", "col", "cols", "sheetData", "worksheet", "mergeCell", "selection", "pageMargins", "dimension": // numbers and references
		default:
			return s.said(e)
		}
	case xml.EndElement:
		if e.Name.Local == "row" {
			return s.rows.end()
		}
	case xml.CharData: // headers, lists of what may be chosen
		if text := strings.TrimSpace(string(e)); text != "" {
			s.rows.cellString(text)
			return s.rows.end()
		}
	}
	return nil
}

// said writes what the attributes of an element say to somebody: links, prompts, what a rule is called.
func (s *sheet) said(e xml.StartElement) error {
	any := false
	for _, a := range e.Attr {
		v := strings.TrimSpace(a.Value)
		switch a.Name.Local {
		case "location", "display", "tooltip", "prompt", "promptTitle", "error", "errorTitle", "title", "name", "descr", "text":
		default:
			if len(v) < shortestSaid || a.Name.Space == "xmlns" || a.Name.Local == "xmlns" || plainValue(v) {
				continue
			}
		}
		if v != "" {
			s.rows.cellString(v)
			any = true
		}
	}
	if !any {
		return nil
	}
	return s.rows.end()
}

// shortestSaid is shorter than any identifier.
const shortestSaid = 5

// plainValue says whether a value is a word of the format: short, and nothing but letters.
func plainValue(v string) bool {
	for _, c := range []byte(v) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && c != '-' {
			return false
		}
	}
	return len(v) < 24
}

// cell reads one cell to its end.
func (s *sheet) cell(c xml.StartElement) error {
	var in *[]byte
	s.value, s.code = s.value[:0], s.code[:0]
	for {
		tok, err := s.t.next()
		if err != nil {
			return err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "v":
				in = &s.value
			case "f":
				in = &s.code
			case "is":
				if s.value, err = s.t.text(s.value, "is"); err != nil {
					return err
				}
			}
		case xml.CharData:
			if in != nil {
				*in = append(*in, e...)
			}
		case xml.EndElement:
			if in = nil; e.Name.Local == "c" {
				s.put(attr(c, "t"), attr(c, "s"))
				return s.rows.err
			}
		}
		if len(s.value)+len(s.code) > maxToken {
			return errToken
		}
	}
}

// put writes a cell as it is shown; a formula with texts of its own stands beside it.
func (s *sheet) put(kind, styled string) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(string(s.value))
		if err == nil {
			s.b.shared.use(i)
			s.rows.cell(s.b.shared.at(i))
		}
	case "inlineStr", "str", "d", "b":
		s.rows.cell(s.value)
	case "e":
	default:
		s.rows.cellString(s.number(styled))
	}
	if strings.IndexByte(string(s.code), '"') >= 0 {
		s.rows.cell(s.code)
	}
}

func (s *sheet) number(styled string) string {
	f, err := strconv.ParseFloat(string(s.value), 64)
	if err != nil {
		return string(s.value)
	}
	i, err := strconv.Atoi(styled)
	if err != nil || i < 0 || i >= len(s.b.styles) {
		return style{}.show(f, s.b.date1904)
	}
	return s.b.styles[i].show(f, s.b.date1904)
}
