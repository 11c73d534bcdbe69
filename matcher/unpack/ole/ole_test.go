package ole_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/matcher/unpack/child"
)

const person = "Potilas Matti Meikäläinen, 131052-308T, matti.meikalainen@example.com"

// word makes a document of pieces, the second of them of one byte a letter.
func word(flags uint16, first, second string) []string {
	doc := make([]byte, 2048)
	binary.LittleEndian.PutUint16(doc, 0xa5ec)
	binary.LittleEndian.PutUint16(doc[0x0a:], flags)
	a := wide(first)
	doc = append(doc, a...)
	at := len(doc)
	doc = append(doc, second...)
	n := uint32(len(a) / 2)
	plc := words32([]uint32{0, n, n + uint32(len(second))})
	plc = append(plc, 0, 0)
	plc = binary.LittleEndian.AppendUint32(plc, 2048)
	plc = append(plc, 0, 0, 0, 0)
	plc = binary.LittleEndian.AppendUint32(plc, uint32(at)*2|1<<30)
	plc = append(plc, 0, 0)
	clx := append([]byte{1, 3, 0, 9, 9, 9, 2}, binary.LittleEndian.AppendUint32(nil, uint32(len(plc)))...)
	table := append([]byte("junk"), append(clx, plc...)...)
	binary.LittleEndian.PutUint32(doc[0x1a2:], 4)
	binary.LittleEndian.PutUint32(doc[0x1a6:], uint32(len(table)-4))
	return []string{"WordDocument", string(doc), "1Table", string(table)}
}

func TestWord(t *testing.T) {
	t.Parallel()
	r := extract(t, compound(word(0x0200, person+"\r", "Mallikas\x07131052-308T\x07\x07b\x13 HYPERLINK x\x14shown\x15 \x1e M\xe4ki")...))
	want := []string{person + "\nMallikas\t131052-308T\t\nb  HYPERLINK x shown  - Mäki"}
	if d := cmp.Diff(want, r.Texts[:1]); d != "" || r.Outcome != child.Whole || len(r.Notes) > 0 {
		t.Error(r.Outcome, r.Notes, d)
	}
	if r := extract(t, compound(word(0x0300, person, "x")...)); r.Outcome != child.Encrypted {
		t.Error(r.Outcome)
	}
	// Without its table of pieces.
	r = extract(t, compound(word(0x0200, person, "x")[:2]...))
	if !strings.Contains(strings.Join(r.Texts, ""), person) || r.Notes[child.DamagedInOrder] != 1 {
		t.Error(r.Texts, r.Notes)
	}
	// Word 95.
	old := make([]byte, 0x300)
	binary.LittleEndian.PutUint16(old, 0xa5dc)
	binary.LittleEndian.PutUint32(old[0x18:], 0x300)
	binary.LittleEndian.PutUint32(old[0x1c:], 0x300+11)
	r = extract(t, compound("WordDocument", string(old)+"131052-308Tjunk"))
	if d := cmp.Diff([]string{"131052-308T"}, r.Texts); d != "" || r.Outcome != child.Whole {
		t.Error(r.Outcome, d)
	}
}

func record(kind uint16, head uint16, body string) string {
	b := binary.LittleEndian.AppendUint16(nil, head)
	b = binary.LittleEndian.AppendUint16(b, kind)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	return string(b) + body
}

func TestSlides(t *testing.T) {
	t.Parallel()
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write([]byte("\xd0\xcf\x11\xe0 inner"))
	_ = w.Close()
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\x02IHDRab1234\x00\x00\x00\x00IEND1234"
	jpg := "\xff\xd8\xff\xe0\x00\x04ab\xff\xda\x00\x04cdpixels\xff\xd9"
	doc := record(1000, 0xf, record(0x0fa0, 0, wide(person))+record(0x0fa8, 0, "131052-308T")+record(0x0fba, 0, wide("note"))+record(7, 0, "junk")+
		record(0x1011, 0x10, "\x00\x00\x00\x00"+z.String()))
	r := extract(t, compound("PowerPoint Document", doc, "Current User", strings.Repeat("x", 20), "Pictures", "head"+png+"between"+jpg+"tail"))
	if d := cmp.Diff(person+"\n131052-308T\nnote\n", r.Texts[0]); d != "" || r.Outcome != child.Whole {
		t.Error(r.Outcome, d)
	}
	if d := cmp.Diff([]string{"object: \xd0\xcf\x11\xe0 inner", "picture.png: " + png, "picture.jpg: " + jpg}, members(r)); d != "" {
		t.Error(d)
	}
	r = extract(t, compound("PowerPoint Document", doc, "Current User", strings.Repeat("x", 12)+"\xdf\xc4\xd1\xf3"))
	if r.Outcome != child.Encrypted {
		t.Error(r.Outcome)
	}
}

// What cannot be handed over of a presentation is said.
func TestWhatIsLeftOfSlides(t *testing.T) {
	t.Parallel()
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\x00IEND1234"
	object := record(0x1011, 0x10, "\x00\x00\x00\x00no zlib")
	pictures := record(0xf01a, 0, "a drawing") + record(0xf01e, 0, png) + record(0xf01d, 0, "\xff\xd8\xff\xe0\x00\x04ab no end")
	r := extract(t, compound("PowerPoint Document", record(0x0fa8, 0, "131052-308T")+object, "Pictures", pictures))
	want := map[child.Note]int64{child.UnknownPictures: 2, child.DamagedParts: 1}
	if d := cmp.Diff(want, r.Notes); d != "" || r.Outcome != child.Whole {
		t.Error(r.Outcome, d)
	}
	if d := cmp.Diff([]string{"object: ", "picture.png: " + png}, members(r)); d != "" {
		t.Error(d)
	}
	// However many begin, the stream is looked through a few times.
	r = extract(t, compound("Data", "head"+strings.Repeat("\xff\xd8\xff\xe1", 1<<20)+"\xff\xd9"))
	if len(r.Members) > 0 || r.Notes[child.UnknownPictures] != 1<<20 {
		t.Error(r.Notes)
	}
}

func TestMessage(t *testing.T) {
	t.Parallel()
	page := make([]byte, 32+16)
	binary.LittleEndian.PutUint32(page[32:], 0x3ffd0003)
	binary.LittleEndian.PutUint32(page[40:], 1251)
	rtf := "\x00\x00\x00\x00\x05\x00\x00\x00MELA\x00\x00\x00\x00{\\rtf"
	b := compound("__properties_version1.0", string(page), "__substg1.0_0037001F", wide("Potilas Matti"), "__substg1.0_1000001E", "\xcf\xf0\xe8\xe2\xe5\xf2 131052-308T",
		"__substg1.0_8001101F", "\x0c\x00\x00\x00",
		"__substg1.0_8001101F-00000000", wide("a category"), "__substg1.0_10130102", "<p>html</p>", "__substg1.0_10090102", rtf,
		"__nameid_version1.0/__substg1.0_0037001F", wide("not this"),
		"__recip_version1.0_#00000000/__substg1.0_3001001F", wide("Maija"), "__recip_version1.0_#00000000/__substg1.0_39FE001F", wide("maija@example.com"),
		"__attach_version1.0_#00000000/__substg1.0_3707001F", wide("Meikäläinen.txt"), "__attach_version1.0_#00000000/__substg1.0_37010102", "attached",
		"__attach_version1.0_#00000001/__substg1.0_3701000D/__properties_version1.0", "",
		"__attach_version1.0_#00000001/__substg1.0_3701000D/__substg1.0_1000001F", wide("a mail in the mail"))
	r := extract(t, b)
	want := []string{"Potilas Matti\nПривет 131052-308T\na category\n", "Maija\nmaija@example.com\n", "Meikäläinen.txt\n", "a mail in the mail\n"}
	if d := cmp.Diff(want, r.Texts); d != "" || r.Outcome != child.Whole || len(r.Notes) > 0 {
		t.Error(r.Outcome, r.Notes, d)
	}
	if d := cmp.Diff([]string{"body.html: <p>html</p>", "body.rtf: {\\rtf", "Meikäläinen.txt: attached"}, members(r)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Potilas Matti"}, r.Names); d != "" {
		t.Error(d)
	}
}

// The example of MS-OXRTFCP 3.1.1.
func TestCompressedRTF(t *testing.T) {
	t.Parallel()
	packed := "\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0"
	r := extract(t, compound("__properties_version1.0", "", "__substg1.0_10090102", packed))
	if d := cmp.Diff([]string{"body.rtf: {\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"}, members(r)); d != "" {
		t.Error(d)
	}
}

func TestWhatIsEmbedded(t *testing.T) {
	t.Parallel()
	native := "\x00\x00\x00\x00\x02\x00a.txt\x00C:\\Matti\\a.txt\x00\x00\x00\x03\x00\x02\x00\x00\x00t\x00\x04\x00\x00\x00body"
	parts := append(word(0x0200, "x", "y"), "ObjectPool/_1/\x01Ole10Native", native, "ObjectPool/_2/Package", "PK\x03\x04zip",
		"\x05SummaryInformation", "\x01\x02\x00"+wide("Maija Mallikas")+"\x00\x00\x01131052-308T\x00\x03")
	parts = append(parts, func() []string {
		inner := word(0x0200, "an inner document", "")
		return []string{"ObjectPool/_3/WordDocument", inner[1], "ObjectPool/_3/1Table", inner[3]}
	}()...)
	parts = append(parts, "Macros/VBA/Module1", "\x16\x01\x00junk\x01\x17\xb0\x00Attribut\x00e 131052\x00-308T")
	r := extract(t, compound(parts...))
	if d := cmp.Diff([]string{"a.txt: body", "ObjectPool/_2/Package: PK\x03\x04zip"}, members(r)); d != "" {
		t.Error(d)
	}
	all := strings.Join(r.Texts, "|")
	for _, s := range []string{"Maija Mallikas", "131052-308T", "an inner document", "Attribute 131052-308T"} {
		if !strings.Contains(all, s) {
			t.Errorf("%q is not in %q", s, all)
		}
	}
	if r.Outcome != child.Whole || len(r.Notes) > 0 {
		t.Error(r.Outcome, r.Notes)
	}
}

func TestUnknownContents(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 500) + person + strings.Repeat("y", 8000) // over the end of a sector
	r := extract(t, compound("Stuff", long, "Other", "\x00\x01"+wide(person)+"\x00"))
	all := strings.Join(r.Texts, "|")
	if strings.Count(all, "131052-308T") != 2 || r.Notes[child.RawText] != 1 || r.Outcome != child.Whole {
		t.Error(r.Outcome, r.Notes, len(all))
	}
	if r := extract(t, compound("EncryptedPackage", "x", "EncryptionInfo", "y")); r.Outcome != child.Encrypted {
		t.Error(r.Outcome)
	}
	if r := extract(t, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not really")); r.Outcome != child.Damaged {
		t.Error(r.Outcome)
	}
}

func FuzzExtract(f *testing.F) {
	f.Add(compound(word(0x0200, person, "x")...))
	f.Add(compound("PowerPoint Document", record(0x0fa0, 0, wide(person))))
	f.Add(compound("__properties_version1.0", "", "__substg1.0_0037001F", wide("x"), "__substg1.0_10090102", strings.Repeat("LZFu", 9)))
	f.Add(compound("Macros/VBA/M", "\x01\x12\xb0\x00Attribute", "a/\x01Ole10Native", "123456a\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r := extract(t, b); r.Outcome == child.Panicked {
			t.Fatal("panicked")
		}
	})
}

func FuzzWord(f *testing.F) {
	w := word(0x0200, person, "x")
	f.Add([]byte(w[1]), []byte(w[3]), []byte("\x01\x12\xb0\x00Attribute\x00"))
	f.Fuzz(func(t *testing.T, doc, table, other []byte) {
		b := compound("WordDocument", string(doc), "1Table", string(table), "0Table", string(table), "x", string(other), "Pictures", string(other))
		if r := extract(t, b); r.Outcome == child.Panicked {
			t.Fatal("panicked")
		}
	})
}
