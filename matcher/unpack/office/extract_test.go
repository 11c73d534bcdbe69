package office_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/office"
)

// zipOf packs name and contents, in turn.
func zipOf(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		e, err := w.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(e, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func extract(t testing.TB, b []byte) *child.Record {
	t.Helper()
	return child.Run(t.Context(), office.Extract, child.Document{Size: int64(len(b)), Ratio: 200}, bytes.NewReader(b), 64<<20)
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, part, xml, want string }{
		{"runs", "word/document.xml", `<w:document><w:body><w:p><w:pPr><w:pStyle w:val="ab"/><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>Potilas 1310</w:t></w:r>
			<w:proofErr/><w:r><w:rPr><w:b/></w:rPr><w:t>52-308T</w:t></w:r><w:r><w:t xml:space="preserve"> ja</w:t></w:r><w:r><w:tab/><w:t>x</w:t><w:br/><w:t>y</w:t>
			<w:noBreakHyphen/><w:t>z</w:t></w:r></w:p><w:p><w:del><w:r><w:delText>pois</w:delText></w:r></w:del></w:p></w:body></w:document>`,
			"Potilas 131052-308T ja\tx\ny-z\npois"},
		{"table", "word/document.xml", `<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Matti</w:t></w:r></w:p><w:p><w:r><w:t>Mallikas</w:t></w:r></w:p></w:tc>
			<w:tc><w:p><w:r><w:t>131052-308T</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>`,
			"Matti Mallikas\t131052-308T\nb"},
		{"text box", "word/document.xml", `<w:p><w:r><w:t>a</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p>
			</w:txbxContent></wps:txbx></mc:Choice></mc:AlternateContent></w:r></w:p>`, "a\nboxed"},
		{"field", "word/document.xml", `<w:p><w:r><w:fldChar/></w:r><w:r><w:instrText> HYPERLINK "mailto:matti@example.com" </w:instrText></w:r>
			<w:r><w:fldChar/></w:r><w:r><w:t>mail</w:t></w:r></w:p>`, `HYPERLINK "mailto:matti@example.com"  mail`},
		{"comment", "word/comments.xml", `<w:comment w:author="Maija Mallikas" w:initials="MM"><w:p><w:r><w:t>see</w:t></w:r></w:p></w:comment>`, "see\nMaija Mallikas\n"},
		{"slide", "ppt/slides/slide1.xml", `<p:sp><p:nvSpPr><p:cNvPr id="2" name="Title 1" descr="a chart"/></p:nvSpPr><p:txBody><a:p><a:r><a:t>131052</a:t></a:r><a:r><a:t>-308T</a:t></a:r></a:p>
			<a:p><a:r><a:t>b</a:t></a:r></a:p></p:txBody></p:sp>`, "131052-308T\nb\nTitle 1\na chart\n"},
		{"chart", "ppt/charts/chart1.xml", `<c:pt><c:v>1</c:v></c:pt><c:pt><c:v>2</c:v></c:pt>`, "1\n2"},
		{"properties", "docProps/core.xml", `<cp:coreProperties><dc:creator>Matti</dc:creator><dc:title>T</dc:title></cp:coreProperties>`, "Matti\nT"},
		{"open document", "content.xml", `<office:body><text:h>Head</text:h><text:p>131052<text:span>-308</text:span><text:span>T</text:span><text:s text:c="2"/>x<text:tab/>y
			<text:line-break/>z</text:p><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></office:body>`,
			"Head\n131052-308T x\ty\n\t\t\t\nz\na\tb"},
		{"note", "content.xml", `<text:p>a<office:annotation><dc:creator>Maija</dc:creator><text:p>noted</text:p></office:annotation>b</text:p>`, "a\nMaija\nnoted\nb"},
		{"book", "OEBPS/c1.xhtml", `<html><head><title>T</title></head><body><p>Mal&auml;<b>i</b>&nbsp;x<br>y</p><p>13<i>1</i>052-308T</p><li>q</body></html>`,
			"T\nMaläi x\ny\n131052-308T\nq"},
		{"link", "word/_rels/document.xml.rels", `<Relationships><Relationship Id="rId1" Target="mailto:matti.meikalainen@example.com" TargetMode="External"/></Relationships>`,
			"mailto:matti.meikalainen@example.com\n"},
		{"utf-16", "word/document.xml", "\xff\xfe<\x00?\x00x\x00m\x00l\x00 \x00e\x00n\x00c\x00o\x00d\x00i\x00n\x00g\x00=\x00'\x00u\x00t\x00f\x00-\x001\x006\x00'\x00?\x00>\x00<\x00a\x00>\x00h\x00i\x00<\x00/\x00a\x00>\x00", "hi"},
		{"latin", "word/document.xml", "<?xml version='1.0' encoding='iso-8859-1'?><a>Meik\xe4l\xe4inen</a>", "Meikäläinen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := extract(t, zipOf(t, c.part, c.xml))
			if d := cmp.Diff(c.want, strings.Join(r.Texts, "|")); d != "" || r.Outcome != child.Whole || len(r.Notes) > 0 || len(r.Members) > 0 {
				t.Error(r.Outcome, r.Notes, d)
			}
		})
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	r := extract(t, zipOf(t, "mimetype", "x", "[Content_Types].xml", "<Types/>", "word/header1.xml", "<w:p><w:t>head</w:t></w:p>", "word/document.xml", "<w:p><w:t>main</w:t></w:p>",
		"word/media/image1.png", "\x89PNG\r\n\x1a\n", "word/embeddings/oleObject1.bin", "ole", "word/vbaProject.bin", "vba", "customXml/item1.xml", "<a>custom<"))
	if d := cmp.Diff([]string{"main", "head", "custom"}, r.Texts); d != "" {
		t.Error(d)
	}
	var members []string
	for _, m := range r.Members {
		members = append(members, m.Entry.Name+" "+m.Body)
	}
	if d := cmp.Diff([]string{"word/media/image1.png \x89PNG\r\n\x1a\n", "word/embeddings/oleObject1.bin ole", "word/vbaProject.bin vba", "customXml/item1.xml <a>custom<"}, members); d != "" {
		t.Error(d)
	}
	if r.Notes[child.DamagedParts] != 1 || r.Outcome != child.Whole {
		t.Error(r.Notes, r.Outcome)
	}
}

// What is written where nobody writes is read, where it may say who somebody is.
func TestNothingIsHidden(t *testing.T) {
	t.Parallel()
	const id = "131052-308T"
	for name, part := range map[string][2]string{
		"an attribute":     {"word/document.xml", "<patient ssn='" + id + "'/>"},
		"data":             {"customXml/item1.xml", "<patient tag='" + id + "' city='Oulu'/>"},
		"one with spaces":  {"word/document.xml", "<w:p w:x='943 476 5919 " + id + "'/>"},
		"an instruction":   {"word/document.xml", "<?x " + id + "?><w:p/>"},
		"a document type":  {"word/document.xml", "<!DOCTYPE x [<!ENTITY a '" + id + "'>]><w:p/>"},
		"the name of one":  {"customXml/" + id + ".xml", "<a/>"},
		"that of a folder": {id + "/", ""},
	} {
		r := extract(t, zipOf(t, part[0], part[1]))
		all := strings.Join(append(r.Texts, r.Names...), "|")
		if strings.Count(all, id) != 1 || r.Outcome != child.Whole || name == "data" && !strings.Contains(all, "Oulu") {
			t.Errorf("%s: %s %q", name, r.Outcome, all)
		}
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if _, err := w.CreateHeader(&zip.FileHeader{Name: "word/document.xml", Comment: id}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if r := extract(t, b.Bytes()); strings.Join(r.Names, "|") != id {
		t.Errorf("a comment: %q", r.Names)
	}
	// Sizes, places and drawings are nobody's.
	quiet := `<p a="12192000" b="-9144000" c="00A12B34" d="M 131052 308 131052" e="100%" f="rId12"/>`
	if r := extract(t, zipOf(t, "word/document.xml", quiet)); len(r.Texts) > 0 {
		t.Errorf("%q", r.Texts)
	}
}

// More attributes than are kept are said.
func TestManyAttributes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 110_000 {
		fmt.Fprintf(&b, "<a title='t%d'/>", i)
	}
	r := extract(t, zipOf(t, "word/document.xml", b.String()))
	if all := strings.Join(r.Texts, "|"); r.Notes[child.PartsLeft] != 1 || !strings.Contains(all, "t99999\n") {
		t.Errorf("%v, %d bytes", r.Notes, len(all))
	}
}

func TestEncrypted(t *testing.T) {
	t.Parallel()
	r := extract(t, zipOf(t, "META-INF/manifest.xml", `<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>`, "content.xml", "\x01\x02"))
	if r.Outcome != child.Encrypted || len(r.Members)+len(r.Texts) > 0 {
		t.Error(r.Outcome, r.Members)
	}
}

func TestBombs(t *testing.T) {
	t.Parallel()
	spaces := strings.Repeat("<a>", 6<<20) // more than is free of a ratio
	r := extract(t, zipOf(t, "word/document.xml", spaces))
	if r.Outcome != child.Bounded {
		t.Error(r.Outcome)
	}
	laughs := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><x>&c;&c;&c;</x>`
	r = extract(t, zipOf(t, "word/document.xml", laughs))
	if n := len(strings.Join(r.Texts, "")); n > 100 {
		t.Errorf("entities were expanded to %d bytes", n)
	}
}

func FuzzExtract(f *testing.F) {
	f.Add("word/document.xml", []byte(`<w:p><w:r><w:t>a</w:t></w:r><w:tab/></w:p>`))
	f.Add("content.xml", []byte(`<text:p>a<text:s/></text:p>`))
	f.Add("c.xhtml", []byte("<?xml encoding='koi8-r'?><p>&auml;"))
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		if len(name) > 1000 || strings.HasSuffix(name, "/") {
			return
		}
		if r := extract(t, zipOf(t, name, string(b))); r.Outcome == child.Panicked {
			t.Fatal("panicked")
		}
		if r := extract(t, b); r.Outcome == child.Panicked {
			t.Fatal("panicked")
		}
	})
}
