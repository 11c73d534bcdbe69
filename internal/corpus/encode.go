package corpus

import (
	"encoding/ascii85"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// stage turns a document into another that holds it.
type stage struct {
	name string
	do   func(Document) Document
}

// encodings are bytes written as characters, and where each byte is then.
var encodings = []stage{
	{"base64", runs(base64.StdEncoding.EncodeToString, chars64, 0, "", "", "")},
	{"base64 lines of 76", runs(base64.StdEncoding.EncodeToString, chars64, 76, "\r\n", "", "")},
	{"base64 lines of 64", runs(base64.StdEncoding.EncodeToString, chars64, 64, "\n", "", "")},
	{"base64url", runs(base64.RawURLEncoding.EncodeToString, chars64, 0, "", "{\"token\":\"", "\"}\n")},
	{"base64 in json", runs(base64.StdEncoding.EncodeToString, chars64, 0, "", "{\"name\":\"x\",\"content\":\"", "\"}\n")},
	{"base64 in json, escaped lines", runs(base64.StdEncoding.EncodeToString, chars64, 76, `\n`, "{\"name\":\"x\",\"content\":\"", "\"}\n")},
	{"base64 in xml", runs(base64.StdEncoding.EncodeToString, chars64, 0, "", "<?xml version=\"1.0\"?><a><file name=\"x\">", "</file></a>\n")},
	{"base64 in lines of a log", inline},
	{"data URI", runs(base64.StdEncoding.EncodeToString, chars64, 0, "", "<html><body><a href=\"data:text/plain;charset=utf-8;base64,", "\">file</a></body></html>\n")},
	{"pem", runs(base64.StdEncoding.EncodeToString, chars64, 64, "\n", "-----BEGIN DATA-----\n", "\n-----END DATA-----\n")},
	{"base32", runs(base32.StdEncoding.EncodeToString, chars32, 0, "", "", "")},
	{"base32 lines", runs(base32.StdEncoding.EncodeToString, chars32, 64, "\n", "", "\n")},
	{"hex", runs(hex.EncodeToString, chars16, 0, "", "", "")},
	{"hex lines", runs(hex.EncodeToString, chars16, 64, "\n", "", "\n")},
	{"hex upper case, 0x", runs(func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }, chars16, 0, "", "UPDATE t SET doc = 0x", ";\n")},
	{"hex bytea", runs(hex.EncodeToString, chars16, 0, "", `\\x`, "\n")},
	{"ascii85", runs(encode85, nil, 0, "", "<~", "~>")},
	{"ascii85 lines", runs(encode85, nil, 72, "\n", "<~", "~>\n")},
}

func chars64(n int64) int64 { return n/3*4 + n%3 }
func chars32(n int64) int64 { return n * 8 / 5 }
func chars16(n int64) int64 { return 2 * n }

func encode85(b []byte) string {
	out := make([]byte, ascii85.MaxEncodedLen(len(b)))
	return string(out[:ascii85.Encode(out, b)])
}

// runs encodes a document as one run between head and tail, in lines of width characters if that is not 0. char says
// which character holds the first bits of byte n; nil is not promised.
func runs(encode func([]byte) string, char func(int64) int64, width int64, end, head, tail string) func(Document) Document {
	return func(d Document) Document {
		s := encode(d.Body)
		var b strings.Builder
		b.WriteString(head)
		for width > 0 && int64(len(s)) > width {
			b.WriteString(s[:width] + end)
			s = s[width:]
		}
		b.WriteString(s + tail)
		inside := len(d.Body) > 4096 || packed(d)
		d.Body = []byte(b.String())
		d.Marks = moved(d.Marks, func(o int64) int64 {
			switch {
			case inside || char == nil:
				return -1 // a document of its own, or not promised
			case width == 0:
				return int64(len(head)) + char(o)
			}
			c := char(o)
			return int64(len(head)) + c + c/width*int64(len(end))
		})
		d.Name = "encoded.txt"
		return d
	}
}

// packed says whether something is no text, so that places in it are not places in what holds it.
func packed(d Document) bool {
	for _, c := range d.Body[:min(len(d.Body), 512)] {
		if c < 9 {
			return true
		}
	}
	ext := d.Name[strings.LastIndexByte(d.Name, '.')+1:]
	return !strings.Contains(" txt csv tsv log json ", " "+ext+" ")
}

// inline writes each line of a text as base64 in a line of a log; those too short to be told from words have more in them.
func inline(d Document) Document {
	var out []byte
	at := map[int64]int64{}
	n := int64(0)
	for line := range strings.Lines(string(d.Body)) {
		out = append(out, "2026-03-01 10:00:00 POST /api body="...)
		for _, m := range d.Marks {
			for _, o := range []int64{m.Offset, m.Until} {
				if o >= n && o < n+int64(len(line)) {
					at[o] = int64(len(out)) + chars64(o-n)
				}
			}
		}
		n += int64(len(line))
		if len(line) < 20 {
			line += "and no more of it\n"
		}
		out = append(out, base64.StdEncoding.EncodeToString([]byte(line))+" status=200\n"...)
	}
	d.Body, d.Name = out, "app.log"
	d.Marks = moved(d.Marks, func(o int64) int64 { return at[o] })
	return d
}
