package pdf_test

import (
	"bytes"
	"encoding/ascii85"
	"encoding/hex"
	"fmt"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/matcher/unpack/child"
)

const cmapHead = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"

func TestPages(t *testing.T) {
	t.Parallel()
	ligatures := "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[7 0 R]/ToUnicode 8 0 R>>"
	cid := "<</Type/Font/Subtype/CIDFontType2/DW 500/W[1[600 700] 3 9 400]>>"
	table := flate(cmapHead+"2 beginbfchar <0001> <FB01> <0002> <0066006C> endbfchar 2 beginbfrange <0010> <0019> <0030> <0020> <0022> [<0061> <0062> <00E4>] endbfrange endcmap", "")
	for _, c := range []struct {
		name, contents string
		more           []string
		want           string
	}{
		{"plain", shown("131052-308T"), nil, "131052-308T"},
		{"escapes", shown(`Meik\344l\344inen \(x\) a\
b`), nil, "Meikäläinen (x) ab"},
		{"hexadecimal", "BT /F1 12 Tf <31333130 35322d33303854> Tj ET", nil, "131052-308T"},
		{"kerned", "BT /F1 12 Tf [(13)-20(1052)15(-3)-80(08T)-400(x)] TJ ET", nil, "131052-308T x"},
		{"lines", "BT /F1 12 Tf 14 TL 0 700 Td (a) Tj T* (b) Tj 0 -20 Td (c) Tj (d) ' 1 2 (e) \" ET", nil, "a\nb\nc\nd\ne"},
		{"placed letter by letter", "BT /F1 10 Tf 1 0 0 1 10 700 Tm (13) Tj 1 0 0 1 21.12 700 Tm (10) Tj 1 0 0 1 32.24 700 Tm (52) Tj 1 0 0 1 60 700 Tm (x) Tj ET", nil, "131052 x"},
		{"cells", "BT /F1 10 Tf 10 700 Td (Mallikas) Tj 200 0 Td (131052-308T) Tj -200 -12 Td (next) Tj ET", nil, "Mallikas 131052-308T\nnext"},
		{"turned", "BT /F1 10 Tf 0 1 -1 0 100 100 Tm (131052) Tj 0 1 -1 0 100 133.36 Tm (-308T) Tj ET", nil, "131052-308T"},
		{"scaled", "0.1 0 0 0.1 0 0 cm BT /F1 100 Tf 10 700 Td (a) Tj 55.6 0 Td (b) Tj 100 0 Td (c) Tj ET", nil, "ab c"},
		{"ligatures", "BT /F2 12 Tf <00010010001100020020> Tj <0022> Tj <00FF> Tj ET", []string{ligatures, cid, table}, "ﬁ01flaä\ufffd"},
		{"differences", "BT /F2 12 Tf (ABC) Tj ET", []string{"<</Type/Font/Subtype/Type1/Encoding<</Differences[65/one/adieresis/uni0041]>>>>"}, "1äA"},
		{"form", "q /X1 Do Q", []string{"", "", "", stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F1 5 0 R>>>>", shown("in a form"))}, "in a form"},
		{"inline image", "BI /W 1 /H 1 ID \x00EI\xff(no) Tj\nEI " + shown("after"), nil, "after"},
		{"meant", "/Span <</ActualText (131052-308T)>> BDC EMC", nil, "131052-308T"},
		{"nonsense", "] >> } { ) 12 0 R Tj TJ Tf (a) (b) Tf /F1 Tf Q Q Q " + shown("x") + " <", nil, "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doc := drawn(c.contents, c.more...)
			doc = bytes.Replace(doc, []byte("/F1 5 0 R>>>>>>"), []byte("/F1 5 0 R/F2 6 0 R>>/XObject<</X1 9 0 R>>>>>>"), 1)
			r := extract(t, doc)
			if d := cmp.Diff(c.want, text(r)); d != "" || r.Outcome != child.Whole {
				t.Error(r.Outcome, r.Notes, d)
			}
		})
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s := shown("131052-308T")
	var a85 bytes.Buffer
	w := ascii85.NewEncoder(&a85)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	up := []byte{}
	for i, row := 0, ""; i*8 < len(s); i++ {
		next := (s + "       ")[i*8 : i*8+8]
		up = append(up, 2)
		for k := range 8 {
			last := byte(0)
			if row != "" {
				last = row[k]
			}
			up = append(up, next[k]-last)
		}
		row = next
	}
	for name, o := range map[string]string{
		"none": stream("", s), "hexadecimal": stream("/Filter/ASCIIHexDecode", hex.EncodeToString([]byte(s))+">"),
		"ascii85": stream("/Filter[/ASCII85Decode]", a85.String()+"~>"), "run length": stream("/Filter/RL", string(rune(len(s)-1))+s+"\x80"),
		"predictor": flate(string(up), "/DecodeParms<</Predictor 12/Columns 8>>"), "a wrong length": strings.Replace(flate(s, ""), "/Length ", "/Length 9", 1),
		"lzw": stream("/Filter/LZWDecode", lzw(s)), "two": stream("/Filter[/AHx/Fl]", hex.EncodeToString([]byte(data(flate(s, ""))))+">"),
		"without its sum": stream("/Filter/FlateDecode", data(flate(s, ""))[:len(data(flate(s, "")))-3]),
	} {
		objects := slices.Clone(page)
		objects[3] = o
		if got := text(extract(t, document(objects...))); got != "131052-308T" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// data is what a stream holds.
func data(object string) string {
	_, s, _ := strings.Cut(object, "stream\n")
	return strings.TrimSuffix(s, "\nendstream")
}

// lzw packs without packing: each byte is a code of nine bits, the table is cleared before they grow.
func lzw(s string) string {
	var out []byte
	bits, n := uint32(0), 0
	put := func(c uint32) {
		bits, n = bits<<9|c, n+9
		for n >= 8 {
			out = append(out, byte(bits>>(n-8)))
			n -= 8
		}
	}
	for i := range len(s) {
		if i%200 == 0 {
			put(256)
		}
		put(uint32(s[i]))
	}
	put(257)
	put(0)
	return string(out)
}

func TestWhatIsNoPage(t *testing.T) {
	t.Parallel()
	r := extract(t, drawn(shown("page"),
		"<</Title(\xfe\xff\x00M\x00\xe4)/Author(Maija Mallikas)/CreationDate(D:20240101)>>",
		"<</Type/Annot/Subtype/Widget/T(hetu)/V(131052-308T)/DA(/Helv 0 Tf)>>", "<</Type/Annot/A<</S/URI/URI(mailto:matti.meikalainen@example.com)>>>>",
		"<</Type/Filespec/F(a.zip)/UF(\xfe\xff\x00\xe4\x00.\x00z\x00i\x00p)/EF<</F 10 0 R>>>>", flate("PK\x03\x04 attached", "/Type/EmbeddedFile/Params<</Size 13>>"),
		stream("/Type/Metadata/Subtype/XML", "<x>meta</x>"), flate(shown("an orphan"), ""), flate("plain text of something", ""),
		stream("/Length1 9", "a font"), flate("\x01\x02\x03", "/FunctionType 0"),
		stream("/Subtype/Image/Width 100/Height 100/Filter/DCTDecode", "\xff\xd8\xff picture"), stream("/Subtype/Image/Width 8/Height 8/Filter/DCTDecode", "tiny"),
		stream("/Subtype/Image/Width 100/Height 100/Filter/JBIG2Decode", "x")))
	if d := cmp.Diff("page", text(r)); d != "" {
		t.Error(d)
	}
	for _, s := range []string{"Mä", "Maija Mallikas", "131052-308T", "mailto:matti.meikalainen@example.com", "an orphan"} {
		if !strings.Contains(strings.Join(r.Texts, "|"), s) {
			t.Errorf("%q is missing in %q", s, r.Texts)
		}
	}
	var members []string
	for _, m := range r.Members {
		members = append(members, m.Entry.Name+": "+m.Body)
	}
	want := []string{"ä.zip: PK\x03\x04 attached", "metadata 11.xml: <x>meta</x>", "object 13: plain text of something", "object 14: a font", "image 16.jpg: \xff\xd8\xff picture"}
	if d := cmp.Diff(want, members); d != "" || r.Outcome != child.Whole {
		t.Error(r.Outcome, d)
	}
	if d := cmp.Diff(map[child.Note]int64{child.UnknownPictures: 1}, r.Notes); d != "" {
		t.Error(d)
	}
}

func TestPictures(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]string{
		"grey":    flate(strings.Repeat("\x80", 40*40), "/Subtype/Image/Width 40/Height 40/BitsPerComponent 8/ColorSpace/DeviceGray"),
		"bits":    flate(strings.Repeat("\x80", 5*40), "/Subtype/Image/Width 40/Height 40/ImageMask true"),
		"colours": flate(strings.Repeat("\x80", 3*40*40), "/Subtype/Image/Width 40/Height 40/BitsPerComponent 8/ColorSpace/DeviceRGB"),
		"print":   flate(strings.Repeat("\x80", 4*40*40), "/Subtype/Image/Width 40/Height 40/BitsPerComponent 8/ColorSpace/DeviceCMYK"),
		"palette": flate(strings.Repeat("\x01", 40*40), "/Subtype/Image/Width 40/Height 40/BitsPerComponent 8/ColorSpace[/Indexed/DeviceRGB 1(abcdef)]"),
		"short":   flate("x", "/Subtype/Image/Width 40/Height 40/BitsPerComponent 8/ColorSpace/DeviceGray"),
	} {
		r := extract(t, drawn(shown("x"), o))
		if len(r.Members) != 1 {
			t.Errorf("%s: %v %v", name, r.Members, r.Notes)
			continue
		}
		m, err := png.Decode(strings.NewReader(r.Members[0].Body))
		if name == "short" {
			continue
		}
		if err != nil || m.Bounds().Dx() != 40 || m.Bounds().Dy() != 40 {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := extract(t, drawn(shown("x"), stream("/Subtype/Image/Width 1728/Height 40/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 1728>>", "fax")))
	if len(r.Members) != 1 || !strings.HasPrefix(r.Members[0].Body, "II*\x00") || !strings.HasSuffix(r.Members[0].Body, "fax") {
		t.Errorf("%v", r.Members)
	}
}

// Objects in streams, an index that is a stream, and a later revision of the page.
func TestRevisions(t *testing.T) {
	t.Parallel()
	inner := page[2] + " " + page[4]
	packed := flate(fmt.Sprintf("3 0 5 %d ", len(page[2])+1)+inner, fmt.Sprintf("/Type/ObjStm/N 2/First %d", len(fmt.Sprintf("3 0 5 %d ", len(page[2])+1))))
	b := document(page[0], page[1], "", flate(shown("first"), ""), "", packed)
	if r := extract(t, b); text(r) != "first" || r.Outcome != child.Whole || len(r.Notes) > 0 {
		t.Errorf("%q %s %v", text(r), r.Outcome, r.Notes)
	}
	b = append(b, "4 0 obj\n"+flate(shown("second"), "")+"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF"...)
	r := extract(t, b)
	if text(r) != "second" || !strings.Contains(strings.Join(r.Texts, "|"), "first") {
		t.Errorf("what was there before is not read: %q", r.Texts)
	}
}

// However a file is damaged, what is sound in it is read, and it is said.
func TestDamage(t *testing.T) {
	t.Parallel()
	b := drawn(shown("131052-308T"))
	end := bytes.Index(b, []byte("xref"))
	for name, doc := range map[string][]byte{
		"no index":           b[:end],
		"lies in the index":  bytes.ReplaceAll(b, []byte("00000 n"), []byte("00001 f")),
		"circles":            bytes.Replace(b, []byte("/Root"), []byte("/Prev 9/Root"), 1),
		"no list":            bytes.Replace(b, []byte("/Kids"), []byte("/Xxxx"), 1),
		"a list of itself":   bytes.Replace(b, []byte("/Kids[3 0 R]"), []byte("/Kids[2 0 R]"), 1),
		"no catalogue":       bytes.Replace(b, []byte("1 0 obj"), []byte("x x xxx"), 1),
		"junk before":        append([]byte(strings.Repeat("junk ", 300)), b...),
		"junk after":         append(slices.Clone(b), strings.Repeat("junk ", 300)...),
		"no endobj":          bytes.ReplaceAll(b, []byte("endobj"), []byte("      ")),
		"a length too great": bytes.Replace(b, []byte("/Length "), []byte("/Length 99"), 1),
	} {
		r := extract(t, doc)
		if !strings.Contains(strings.Join(r.Texts, ""), "131052-308T") || r.Outcome != child.Whole {
			t.Errorf("%s: %s %v %q", name, r.Outcome, r.Notes, r.Texts)
		}
	}
	if r := extract(t, b[:end]); r.Notes[child.DamagedInOrder] != 1 {
		t.Error(r.Notes)
	}
	if r := extract(t, []byte("%PDF-1.7\nnothing")); r.Outcome != child.Damaged {
		t.Error(r.Outcome)
	}
}

// Of files that are damaged here and there most are still read, and none does harm.
func TestRandomDamage(t *testing.T) {
	t.Parallel()
	b := drawn(shown("131052-308T"))
	read := 0
	const tries = 500
	for i := range uint64(tries) {
		rnd := rand.New(rand.NewPCG(i, 1))
		doc := slices.Clone(b)
		for range 5 {
			doc[rnd.IntN(len(doc))] = byte(rnd.Uint32())
		}
		r := extract(t, doc)
		if r.Outcome == child.Panicked {
			t.Fatalf("%d panicked", i)
		}
		if strings.Contains(strings.Join(r.Texts, ""), "131052-308T") {
			read++
		}
	}
	if read < tries/3 {
		t.Errorf("%d of %d are read", read, tries)
	}
}

func TestBombs(t *testing.T) {
	t.Parallel()
	forms := []string{}
	for i := range 12 { // each draws the next ten times
		forms = append(forms, stream(fmt.Sprintf("/Subtype/Form/Resources<</XObject<</X %d 0 R>>>>", 7+i), strings.Repeat("/X Do ", 10)+shown("x")))
	}
	kids := strings.Repeat("3 0 R ", 100_000)
	for name, doc := range map[string][]byte{
		"deep arrays":  drawn(strings.Repeat("[", 1<<20)),
		"deep objects": drawn(shown("x"), strings.Repeat("<</A ", 1<<18)),
		"forms":        bytes.Replace(drawn("/X Do", forms...), []byte("/Font<<"), []byte("/XObject<</X 6 0 R>>/Font<<"), 1),
		"page again":   bytes.Replace(drawn(shown("x")), []byte("/Kids[3 0 R]/Count 1"), []byte("/Kids["+kids+"]/Count 999999999999"), 1),
		"many objects": append([]byte("%PDF-1.4\n"), strings.Repeat("1 0 obj 1 endobj ", 100_000)...),
		"circles":      drawn(shown("x"), "7 0 R", "6 0 R", "<</Type/ObjStm/Length 8 0 R>>stream\nx\nendstream"),
		"itself":       document("<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/Parent 1 0 R/Resources 1 0 R/Font 1 0 R>>"),
		"long numbers": drawn(shown(strings.Repeat("1", 1000)) + " " + strings.Repeat("9", 1<<16) + " Td"),
		"quadratic":    append([]byte("%PDF-1.4\n"), strings.Repeat("1 0 obj<<", 50_000)...),
	} {
		if r := extract(t, doc); r.Outcome == child.Panicked {
			t.Errorf("%s panicked", name)
		}
	}
}

func FuzzExtract(f *testing.F) {
	f.Add(drawn(shown("131052-308T")))
	f.Add(drawn("BT /F1 12 Tf [(a)-9(b)] TJ T* <00> ' q 1 0 0 1 0 0 cm /X Do Q BI ID EI /a <</ActualText(x)>> BDC"))
	f.Add(document(page[0], page[1], page[2], stream("/Filter[/A85/LZW/RL/AHx/Fl]/DecodeParms[null<</Predictor 15/Columns 3>>]", "x"), page[4]))
	f.Add([]byte("1 0 obj<</Encrypt 2 0 R/Size 1/Root 1 0 R>>endobj 2 0 obj<</Filter/Standard/V 4/R 4/O(x)/U(y)/CF<</A<</CFM/AESV2>>>>/StmF/A>>endobj"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r := extract(t, b, "x"); r.Outcome == child.Panicked {
			t.Fatal("panicked")
		}
	})
}

// FuzzContents draws any contents with any table of letters.
func FuzzContents(f *testing.F) {
	f.Add([]byte(shown("x")), []byte(cmapHead+"1 beginbfchar <01> <0041> endbfchar 1 beginbfrange <01> <02> [<0041>] endbfrange"), []byte("x"))
	f.Fuzz(func(t *testing.T, contents, table, data []byte) {
		r := extract(t, drawn(string(contents), stream("", string(table)), "<</Type/Font/Subtype/Type0/ToUnicode 6 0 R/Encoding<</Differences[1/a 2/b]>>>>",
			stream("/Filter/LZWDecode/Type/EmbeddedFile", string(data)), stream("/Filter/Fl/DecodeParms<</Predictor 15/Columns 4>>/Subtype/Image/Width 99/Height 99", string(data))))
		if r.Outcome == child.Panicked {
			t.Fatal("panicked")
		}
	})
}
