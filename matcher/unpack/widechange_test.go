package unpack_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode/utf32"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// TestCharsetChanges reads text that goes over from bytes to UTF-16 and back, at any place, and UTF-16 of which a byte was lost.
func TestCharsetChanges(t *testing.T) {
	t.Parallel()
	const patient = "hidden " + notes
	long := strings.Repeat("nothing to be seen here, walk on please\n", 1700)
	finns := strings.Repeat(finnish, 900)
	for _, big := range []bool{false, true} {
		wide := func(s string) []byte { return utf16Of(s, big, false) }
		east := utf16Of(strings.Repeat(nippon+chinese, 300), big, true)
		for name, doc := range map[string][]byte{
			"to wide":           slices.Concat([]byte(long), wide(patient)),
			"to wide, letters":  slices.Concat([]byte(finns), wide(patient+finnish)),
			"to wide, latin":    slices.Concat(latin1(strings.Repeat("M\u00e4kel\u00e4 ja \u00d6stman\n", 4000)), wide(patient)),
			"to wide and back":  slices.Concat([]byte(long), wide(finnish+long), []byte(patient+long)),
			"to bytes":          slices.Concat(wide(finns), []byte(patient+finns)),
			"to few bytes":      slices.Concat(wide(long), []byte("131052-308T")),
			"bytes between":     slices.Concat(wide(long), []byte("hidden 131052-308T\n"), wide(long)),
			"shifted":           slices.Concat(wide(long), []byte("x"), wide(" "+patient+long)),
			"shifted, cyrillic": slices.Concat(wide(strings.Repeat(russian, 300)), []byte("x"), wide(" "+patient+russian)),
			"lost":              slices.Concat(wide(long)[:2*len(long)-1], wide("  "+patient+long)),
			"cut":               wide(long + "131052-308T")[:2*len(long)+21+boolInt(big)],
			"after the east":    slices.Concat(east, wide(patient)),
			"east to bytes":     slices.Concat(east, []byte(long+patient)),
		} {
			for shift := range 40 {
				doc := doc
				if strings.HasPrefix(name, "to wide") {
					doc = append([]byte(strings.Repeat("-", 13*shift)+"\n"), doc...)
				} else if shift > 0 {
					break
				}
				r, rep := walk(t, "x", doc, unpack.Limits{})
				at := 0
				for _, g := range r.texts {
					at += len(g.marks)
				}
				if at == 0 || rep.Completeness != leak.Whole {
					t.Errorf("%s, %v, %d: not found, %+v", name, big, shift, rep)
					continue
				}
				for _, m := range r.texts[0].marks {
					if b := doc[m:]; b[0] != '1' && b[0] != 'm' && b[1] != '1' && b[1] != 'm' {
						t.Errorf("%s, %v, %d: offset %d", name, big, shift, m)
					}
				}
			}
		}
		// What is UTF-16 all through stays so.
		all := strings.Repeat(nippon+chinese+hanzi+hangul+arabics+finnish+"ひらがなだけでかかれたぶんしょう mail@example.com\n", 50)
		if r, _ := walk(t, "x", utf16Of(all, big, true), unpack.Limits{}); strings.TrimPrefix(r.texts[0].text, "\ufeff") != all {
			t.Errorf("%v: text of the east is another", big)
		}
	}
}

// TestUTF32Changes is the same for UTF-32, of which one to three bytes may be lost or put in.
func TestUTF32Changes(t *testing.T) {
	t.Parallel()
	const patient = "hidden " + notes
	long := strings.Repeat("nothing to be seen here, walk on please\n", 1700)
	for name, order := range map[string]utf32.Endianness{"little": utf32.LittleEndian, "big": utf32.BigEndian} {
		wide := func(s string) []byte {
			b, err := utf32.UTF32(order, utf32.IgnoreBOM).NewEncoder().Bytes([]byte(s))
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		docs := map[string][]byte{"to bytes": slices.Concat(wide(long), []byte(patient)), "to bytes, east": slices.Concat(wide("\ufeff"+strings.Repeat(nippon, 900)), []byte(patient))}
		for k := range 40 {
			docs[fmt.Sprint("to wide ", k)] = slices.Concat([]byte(strings.Repeat("-", 13*k)+long), wide(patient))
		}
		for k := 1; k < 4; k++ {
			docs[fmt.Sprint("put in ", k)] = slices.Concat(wide(long), []byte("xyz")[:k], wide(" "+patient+long))
			docs[fmt.Sprint("put in, east ", k)] = slices.Concat(wide("\ufeff"+strings.Repeat(nippon, 900)), []byte("xyz")[:k], wide(" "+patient+finnish))
			docs[fmt.Sprint("lost ", k)] = slices.Concat(wide(long)[:4*len(long)-k], wide("  "+patient+long))
		}
		for doc, b := range docs {
			r, rep := walk(t, "x", b, unpack.Limits{})
			if len(r.texts[0].marks) == 0 || rep.Completeness != leak.Whole {
				t.Errorf("%s, %s: not found, %+v", name, doc, rep)
			}
			for _, m := range r.texts[0].marks {
				if c := bytes.TrimLeft(b[m:m+4], "\x00"); c[0] != '1' && c[0] != 'm' {
					t.Errorf("%s, %s: offset %d", name, doc, m)
				}
			}
		}
		// What is UTF-32 all through stays so.
		all := strings.Repeat(nippon+chinese+hanzi+hangul+arabics+finnish+"一一 x\U00010000ab\u4e00\u6200 mail@example.com\n", 50)
		if r, _ := walk(t, "x", wide("\ufeff"+all), unpack.Limits{}); strings.TrimPrefix(r.texts[0].text, "\ufeff") != all {
			t.Errorf("%s: text of the east is another", name)
		}
	}
}

// TestZerosInText reads text with NULs in it as it lies, however they fall.
func TestZerosInText(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		strings.Repeat("nothing here\n", 1000) + strings.Repeat("a\x00b c\x00\x00d\n", 9000) + strings.Repeat("\x00", 70_000) + "1\x002\x003\x00end",
		strings.Repeat("nothing here\n", 1000) + strings.Repeat("ä\x00b c\x00\x00ö\n", 9000) + "\x00",
	} {
		if r, _ := walk(t, "x", []byte(doc), unpack.Limits{}); r.texts[0].text != doc {
			k := 0
			for k < min(len(doc), len(r.texts[0].text)) && r.texts[0].text[k] == doc[k] {
				k++
			}
			t.Errorf("read as another text from %d on: %.40q, not %.40q", k, r.texts[0].text[k:], doc[k:])
		}
	}
}

// TestBytesInText says so when something packed lies within a text, and says nothing of text with a few controls.
func TestBytesInText(t *testing.T) {
	t.Parallel()
	const note = "text: 1 with bytes in it that are no text, read as letters"
	packed := gzipOf(t, random(1, 9000))
	for name, c := range map[string]struct {
		text string
		told bool
	}{
		"ascii":    {strings.Repeat("nothing to be seen here\n", 3000) + string(packed) + notes, true},
		"utf-8":    {strings.Repeat(finnish, 900) + string(packed) + notes, true},
		"latin-1":  {string(latin1(strings.Repeat("M\u00e4kel\u00e4\n", 4000))) + string(packed) + notes, true},
		"little":   {strings.Repeat("nothing to be seen here\n", 3000) + string(packed[:600]) + notes, true},
		"controls": {strings.Repeat("nothing to be seen here\n", 3000) + strings.Repeat("\xe4 page after page after page after page after page after page\x01\n", 900) + notes, false},
		"zeros":    {strings.Repeat("nothing to be seen here\n", 3000) + strings.Repeat("M\xe4kel\xe4\x00\x00\x00\x00", 900) + notes, false},
	} {
		r, rep := walk(t, "x", []byte(c.text), unpack.Limits{})
		if told := has(rep, note); told != c.told || (rep.Completeness == leak.Whole) == c.told || len(r.texts[0].marks) == 0 {
			t.Errorf("%s: %s %q, %d marks", name, rep.Completeness, rep.Reasons, len(r.texts[0].marks))
		}
	}
	mail := "From: a@example.com\nTo: b@example.com\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" + strings.Repeat("hello\n", 9000) + "--b\n" +
		"Content-Type: application/gzip\nContent-Transfer-Encoding: binary\n\n" + string(gzipOf(t, []byte(notes+csvOf(20_000)))) + "\n--b--\n"
	r, rep := walkParsed(t, parsersOf(t, unpack.ParsersOptions{}), "a.eml", []byte(mail), unpack.Limits{})
	if _, ok := r.find(markers[0]); !ok || has(rep, note) {
		t.Errorf("a part of a mail: %v %q", ok, rep.Reasons)
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
