package pdf_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/pdf"
)

const id = "131052-308T"

// said is everything that was handed over.
func said(r *child.Record) string {
	all := append(r.Texts, r.Names...)
	for _, m := range r.Members {
		all = append(all, m.Entry.Name, m.Body)
	}
	return strings.Join(all, "|")
}

// Wherever a text lies in a file, and whatever it is labelled as, it is handed over.
func TestNothingIsHidden(t *testing.T) {
	t.Parallel()
	good := drawn(shown("hello world"))
	with := func(o ...string) []byte { return drawn(shown("hello world"), o...) }
	font := "\x00\x01\x00\x00" + strings.Repeat("\x00\x07\x9c", 50) + id + "\xff\xfe"
	for name, doc := range map[string][]byte{
		"a comment":                  append(bytes.Clone(good), ("\n% " + id + "\n")...),
		"between objects":            bytes.Replace(good, []byte("2 0 obj"), []byte("\n"+id+"\n2 0 obj"), 1),
		"behind the end":             append(bytes.Clone(good), "\n"+id...),
		"as UTF-16":                  append(bytes.Clone(good), "\n"+strings.Join(strings.Split(id, ""), "\x00")...),
		"far behind the end":         append(bytes.Clone(good), strings.Repeat("0123456 ", 1<<13)+strings.Repeat("x", 65533)+" "+id...),
		"a name":                     with("<</Title/" + id + ">>"),
		"a key":                      with("<</" + id + " 1>>"),
		"a key in an object stream":  with(flate("9 0 <</"+id+" 1>>", "/Type/ObjStm/N 1/First 4")),
		"behind many numbers":        with(flate("9 0 <</W["+strings.Repeat("500 ", 1000)+"600]>> 131052-308T 450 557 7104", "/Type/ObjStm/N 1/First 4")),
		"behind those in one":        with(flate("9 0 <</A 1>> %"+id, "/Type/ObjStm/N 1/First 4")),
		"other bytes":                with(stream("", "\x00\x01\x02\xff\xfe\xc8\x81"+id)),
		"other bytes, packed":        with(flate("\x00\x01\x02\xff\xfe\xc8\x81"+id, "")),
		"a filter that is not known": with(stream("/Filter/FooDecode", strings.Repeat(id+"\n", 20))),
		"a page's":                   document(page[0], page[1], page[2], stream("/Filter/FooDecode", shown(id)), page[4]),
		"behind a known filter":      with(flate(id, "/F/x")),
		"nine filters":               with(stream("/Filter["+strings.Repeat("/Crypt ", 9)+"]", id)),
		"a font":                     with(flate(id, "/Length1 10")),
		"a font indeed":              with(flate(font, "/Length1 10")),
		"an index":                   with(flate(id, "/Type/XRef")),
		"an index indeed":            with(flate("\x01\x00\x10\x00\x02\x00\x03\x00"+id+"\x00\x01\x02", "/Type/XRef")),
		"a table of letters":         with(flate("begincmap "+id, "")),
		"a type of one":              with(flate(id, "/Type/CMap")),
		"a font's file":              with("<</FontFile2 7 0 R>>", flate("\x00\x02\x01\x00"+id, "")),
		"contents that draw nothing": with(flate("BT ET %"+id, "")),
		"a small picture":            with(flate(id, "/Subtype/Image/Width 1/Height 1")),
		"a small picture, unknown":   with(stream("/Subtype/Image/Width 1/Height 1/Filter/FooDecode", id)),
		"a length too great":         bytes.Replace(with(stream("", shown(id))), []byte("/Length "), []byte("/Length 99"), -1),
	} {
		if r := extract(t, doc); !strings.Contains(said(r), id) || r.Outcome != child.Whole || strings.HasPrefix(name, "a filter") && r.Notes[child.DamagedParts] != 1 {
			t.Errorf("%s: %s %v %.400q", name, r.Outcome, r.Notes, said(r))
		}
	}
}

// A real document has nothing that is only in its index, and its fonts are no members.
func TestTheRestIsQuiet(t *testing.T) {
	t.Parallel()
	font := strings.Repeat("\x00\x01\x00\x00\x9c\x00", 500)
	r := extract(t, drawn(shown("x"), "<</Type/FontDescriptor/FontFile2 7 0 R/CIDSet 8 0 R>>", flate(font, "/Length1 3000"), flate("\xff\xfe\xff\x80", ""),
		flate("20 0 21 9 [500 500] ["+strings.Repeat("500 ", 1000)+"]", "/Type/ObjStm/N 2/First 10"), "[/ICCBased 11 0 R]", flate("\x00\x00\x02\x0c\x01\x02", "/N 3")))
	if len(r.Members) > 0 || len(r.Notes) > 0 || strings.Contains(said(r), "00000 n") || strings.Contains(said(r), "500 500 500") {
		t.Errorf("%v %v %q", r.Notes, r.Members, r.Texts)
	}
}

func TestAnArchiveBehindTheEnd(t *testing.T) {
	t.Parallel()
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	f, err := w.Create("a.txt")
	if err == nil {
		_, err = f.Write([]byte(id))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	doc := append(drawn(shown("x")), z.Bytes()...)
	if r := extract(t, doc); len(r.Members) != 1 || r.Members[0].Body != z.String() {
		t.Error(r.Members)
	}
}

// A page with more contents than are read of one does no harm; those that are left are read by themselves, and it is said.
func TestManyContents(t *testing.T) {
	t.Parallel()
	objects := append([]string{}, page...)
	objects[2] = "<</Type/Page/Parent 2 0 R/Contents[" + strings.Repeat("6 0 R ", 100) + "4 0 R]/Resources<</Font<</F1 5 0 R>>>>>>"
	objects[3] = flate(shown(id), "")
	doc := document(append(objects, flate(strings.Repeat("q Q ", 1<<20), ""))...)
	r := child.Run(t.Context(), pdf.Extract, child.Document{Size: int64(len(doc))}, bytes.NewReader(doc), 1<<30)
	if r.Outcome != child.Whole || r.Notes[child.PartsLeft] == 0 || !strings.Contains(said(r), id) {
		t.Errorf("%s %v %.100q", r.Outcome, r.Notes, said(r))
	}
}

// Whatever their lengths say, streams hand over no more than twice the file.
func TestFalseLengths(t *testing.T) {
	t.Parallel()
	var direct, indirect strings.Builder
	for i := range 13_000 {
		fmt.Fprintf(&direct, "%d 0 obj\n<</Length 99999999>>stream\n"+strings.Repeat("plain words ", 10)+"\n", i+10)
		fmt.Fprintf(&indirect, "%d 0 obj\n<</Length 9 0 R/Type/EmbeddedFile>>stream\n"+strings.Repeat("plain words ", 10)+"\n", i+10)
	}
	for name, s := range map[string]string{"direct": direct.String(), "indirect": indirect.String()} {
		doc := []byte("%PDF-1.4\n9 0 obj 1000000 endobj\n" + s)
		if name == "indirect" { // which is true of many
			doc = bytes.ReplaceAll(doc, []byte("plain words plain words plain words "), []byte("plain words endstream plain words"))
			doc = append(doc, strings.Repeat("endstream ", 200_000)...)
		}
		if out := len(said(extract(t, doc))); out > 4*len(doc) {
			t.Errorf("%s: %d bytes of %d", name, out, len(doc))
		}
	}
}
