package matcher

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
)

// inner makes a matcher that reads in chunks of a size, with a few people registered.
func inner(t testing.TB, chunk int) *Matcher {
	t.Helper()
	m, h := readerOf(t, chunk, Options{CandidateCap: 1 << 20}), NewHasher(testRing, "FI")
	for i, v := range planted {
		t1, err := h.T1(v.kind, v.value)
		if err != nil {
			t.Fatalf("%s: %v", v.kind, err)
		}
		enrol(t, m, v.kind, t1, fmt.Sprint("ref", i/3))
	}
	return m
}

var planted = []struct {
	kind  leak.Kind
	value string
	forms []string
}{
	{leak.FIHetu, "131052-308T", []string{"131052-308T", "131052–308t", "１３１０５２-３０８T", "131052308T", "1310\u200b52-308T", "131052 308T"}},
	{leak.Email, "matti.meikalainen@example.com", []string{"matti.meikalainen@example.com", "Matti.Meikalainen＠EXAMPLE.com"}},
	{leak.Phone, "+358401234567", []string{"040 123 4567", "+358 (0)40 1234567", "0401234567", "(040) 123 4567"}},
	{leak.SEPnr, "880320-0016", []string{"880320-0016", "8803200016", "19880320-0016"}},
	{leak.NOFnr, "15108695088", []string{"15108695088", "151086 95088"}},
	{leak.DKCpr, "211062-5629", []string{"211062-5629", "2110625629"}},
	{leak.GBNhs, "9434765870", []string{"943 476 5870", "9434765870"}},
	{leak.EmailBase, "matti.meikalainen+k@example.com", []string{"matti.meikalainen+k@example.com"}},
	{leak.Email, "jyrkkä@bücher.example", []string{"jyrkkä@bücher.example", "jyrkka\u0308@bu\u0308cher.example"}},
}

// mess makes text of planted identifiers, near misses, words and broken bytes, with little between them.
func mess(r *rand.Rand, n int) string {
	bits := []string{" ", ",", "\n", ";", "x", "ä", "1", "42", "-", "+", "(", ")", "@", ".", "/", "%", "\\", "\u200b", "\u00a0", "–", "\xff", "\xe2\x80", "€", "\u0308", "٣",
		"131052-308", "880320", "040 ", "puh. ", "tel ", "a@b", "12.12.2012", "10.0.0.1", "\u200b\u200b\u200b\u200b\u200b", "1234567890 ", "mailto:", "hetu "}
	var b strings.Builder
	for b.Len() < n {
		if r.IntN(4) == 0 {
			p := planted[r.IntN(len(planted))]
			b.WriteString(p.forms[r.IntN(len(p.forms))])
			if r.IntN(2) == 0 {
				b.WriteString(" ")
			}
			continue
		}
		b.WriteString(bits[r.IntN(len(bits))])
	}
	return b.String()
}

// outcome is everything that a reading gives.
type outcome struct {
	Matches []leak.Match
	Tally   leak.Tally
	Seen    []leak.Seen
	Tokens  []leak.Token
}

var places = cmp.Comparer(func(a, b leak.Place) bool { return a.Reveal() == b.Reveal() })

func outcomeOf(t testing.TB, m *Matcher, r io.Reader, name bool) (o outcome) {
	t.Helper()
	reading := m.Begin(func(m leak.Match) { o.Matches = append(o.Matches, m) })
	if err := reading.Text(context.Background(), leak.Text{Reader: r, Name: name}); err != nil {
		t.Fatal(err)
	}
	reading.Finish()
	o.Tally = reading.Tally()
	o.Seen, o.Tokens, _ = reading.Drain()
	slices.SortFunc(o.Matches, func(a, b leak.Match) int {
		return strings.Compare(fmt.Sprintf("%012d%s%s", a.Offset, a.Kind, a.Person.Ref), fmt.Sprintf("%012d%s%s", b.Offset, b.Kind, b.Person.Ref))
	})
	slices.SortFunc(o.Tokens, func(a, b leak.Token) int { return bytes.Compare(a.F[:], b.F[:]) })
	return o
}

// TestWhereAChunkEndsNeverMatters reads the same text in chunks of all sorts of sizes, and through readers that give a
// byte, a half, or data together with the end.
func TestWhereAChunkEndsNeverMatters(t *testing.T) {
	t.Parallel()
	whole := inner(t, chunkSize)
	chunked := map[int]*Matcher{}
	for _, n := range []int{13, 64, 509, 1021, 4096} {
		chunked[n] = inner(t, n)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 6 {
		s := mess(r, 18000+r.IntN(4000))
		want := outcomeOf(t, whole, strings.NewReader(s), false)
		if len(want.Matches) < 100 {
			t.Fatalf("round %d: only %d matches", round, len(want.Matches))
		}
		for n, m := range chunked {
			if n < 500 && round > 0 {
				continue // slow
			}
			if diff := cmp.Diff(want, outcomeOf(t, m, strings.NewReader(s), false), places); diff != "" {
				t.Fatalf("round %d, chunks of %d: (-whole +chunked)\n%s", round, n, diff)
			}
		}
		for name, reader := range map[string]io.Reader{"bytes": iotest.OneByteReader(strings.NewReader(s)), "halves": iotest.HalfReader(strings.NewReader(s)),
			"data with the end": iotest.DataErrReader(strings.NewReader(s)), "random": &splitter{r: r, s: s}} {
			if diff := cmp.Diff(want, outcomeOf(t, whole, reader, false), places); diff != "" {
				t.Fatalf("round %d, reader of %s: (-whole +split)\n%s", round, name, diff)
			}
		}
	}
}

// splitter gives a string in pieces of random sizes, none among them.
type splitter struct {
	r *rand.Rand
	s string
}

func (s *splitter) Read(p []byte) (int, error) {
	if s.s == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.r.IntN(300))], s.s)
	s.s = s.s[n:]
	return n, nil
}

// TestSlowTwin compares the scanner with a plain one that tries every place.
func TestSlowTwin(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		b := []byte(mess(r, 200))
		padded := append(append([]byte{}, b...), make([]byte, slack)...)
		for i := 0; i < len(b); i += block {
			mask := digitMask(padded[i:])
			for k := range block {
				if got, want := mask>>k&1 == 1, padded[i+k]-'0' <= 9; got != want {
					t.Fatalf("byte %#x: digit is %t", padded[i+k], got)
				}
			}
		}
		var f folded
		f.fold(b, false)
		back := 0
		for p := range f.text {
			start, end := f.start(p), f.end(p)
			if start < back || end <= start || end > len(b) {
				t.Fatalf("%q: byte %d of the folded text is from %d to %d, after %d", b, p, start, end, back)
			}
			back = start
		}
	}
}

func FuzzSplits(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 5 {
		f.Add([]byte(mess(r, 300)), uint16(r.IntN(1000)), false)
	}
	f.Add([]byte("Meikalainen_Matti.txt\nx/%C3%A4/131052%2D308T"), uint16(3), true)
	whole := inner(f, chunkSize)
	f.Fuzz(func(t *testing.T, b []byte, chunk uint16, name bool) {
		if len(b) == 0 || len(b) > 10000 {
			return
		}
		b = bytes.Repeat(b, 1+(ahead+behind+6000)/len(b)) // longer than a window, so that there are chunks
		want := outcomeOf(t, whole, bytes.NewReader(b), name)
		m := inner(t, int(chunk)%5000+500)
		if diff := cmp.Diff(want, outcomeOf(t, m, bytes.NewReader(b), name), places); diff != "" {
			t.Fatalf("(-whole +chunked)\n%s", diff)
		}
		for _, match := range want.Matches {
			if match.Offset < 0 || match.Length <= 0 || match.Offset+match.Length > int64(len(b)) {
				t.Fatalf("match at %d, %d bytes, of %d", match.Offset, match.Length, len(b))
			}
		}
	})
}

func FuzzParsers(f *testing.F) {
	for _, v := range planted {
		for _, form := range v.forms {
			f.Add(form)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		for k := range kinds {
			forms, err := canonical(k, s, plans["FI"], true, 20261122)
			if k == kName || k == kNameDOB {
				continue // folding a folded name may fold it more
			}
			for _, c := range forms {
				if len(c) == 0 || bytes.IndexFunc(c, func(r rune) bool { return r < 0x20 }) >= 0 {
					t.Fatalf("%s: canonical form %q", kindNames[k], c)
				}
				again, err := canonical(k, string(c), plans["FI"], true, 20261122)
				if err != nil || len(again) == 0 || !slices.ContainsFunc(again, func(d []byte) bool { return bytes.Equal(c, d) }) {
					t.Fatalf("%s: %q is canonical, but gives %q, %v", kindNames[k], c, again, err)
				}
			}
			if err != nil && len(s) > 3 && strings.Contains(err.Error(), s) {
				t.Fatalf("the error holds the value: %v", err)
			}
		}
	})
}
