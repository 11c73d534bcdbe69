package pdf

import "unicode/utf8"

// font says what codes stand for and how far they go.
type font struct {
	cmap     *cmap
	table    *table // of a simple font; nil of a composite one
	widths   map[uint32]float64
	width    float64 // of codes that are not in widths, in thousandths of the size
	scale    float64 // from the font's own measure to thousandths
	unmapped bool    // its codes stand for nothing that is said
}

const mostCmap = 4 << 20 // bytes of a table

// fontOf reads a font.
func (f *file) fontOf(o object) *font {
	d := f.dictOf(o)
	t := &font{widths: map[uint32]float64{}, width: 500, scale: 1}
	if s, ok := f.get(d["ToUnicode"]).(stream); ok {
		if b, _ := f.decoded(s, mostCmap); len(b) > 0 {
			t.cmap = readCmap(b)
		}
	}
	if sub, _ := f.get(d["Subtype"]).(name); sub == "Type0" {
		f.composite(t, d)
	} else {
		f.simple(t, d)
		if m, ok := f.get(d["FontMatrix"]).(array); ok && sub == "Type3" && len(m) == 6 {
			t.scale = f.real(m[0]) * 1000
		}
	}
	return t
}

// simple reads a font of one byte a letter.
func (f *file) simple(t *font, d dict) {
	base, _ := f.get(d["Encoding"]).(name)
	enc := f.dictOf(d["Encoding"])
	if b, ok := f.get(enc["BaseEncoding"]).(name); ok {
		base = b
	}
	t.table = tableOf(base)
	c := int64(0)
	diffs, _ := f.get(enc["Differences"]).(array)
	for _, o := range diffs {
		switch o := f.get(o).(type) {
		case int64:
			c = o
		case name:
			if g, ok := glyph(o); ok && c >= 0 && c < 256 {
				t.table[c] = g
			}
			c++
		}
	}
	first := f.number(d["FirstChar"], 0)
	widths, _ := f.get(d["Widths"]).(array)
	for i, w := range widths[:min(len(widths), 256)] {
		t.widths[uint32(first)+uint32(i)] = f.real(w)
	}
	base, _ = f.get(d["BaseFont"]).(name)
	t.usual(base)
}

// composite reads a font whose codes are numbers of glyphs.
func (f *file) composite(t *font, d dict) {
	t.unmapped = t.cmap == nil
	t.width = 1000
	list, _ := f.get(d["DescendantFonts"]).(array)
	if len(list) == 0 {
		return
	}
	cid := f.dictOf(list[0])
	if o := f.get(cid["DW"]); o != nil {
		t.width = f.real(o)
	}
	w, _ := f.get(cid["W"]).(array)
	for i := 0; i+1 < len(w) && len(t.widths) < 1<<16; {
		from := uint32(f.number(w[i], 0))
		if each, ok := f.get(w[i+1]).(array); ok {
			for k, o := range each {
				t.widths[from+uint32(k)] = f.real(o)
			}
			i += 2
			continue
		}
		if i+2 >= len(w) {
			return
		}
		to, wide := uint32(f.number(w[i+1], 0)), f.real(w[i+2])
		for c := from; c <= to && c-from < 1<<16 && len(t.widths) < 1<<16; c++ {
			t.widths[c] = wide
		}
		i += 3
	}
}

// dictOf is a dictionary, that of a stream too, or an empty one.
func (f *file) dictOf(o object) dict {
	switch o := f.get(o).(type) {
	case dict:
		return o
	case stream:
		return o.dict
	}
	return nil
}

func (f *file) real(o object) float64 {
	switch n := f.get(o).(type) {
	case int64:
		return float64(n)
	case float64:
		return n
	}
	return 0
}

// next takes the first letter off a string: what it stands for, its code, and its length.
func (t *font) next(s string) (text string, c code, n int) {
	n = 1
	if t.table == nil {
		n = min(2, len(s))
	}
	if t.cmap != nil {
		n = t.cmap.width(s, n)
		c = codeOf(s[:n])
		if text, ok := t.cmap.letters(c); ok {
			return text, c, n
		}
	}
	c = codeOf(s[:n])
	switch {
	case t.table != nil && n == 1:
		return t.table[s[0]], c, n
	case t.unmapped && n == 2 && c.v >= 0x20 && c.v < 0x250:
		return string(rune(c.v)), c, n // a few writers use Unicode as codes
	}
	return string(utf8.RuneError), c, n
}

// advance is how far a code goes, in thousandths of the size.
func (t *font) advance(c code) float64 {
	w, ok := t.widths[c.v]
	if !ok {
		w = t.width
	}
	return w * t.scale
}
