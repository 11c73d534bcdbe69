package table_test

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // writes the databases

	"leakwatch/matcher/unpack/child"
)

// run reads a document in this process.
func run(x child.Extractor, b []byte) *child.Record {
	return child.Run(context.Background(), x, child.Document{Size: int64(len(b))}, bytes.NewReader(b), 64<<20)
}

func all(r *child.Record) string { return strings.Join(r.Texts, "\n--\n") }

func zipOf(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// database makes a SQLite file by statements, and gives the files that it is made of, by extension.
func database(t testing.TB, statements ...string) map[string][]byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	out := map[string][]byte{}
	for _, ext := range []string{"", "-wal", "-journal"} {
		if b, err := os.ReadFile(path + ext); err == nil {
			out[ext] = b
		}
	}
	return out
}

func sheets(t testing.TB) []byte {
	return zipOf(t, "[Content_Types].xml", "<Types/>",
		"xl/workbook.xml", `<workbook xmlns:r="r"><workbookPr date1904="0"/><sheets><sheet name="Matti Mallikas" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="x/styles" Target="/xl/styles.xml"/></Relationships>`,
		"xl/sharedStrings.xml", `<sst><si><t>Meik&#228;l&#xE4;inen</t></si><si><r><t>010594</t></r><r><rPr/><t>Y9032</t></r><rPh><t>yomi</t></rPh></si></sst>`,
		"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="000\-00\-0000"/><numFmt numFmtId="165" formatCode="d\.m\.yyyy;@"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c t="inlineStr"><is><t>in</t><r><t>line</t></r></is></c></row><row><c s="1"><v>34500</v></c><c s="2"><v>12345678</v></c><c s="3"><v>34501</v></c><c><v>4.01234567E8</v></c><c t="str"><f>HYPERLINK("mailto:matti@example.com")</f><v>a
b</v></c><c t="e"><v>#REF!</v></c></row></sheetData><hyperlinks><hyperlink ref="A1" display="shown"/></hyperlinks><headerFooter><oddHeader>head</oddHeader></headerFooter></worksheet>`,
		"xl/comments1.xml", `<comments><comment><text><t>a comment</t></text></comment></comments>`,
		"xl/media/image1.png", "\x89PNG\r\n\x1a\n")
}

func openSheets(t testing.TB) []byte {
	return zipOf(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml",
		`<office:document-content><office:body><office:spreadsheet><table:table table:name="Visits"><table:table-row><table:table-cell office:value-type="string"><text:p>Meikäläinen</text:p><text:p>Matti <text:span>T</text:span></text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="1994-05-01"><text:p>1.5.94</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="401234567"><text:p>040 123 4567</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16380"/></table:table-row><table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>`,
		"meta.xml", "<m>author</m>")
}

func dbfOf(language byte, memo bool, records ...string) []byte {
	kind := "C"
	if memo {
		kind = "M"
	}
	b := []byte{3, 124, 5, 6, byte(len(records)), 0, 0, 0, 32*4 + 1, 0, 1 + 12 + 8 + 10, 0}
	b = append(b, make([]byte, 17)...)
	b = append(b, language, 0, 0)
	for i, f := range []string{"NAME", "BORN", "NOTE"} {
		d := make([]byte, 32)
		copy(d, f)
		d[11], d[16] = "CD"[i%2], []byte{12, 8, 10}[i]
		if i == 2 {
			d[11] = kind[0]
		}
		b = append(b, d...)
	}
	b = append(b, '\r')
	for _, r := range records {
		b = append(b, r...)
	}
	return append(b, 0x1a)
}
