package matcher_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// mentions reads a text with a matcher that watches for terms of clinic "ca", and gives how often each was seen.
func mentions(tb testing.TB, terms []string, name bool, r io.Reader) map[string]int64 {
	tb.Helper()
	m := setup(tb, testRing, matcher.Options{})
	var all []leak.Term
	for _, t := range terms {
		all = append(all, leak.Term{Clinic: "ca", Text: t})
	}
	if err := m.Watch(all); err != nil {
		tb.Fatal(err)
	}
	reading := m.Begin(nil)
	if err := reading.Text(context.Background(), leak.Text{Reader: r, Name: name}); err != nil {
		tb.Fatal(err)
	}
	reading.Finish()
	c := reading.Tally().Clinics["ca"]
	if c == nil {
		return nil
	}
	if c.Persons != 0 {
		tb.Errorf("%d persons of a term", c.Persons)
	}
	return maps.Clone(c.Terms)
}

func TestWatchTerms(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		term, text string
		want       int64
	}{
		{"Esimerkkiklinikka", "Esimerkkiklinikka was hacked", 1},
		{"Esimerkkiklinikka", "ESIMERKKIKLINIKKA, esimerkkiklinikka!", 2},
		{"Esimerkkiklinikka", "esimerkkiklinikan asiakkaat, Esimerkkiklinikkaan", 1}, // the stem changes in the first form
		{"Esimerkkiklinikka", "https://esimerkkiklinikka.example/login", 1},
		{"Esimerkkiklinikka", "dumpEsimerkkiklinikka2020.tar", 1},
		{"Esimerkkiklinikka", "notesimerkkiklinikka", 0},
		{"Clinic.tar", "get clinic.tar here; Clinic.tarball is another", 1},
		{"clinic.example", "mail info@clinic.example or www.CLINIC.EXAMPLE/x; clinic.examples", 2},
		{"Example Clinic", "the Example_Clinic-dump and example-clinic.zip, EXAMPLE CLINIC", 3},
		{"Example Clinic", "example, clinic", 0},
		{"HUS", "HUS husband rhus HUS-data (hus) HUS2020", 4},
		{"Mehiläisklinikka", "MEHILÄISKLINIKKA mehilaisklinikka Mehila\u0308isklinikka", 3},
		{"Клиника Пример", "база КЛИНИКА ПРИМЕР слита", 1},
		{"Example Clinic", "ex\u00adample cli\u200bnic", 1},
	} {
		for _, name := range []bool{false, true} {
			got := mentions(t, []string{tc.term, "some other term"}, name, strings.NewReader(tc.text))
			if got[tc.term] != tc.want || len(got) > 1 {
				t.Errorf("%q in %q (name %v): %v, want %d", tc.term, tc.text, name, got, tc.want)
			}
		}
	}
	if got := mentions(t, []string{"Example Clinic"}, true, strings.NewReader("Example%20Clinic%2Fdump")); got["Example Clinic"] != 1 {
		t.Errorf("in an escaped name: %v", got)
	}
}

func TestWatchAcrossChunks(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, "%s Example Clinic and clinic.example %d\n", strings.Repeat("x", i%331), i)
	}
	want := map[string]int64{"Example Clinic": 3000, "clinic.example": 3000}
	terms := []string{"Example Clinic", "clinic.example"}
	for name, r := range map[string]io.Reader{"whole": strings.NewReader(text.String()),
		"bytes": iotest.OneByteReader(strings.NewReader(text.String())), "halves": iotest.HalfReader(strings.NewReader(text.String()))} {
		if diff := cmp.Diff(want, mentions(t, terms, false, r)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestCheckTerm(t *testing.T) {
	t.Parallel()
	for term, good := range map[string]bool{"Example Clinic": true, "HUS": true, "clinic.example": true, "@clinic.example": true, "info@clinic.example": false, "AA000000A": false, "1EG4TE5MK73": false, "Example\u202eClinic": false,
		"ab": false, "...": false, "": false, " Example": false, "Example\nClinic": false, "010594Y9032": false, "\xff\xfe\xfd123": false,
		strings.Repeat("long", 20): false, "Clinic2020": true} {
		err := matcher.CheckTerm(term)
		var bad *matcher.BadTerm
		if good != (err == nil) || err != nil && !errors.As(err, &bad) {
			t.Errorf("%q: %v", term, err)
		}
		if err != nil && term != "" && strings.Contains(err.Error(), term) {
			t.Errorf("the error holds the term %q", term)
		}
	}
}

// A clinic's words must not slow the reading of everybody else's: where too many places look like one, each place where a
// word begins is looked at once.
func TestWatchOfManyAlike(t *testing.T) {
	t.Parallel()
	terms := []string{"zzz", "the"}
	for i := range 998 {
		terms = append(terms, fmt.Sprintf("the%04dx", i))
	}
	text := strings.Repeat("the other and the0997x of them ", 20_000)
	want := map[string]int64{"the": 40_000, "the0997x": 20_000} // a number may follow a word
	if diff := cmp.Diff(want, mentions(t, terms, false, strings.NewReader(text))); diff != "" {
		t.Error(diff)
	}
}

func FuzzWatch(f *testing.F) {
	f.Add("Example Clinic", "an Example_Clinic", uint8(3))
	f.Add("Mehiläisklinikka", "MEHILA\u0308ISKLINIKKA", uint8(9))
	f.Fuzz(func(t *testing.T, term, text string, pad uint8) {
		if matcher.CheckTerm(term) != nil {
			t.Skip()
		}
		padded := strings.Repeat("-", int(pad)) + text
		if a, b := mentions(t, []string{term}, false, strings.NewReader(padded)),
			mentions(t, []string{term}, false, iotest.OneByteReader(strings.NewReader(padded))); !cmp.Equal(a, b) {
			t.Errorf("whole %v, byte by byte %v", a, b)
		}
	})
}

func BenchmarkWatch(b *testing.B) {
	text := strings.Repeat("Asiakas kertoi voineensa paremmin kuin viime kerralla; seuraava aika sovittiin kahden viikon paahan. ", 40_000)
	for name, terms := range map[string][]string{"none": nil, "one": {"Esimerkkiklinikka"},
		"ten": {"Esimerkkiklinikka", "Example Clinic", "clinic.example", "Mehiläisklinikka", "patients.tar", "Terapiatalo", "Matti Mallikas", "leaked-db", "Kallion klinikka", "terapia.example"},
		"alike": func() (all []string) {
			for i := range 998 {
				all = append(all, fmt.Sprintf("ker%04dx", i))
			}
			return append(all, "zzz", "via")
		}(),
	} {
		b.Run(name, func(b *testing.B) {
			m := setup(b, testRing, matcher.Options{})
			var all []leak.Term
			for _, t := range terms {
				all = append(all, leak.Term{Clinic: "ca", Text: t})
			}
			if err := m.Watch(all); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r := m.Begin(nil)
				if err := r.Text(context.Background(), leak.Text{Reader: strings.NewReader(text)}); err != nil {
					b.Fatal(err)
				}
				r.Finish()
			}
		})
	}
}
