package corpus

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"sort"
	"strings"
)

var documents = []format{
	{"pdf", "notes.pdf", pdf(pdfPlain), latin}, {"pdf kerned", "notes.pdf", pdf(pdfKerned), latin}, {"pdf glyph numbers", "notes.pdf", pdf(pdfGlyphs), nil},
	{"pdf damaged index", "notes.pdf", pdfDamaged, latin},
	{"docx", "notes.docx", docx, nil}, {"odt", "notes.odt", odt, nil}, {"pptx", "slides.pptx", pptx, nil}, {"doc", "notes.doc", doc, nil},
	{"msg", "mail.msg", msg, nil}, {"eml", "mail.eml", eml, nil}, {"mbox", "inbox.mbox", mbox, nil}, {"epub", "book.epub", epub, nil},
}

// pdfLine writes the operators that show a line, and collects the letters that a font needs.
type pdfLine func(line string, glyphs map[rune]int) string

func pdfString(s string) string {
	return "(" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(narrow(s)) + ")"
}

func pdfPlain(line string, _ map[rune]int) string { return pdfString(line) + " Tj" }

// pdfKerned moves letters by small amounts, as typesetters do.
func pdfKerned(line string, _ map[rune]int) string {
	runes, s := []rune(line), "["
	for len(runes) > 0 {
		n := min(len(runes), 3)
		s += pdfString(string(runes[:n])) + "-20"
		runes = runes[n:]
	}
	return s + "] TJ"
}

// pdfGlyphs shows numbers of glyphs, which the font's ToUnicode alone turns into letters; fi is one glyph.
func pdfGlyphs(line string, glyphs map[rune]int) string {
	s := "<"
	for _, c := range strings.ReplaceAll(line, "fi", "ﬁ") {
		if glyphs[c] == 0 {
			glyphs[c] = len(glyphs) + 3
		}
		s += fmt.Sprintf("%04X", glyphs[c])
	}
	return s + "> Tj"
}

// pdf writes pages of lines (ISO 32000-1).
func pdf(show pdfLine) func([]Record) []byte {
	return func(records []Record) []byte {
		glyphs := map[rune]int{}
		var pages []string
		page := ""
		for i, line := range strings.Split(plainText(records), "\n") {
			page += fmt.Sprintf("BT /F1 11 Tf 1 0 0 1 50 %d Tm %s ET\n", 800-14*(i%40), show(line, glyphs))
			if i%40 == 39 {
				pages, page = append(pages, page), ""
			}
		}
		return pdfFile(append(pages, page), glyphs)
	}
}

func pdfFile(pages []string, glyphs map[rune]int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	object := func(body string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	stream := func(s string) string {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		_, err := w.Write([]byte(s))
		must(err)
		must(w.Close())
		return fmt.Sprintf("<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream", z.Len(), z.String())
	}
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 7+2*i)
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object(fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids, len(pages)))
	if len(glyphs) == 0 {
		object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	} else {
		object("<< /Type /Font /Subtype /Type0 /BaseFont /AAAAAA+Sans /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>")
	}
	object("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /AAAAAA+Sans /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 600 /FontDescriptor 6 0 R >>")
	object(stream(pdfUnicode(glyphs)))
	object("<< /Type /FontDescriptor /FontName /AAAAAA+Sans /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>")
	for i, p := range pages {
		object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>", 8+2*i))
		object(stream(p))
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, o := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

// pdfUnicode says which letter each glyph is.
func pdfUnicode(glyphs map[rune]int) string {
	s := "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /A def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
	var all []rune
	for c := range glyphs {
		all = append(all, c)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	for len(all) > 0 {
		n := min(len(all), 100)
		s += fmt.Sprintf("%d beginbfchar\n", n)
		for _, c := range all[:n] {
			s += fmt.Sprintf("<%04X> <%04X>\n", glyphs[c], c)
		}
		s += "endbfchar\n"
		all = all[n:]
	}
	return s + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
}

// pdfDamaged has lost its index and its end.
func pdfDamaged(records []Record) []byte {
	b := pdf(pdfPlain)(records)
	return b[:bytes.LastIndex(b, []byte("xref\n0 "))]
}

// eml is a mail with a text, a page and a file, each with a third of the records.
func eml(records []Record) []byte {
	n := len(records) / 3
	var text bytes.Buffer
	w := quotedprintable.NewWriter(&text)
	_, err := w.Write([]byte(strings.ReplaceAll(plainText(records[:n]), "\n", "\r\n")))
	must(err)
	must(w.Close())
	page := "<html><body>" + strings.ReplaceAll(xmlPlain(plainText(records[n:2*n])), "\n", "<br>\r\n") + "</body></html>"
	body := func(b []byte) string { return folded76(base64.StdEncoding.EncodeToString(b)) }
	return []byte("From: a@clinic.test\r\nTo: b@clinic.test\r\nSubject: =?utf-8?B?bGlzdGE=?=\r\nDate: Sun, 1 Mar 2026 10:00:00 +0200\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=\"xyz\"\r\n\r\n--xyz\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + text.String() +
		"\r\n--xyz\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body([]byte(page)) +
		"\r\n--xyz\r\nContent-Type: application/gzip; name=\"list.gz\"\r\nContent-Disposition: attachment; filename=\"list.gz\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		body(gzipped([]byte(plainText(records[2*n:])))) + "\r\n--xyz--\r\n")
}

func folded76(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s
}

// mbox is two mails (RFC 4155).
func mbox(records []Record) []byte {
	n := len(records) / 2
	var b bytes.Buffer
	for _, part := range [][]Record{records[:n], records[n:]} {
		mail := bytes.ReplaceAll(eml(part), []byte("\r\n"), []byte("\n"))
		b.WriteString("From a@clinic.test Sun Mar  1 10:00:00 2026\n")
		b.Write(bytes.ReplaceAll(mail, []byte("\nFrom "), []byte("\n>From ")))
		b.WriteString("\n")
	}
	return b.Bytes()
}
