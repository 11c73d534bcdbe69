package unpack_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"

	"leakwatch/matcher/unpack"
)

func utf16Of(s string, big, mark bool) []byte {
	var b []byte
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	for _, u := range units {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}

// wrapped is s in base64, in lines of n characters with sep between them.
func wrapped(s string, n int, sep string) string {
	enc := base64.StdEncoding.EncodeToString([]byte(s))
	var b strings.Builder
	for len(enc) > n {
		b.WriteString(enc[:n] + sep)
		enc = enc[n:]
	}
	return b.String() + enc
}

func TestOffsetsLeadBack(t *testing.T) {
	t.Parallel()
	body := "€ Käyntejä 😀 " + records(300)
	wide := func(m string) []byte { return utf16Of(m, false, false) }
	same := func(m string) []byte { return []byte(m) }
	for _, c := range []struct {
		name string
		doc  []byte
		find func(string) []byte // what a marker looks like in the document
	}{
		{"utf-8", []byte(body), same},
		{"utf-8 with mark", []byte("\xef\xbb\xbf" + body), same},
		{"utf-16le with mark", utf16Of(body, false, true), wide},
		{"utf-16be with mark", utf16Of(body, true, true), func(m string) []byte { return utf16Of(m, true, false) }},
		{"utf-16le", utf16Of(body, false, false), wide},
		{"utf-16be", utf16Of(body, true, false), func(m string) []byte { return utf16Of(m, true, false) }},
		{"latin-1", latin1(records(3000)), same},
		{"latin-1 late", latin1(strings.Repeat("nothing here\n", 8000) + records(10)), same},
		{"windows-1252", append([]byte("\x80 100 \x93m\xe4\x94 "), latin1(records(10))...), same},
		{"binary", append(random(3, 5000), records(3)...), same},
		{"binary wide", append(random(4, 5001), utf16Of(records(3), false, false)...), wide},
	} {
		r, _ := walk(t, "x", c.doc, unpack.Limits{})
		n := 0
		for _, g := range r.texts {
			for i, at := range g.marks {
				n++
				m := markers[0]
				if !bytes.HasPrefix(c.doc[at:], c.find(m)) {
					m = markers[1]
				}
				if !bytes.HasPrefix(c.doc[at:], c.find(m)) {
					t.Errorf("%s: marker %d is said to be at %d, where there is %q", c.name, i, at, c.doc[at:at+8])
					break
				}
			}
		}
		if n == 0 {
			t.Errorf("%s: no marker found in %d texts", c.name, len(r.texts))
		}
	}
}

func TestOffsetsOfEncodedRuns(t *testing.T) {
	t.Parallel()
	short, long := "xx "+notes, strings.ReplaceAll(records(500), "ä", "a")
	enc := base64.StdEncoding.EncodeToString
	slashed, _ := json.Marshal(map[string]string{"html": long, "b": enc([]byte(long))})
	for _, c := range []struct {
		name, before, run, after string
		body                     string
		char                     func(i int) int // where in run decoded byte i begins
	}{
		{"short", "data:", enc([]byte(short)), ";", short, func(i int) int { return i/3*4 + i%3 }},
		{"long", `{"a":"`, enc([]byte(long)), `"}`, long, func(i int) int { return i/3*4 + i%3 }},
		{"url-safe", "d=", base64.RawURLEncoding.EncodeToString([]byte(long)), "&", long,
			func(i int) int { return i/3*4 + i%3 }},
		{"hex short", "0x", hex.EncodeToString([]byte(short)), ",", short, func(i int) int { return 2 * i }},
		{"hex long", `\x`, hex.EncodeToString([]byte(long)), "\t", long, func(i int) int { return 2 * i }},
		{"lines", "-\n", wrapped(long, 76, "\r\n"), "\n", long,
			func(i int) int { c := i/3*4 + i%3; return c + c/76*2 }},
		{"escaped lines", "{\"a\":\"", wrapped(long, 76, `\n`), "\"}", long,
			func(i int) int { c := i/3*4 + i%3; return c + c/76*2 }},
	} {
		doc := c.before + c.run + c.after
		r, rep := walk(t, "x", []byte(doc), unpack.Limits{})
		var want []int64
		for _, m := range markers {
			for at := strings.Index(c.body, m); at >= 0; at = next(c.body, m, at) {
				want = append(want, int64(len(c.before)+c.char(at)))
			}
		}
		g, ok := r.find(markers[0])
		if !ok {
			t.Errorf("%s: not found, %+v", c.name, rep)
			continue
		}
		for i := range want {
			if len(g.marks) != len(want) || g.marks[i] != want[i] {
				t.Errorf("%s: marker %d at %d, want %d", c.name, i, g.marks[i], want[i])
				break
			}
		}
		if !strings.Contains(g.place, "!base64@") && !strings.Contains(g.place, "!hex@") {
			t.Errorf("%s: place %q", c.name, g.place)
		}
	}
	r, _ := walk(t, "x.json", slashed, unpack.Limits{})
	if g, ok := r.find("line 499"); !ok || len(g.marks) == 0 {
		t.Error("escaped JSON: not found")
	}
}

func TestEscapes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, doc, want, at string }{
		{"json newline", `{"n":"tel\n131052-308T\nx"}`, "\n131052-308T\n", "131052"},
		{"json unicode", `{"n":"matti.meikalainen\u0040example.com", "o":"M\u00e4ki"}`, "matti.meikalainen@example.com", "matti"},
		{"json pair", `["\ud83d\ude00 131052-308T"]`, "😀 131052-308T", "131052"},
		{"json slash", `{"u":"a\/b 131052-308T \"x\""}`, `a/b 131052-308T "x"`, "131052"},
		{"json in json", `{"n":"{\"a\":\"x\\n131052-308T\"}"}`, "\n131052-308T", "131052"},
		{"sql", `INSERT INTO n VALUES ('M\u00e4ki\r\n131052-308T\ttel');`, "\r\n131052-308T\t", "131052"},
		{"log", "2024 INFO {\"mail\":\"matti.meikalainen\\u0040example.com\"}\n", "matti.meikalainen@example.com", "matti"},
		{"c", `char *s = "x\x41\101\n131052-308T";`, "AA\n131052-308T", "131052"},
	} {
		r, rep := walk(t, "x", []byte(c.doc), unpack.Limits{})
		ok := false
		for _, g := range r.texts {
			if strings.Contains(g.text, c.want) {
				ok = ok || len(g.marks) > 0 && g.marks[len(g.marks)-1] == int64(strings.Index(c.doc, c.at))
			}
		}
		if !ok || len(rep.Reasons) > 0 {
			t.Errorf("%s: %q not found in %+v", c.name, c.want, r.texts)
		}
	}
}

func TestWordsAreNotRuns(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"/usr/local/share/some/where/in/the/tree/of/files/and/folders",
		"Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft",
		"d41d8cd98f00b204e9800998ecf8427e e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		strings.Repeat("a", 10000), strings.Repeat("1234567890", 1000), strings.Repeat("ACGT", 5000),
		strings.Join(hashes(2000), "\n"),
	} {
		r, rep := walk(t, "x", []byte("x "+s+" y"), unpack.Limits{})
		if len(r.texts) != 1 || len(rep.Reasons) > 0 {
			t.Errorf("%.40s: %d texts, %q", s, len(r.texts), rep.Reasons)
		}
	}
}
