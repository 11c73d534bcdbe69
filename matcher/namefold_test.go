package matcher

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TestFoldingOfNames compares the folding with a plain one, on every character there is, alone and between letters: what
// is registered hangs on it.
func TestFoldingOfNames(t *testing.T) {
	t.Parallel()
	for r := rune(1); r <= utf8.MaxRune; r++ {
		if r >= 0xD800 && r < 0xE000 {
			continue
		}
		for _, s := range []string{string(r), "a" + string(r) + "e"} {
			if got, want := foldName(s), plainFold(s); got != want {
				t.Fatalf("%q (%U) folds to %q, want %q", s, r, got, want)
			}
		}
	}
	for s, want := range map[string]string{"Mäki": "maki", "Maeki": "maki", "Maki": "maki", "Åström": "astrom", "Aastroem": "astrom",
		"Strauß": "strauss", "Þórður": "thordur", "Sørensen": "sorensen", "Soerensen": "sorensen", "Łukasz": "lukasz", "O'Brien": "obrien", "ＭＡＴＴＩ": "matti",
		"Müller": "muller", "Mueller": "muller", "meika\u0308la\u0308inen": "meikalainen", "Iванова": "i", "\xff": "", "Ǿ": "o"} {
		if got := foldName(s); got != want {
			t.Errorf("%q folds to %q, want %q", s, got, want)
		}
	}
}

// plainFold is the folding as docs/hashing.md says it, step after step.
func plainFold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch r {
		case 'ø', 'œ':
			b.WriteString("oe")
		case 'æ':
			b.WriteString("ae")
		case 'ß':
			b.WriteString("ss")
		case 'þ':
			b.WriteString("th")
		case 'ð', 'đ':
			b.WriteByte('d')
		case 'ł':
			b.WriteByte('l')
		case 'ı':
			b.WriteByte('i')
		default:
			if r >= 'a' && r <= 'z' {
				b.WriteByte(byte(r))
			}
		}
	}
	var out strings.Builder
	for s := b.String(); s != ""; {
		out.WriteByte(s[0])
		n := 1
		if len(s) > 1 && strings.Contains("aa ae oe ue", s[:2]) {
			n = 2
		}
		s = s[n:]
	}
	return out.String()
}
