package enroll

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
)

// sharedStrings are the texts that cells name by number, in one piece of memory.
type sharedStrings struct {
	all  []byte
	ends []int
}

func (s *sharedStrings) get(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := 0
	if i > 0 {
		from = s.ends[i-1]
	}
	return string(s.all[from:s.ends[i]]), true
}

func readShared(z *zip.Reader, name string) (*sharedStrings, error) {
	s := &sharedStrings{}
	part := partOf(z, name)
	if part == nil {
		return s, nil
	}
	in, err := part.Open()
	if err != nil {
		return nil, errors.New("the shared strings are damaged")
	}
	defer in.Close()
	d := newTokens(in)
	for {
		t, err := d.next()
		if err == io.EOF {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "si" {
			if s.all, err = d.text(s.all, "si"); err != nil {
				return nil, err
			}
			if len(s.all) > maxShared || len(s.ends) >= maxShared/16 {
				return nil, errors.New("the shared strings are too large; save the table as CSV")
			}
			s.ends = append(s.ends, len(s.all))
		}
	}
}

// text appends what the <t> elements hold up to the end of the element called end, phonetic readings left out.
func (t *tokenReader) text(dst []byte, end string) ([]byte, error) {
	inText, phonetic, from := false, 0, len(dst)
	for {
		tok, err := t.next()
		if err == io.EOF {
			return dst, io.ErrUnexpectedEOF
		}
		if err != nil {
			return dst, err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "t":
				inText = true
			case "rPh":
				phonetic++
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "t":
				inText = false
			case "rPh":
				phonetic--
			case end:
				return dst, nil
			}
		case xml.CharData:
			if inText && phonetic == 0 {
				dst = append(dst, e...)
			}
		}
		if len(dst)-from > maxToken {
			return dst, errToken
		}
	}
}

// next gives the next row of the sheet that has a cell in it.
func (t *xlsxTable) next() (record, error) {
	for {
		tok, err := t.tokens.next()
		if err != nil {
			return record{}, err
		}
		e, ok := tok.(xml.StartElement)
		if !ok || e.Name.Local != "row" {
			continue
		}
		t.last++
		if n, err := strconv.ParseInt(attr(e, "r"), 10, 64); err == nil && n >= t.last {
			t.last = n
		}
		r := record{n: t.last}
		if err := t.row(&r); err != nil {
			return record{}, err
		}
		if len(r.cells) > 0 {
			return r, nil
		}
	}
}

func (t *xlsxTable) row(r *record) error {
	for {
		tok, err := t.tokens.next()
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch e := tok.(type) {
		case xml.EndElement:
			if e.Name.Local == "row" {
				return nil
			}
		case xml.StartElement:
			if e.Name.Local != "c" {
				continue
			}
			at, ok := columnOf(attr(e, "r"))
			if !ok {
				at = len(r.cells)
			}
			if at >= maxColumns {
				return errColumns
			}
			text, number, err := t.cell(attr(e, "t"))
			if err != nil {
				return err
			}
			r.put(at, text, number)
		}
	}
}

func (r *record) put(at int, text string, number bool) {
	for len(r.cells) <= at {
		r.cells = append(r.cells, "")
		r.numeric = append(r.numeric, false)
	}
	r.cells[at], r.numeric[at] = text, number
}

// cell reads one cell to its end, and says whether it is a number.
func (t *xlsxTable) cell(kind string) (string, bool, error) {
	var value []byte
	inValue := false
	for {
		tok, err := t.tokens.next()
		if err == io.EOF {
			return "", false, io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", false, err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "v":
				inValue = true
			case "is":
				if value, err = t.tokens.text(value, "is"); err != nil {
					return "", false, err
				}
			}
		case xml.CharData:
			if inValue {
				value = append(value, e...)
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "v":
				inValue = false
			case "c":
				text, number := t.meaning(kind, string(value))
				return text, number, nil
			}
		}
		if len(value) > maxToken {
			return "", false, errToken
		}
	}
}

// meaning gives a cell's text by its type: shared string, text, formula's text, date, or a number.
func (t *xlsxTable) meaning(kind, value string) (string, bool) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(value)
		if err != nil {
			return "", false
		}
		s, _ := t.strings.get(i)
		return s, false
	case "inlineStr", "str", "d":
		return value, false
	case "e", "b":
		return "", false
	}
	return plainNumber(value), true
}

// plainNumber writes a number without an exponent and without a zero fraction, as its cell would show it.
func plainNumber(s string) string {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// columnOf turns "BC12" into 54.
func columnOf(ref string) (int, bool) {
	n := 0
	for i := 0; i < len(ref); i++ {
		c := ref[i] | 0x20
		if c < 'a' || c > 'z' {
			return n - 1, i > 0
		}
		if n = n*26 + int(c-'a') + 1; n > maxColumns {
			return maxColumns, true
		}
	}
	return 0, false
}

// columnName turns 54 into "BC".
func columnName(i int) string {
	var b []byte
	for i++; i > 0; i = (i - 1) / 26 {
		b = append([]byte{byte('A' + (i-1)%26)}, b...)
	}
	return string(b)
}
