package unpack_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// pdfOf is a page that says s, its contents deflated.
func pdfOf(s string) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = fmt.Fprintf(w, "BT /F1 12 Tf 72 700 Td (%s) Tj ET", s)
	_ = w.Close()
	return fmt.Appendf(nil, "%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"+
		"3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>\nendobj\n4 0 obj\n<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream\nendobj\n"+
		"5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>\nendobj\ntrailer\n<</Size 6/Root 1 0 R>>\nstartxref\n9\n%%%%EOF\n", z.Len(), z.String())
}

const line = "Potilas Matti Meik\xe4l\xe4inen, 131052-308T, matti.meikalainen@example.com"

func docxOf(t testing.TB, more ...file) []byte {
	return zipOf(t, append([]file{{"[Content_Types].xml", "<Types/>"},
		{"word/document.xml", "<w:p><w:r><w:t>Potilas 1310</w:t></w:r><w:r><w:t>52-308T</w:t></w:r></w:p>"}}, more...)...)
}

// letterOf is a mail with files attached to it.
func letterOf(files ...file) []byte {
	var b strings.Builder
	b.WriteString("From: Maija <maija@example.com>\r\nSubject: =?utf-8?q?Matti_Meik=C3=A4l=C3=A4inen?=\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nhe is 1310=\r\n52-308T\r\n")
	for _, f := range files {
		s := base64.StdEncoding.EncodeToString([]byte(f.body))
		b.WriteString("--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"" + f.name + "\"\r\n\r\n")
		for ; len(s) > 76; s = s[76:] {
			b.WriteString(s[:76] + "\r\n")
		}
		b.WriteString(s + "\r\n")
	}
	return []byte(b.String() + "--b--\r\n")
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{Processes: 2})
	png := "\x89PNG\r\n\x1a\n" + string(random(1, 3000))
	for _, c := range []struct {
		name, shape string
		doc         []byte
		reasons     []string
		place       string // of a text with the number in it
	}{
		{"a.pdf", "pdf", pdfOf(line), nil, "a.pdf"},
		{"a.docx", "docx", docxOf(t), nil, "a.docx"},
		{"pictures.docx", "docx", docxOf(t, file{"word/media/image1.png", png}, file{"word/media/image2.png", png}),
			[]string{"2 images, 6016 B: not read"}, "pictures.docx"},
		{"embedded.docx", "docx", docxOf(t, file{"word/embeddings/a.pdf", string(pdfOf(line))}), nil, "embedded.docx!word/embeddings/a.pdf"},
		{"macro.docx", "docx", docxOf(t, file{"word/notes.bin", notes}), nil, "macro.docx!word/notes.bin"},
		{"a.odt", "odt", zipOf(t, file{"mimetype", "application/vnd.oasis.opendocument.text"}, file{"content.xml", "<text:p>13<text:span>1052-308T</text:span></text:p>"}), nil, "a.odt"},
		{"a.pptx", "pptx", zipOf(t, file{"ppt/presentation.xml", "<p/>"}, file{"ppt/slides/slide1.xml", "<a:p><a:t>131052-308T</a:t></a:p>"}), nil, "a.pptx"},
		{"a.epub", "epub", zipOf(t, file{"mimetype", "application/epub+zip"}, file{"c.xhtml", "<p>131052<i>-308T</i></p>"}), nil, "a.epub"},
		{"in.zip", "zip/pdf", zipOf(t, file{"a.pdf", string(pdfOf(line))}), nil, "in.zip!a.pdf"},
		{"a.eml", "eml", letterOf(file{"list.pdf", string(pdfOf(line))}, file{"list.docx", string(docxOf(t))}), nil, "a.eml!list.docx"},
		{"noname", "eml", letterOf(), nil, "noname"},
		{"mails", "mbox/eml", []byte("From a@example.com Mon Jan  5 10:00:00 2026\r\n" + string(letterOf()) + "\r\nFrom a@example.com Mon Jan  5 10:00:00 2026\r\n" + string(letterOf())),
			nil, "mails!message 2"},
		{"run.txt", "txt/base64", []byte("x " + base64.StdEncoding.EncodeToString(pdfOf(line+fmt.Sprintf("%x", random(3, 9000))))), nil, "run.txt!base64@2"},
		{"broken.pdf", "pdf", bytes.ReplaceAll(pdfOf(line), []byte("%%EOF"), nil), []string{"pdf: 1 damaged, read without its structure"}, "broken.pdf"},
		{"broken.docx", "docx", zipOf(t, file{"word/document.xml", "<w:p>131052-308T<w:p"}), []string{"docx: 1 damaged parts left"}, "broken.docx!word/document.xml"},
		{"ole.doc", "doc", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + notes), []string{"doc: damaged, rest left"}, "ole.doc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, rep := walkParsed(t, p, c.name, c.doc, unpack.Limits{})
			if !slices.ContainsFunc(r.texts, func(g got) bool {
				return strings.Contains(g.text, markers[0]) && strings.HasSuffix(g.place, "/"+c.place)
			}) {
				t.Errorf("nothing in %s of %v", c.place, r.texts)
			}
			if d := cmp.Diff(c.reasons, rep.Reasons); d != "" || rep.Shape != c.shape || (rep.Completeness == leak.Whole) != (c.reasons == nil) {
				t.Errorf("%s %s %s", rep.Completeness, rep.Shape, d)
			}
			if said := fmt.Sprintf("%+v", rep); strings.Contains(said, "131052") || strings.Contains(strings.ToLower(said), "matti") {
				t.Errorf("said: %s", said)
			}
		})
	}
}

// What a wrong boundary hides from the reader of mails is found in the mail's bytes.
func TestALostAttachment(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	whole := letterOf(file{"a.pdf", string(pdfOf(line + fmt.Sprintf("%x", random(4, 9000))))})
	for _, m := range [][]byte{bytes.TrimSuffix(whole, []byte("--b--\r\n")), bytes.Replace(whole, []byte("boundary=b"), []byte("boundary=c"), 1)} {
		r, _ := walkParsed(t, p, "a.eml", m, unpack.Limits{})
		if g, ok := r.find("Matti Meikäläinen, 131052-308T"); !ok {
			t.Errorf("the attachment is lost: %v", g)
		}
	}
}

func TestMailIsKnownByItsHeaders(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"From: a@example.com\nTo: b@example.com\n\nx":                                                    "eml",
		"Received: from x\n\tby y\nSubject: x\n\nx":                                                      "eml",
		"Return-Path: <a>\nno header\nDate: x\n\nx":                                                      "eml",
		"Subject: only this\n\nx":                                                                        "txt",
		"Date: x\nContent-Type: text/html\n\nx":                                                          "txt",
		"name: Matti\nfrom: here\nphone: 1\n":                                                            "txt",
		"From a@example.com Mon Jan  5 10:00:00 2026\nSubject: x\nTo: y\n\nx":                            "mbox/eml",
		"From here to there it is far\nSubject: x\n":                                                     "txt",
		"Nothing: of the kind\nbut prose: it is\n":                                                       "txt",
		"From a Mon Jan  5 10:00:00 2026\nSubject: x\nTo: y\n\nFrom now on\n\nFrom the start at 10:00\n": "mbox/eml",
	} {
		p := parsersOf(t, unpack.ParsersOptions{})
		if _, rep := walkParsed(t, p, "x", []byte(s), unpack.Limits{}); rep.Shape != want || rep.Completeness != leak.Whole {
			t.Errorf("%q is %s, not %s; %q", s, rep.Shape, want, rep.Reasons)
		}
	}
}

func TestAMailOfManyInAFile(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "From a@example.com Mon Jan  5 10:00:00 2026\nSubject: number %d\nTo: x\n\n%s\nFrom now on it is %d.\n\n", i, strings.Repeat("text\n", i*977), i)
	}
	r, rep := walkParsed(t, p, "x.mbox", []byte(b.String()), unpack.Limits{})
	if len(r.members) != 40 || rep.Completeness != leak.Whole {
		t.Fatalf("%d mails, %q", len(r.members), rep.Reasons)
	}
	for i, m := range r.members {
		if m.Format != "eml" || m.SHA256 == "" || m.Order != int64(i+1) {
			t.Errorf("%+v", m)
		}
	}
	if _, ok := r.find("it is 39."); !ok {
		t.Error("the last mail is not whole")
	}
}

// TestMailsBeginAnywhere parts mails wherever one ends in what is read at a time.
func TestMailsBeginAnywhere(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	const first, next = "From a@example.com Mon Jan  5 10:00:00 2026\n", "From: b@example.com\nSubject: x\n\n"
	for _, end := range []string{"\n\n", "\r\n\r\n"} {
		for _, size := range []int{32 << 10, 64<<10 - 300, 64 << 10, 128<<10 - 300, 128 << 10} {
			for k := -6; k < 7; k++ {
				doc := first + next + strings.Repeat("x", size+k-len(next)-len(end)) + end + first + next + "131052-308T\n"
				r, rep := walkParsed(t, p, "x.mbox", []byte(doc), unpack.Limits{})
				if len(r.members) != 2 || rep.Completeness != leak.Whole {
					t.Errorf("%d%+d: %d mails, %q", size, k, len(r.members), rep.Reasons)
				}
			}
		}
	}
}

func TestOCR(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the command is a script for sh")
	}
	script := t.TempDir() + "/ocr"
	if err := os.WriteFile(script, []byte("#!/bin/sh\nread -r first\nwhile read -r l; do :; done\necho 'Potilas 131052-308T'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	png := "\x89PNG\r\n\x1a\n" + string(random(1, 40_000))
	doc := zipOf(t, file{"a.png", png}, file{"b.png", png}, file{"tiny.png", "\x89PNG\r\n\x1a\n"})
	p := parsersOf(t, unpack.ParsersOptions{OCR: []string{"/bin/sh", script}})
	r, rep := walkParsed(t, p, "scans.zip", doc, unpack.Limits{})
	g, ok := r.find(markers[0])
	if !ok || !strings.HasSuffix(g.place, "scans.zip!a.png") || rep.Completeness != leak.Partial {
		t.Errorf("%v %+v", g, rep)
	}
	if d := cmp.Diff([]string{"2 images, 80 kB: read by OCR", "1 images, 8 B: not read"}, rep.Reasons); d != "" {
		t.Error(d)
	}
	if r.members[0].SHA256 != sum(png) {
		t.Error("the picture's hash is not told")
	}
	p = parsersOf(t, unpack.ParsersOptions{OCR: []string{"/bin/sh", "-c", "echo 131052-308T; exit 1"}})
	if r, rep = walkParsed(t, p, "a.png", []byte(png), unpack.Limits{}); !has(rep, "1 images, 40 kB: not read, the command for it failed") || rep.Completeness != leak.Unreadable {
		t.Errorf("%+v %v", rep, r.texts)
	}
	p = parsersOf(t, unpack.ParsersOptions{OCR: []string{"/bin/sh", "-c", "exec sleep 600"}, Time: time.Second})
	if _, rep = walkParsed(t, p, "a.png", []byte(png), unpack.Limits{}); !has(rep, "1 images, 40 kB: not read, the command for it failed") {
		t.Errorf("%+v", rep)
	}
}

func TestLimitsOfDocuments(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{Memory: 128 << 20, Time: 5 * time.Second})
	inner := string(pdfOf(line))
	nested := letterOf(file{"a.pdf", inner})
	for range 12 {
		nested = letterOf(file{"a.eml", string(nested)})
	}
	var big bytes.Buffer
	w := zlib.NewWriter(&big)
	for range 400 {
		_, _ = w.Write([]byte(strings.Repeat("(xxxxxxxx) Tj ", 20_000)))
	}
	_ = w.Close()
	bomb := fmt.Appendf(nil, "%%PDF-1.4\n1 0 obj\n<</Type/Page/Contents 2 0 R>>\nendobj\n2 0 obj\n<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream\nendobj\n%%%%EOF", big.Len(), big.String())
	for _, c := range []struct {
		name, reason string
		doc          []byte
		limits       unpack.Limits
	}{
		{"depth", "depth limit 8: ", nested, unpack.Limits{}},
		{"page", "pdf: 1 parts left", bomb, unpack.Limits{}},
		{"ratio", "ratio limit 200: rest", zipOf(t, file{"word/document.xml", strings.Repeat("<w:t>"+strings.Repeat("x", 10_000)+"</w:t>", 10_000)}), unpack.Limits{}},
		{"members", "members limit 3: rest left", docxOf(t, file{"a", "x"}, file{"b", "x"}, file{"c", "x"}), unpack.Limits{MaxMembers: 3}},
		{"xml", "docx: ", zipOf(t, file{"word/document.xml", "<w:t>" + strings.Repeat(" ", 500<<20) + "</w:t>"}), unpack.Limits{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, rep := walkParsed(t, p, "x", c.doc, c.limits)
			if !has(rep, c.reason) || rep.Completeness == leak.Whole {
				t.Errorf("%s %q", rep.Completeness, rep.Reasons)
			}
		})
	}
}

func TestWithoutAReaderThatStarts(t *testing.T) {
	t.Parallel()
	p := unpack.NewParsers(unpack.ParsersOptions{Command: []string{"/nonexistent"}})
	defer func() { _ = p.Close() }()
	_, rep := walkParsed(t, p, "a.pdf", pdfOf(line), unpack.Limits{})
	if d := cmp.Diff([]string{"pdf: 1 not read, no reader could be started"}, rep.Reasons); d != "" || rep.Completeness != leak.Unreadable {
		t.Error(rep.Completeness, d)
	}
	ctx, cancel := context.WithCancel(t.Context())
	q := parsersOf(t, unpack.ParsersOptions{})
	cancel()
	if _, err := unpack.Walk(ctx, unpack.Input{Reader: bytes.NewReader(pdfOf(line)), Parsers: q}, unpack.Limits{}, discard()); err != context.Canceled {
		t.Error(err)
	}
}

// FuzzDocuments has any bytes read by a child process as any of its formats.
func FuzzDocuments(f *testing.F) {
	f.Add(pdfOf(line), "pdf")
	f.Add(docxOf(f), "docx")
	f.Add(letterOf(file{"a", "x"}), "eml")
	f.Add([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "msg")
	p := parsersOf(f, unpack.ParsersOptions{Time: 10 * time.Second})
	f.Fuzz(func(t *testing.T, b []byte, name string) {
		_, rep := walkParsed(t, p, "x."+name, b, tight)
		for _, r := range rep.Reasons {
			if strings.Contains(r, "reader ended") {
				t.Errorf("%q", rep.Reasons)
			}
		}
	})
}
