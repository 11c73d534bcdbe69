package unpack_test

import (
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

func TestRTF(t *testing.T) {
	t.Parallel()
	doc := `{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil Arial;}{\f1\fcharset204 Arial Cyr;}}{\colortbl;\red0;}` + "\r\n" +
		`{\info{\title Title of it}}{\header Head}\pard Meik\'e4l\u228\'e4inen \b 131052\b0 -{\i 308T}{\*\bkmkstart no}, \u8364 E\uc0\u8364 \u-10179\u-8704 ` + "\r\n" +
		`{\f1\'cf\'f0\'e8}\par{\v hidden 131052\_308T}\cell next\row{\field{\*\fldinst{HYPERLINK "mailto:matti.meikalainen@example.com"}}{\fldrslt shown}}` +
		`{\pict\pngblip ` + strings.Repeat("89504e47", 9) + "}" + `tail \{\\\} end}`
	r, rep := walk(t, "x.rtf", []byte(doc), unpack.Limits{})
	text := r.texts[0].text
	for _, s := range []string{"Meikäläinen 131052-308T, €€😀", "При\nhidden 131052-308T\tnext\n", "mailto:matti.meikalainen@example.com", "Title of it", "Head\nMeik", `tail {\} end`, " shown"} {
		if !strings.Contains(text, s) {
			t.Errorf("%q is not in %q", s, text)
		}
	}
	if strings.Contains(text, "Arial") || strings.Contains(text, "bkmk") || rep.Completeness != leak.Whole {
		t.Errorf("%q %q", text, rep.Reasons)
	}
	if at := int64(strings.Index(doc, "matti")); r.texts[0].marks[len(r.texts[0].marks)-1] != at {
		t.Errorf("%v, want %d", r.texts[0].marks, at)
	}
}

func FuzzRTF(f *testing.F) {
	f.Add([]byte(`{\rtf1\ansi\ansicpg1251{\fonttbl{\f1\fcharset238 A;}}{\f1 M\'e4\u228?ki\uc2\u-10179??\u-8704\par\~\_\*}}`))
	f.Fuzz(func(t *testing.T, b []byte) { same(t, append([]byte(`{\rtf1`), b...), "") })
}
