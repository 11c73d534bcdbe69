package corpus

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// zipFiles packs named texts.
func zipFiles(names []string, bodies ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, n := range names {
		e, err := w.CreateHeader(&zip.FileHeader{Name: n, Method: []uint16{zip.Deflate, zip.Store}[b2u(n == "mimetype")]})
		must(err)
		_, err = e.Write([]byte(bodies[i]))
		must(err)
	}
	must(w.Close())
	return b.Bytes()
}

const xmlHead = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"

// types is [Content_Types].xml of Office Open XML (ECMA-376) with one main part, and others by part and type in turn.
func types(part, of string, others ...string) string {
	more := ""
	for i := 0; i < len(others); i += 2 {
		more += `<Override PartName="/` + others[i] + `" ContentType="application/vnd.openxmlformats-officedocument.` + others[i+1] + `+xml"/>`
	}
	return xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/` +
		part + `" ContentType="application/vnd.openxmlformats-officedocument.` + of + `.main+xml"/>` + more + `</Types>`
}

func relations(target, of string) string {
	return xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/` +
		of + `" Target="` + target + `"/></Relationships>`
}

// xlsx writes a sheet. rich puts texts into cells, and cuts those that are shared into runs.
func xlsx(rich bool) func([]Record) []byte {
	return func(records []Record) []byte {
		r := rand.New(rand.NewPCG(1, 2))
		var shared, sheet strings.Builder
		n := 0
		for y, row := range cells(records) {
			fmt.Fprintf(&sheet, `<row r="%d">`, y+1)
			for x, c := range row {
				at := fmt.Sprintf("%c%d", 'A'+x, y+1)
				_, err := strconv.ParseInt(c, 10, 64)
				switch {
				case err == nil && len(c) < 15 && c[0] != '0' && c[0] != '+':
					fmt.Fprintf(&sheet, `<c r="%s"><v>%s</v></c>`, at, c)
				case rich && r.IntN(2) == 0:
					fmt.Fprintf(&sheet, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, at, xmlPlain(c))
				default:
					fmt.Fprintf(&sheet, `<c r="%s" t="s"><v>%d</v></c>`, at, n)
					n++
					runes := []rune(c)
					if half := len(runes) / 2; rich {
						fmt.Fprintf(&shared, `<si><r><rPr><b/></rPr><t xml:space="preserve">%s</t></r><r><t xml:space="preserve">%s</t></r></si>`,
							xmlPlain(string(runes[:half])), xmlPlain(string(runes[half:])))
					} else {
						fmt.Fprintf(&shared, `<si><t>%s</t></si>`, xmlPlain(c))
					}
				}
			}
			sheet.WriteString("</row>")
		}
		const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
		return zipFiles([]string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"},
			types("xl/workbook.xml", "spreadsheetml.sheet", "xl/worksheets/sheet1.xml", "spreadsheetml.worksheet", "xl/sharedStrings.xml", "spreadsheetml.sharedStrings"), relations("xl/workbook.xml", "officeDocument"),
			xmlHead+`<workbook `+ns+` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
			strings.Replace(relations("worksheets/sheet1.xml", "worksheet"), "</Relationships>",
				`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>`, 1),
			xmlHead+`<worksheet `+ns+`><sheetData>`+sheet.String()+`</sheetData></worksheet>`, xmlHead+`<sst `+ns+`>`+shared.String()+`</sst>`)
	}
}

const odfNS = `xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" office:version="1.2"`

func odf(mime, body string) []byte {
	return zipFiles([]string{"mimetype", "META-INF/manifest.xml", "content.xml"}, mime,
		xmlHead+`<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="`+mime+`"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>`,
		xmlHead+`<office:document-content `+odfNS+`><office:body>`+body+`</office:body></office:document-content>`)
}

// odfText writes text with spaces as elements and a span within.
func odfText(s string) string {
	runes := []rune(s)
	half := len(runes) / 2
	return xmlPlain(string(runes[:half])) + `<text:span text:style-name="T1">` + xmlPlain(string(runes[half:])) + `</text:span>`
}

func ods(records []Record) []byte {
	var b strings.Builder
	for _, row := range cells(records) {
		b.WriteString("<table:table-row>")
		for _, c := range row {
			b.WriteString(`<table:table-cell office:value-type="string"><text:p>` + odfText(c) + `</text:p></table:table-cell>`)
		}
		b.WriteString("</table:table-row>")
	}
	return odf("application/vnd.oasis.opendocument.spreadsheet", `<office:spreadsheet><table:table table:name="Sheet1">`+b.String()+`</table:table></office:spreadsheet>`)
}

func odt(records []Record) []byte {
	var b strings.Builder
	for line := range strings.Lines(plainText(records)) {
		b.WriteString("<text:p>" + strings.Replace(odfText(strings.TrimSuffix(line, "\n")), ": ", ":<text:s/>", 1) + "</text:p>")
	}
	return odf("application/vnd.oasis.opendocument.text", "<office:text>"+b.String()+"</office:text>")
}

// docx writes lines in runs that end within words, as Word does after spelling.
func docx(records []Record) []byte {
	var b strings.Builder
	for line := range strings.Lines(plainText(records)) {
		runes := []rune(strings.TrimSuffix(line, "\n"))
		b.WriteString("<w:p>")
		for len(runes) > 0 {
			n := min(len(runes), 5)
			b.WriteString(`<w:r><w:rPr><w:lang w:val="fi-FI"/></w:rPr><w:t xml:space="preserve">` + xmlPlain(string(runes[:n])) + `</w:t></w:r><w:proofErr w:type="spellStart"/>`)
			runes = runes[n:]
		}
		b.WriteString("</w:p>")
	}
	return zipFiles([]string{"[Content_Types].xml", "_rels/.rels", "word/document.xml"}, types("word/document.xml", "wordprocessingml.document"),
		relations("word/document.xml", "officeDocument"),
		xmlHead+`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`+b.String()+`</w:body></w:document>`)
}

// pptx writes a slide.
func pptx(records []Record) []byte {
	var b strings.Builder
	for line := range strings.Lines(plainText(records)) {
		runes := []rune(strings.TrimSuffix(line, "\n"))
		half := len(runes) / 2
		b.WriteString("<a:p><a:r><a:t>" + xmlPlain(string(runes[:half])) + `</a:t></a:r><a:r><a:rPr b="1"/><a:t>` + xmlPlain(string(runes[half:])) + "</a:t></a:r></a:p>")
	}
	return zipFiles([]string{"[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml", "ppt/_rels/presentation.xml.rels", "ppt/slides/slide1.xml"},
		types("ppt/presentation.xml", "presentationml.presentation", "ppt/slides/slide1.xml", "presentationml.slide"), relations("ppt/presentation.xml", "officeDocument"),
		xmlHead+`<p:presentation xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst></p:presentation>`, relations("slides/slide1.xml", "slide"),
		xmlHead+`<p:sld xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:cSld><p:spTree><p:sp><p:txBody>`+b.String()+`</p:txBody></p:sp></p:spTree></p:cSld></p:sld>`)
}

func epub(records []Record) []byte {
	var b strings.Builder
	for line := range strings.Lines(plainText(records)) {
		b.WriteString("<p>" + xmlPlain(strings.TrimSuffix(line, "\n")) + "</p>\n")
	}
	return zipFiles([]string{"mimetype", "META-INF/container.xml", "OEBPS/content.opf", "OEBPS/ch1.xhtml"}, "application/epub+zip",
		xmlHead+`<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>`,
		xmlHead+`<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest><item id="c" href="ch1.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine></package>`,
		xmlHead+`<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Notes</title></head><body>`+b.String()+`</body></html>`)
}
