package corpus

import (
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
)

// charset is a way to write characters as bytes.
type charset struct {
	name     string
	language string // whose letters it has
	encode   func(string) []byte
	fits     func(string) bool
}

// charsets are those of leaks: Unicode in all its forms, and the tables of Windows, DOS, Unix and Macs.
var charsets = []charset{
	{"utf-8 bom", "fi", func(s string) []byte { return []byte("\ufeff" + s) }, nil},
	{"utf-16le bom", "ru", wide(false, true), nil}, {"utf-16be bom", "fi", wide(true, true), nil},
	{"utf-16le", "fi", wide(false, false), nil}, {"utf-16be", "ru", wide(true, false), nil},
	{"utf-32le bom", "fi", utf32, nil},
	table("latin-1", "fi", charmap.ISO8859_1), table("latin-2", "pl", charmap.ISO8859_2), table("latin-5 cyrillic", "ru", charmap.ISO8859_5),
	table("greek", "el", charmap.ISO8859_7), table("latin-9", "fr", charmap.ISO8859_15),
	table("windows-1250", "pl", charmap.Windows1250), table("windows-1251", "ru", charmap.Windows1251), table("windows-1252", "de", charmap.Windows1252),
	table("windows-1253", "el", charmap.Windows1253), table("cp437", "fi", charmap.CodePage437), table("cp850", "sv", charmap.CodePage850),
	table("cp852", "pl", charmap.CodePage852), table("cp866", "ru", charmap.CodePage866), table("koi8-r", "ru", charmap.KOI8R),
	table("macroman", "fr", charmap.Macintosh), table("mac cyrillic", "ru", charmap.MacintoshCyrillic),
	asian("shift-jis", japanese.ShiftJIS), asian("gb18030", simplifiedchinese.GB18030),
}

// asian tables have Latin letters with marks nowhere or where nobody writes them.
func asian(name string, e encoding.Encoding) charset {
	c := table(name, "ja", e)
	c.fits = func(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r > 126 }) < 0 }
	return c
}

func table(name, language string, e encoding.Encoding) charset {
	return charset{name, language,
		func(s string) []byte {
			b, _ := encoding.ReplaceUnsupported(e.NewEncoder()).Bytes([]byte(s)) // replaces what it has not
			return b
		},
		func(s string) bool { _, err := e.NewEncoder().String(s); return err == nil }}
}

func wide(big, mark bool) func(string) []byte {
	return func(s string) []byte {
		if mark {
			s = "\ufeff" + s
		}
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			if big {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
		return b
	}
}

func utf32(s string) []byte {
	b := []byte{0xff, 0xfe, 0, 0}
	for _, c := range s {
		b = append(b, byte(c), byte(c>>8), byte(c>>16), 0)
	}
	return b
}

// in writes a document in a charset.
func (c charset) in(d Document) Document {
	at := map[int64]int64{}
	for _, m := range d.Marks {
		at[m.Offset], at[m.Until] = 0, 0
	}
	var out []byte
	if c.encode("") != nil {
		out = c.encode("")
	}
	start := int64(len(out))
	from := 0
	for i := range len(d.Body) + 1 { // piece by piece, to know where each begins
		if _, ok := at[int64(i)]; ok || i == len(d.Body) {
			out = append(out, c.encode(string(d.Body[from:i]))[start:]...)
			from = i
			at[int64(i)] = int64(len(out))
		}
	}
	d.Body = out
	d.Marks = moved(d.Marks, func(o int64) int64 { return at[o] })
	return d
}

// spelling is a way in which Unicode lets one write the same identifier.
type spelling struct {
	name  string
	write func(string) string
	odd   bool // no issuer prints it
}

var spellings = []spelling{
	{"nfc", norm.NFC.String, false}, {"nfd", norm.NFD.String, false},
	{"fullwidth", eachRune(fullwidth), true}, {"arabic-indic digits", strings.NewReplacer(pairs("0123456789", "٠١٢٣٤٥٦٧٨٩")...).Replace, true},
	{"devanagari digits", strings.NewReplacer(pairs("0123456789", "०१२३४५६७८९")...).Replace, true},
	{"en dash", strings.NewReplacer("-", "–").Replace, true}, {"non-breaking hyphen", strings.NewReplacer("-", "‑").Replace, true},
	{"minus sign", strings.NewReplacer("-", "−").Replace, true}, {"no-break space", strings.NewReplacer(" ", "\u00a0").Replace, true},
	{"thin space", strings.NewReplacer(" ", "\u2009").Replace, true},
	{"zero-width space", eachRune(func(c rune) string { return string(c) + "\u200b" }), true},
	{"soft hyphen", func(s string) string { return halved(s, "\u00ad") }, true},
	{"word joiner", func(s string) string { return halved(s, "\u2060") }, true},
	{"bidi controls", func(s string) string { return "\u202a" + s + "\u202c" }, true},
	{"ligatures", strings.NewReplacer("fi", "ﬁ", "fl", "ﬂ").Replace, true},
	{"upper case", strings.ToUpper, true}, {"lower case", strings.ToLower, true},
}

// halved puts something into the middle.
func halved(s, middle string) string {
	r := []rune(s)
	return string(r[:len(r)/2]) + middle + string(r[len(r)/2:])
}

func pairs(from, to string) []string {
	var out []string
	f, t := []rune(from), []rune(to)
	for i := range f {
		out = append(out, string(f[i]), string(t[i]))
	}
	return out
}

func fullwidth(c rune) string {
	if c > 0x20 && c < 0x7f {
		return string(c + 0xfee0)
	}
	if c == ' ' {
		return "\u3000"
	}
	return string(c)
}
