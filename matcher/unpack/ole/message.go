package ole

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"

	"leakwatch/matcher/unpack/child"
)

// Properties of a message and what they hold (MS-OXPROPS), as they stand in the names of streams: number, then type.
const (
	propSubject  = "0037"
	propHTML     = "1013"
	propRTF      = "1009"
	propData     = "3701"
	propLongName = "3707"
	propName     = "3704"
	typeAnsi     = "001E"
	typeWide     = "001F"
	typeBinary   = "0102"
	typeObject   = "000D"
	prefix       = "__substg1.0_"
)

// message reads a mail of Outlook (MS-OXMSG): every property that is text, the body in its other forms, recipients, attachments,
// and mails in the mail.
func (x *extraction) message(s *Storage, depth int) error {
	m := &message{x: x, s: s, table: tableOf(s)}
	files, folders := s.split()
	if err := m.text(files); err != nil {
		return err
	}
	for _, f := range files {
		if err := m.body(f); err != nil {
			return err
		}
	}
	for _, dir := range folders {
		if err := m.folder(dir, depth); err != nil {
			return err
		}
	}
	return nil
}

type message struct {
	x     *extraction
	s     *Storage
	table encoding.Encoding
	said  map[string]string // properties that are text, by number
}

// folder reads a recipient, an attachment, or what is neither.
func (m *message) folder(sub *Storage, depth int) error {
	if strings.HasPrefix(sub.name, "__nameid") {
		return nil // names of properties, the same in all mails
	}
	if !strings.HasPrefix(sub.name, "__attach") && !strings.HasPrefix(sub.name, "__recip") {
		return m.x.storage(sub, depth+1)
	}
	inner := &message{x: m.x, s: sub, table: m.table}
	files, folders := sub.split()
	if err := inner.text(files); err != nil {
		return err
	}
	if err := inner.attachment(files); err != nil {
		return err
	}
	for _, d := range folders {
		if err := m.x.storage(d, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// property parts a stream's name into a property's number and type. A property of many values has a stream for each, which is of their type
// (MS-OXMSG 2.1.4).
func property(f *Stream) (number, kind string, ok bool) {
	s, ok := strings.CutPrefix(f.base(), prefix)
	s, _, one := strings.Cut(s, "-")
	if !ok || len(s) != 8 {
		return "", "", false
	}
	s = strings.ToUpper(s)
	if one && s[4] == '1' {
		return s[:4], "0" + s[5:], true
	}
	return s[:4], s[4:], true
}

// decode reads a property that is text.
func (m *message) decode(b []byte, kind string) string {
	if kind == typeWide {
		return strings.TrimRight(utf16Text(b), "\x00")
	}
	t, err := m.table.NewDecoder().Bytes(bytes.TrimRight(b, "\x00"))
	if err != nil {
		return ansiText(b)
	}
	return string(t)
}

// text hands over all properties that are text, a line each; the subject is a name too.
func (m *message) text(files []*Stream) error {
	var out strings.Builder
	m.said = map[string]string{}
	for _, f := range files {
		number, kind, ok := property(f)
		if !ok || kind != typeAnsi && kind != typeWide {
			continue
		}
		b, err := m.x.read(f)
		if err != nil {
			return err
		}
		m.said[number] = m.decode(b, kind)
		out.WriteString(m.said[number] + "\n")
	}
	if out.Len() == 0 {
		return nil
	}
	if err := m.x.e.Name(m.said[propSubject]); err != nil {
		return err
	}
	return m.x.e.Text(strings.NewReader(out.String()))
}

// body hands over the body as HTML or RTF.
func (m *message) body(f *Stream) error {
	number, kind, ok := property(f)
	if !ok || kind != typeBinary {
		return nil
	}
	switch number {
	case propHTML:
		return m.x.member("body.html", f)
	case propRTF:
		b, err := f.Read(mostStream)
		rtf, ok := lzfu(b)
		if err != nil || !ok {
			return m.x.e.Note(child.DamagedParts, 1)
		}
		return m.x.e.Member(child.Entry{Name: "body.rtf", Size: int64(len(rtf))}, bytes.NewReader(rtf))
	}
	return nil
}

// attachment hands over an attached file under its name.
func (m *message) attachment(files []*Stream) error {
	name := m.said[propLongName]
	if name == "" {
		name = m.said[propName]
	}
	for _, f := range files {
		if number, kind, ok := property(f); ok && number == propData && kind == typeBinary {
			return m.x.member(name, f)
		}
	}
	return nil
}

// tableOf is the character set of a mail's narrow strings: PidTagMessageCodepage, or Windows-1252.
func tableOf(s *Storage) encoding.Encoding {
	b, _ := s.Stream("__properties_version1.0").Read(1 << 20)
	for i := 0; i+16 <= len(b); i += 8 { // the head before the entries is of one length or another, all of eights
		if binary.LittleEndian.Uint32(b[i:]) != 0x3ffd0003 {
			continue
		}
		if e, err := htmlindex.Get(codePage(int(binary.LittleEndian.Uint32(b[i+8:])))); err == nil {
			return e
		}
	}
	return charmap.Windows1252
}

// codePage is the name of one of Windows' character sets.
func codePage(n int) string {
	switch n {
	case 874, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258:
		return "windows-" + strconv.Itoa(n)
	case 866:
		return "ibm866"
	case 932:
		return "shift_jis"
	case 936:
		return "gbk"
	case 949:
		return "euc-kr"
	case 950:
		return "big5"
	case 20866:
		return "koi8-r"
	case 65001:
		return "utf-8"
	}
	if n > 28590 && n < 28606 {
		return "iso-8859-" + strconv.Itoa(n-28590)
	}
	return ""
}
