package pdf

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// textOf decodes a text string (ISO 32000-2, 7.9.2.2): UTF-16 or UTF-8 with a mark, else a table that is Windows-1252 but for signs.
func textOf(s string) string {
	switch {
	case strings.HasPrefix(s, "\xfe\xff"):
		return string(utf16.Decode(units(s[2:])))
	case strings.HasPrefix(s, "\xff\xfe"):
		b := []byte(s[2:])
		for i := 0; i+1 < len(b); i += 2 {
			b[i], b[i+1] = b[i+1], b[i]
		}
		return string(utf16.Decode(units(string(b))))
	case utf8.ValidString(s):
		return strings.TrimPrefix(s, "\ufeff")
	}
	t, err := charmap.Windows1252.NewDecoder().String(s)
	if err != nil {
		return ""
	}
	return t
}

// readable says whether what a string decodes to is text, and no key or picture.
func readable(s string) bool {
	bad, n := 0, 0
	for _, r := range s {
		if n++; r == utf8.RuneError || r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			bad++
		}
	}
	return n > 0 && bad*20 <= n
}

func isText(b []byte) bool {
	head := b[:min(len(b), 4<<10)]
	return utf8.Valid(head[:len(head)-min(len(head), 3)]) && readable(string(head))
}

// notText are keys of strings that are never text.
func notText(k name) bool {
	return slices.Contains([]name{"ID", "O", "U", "OE", "UE", "Perms", "Panose", "CheckSum", "CharSet", "DA", "Cert"}, k)
}

// strings hands over what the objects say beside the pages: fields of forms, notes, bookmarks, the description of the document, addresses
// that it links to. An object's strings are a paragraph.
func (x *extraction) strings() error {
	w, err := x.e.Writer()
	if err != nil {
		return err
	}
	g := &gathering{x: x}
	g.value(x.f.trailer, 0)
	for _, e := range x.f.all {
		g.value(x.f.loadAt(e), 0)
		if g.b.Len() == 0 {
			continue
		}
		g.b.WriteByte('\n')
		if _, err := w.Write([]byte(g.b.String())); err != nil {
			return err
		}
		g.b.Reset()
	}
	return w.Close()
}

type gathering struct {
	x *extraction
	b strings.Builder
}

// value writes the strings in an object.
func (g *gathering) value(o object, depth int) {
	if depth > deepest {
		return
	}
	switch o := o.(type) {
	case string:
		if t := textOf(o); readable(t) && !strings.HasPrefix(t, "D:") { // D: begins a date
			g.b.WriteString(t)
			g.b.WriteByte('\n')
		}
	case array:
		if isColours(o) {
			g.x.mark(o)
		}
		for _, v := range o {
			g.value(v, depth+1)
		}
	case stream:
		g.value(o.dict, depth)
	case dict:
		for _, k := range slices.Sorted(maps.Keys(o)) {
			if isTool(k) {
				g.x.mark(o[k])
			}
			if !notText(k) {
				g.value(o[k], depth+1)
			}
		}
	}
}
