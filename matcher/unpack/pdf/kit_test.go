package pdf_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/pdf"
)

// page is what every test document has: a list of one page (3), its contents (4), a font (5).
var page = []string{
	"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
	"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
}

// document writes objects, numbered from 1 on, with an index and a trailer. Those that are empty are left out.
func document(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		if o != "" {
			fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
		}
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

// drawn is a document of one page with these contents, and more objects from 6 on.
func drawn(contents string, more ...string) []byte {
	o := append([]string{}, page...)
	o[3] = flate(contents, "")
	return document(append(o, more...)...)
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

func flate(s, dict string) string {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return stream(dict+"/Filter/FlateDecode", z.String())
}

func shown(s string) string { return "BT /F1 12 Tf 72 700 Td (" + s + ") Tj ET" }

func extract(t testing.TB, b []byte, passwords ...string) *child.Record {
	t.Helper()
	return child.Run(t.Context(), pdf.Extract, child.Document{Size: int64(len(b)), Memory: 512 << 20, Passwords: passwords}, bytes.NewReader(b), 256<<20)
}

// text is that of the pages.
func text(r *child.Record) string {
	if len(r.Texts) == 0 {
		return ""
	}
	return strings.TrimSpace(r.Texts[0])
}
