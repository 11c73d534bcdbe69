package leak_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"leakwatch/leak"
)

func placeKey(t testing.TB) *leak.PlaceKey {
	t.Helper()
	k, err := leak.NewPlaceKey(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// What names a patient in these places is "meikalainen", in one spelling or another.
func TestShownFormNamesNobody(t *testing.T) {
	t.Parallel()
	k := placeKey(t)
	base := "https://files.example/pub/"
	for _, tc := range []struct{ base, clear, prefix, suffix string }{
		{base, base + "Meikalainen_Matti.txt", base + "n-", ".txt"},
		{base, base + "meikalainen/matti.tar.gz", base + "n-", ".tar.gz"},
		{base, base + "notes.meikalainen", base + "n-", ""},
		{base, base + "a?name=meikalainen#meikalainen", base + "n-", ""},
		{base, "https://files.example/other/meikalainen.csv", "https://files.example/n-", ".csv"},
		{base, "https://meikalainen.example/a.csv", "https://h-", ".csv"},
		{base, "https://meikalainen.clinic.example:8443/", "https://h-", ".example:8443/"},
		{"", "http://127.0.0.1:8080/meikalainen", "http://127.0.0.1:8080/n-", ""},
		{"", "/media/usb/meikalainen/hetu.xlsx", "/n-", ".xlsx"},
		{"stdin", "stdin", "stdin", "stdin"},
		{"https://user:meikalainen@files.example/", "https://user:meikalainen@files.example/x.txt", "https://files.example/n-", ".txt"},
	} {
		shown := k.Place(tc.base, tc.clear).Shown()
		if strings.Contains(strings.ToLower(shown), "meikalainen") || !strings.HasPrefix(shown, tc.prefix) || !strings.HasSuffix(shown, tc.suffix) {
			t.Errorf("%q under %q is shown as %q", tc.clear, tc.base, shown)
		}
	}
}

func TestOneNameHasOneCodeHoweverItIsEscaped(t *testing.T) {
	t.Parallel()
	k := placeKey(t)
	base := "https://files.example/"
	a := k.Place(base, base+"M%C3%A4ki.txt").Shown()
	b := k.Place(base, base+"Mäki.txt").Shown()
	if a != b {
		t.Errorf("%s and %s", a, b)
	}
}

func TestInnerPlace(t *testing.T) {
	t.Parallel()
	k := placeKey(t)
	p := k.Place("https://files.example/", "https://files.example/a.tar").Inner("b/Meikäläinen.txt")
	if want := "https://files.example/a.tar!b/Meikäläinen.txt"; p.Reveal() != want {
		t.Errorf("clear %q", p.Reveal())
	}
	if s := p.Shown(); strings.Contains(s, "Meik") || strings.Count(s, "!") != 1 || !strings.HasSuffix(s, ".txt") {
		t.Errorf("shown %q", s)
	}
	if again := k.Place("https://files.example/", p.Reveal()).Shown(); again != p.Shown() {
		t.Errorf("made anew it is shown as %q, not %q", again, p.Shown())
	}
}

func TestWhateverPrintsAPlaceShowsItsShownForm(t *testing.T) {
	t.Parallel()
	p := placeKey(t).Place("", "https://x.test/Meikäläinen.txt")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "place", p, "in", struct{ P leak.Place }{p})
	b, err := json.Marshal(map[string]any{"place": p, "list": []leak.Place{p}})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{log.String(), string(b), p.String(), fmt.Errorf("open %v: failed", p).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		out = append(out, fmt.Sprintf(verb, p), fmt.Sprintf(verb, []leak.Place{p}), fmt.Sprintf(verb, struct{ P leak.Place }{p}))
	}
	item := leak.Item{Place: p, Name: "Meikäläinen.txt"}
	log.Reset()
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "item", item)
	for _, s := range append(out, log.String()) {
		if strings.Contains(s, "Meik") {
			t.Errorf("spilled: %s", s)
		}
	}
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	k := placeKey(t)
	p := k.Place("https://files.example/", "https://files.example/Meikäläinen.txt")
	sealed := k.Seal(p)
	if bytes.Contains(sealed, []byte("Meik")) {
		t.Fatal("the seal is clear")
	}
	q, err := k.Open(sealed)
	if err != nil || q.Reveal() != p.Reveal() || q.Shown() != p.Shown() {
		t.Fatalf("opened %v, %v", q, err)
	}
	other, err := leak.NewPlaceKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(sealed); err == nil {
		t.Error("another key opened it")
	}
	for i := range sealed {
		sealed[i] ^= 1
		if _, err := k.Open(sealed); err == nil {
			t.Fatalf("byte %d was changed, and nobody noticed", i)
		}
		sealed[i] ^= 1
	}
	if _, err := k.OpenBytes("other", sealed); err == nil {
		t.Error("another label opened it")
	}
}

func TestTitleKeepsOnlyWordsThatNameNobody(t *testing.T) {
	t.Parallel()
	k := placeKey(t)
	title := k.Title("Patient database 2020: Matti Meikäläinen, 131052-308T (part 3)")
	for _, word := range []string{"patient", "database", "2020", "part", "3"} {
		if !strings.Contains(title, word) {
			t.Errorf("%q is not in %q", word, title)
		}
	}
	for _, secret := range []string{"atti", "eik", "131052", "308"} {
		if strings.Contains(strings.ToLower(title), secret) {
			t.Errorf("%q is in %q", secret, title)
		}
	}
	for _, other := range []string{"Meikalainen", "meika\u0308la\u0308inen", "Meikäläinen"} {
		if k.Title(other) != k.Title("MEIKÄLÄINEN") {
			t.Errorf("%q has another code", other)
		}
	}
	if !strings.Contains(title, k.Title("MEIKÄLÄINEN")) {
		t.Error("a name that is known does not find the title")
	}
}

func FuzzPlace(f *testing.F) {
	f.Add("https://files.example/", "https://files.example/a/b!c?d#e")
	f.Add("", "C:\\Users\\x\\y.txt")
	f.Fuzz(func(t *testing.T, base, clear string) {
		k := placeKey(t)
		p := k.Place(base, clear)
		q, err := k.Open(k.Seal(p))
		if err != nil || q.Reveal() != clear || q.Shown() != p.Shown() {
			t.Fatalf("%q under %q: %v", clear, base, err)
		}
		if u, err := url.Parse(clear); err == nil && len(u.Path) > 24 && !strings.HasPrefix(clear, base) && strings.Contains(p.Shown(), u.Path) {
			t.Fatalf("%q is shown as %q", clear, p.Shown())
		}
	})
}

// A listing may put anything where a host ends.
func TestHostShowsNoNameInItsLastLabelOrPort(t *testing.T) {
	t.Parallel()
	k, err := leak.NewPlaceKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, clear := range []string{"https://matti.meikalainen/x", "https://x.010594y9032/", "https://files.example:131052308/", "http://meikalainen/", "http://mattimeikalainen:80/"} {
		shown := strings.ToLower(k.Place("", clear).Shown())
		for _, secret := range []string{"meikalainen", "010594", "131052308"} {
			if strings.Contains(shown, secret) {
				t.Errorf("%s is shown as %s", clear, shown)
			}
		}
	}
	if shown := k.Host("", "files.example:8080"); !strings.HasSuffix(shown, ".example:8080") {
		t.Errorf("shown %s", shown)
	}
}
