package unpack_test

import (
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// What lies in a PDF beside its objects is found, and so is what a file is that is nothing but its mark.
func TestHiddenInPDF(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	good := string(pdfOf("hello"))
	for name, c := range map[string]struct {
		doc   string
		whole bool
	}{
		"only a mark":     {"%PDF-1.4\n131052-308T", false},
		"behind the end":  {good + "\n131052-308T", true},
		"a zip behind it": {good + string(zipOf(t, file{"a.txt", strings.Repeat("131052-308T\n", 20)})), true},
		"unknown filter":  {strings.Replace(good, "trailer", "6 0 obj\n<</Length 11/Filter/FooDecode>>\nstream\n131052-308T\nendstream\nendobj\ntrailer", 1), false},
	} {
		r, rep := walkParsed(t, p, "a.pdf", []byte(c.doc), unpack.Limits{})
		if _, ok := r.find(markers[0]); !ok || (rep.Completeness == leak.Whole) != c.whole {
			t.Errorf("%s: %s %q %v", name, rep.Completeness, rep.Reasons, r.texts)
		}
	}
}

// A plain mail is read in this process, once; one with anything to decode by a child, and as its bytes.
func TestPlainMails(t *testing.T) {
	t.Parallel()
	p := unpack.NewParsers(unpack.ParsersOptions{Command: []string{"/nonexistent"}}) // so that a child is seen
	defer func() { _ = p.Close() }()
	const begin = "From: a@example.com\r\nSubject: Matti\r\n Meikalainen\r\n"
	for doc, plain := range map[string]bool{
		begin + "\r\n131052-308T": true,
		begin + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n131052-308T": true,
		begin + "Content-Type: text/html\r\n\r\n131052-308T":                                                                             false,
		begin + "Content-Type: text/plain; charset=koi8-r\r\n\r\n131052-308T":                                                            false,
		begin + "Content-Type: text/plain;\r\n charset=koi8-r\r\n\r\n131052-308T":                                                        false,
		begin + "Content-Type: multipart/mixed; boundary=b\r\n\r\n131052-308T":                                                           false,
		begin + "Content-Transfer-Encoding: quoted-printable\r\n\r\n131052-308T":                                                         false,
		begin + "To: =?utf-8?q?x?=\r\n\r\n131052-308T":                                                                                   false,
		begin + "X-Long: " + strings.Repeat("x", 70_000) + "\r\nContent-Type: text/html\r\n\r\n131052-308T":                              false,
		begin + "X-Long: " + strings.Repeat("x", 30_000) + "\r\n\r\n131052-308T" + strings.Repeat(" y", 1<<16):                           true,
	} {
		r, rep := walkParsed(t, p, "a.eml", []byte(doc), unpack.Limits{})
		if _, ok := r.find(markers[0]); !ok || (rep.Completeness == leak.Whole) != plain || rep.Shape != "eml" {
			t.Errorf("%.100q: %s %s %q", doc, rep.Completeness, rep.Shape, rep.Reasons)
		}
		if names := r.names(); plain && (len(names) != 1 || names[0] != "Matti Meikalainen") {
			t.Errorf("%.100q: %q", doc, names)
		}
	}
}
