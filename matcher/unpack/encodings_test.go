package unpack_test

import (
	"bytes"
	"encoding/ascii85"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"leakwatch/matcher/unpack"
)

func a85(b []byte, width int) string {
	out := make([]byte, ascii85.MaxEncodedLen(len(b)))
	s := string(out[:ascii85.Encode(out, b)])
	var w strings.Builder
	for width > 0 && len(s) > width {
		w.WriteString(s[:width] + "\n")
		s = s[width:]
	}
	return "<~" + w.String() + s + "~>"
}

func uuencoded(name string, b []byte) string { return uuLines(name, b, 45) }

// uuLines is a uuencoded file with so many bytes in a line.
func uuLines(name string, b []byte, width int) string {
	w := "begin 644 " + name + "\n"
	for len(b) > 0 {
		n := min(len(b), width)
		w += string(rune(' ' + n))
		for i := 0; i < n; i += 3 {
			var g [3]byte
			copy(g[:], b[i:n])
			for _, v := range []byte{g[0] >> 2, g[0]<<4&63 | g[1]>>4, g[1]<<2&63 | g[2]>>6, g[2] & 63} {
				w += string(rune([]byte("`!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_")[v]))
			}
		}
		w += "\n"
		b = b[n:]
	}
	return w + "`\nend\n"
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	long := []byte(strings.ReplaceAll(records(300), "ä", "a"))
	b32 := base32.StdEncoding.EncodeToString
	for _, c := range []struct {
		name, doc, place string
		at               int // of the marker in the document, -1 if it is told of another
	}{
		{"base32", "x " + b32([]byte("Hetu on 131052-308T, eika muu")) + " y", "!base32@2", 2 + 8*8/5},
		{"base32 long", "x " + b32(long) + " y", "!base32@2", -1},
		{"base32 lower", strings.ToLower(b32([]byte("Hetu on 131052-308T, eika muu"))), "!base32@0", 8 * 8 / 5},
		{"base32 lines", wrap(b32(long), 64), "!base32@0", -1},
		{"base32 packed", b32(gzipOf(t, long)), "!base32@0", -1},
		{"short base64", "token=" + base64.StdEncoding.EncodeToString([]byte("131052-308T")) + ";", "!base64@6", 6},
		{"short hex", "0x" + hex.EncodeToString([]byte("131052-308T")) + ",", "!hex@2", 2},
		{"bytea", `7	\\x` + hex.EncodeToString([]byte("131052-308T")), "!hex@5", 5},
		{"bytea long", `7	\\x` + hex.EncodeToString(long), "!hex@5", -1},
		{"ascii85", "x " + a85([]byte("Hetu 0 131052-308T, eika muu"), 0), "!ascii85@4", 4 + 7/4*5 + 3},
		{"ascii85 lines", "x\n" + a85(long, 75), "!ascii85@4", -1},
		{"ascii85 packed", a85(gzipOf(t, long), 0), "!ascii85@2", -1},
		{"uu", "hello\n" + uuencoded("a.txt", long) + "bye", "!uu@", -1},
		{"uu long name", uuencoded(strings.Repeat("a long name ", 9)+".txt", long), "!uu@", -1},
		{"uu long lines", uuLines("a.txt", long, 63), "!uu@", -1},
		{"uu packed", uuencoded("a.gz", gzipOf(t, long)), "!uu@", -1},
		{"folded", "dn: cn=x\ndescription:: " + strings.TrimSpace(strings.ReplaceAll(wrap(base64.StdEncoding.EncodeToString(long), 51), "\n", "\n ")) + "\n", "!base64@23", -1},
	} {
		r, rep := walk(t, "x", []byte(c.doc), unpack.Limits{})
		g, ok := r.find("131052-308T")
		if !ok || !strings.Contains(g.place, c.place) || len(rep.Reasons) > 0 {
			t.Errorf("%s: %v %q %q", c.name, ok, g.place, rep.Reasons)
			continue
		}
		if c.at >= 0 && g.marks[0] != int64(c.at) {
			t.Errorf("%s: at %d, want %d: %q", c.name, g.marks[0], c.at, g.text)
		}
	}
}

func wrap(s string, n int) string {
	var b strings.Builder
	for len(s) > n {
		b.WriteString(s[:n] + "\n")
		s = s[n:]
	}
	return b.String() + s + "\n"
}

func TestFoldedLines(t *testing.T) {
	t.Parallel()
	doc := "BEGIN:VCARD\r\nNOTE:131052\r\n -308T and matti.meikalainen@exa\r\n\tmple.com\r\nEND:VCARD\r\n"
	r, _ := walk(t, "x.vcf", []byte(doc), unpack.Limits{})
	for _, m := range markers {
		if _, ok := r.find(m); !ok {
			t.Errorf("%s not found in %+v", m, r.texts)
		}
	}
}

// TestNothingIsDecodedInVain reads text that looks encoded and is not: no texts come of it.
func TestNothingIsDecodedInVain(t *testing.T) {
	t.Parallel()
	var ids bytes.Buffer
	for i := range 3000 {
		b := random(uint64(i), 64)
		fmt.Fprintf(&ids, "%x %s %x %s user_%d_internal_identifier_name a <- b <~ c ~> begin 644\n", b[:8], base64.RawURLEncoding.EncodeToString(b[:12]), b[:10], b32like(b), i)
	}
	r, rep := walk(t, "x", ids.Bytes(), unpack.Limits{})
	if len(r.texts) > 3 || len(rep.Reasons) > 0 {
		for _, g := range r.texts[1:] {
			t.Errorf("%q %.80q", g.place, g.text)
		}
		t.Errorf("%d texts, %q", len(r.texts), rep.Reasons)
	}
}

func b32like(b []byte) string { return base32.StdEncoding.EncodeToString(b[:20]) }

// TestFloodsEnd reads text that is nothing but what makes work: it is read whole, and little is made of it.
func TestFloodsEnd(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	for _, s := range []string{"&amp;", "&#", "<a ", "<a b='", "<![CDATA[", "<!--", "<~zzzz", "%25", "%", "=3D=\n", "\\\\u005c", "\\x5c", "begin 644 x\n", "begin ", "`\n",
		"{\\rtf1", "{\\u-10179", "{", "MDEwNTk0LTkwMzI=", "GEYDKMRVGMYTANJZ ", "\xe4", "\xc3\xa4\xe4", "+AOQ-", "a\x00\x04"} {
		doc := strings.Repeat(s, size/len(s))
		if s[0] == '{' {
			doc = "{\\rtf1 " + doc
		}
		_, rep := walk(t, "x", []byte("=\nbegin 644 a\n"+doc), unpack.Limits{})
		if rep.BytesOut > 3*size || !floodTold(rep) {
			t.Errorf("%q: %d bytes out, %q", s, rep.BytesOut, rep.Reasons)
		}
		if _, rep = walk(t, "x", []byte(doc), unpack.Limits{}); !floodTold(rep) {
			t.Errorf("%q: %q", s, rep.Reasons)
		}
	}
}

// floodTold says whether nothing was left but escapes inside escapes, unless it was no text at all.
func floodTold(rep unpack.Report) bool {
	return len(rep.Reasons) == 0 || len(rep.Reasons) == 1 &&
		(has(rep, "escapes limit 2: 1 texts with more inside one another") || has(rep, "binary: 1 unreadable, read as bytes"))
}

// TestWhatIsHardToSeeInAnEncoding opens what has little of a mark, or says that there was something.
func TestWhatIsHardToSeeInAnEncoding(t *testing.T) {
	t.Parallel()
	const hidden = "hidden " + notes
	image := make([]byte, 40<<10)
	copy(image[32769:], "BEA01\x01\x00")
	image = append(image, hidden...)
	for name, doc := range map[string][]byte{
		"z": lzwOf([]byte(records(3)+hidden), 16), "z, long": lzwOf([]byte(records(900)+hidden), 12), "lzma": lzmaOf(t, []byte(records(3)+hidden)),
		"disc": image, "disc, gz": gzipOf(t, image),
	} {
		for code, s := range map[string]string{"base64": base64.StdEncoding.EncodeToString(doc), "base32": base32.StdEncoding.EncodeToString(doc), "hex": fmt.Sprintf("%x", doc)} {
			r, rep := walk(t, "x", []byte("x "+s+" y"), unpack.Limits{})
			if _, ok := r.find(hidden); !ok && (len(rep.Reasons) == 0 || !strings.HasPrefix(name, "disc")) {
				t.Errorf("%s in %s: %q", name, code, rep.Reasons)
			}
		}
	}
	for code, s := range map[string]string{"base32": base32.StdEncoding.EncodeToString(random(1, 9000)), "hex": fmt.Sprintf("%x", random(1, 9000))} {
		if _, rep := walk(t, "x", []byte("x "+s+" y"), unpack.Limits{}); !has(rep, "binary: 1 unreadable, read as bytes") {
			t.Errorf("%s: %q", code, rep.Reasons)
		}
	}
}
