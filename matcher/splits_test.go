package matcher

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
)

var testRing = Key{ID: "test-rk1", Secret: [32]byte{1}}

// readerOf makes a matcher that reads in chunks of a size.
func readerOf(t testing.TB, chunk int, o Options) *Matcher {
	t.Helper()
	m, err := New(Keys{Rings: []Key{testRing}, Index: []Key{{ID: "pk-1", Secret: [32]byte{2}}}, Find: []Key{{ID: "pk-2", Secret: [32]byte{3}}}}, o)
	if err != nil {
		t.Fatal(err)
	}
	m.scanners.New = func() any {
		s := newScanner(m)
		s.chunk = chunk
		return s
	}
	return m
}

// enrol registers a hash.
func enrol(t testing.TB, m *Matcher, kind leak.Kind, t1 [32]byte, ref string) {
	t.Helper()
	tag, _, err := m.Wrap("clinic-a", testRing.ID, kind, t1, ref)
	if err == nil {
		err = m.Add([]leak.Tag{tag})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// registered makes a matcher that reads in chunks of a size, with some values and one person's names.
func registered(t testing.TB, chunk int, values map[leak.Kind]string) *Matcher {
	t.Helper()
	m := readerOf(t, chunk, Options{})
	h := NewHasher(testRing, "FI")
	for kind, v := range values {
		if kind == leak.NameDOB {
			t1s, err := h.Names(kind, []string{"Matti", "Juhani"}, []string{"Meikäläinen"}, v)
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			for _, t1 := range t1s {
				enrol(t, m, kind, t1, "ref")
			}
			continue
		}
		t1, err := h.T1(kind, v)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		enrol(t, m, kind, t1, "ref")
	}
	return m
}

// splits are matchers that read whole windows, and chunks of several sizes.
type splits struct {
	whole   *Matcher
	chunked []*Matcher
}

func splitsOf(t testing.TB, values map[leak.Kind]string) *splits {
	s := &splits{whole: registered(t, chunkSize, values)}
	for _, chunk := range []int{64, 509, 1021, 4096} {
		s.chunked = append(s.chunked, registered(t, chunk, values))
	}
	for _, m := range append(s.chunked, s.whole) {
		if err := m.SetPatterns(map[string]string{"clinic-a": `[A-Z]{2}( ?\d{3}){1,3}`}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// same reads b, repeated until it is longer than a window, whole and in chunks, and wants the same of both.
func (s *splits) same(t *testing.T, b []byte, chunk int, name bool) {
	t.Helper()
	if len(b) == 0 || len(b) > 10000 {
		return
	}
	b = bytes.Repeat(b, 1+(ahead+behind+6000)/len(b))
	want := outcomeOf(t, s.whole, bytes.NewReader(b), name)
	if diff := cmp.Diff(want, outcomeOf(t, s.chunked[chunk%len(s.chunked)], bytes.NewReader(b), name), places); diff != "" {
		t.Fatalf("(-whole +chunked)\n%s", diff)
	}
	for _, m := range want.Matches {
		if m.Offset < 0 || m.Length <= 0 || m.Offset+m.Length > int64(len(b)) {
			t.Fatalf("match at %d, %d bytes, of %d", m.Offset, m.Length, len(b))
		}
	}
}

// jumble makes text of pieces and what may stand between them.
func jumble(r *rand.Rand, pieces []string, n int) string {
	between := []string{" ", " ", ", ", ";", ",", "\n", "\t", "\"", "'", "(", ")", "{", "}", ":", "<b>", "-", "_", ".", "ä", "\u200b", "\u00a0", "\xff", "x", "7", "@", "%20"}
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(pieces[r.IntN(len(pieces))])
		b.WriteString(between[r.IntN(len(between))])
	}
	return b.String()
}

var (
	bornValues = map[leak.Kind]string{leak.NameDOB: "1994-05-01", leak.Email: "a@example.com", leak.MRN: "clinic-a/AB123456"}
	bornPieces = []string{"Matti", "Meikäläinen", "meikalainen", "Juhani", "1994-05-01", "1.5.1994", "1 May 1994", "May 1st, 1994", "01/05/1994", "19940501", "1994", "VALUES (",
		"),(", `{"n":"Matti Meikäläinen","d":"1994-05-01"}`, "Matti Meikäläinen 1.5.1994", "Matti;Meikäläinen;1994-05-01", "von", "lorem ipsum", "12:30", "a@example.com", "AB 123 456", "AB123456", "ab123 456 789",
		"\u200b\u200b\u200b\u200b\u200b\u200b", "１９９４", strings.Repeat("-", 70), strings.Repeat("\u200bx", 200)}
	letterValues = map[leak.Kind]string{leak.GBNino: "AB123456C", leak.IEPpsn: "6433435F", leak.DEKvnr: "A123456780", leak.ESDni: "54362315K", leak.ESNie: "X2482300W",
		leak.ITCf: "RCCMNL83S18D969H", leak.USMbi: "1EG4TE5MK73", leak.NZNhi: "ABC1235", leak.FRNir: "253072B07300470"}
	letterPieces = []string{"AB123456C", "AB 12 34 56 C", "6433435F", "A123456780", "A 123 456 780", "54362315K", "54.362.315-K", "DNI 54362315", "X2482300W", "X-2482300-W",
		"RCCMNL83S18D969H", "RCC MNL 83S18 D969H", "1EG4-TE5-MK73", "1EG4TE5MK73", "ABC1235", "253072B07300470", "2 53 07 2B 073 004 70", "NIR 253072B073004", "Ａ", "12", "AB", "\\n"}
)

func FuzzNameDOB(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 8 {
		f.Add([]byte(jumble(r, bornPieces, 600)), uint16(r.IntN(5000)), false)
	}
	f.Add([]byte("x/Meikalainen_Matti_1994-05-01.pdf\n"), uint16(1), true)
	s := splitsOf(f, bornValues)
	f.Fuzz(func(t *testing.T, b []byte, chunk uint16, name bool) { s.same(t, b, int(chunk), name) })
}

func FuzzLetters(f *testing.F) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 8 {
		f.Add([]byte(jumble(r, letterPieces, 400)), uint16(r.IntN(5000)))
	}
	s := splitsOf(f, letterValues)
	f.Fuzz(func(t *testing.T, b []byte, chunk uint16) { s.same(t, b, int(chunk), false) })
}

// TestSplitsOfNamesAndLetters is what the fuzzers do, on many seeds.
func TestSplitsOfNamesAndLetters(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	born, letters := splitsOf(t, bornValues), splitsOf(t, letterValues)
	found := map[leak.Kind]bool{}
	for range 12 {
		b := []byte(jumble(r, bornPieces, 4000))
		born.same(t, b, r.IntN(4), false)
		l := []byte(jumble(r, letterPieces, 4000))
		letters.same(t, l, r.IntN(5000), false)
		for _, m := range append(outcomeOf(t, born.whole, bytes.NewReader(b), false).Matches, outcomeOf(t, letters.whole, bytes.NewReader(l), false).Matches...) {
			found[m.Kind] = true
		}
	}
	if len(found) != len(letterValues)+len(bornValues) {
		t.Errorf("found %v", fmt.Sprint(found))
	}
}
