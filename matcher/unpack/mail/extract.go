package mail

import (
	"bytes"
	"context"
	"io"
	"maps"
	"mime"
	"net/textproto"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"

	"leakwatch/matcher/unpack/child"
)

const (
	mostParts = 10_000
	mostDepth = 100
)

// Extract is the child.Extractor of one mail: its headers and plain text are texts, everything else in it is a member, HTML
// and mails in the mail too.
func Extract(_ context.Context, in io.ReaderAt, size int64, e *child.Emitter) error {
	if crowded(in, size) {
		return splitMail(in, size, e)
	}
	p := enmime.NewParser(enmime.SkipMalformedParts(true), enmime.MultipartWOBoundaryAsSinglePart(true), enmime.MaxStoredPartErrors(10))
	root, err := p.ReadParts(io.NewSectionReader(in, 0, size))
	if err != nil || root == nil {
		return child.ErrUnsupported // what the library says may quote the mail
	}
	x := &extraction{e: e}
	if err := e.Name(header(root.Header.Get("Subject"))); err != nil {
		return err
	}
	if err := x.part(root, 0); err != nil || x.damaged == 0 {
		return err
	}
	return e.Note(child.DamagedParts, x.damaged)
}

type extraction struct {
	e       *child.Emitter
	parts   int
	damaged int64
}

// part hands over a part and those in it.
func (x *extraction) part(p *enmime.Part, depth int) error {
	if x.parts++; x.parts > mostParts || depth > mostDepth {
		return child.ErrBounded
	}
	for _, lost := range p.Errors { // of a part, or of those in it
		if lost.Severe && lost.Name != enmime.ErrorDataHasBoundary { // which is read all the same
			x.damaged++
		}
	}
	if err := x.headers(p.Header); err != nil {
		return err
	}
	if len(p.Content) > 0 {
		if err := x.contents(p); err != nil {
			return err
		}
	}
	for c := p.FirstChild; c != nil; c = c.NextSibling {
		if err := x.part(c, depth+1); err != nil {
			return err
		}
	}
	if len(bytes.TrimSpace(p.Epilogue)) > 0 {
		return x.e.Text(bytes.NewReader(p.Epilogue))
	}
	return nil
}

// contents hands over what a part holds.
func (x *extraction) contents(p *enmime.Part) error {
	kind := strings.ToLower(p.ContentType)
	if p.FileName == "" && (kind == "" || kind == "text/plain" || strings.HasPrefix(kind, "multipart/")) && utf8.Valid(p.Content) {
		return x.e.Text(bytes.NewReader(p.Content))
	}
	m := child.Entry{Name: p.FileName, Size: int64(len(p.Content))}
	if !p.FileModDate.IsZero() && p.FileModDate.Year() > 1970 && p.FileModDate.Year() < 3000 {
		m.ModTime = p.FileModDate.Unix()
	}
	if m.Name == "" {
		m.Name = usual(kind)
	}
	return x.e.Member(m, bytes.NewReader(p.Content))
}

// usual is a name for a part that has none, so that it is known as what it is.
func usual(kind string) string {
	switch kind {
	case "text/html":
		return "body.html"
	case "message/rfc822", "message/global":
		return "message.eml"
	case "text/calendar":
		return "invitation.ics"
	case "text/vcard", "text/x-vcard":
		return "card.vcf"
	case "text/rtf", "application/rtf":
		return "body.rtf"
	}
	return "part"
}

// headers hands over the headers, a line each, those first that people read.
func (x *extraction) headers(h textproto.MIMEHeader) error {
	first := []string{"Date", "From", "To", "Cc", "Bcc", "Reply-To", "Subject"}
	var out strings.Builder
	for _, k := range slices.Concat(first, slices.DeleteFunc(slices.Sorted(maps.Keys(h)), func(k string) bool { return slices.Contains(first, k) })) {
		for _, v := range h[k] {
			out.WriteString(k + ": " + header(v) + "\n")
		}
	}
	if out.Len() == 0 {
		return nil
	}
	return x.e.Text(strings.NewReader(out.String()))
}

// header decodes the words of a header that are encoded (RFC 2047, RFC 2231), and letters that are not ASCII.
func header(v string) string {
	if !utf8.ValidString(v) {
		if s, err := charmap.Windows1252.NewDecoder().String(v); err == nil {
			v = s
		}
	}
	d := mime.WordDecoder{CharsetReader: charset.NewReaderLabel}
	if s, err := d.DecodeHeader(v); err == nil {
		v = s
	}
	return v
}
