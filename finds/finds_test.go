package finds_test

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"leakwatch/finds"
	"leakwatch/leak"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"":                            {},
		" - -- ":                      {},
		"Potilaat 2026":               {"potilaat", "2026"},
		"n-7f3a91c2.tar.gz":           {"n-7f3a91c2", "tar", "gz"},
		"ÄÖÅ é e\u0301":               {"aoa", "e", "e"},
		"-a- b--c":                    {"a", "b--c"},
		strings.Repeat("ä", 1000):     {strings.Repeat("a", 128)},
		strings.Repeat("д", 1000):     {strings.Repeat("д", 64)},
		"x" + strings.Repeat("д", 99): {"x" + strings.Repeat("д", 63)},
	} {
		if diff := cmp.Diff(want, append([]string{}, finds.Words(in)...)); diff != "" {
			t.Errorf("Words(%.20q):\n%s", in, diff)
		}
	}
}

func TestTerms(t *testing.T) {
	t.Parallel()
	want := []finds.Term{{Word: "leak-site"}, {Word: "example"}, {Word: "pot", Prefix: true}, {Word: "a"}, {Word: "b", Prefix: true}}
	if diff := cmp.Diff(want, finds.Terms("leak-site.example Pot* * a/b*")); diff != "" {
		t.Error(diff)
	}
	if n := len(finds.Terms(strings.Repeat("a ", 1000))); n != 64 {
		t.Errorf("%d terms", n)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	if finds.Order(time.Time{}) != math.MinInt64 || finds.Order(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)) != math.MaxInt64 {
		t.Error("times far away do not go to the ends")
	}
	at := time.Date(2026, 3, 1, 0, 0, 0, 7, time.FixedZone("", 7200))
	if got := time.Unix(0, finds.Order(at)); !got.Equal(at) {
		t.Errorf("%v became %v", at, got)
	}
}

func TestNarrowLeavesTheDocument(t *testing.T) {
	t.Parallel()
	d := leak.IndexDoc{ID: "f-1", Confidence: "confirmed", Kinds: []string{"email"},
		Clinics: []leak.IndexClinic{{Clinic: "a", Confidence: "confirmed"}, {Clinic: "b", Confidence: "possible"}}}
	n := finds.Narrow(d, "b")
	if len(d.Clinics) != 2 || d.Confidence != "confirmed" || n.Confidence != "possible" || len(n.Clinics) != 1 {
		t.Errorf("%+v narrowed to %+v", d, n)
	}
	if n := finds.Narrow(d, "c"); n.Confidence != "" || n.Clinics != nil || n.Kinds != nil {
		t.Errorf("a clinic that is not in it sees %+v", n)
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"", "n-7f3a91c2.txt", "Ä\u0308\xff", "a*b* *"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range finds.Words(s) {
			if w == "" || len(w) > 128 || utf8.ValidString(s) && !utf8.ValidString(w) || strings.ContainsAny(w, "\"* \x00") {
				t.Errorf("Words(%q) gives %q", s, w)
			}
		}
		finds.Terms(s)
		finds.NewRow(leak.IndexDoc{Title: s, Place: s})
	})
}

func FuzzParseCursor(f *testing.F) {
	f.Add("")
	f.Add(finds.Cursor{Order: -5, ID: "f-1.2"}.String())
	f.Fuzz(func(t *testing.T, s string) {
		c, ok, err := finds.ParseCursor(s)
		if err != nil || !ok {
			return
		}
		if back, _, err := finds.ParseCursor(c.String()); err != nil || back != c {
			t.Errorf("%q gives %+v, and that %+v, %v", s, c, back, err)
		}
	})
}
