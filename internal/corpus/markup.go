package corpus

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"leakwatch/leak"
)

func xmlPlain(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

func xmlElements(p *page, records []Record) {
	p.escape = xmlPlain
	p.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<patients>\n")
	for _, rec := range records {
		p.raw("<patient>")
		for _, i := range rec {
			p.raw("<note>")
			p.say(i.ID.Words)
			p.quoted(i, "</note><value>", "</value>")
		}
		p.raw("</patient>\n")
	}
	p.raw("</patients>\n")
}

func xmlAttributes(p *page, records []Record) {
	p.escape = xmlPlain
	p.raw("<?xml version=\"1.0\"?>\n<patients>\n")
	for _, rec := range records {
		for _, i := range rec {
			p.raw(`<patient type="`)
			p.say(i.ID.Words)
			p.quoted(i, `" value="`, "\"/>\n")
		}
	}
	p.raw("</patients>\n")
}

// entity writes some characters as numbers.
func (p *page) entity(c rune) string {
	switch p.r.IntN(4) {
	case 0:
		return fmt.Sprintf("&#%d;", c)
	case 1:
		return fmt.Sprintf("&#x%X;", c)
	}
	return xmlPlain(string(c))
}

func xmlEntities(p *page, records []Record) {
	p.escape = eachRune(p.entity)
	p.raw("<?xml version=\"1.0\"?>\n<patients>\n")
	for _, rec := range records {
		for _, i := range rec {
			p.raw("<v>")
			p.say(i.ID.Words, " ")
			p.quoted(i, "", "</v>\n")
		}
	}
	p.raw("</patients>\n")
}

func htmlPlain(p *page) func(string) string { return xmlPlain }

func htmlEntities(p *page) func(string) string {
	named := map[rune]string{'@': "&commat;", '.': "&period;", '+': "&plus;", 'ä': "&auml;", 'ö': "&ouml;", 'å': "&aring;", 'é': "&eacute;", '/': "&sol;"}
	return eachRune(func(c rune) string {
		if n := named[c]; n != "" && p.r.IntN(2) == 0 {
			return n
		}
		return p.entity(c)
	})
}

// htmlTags puts tags and breaking hints between characters.
func htmlTags(p *page) func(string) string {
	p.loose = true
	return eachRune(func(c rune) string {
		s := xmlPlain(string(c))
		switch p.r.IntN(8) {
		case 0:
			return "<b>" + s + "</b>"
		case 1:
			return `<span class="x1">` + s + "</span>"
		case 2:
			return s + "<wbr>"
		case 3:
			return s + "&shy;"
		}
		return s
	})
}

func html(escape func(*page) func(string) string) func(*page, []Record) {
	return func(p *page, records []Record) {
		p.raw("<!DOCTYPE html>\n<html><head><title>Notes</title><style>td{color:#123456}</style></head><body>\n<table>\n")
		for _, rec := range records {
			p.raw("<tr>")
			for _, i := range rec {
				p.raw("<td>", xmlPlain(i.ID.Words), " ")
				p.escape = escape(p)
				p.quoted(i, "", "</td>")
			}
			p.raw("</tr>\n")
		}
		p.raw("</table></body></html>\n")
	}
}

func htmlAttributes(p *page, records []Record) {
	p.escape = xmlPlain
	p.raw("<!DOCTYPE html>\n<html><body>\n")
	for _, rec := range records {
		for _, i := range rec {
			p.raw(`<input name="`)
			p.say(i.ID.Words)
			p.quoted(i, `" value="`, `">`)
			p.raw("\n")
		}
	}
	p.raw("</body></html>\n")
}

// rtf writes Windows-1252 by \'hh and the rest by \u; split puts every character into runs of its own now and then.
func rtf(split bool) func(*page, []Record) {
	return func(p *page, records []Record) {
		p.loose = split
		escape := eachRune(func(c rune) string {
			s := string(c)
			switch {
			case c == '\\' || c == '{' || c == '}':
				s = `\` + s
			case c == '\n':
				s = "\\par\n"
			case c > 126 && c < 256 || c == '@' && p.r.IntN(2) == 0:
				s = fmt.Sprintf(`\'%02x`, c)
			case c > 126:
				s = fmt.Sprintf(`\u%d?`, c)
			}
			if split && p.r.IntN(4) == 0 {
				return "{\\b " + s + "}"
			}
			if split && p.r.IntN(6) == 0 {
				return s + "\\b0\\i0 "
			}
			return s
		})
		p.raw("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Arial;}}\n\\pard\\f0\\fs22 ")
		p.escape = escape
		for _, rec := range records {
			for _, i := range rec {
				p.say(i.ID.Words, ": ")
				p.plant(i)
				p.say("\n")
			}
		}
		p.raw("}\n")
	}
}

// urlEscapes are lines of a web server's log, with forms as queries.
func urlEscapes(p *page, records []Record) {
	p.escape = eachRune(func(c rune) string {
		if p.r.IntN(4) == 0 {
			s := ""
			for _, b := range []byte(string(c)) {
				s += fmt.Sprintf("%%%02X", b)
			}
			return s
		}
		if c == ' ' {
			return "%20"
		}
		return url.QueryEscape(string(c))
	})
	for _, rec := range records {
		p.raw("10.0.0.7 - - [01/Mar/2026:10:11:12 +0200] \"GET /form?a=1")
		for n, i := range rec {
			p.raw("&k", strconv.Itoa(n), "=")
			p.say(i.ID.Words)
			p.raw("&v", strconv.Itoa(n), "=")
			p.plant(i)
		}
		p.raw("&z=9 HTTP/1.1\" 200 512\n")
	}
}

// quotedPrintable is a mail whose text is wrapped within its identifiers (RFC 2045, 6.7).
func quotedPrintable(p *page, records []Record) {
	p.raw("From: a@clinic.test\r\nTo: b@clinic.test\r\nSubject: list\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n")
	p.escape = eachRune(func(c rune) string {
		s := string(c)
		if c == '\n' {
			return "\r\n"
		}
		if c > 126 || c == '=' || p.r.IntN(6) == 0 {
			s = ""
			for _, b := range []byte(string(c)) {
				s += fmt.Sprintf("=%02X", b)
			}
		}
		if p.r.IntN(20) == 0 {
			s += "=\r\n"
		}
		return s
	})
	for _, rec := range records {
		for _, i := range rec {
			p.say(i.ID.Words, " ")
			p.plant(i)
			p.say("\n")
		}
	}
}

// ldif has values in base64 (RFC 2849), in lines of 76 characters.
func ldif(p *page, records []Record) {
	for n, rec := range records {
		p.raw("dn: uid=", strconv.Itoa(n), ",dc=clinic,dc=test\n")
		for _, i := range rec {
			before := sentence(p.r, "fi") + " " + i.ID.Words + " "
			value := base64.StdEncoding.EncodeToString([]byte(before + i.Form + " " + sentence(p.r, "fi")))
			at, _ := place(int64(len("description:: ")), int64(len(before)), 76)
			p.mark(i, int64(len(p.b))+at)
			if n := len(p.marks) - 1; i.ID.Kind == leak.NameDOB {
				p.marks[n].Until += 2 * int64(len(i.Form))
			}
			p.raw(folded("description:: "+value, 76, "\n "), "\n")
		}
		p.raw("\n")
	}
}

// place says where the base64 character of byte n stands in a line that is folded at width, after head bytes.
func place(head, n, width int64) (int64, bool) {
	c := head + n/3*4 + n%3
	if c < width {
		return c, true
	}
	return c + 2*(1+(c-width)/(width-1)), true
}

// folded breaks a line at width; what follows has a space before it.
func folded(s string, width int, end string) string {
	var b strings.Builder
	for n := width; len(s) > n; n = width - 1 {
		b.WriteString(s[:n] + end)
		s = s[n:]
	}
	return b.String() + s
}

func vcard(p *page, records []Record) {
	p.escape = strings.NewReplacer(",", `\,`, ";", `\;`, "\n", `\n`).Replace
	for _, rec := range records {
		p.raw("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Client\r\n")
		for _, i := range rec {
			p.raw("NOTE:")
			p.say(i.ID.Words, " ")
			p.quoted(i, "", "\r\n")
		}
		p.raw("END:VCARD\r\n")
	}
}

func calendar(p *page, records []Record) {
	p.escape = strings.NewReplacer(",", `\,`, ";", `\;`).Replace
	p.raw("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
	for _, rec := range records {
		p.raw("BEGIN:VEVENT\r\nDTSTART:20260301T100000Z\r\nDESCRIPTION:")
		for _, i := range rec {
			p.say(i.ID.Words, " ")
			p.plant(i)
			p.raw(`\n`)
		}
		p.raw("\r\nEND:VEVENT\r\n")
	}
	p.raw("END:VCALENDAR\r\n")
}
