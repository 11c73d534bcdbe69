package enroll_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/matcher"
	"leakwatch/matcher/enroll"
)

// sheet writes a workbook by hand. A cell that is a float64 is a number, an inline is text in its cell, every other
// string is shared.
type inline string

func workbook(t testing.TB, date1904 bool, sheets ...[][]any) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name, content string) {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var shared []string
	var list, rels strings.Builder
	for i, rows := range sheets {
		fmt.Fprintf(&list, `<sheet name="Sheet%d" sheetId="%d" r:id="rId%d"/>`, i+1, i+1, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="http://x/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, i+1)
		put(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), sheetXML(rows, &shared))
	}
	fmt.Fprint(&rels, `<Relationship Id="rId99" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/>`)
	put("xl/workbook.xml", fmt.Sprintf(`<?xml version="1.0"?><workbook xmlns:r="r"><workbookPr date1904="%t"/><sheets>%s</sheets></workbook>`, date1904, list.String()))
	put("xl/_rels/workbook.xml.rels", "<Relationships>"+rels.String()+"</Relationships>")
	put("xl/sharedStrings.xml", "<sst>"+strings.Join(shared, "")+"</sst>")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sheetXML(rows [][]any, shared *[]string) string {
	var b strings.Builder
	b.WriteString(`<worksheet><sheetData>`)
	for r, cells := range rows {
		fmt.Fprintf(&b, `<row r="%d">`, r+1)
		for c, v := range cells {
			ref := fmt.Sprintf("%c%d", 'A'+c, r+1)
			switch v := v.(type) {
			case nil:
			case float64:
				fmt.Fprintf(&b, `<c r="%s" s="1"><v>%v</v></c>`, ref, v)
			case inline:
				fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, ref, escaped(string(v)))
			case string:
				// Two runs of rich text and a phonetic reading, as a spreadsheet writes them.
				h := len(v) / 2
				*shared = append(*shared, "<si><r><t>"+escaped(v[:h])+"</t></r><r><t>"+escaped(v[h:])+"</t></r><rPh><t>no</t></rPh></si>")
				fmt.Fprintf(&b, `<c r="%s" t="s"><v>%d</v></c>`, ref, len(*shared)-1)
			}
		}
		b.WriteString(`</row>`)
	}
	return b.String() + `</sheetData></worksheet>`
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	for _, date1904 := range []bool{false, true} {
		w := setup(t)
		serial := 34455.0 // 1 May 1994
		if date1904 {
			serial -= 1462
		}
		b := workbook(t, date1904, [][]any{
			{"Patient ID", "First name", "Surname", "Date of birth", "E-mail", nil, "Mobile"},
			{1001.0, plantedGiven, inline(plantedFamily), serial, inline(plantedEmail), nil, 7.700900123e9},
			nil,
			{1002.0, "Maija", "Mallikas", "31.2.1990", "A & B <maija@example.com>", nil, "+44 7700 900456"},
		})
		o := w.options(w.file("register.xlsx", string(b)))
		o.ID = "patient id"
		o.Map = []string{"given=First name", "family=surname", "dob=Date of birth", "email=E-mail", "phone=#7"}
		s := w.hash(o)
		_, rows := w.open(s.Bundle)
		if diff := cmp.Diff(map[string]int{"add email": 2, "add email-base": 2, "add phone": 2, "add name": 2, "add name-dob": 1}, kinds(rows)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]enroll.Refusals{{Kind: "dob", Reason: "date", Count: 1}}, s.Refused); diff != "" {
			t.Error(diff)
		}
		h := matcher.NewHasher(matcher.Key{ID: "test-rk1", Secret: w.kit.Secret}, "GB")
		t1, err := h.Names(leak.NameDOB, []string{plantedGiven}, []string{plantedFamily}, "1994-05-01")
		if err != nil || len(t1) != 1 {
			t.Fatal(t1, err)
		}
		phone, err := h.T1(leak.Phone, plantedPhone)
		if err != nil {
			t.Fatal(err)
		}
		found := map[[32]byte]bool{}
		for _, r := range rows {
			found[r.T1] = true
		}
		if !found[t1[0]] || !found[phone] {
			t.Errorf("date1904 %t: name with date %t, telephone without its zero %t", date1904, found[t1[0]], found[phone])
		}
		if s.Sheet != 1 || s.Charset != "" {
			t.Errorf("summary %+v", s)
		}
	}
}

func TestXLSXSheets(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := workbook(t, false, [][]any{{"notes"}}, [][]any{{"id", "email"}, {"1", "maija@example.com"}})
	o := w.options(w.file("register.xlsx", string(b)))
	o.ID, o.Map = "id", []string{"email=email"}
	if _, err := enroll.HashTable(context.Background(), o); err == nil {
		t.Error("the first sheet has no such column")
	}
	for _, sheet := range []string{"sheet2", "2"} {
		o.Sheet, o.Bundle = sheet, w.path(sheet+".bundle")
		if s := w.hash(o); s.Patients != 1 || s.Sheet != 2 {
			t.Errorf("summary %+v", s)
		}
	}
	o.Sheet = "nope"
	if _, err := enroll.HashTable(context.Background(), o); err == nil {
		t.Error("a sheet that is not there was read")
	}
}

func TestXLSXHostile(t *testing.T) {
	t.Parallel()
	w := setup(t)
	good := workbook(t, false, [][]any{{"id", "email"}, {"1", "maija@example.com"}})
	huge := workbook(t, false, [][]any{{"id", "email"}, {"1", inline(strings.Repeat("x", 9<<20))}})
	for what, b := range map[string][]byte{
		"cut":            good[:len(good)/2],
		"no zip":         append([]byte("PK\x03\x04"), bytes.Repeat([]byte{0}, 100)...),
		"one huge cell":  huge,
		"old excel":      append([]byte("\xd0\xcf\x11\xe0"), bytes.Repeat([]byte{0}, 600)...),
		"an empty file":  nil,
		"a zip of notes": zipOf(t, "notes.txt", "hello"),
	} {
		o := w.options(w.file("x.xlsx", string(b)))
		o.ID, o.Map, o.Bundle = "id", []string{"email=email"}, w.path("x.bundle")
		if _, err := enroll.HashTable(context.Background(), o); err == nil {
			t.Errorf("%s: read", what)
		} else {
			nothingOf(t, what, printed(err))
		}
	}
}

func zipOf(t testing.TB, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create(name)
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
