package matcher

import (
	"bytes"
	"context"
	"io"
	"maps"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"leakwatch/leak"
)

// everything is a matcher with an identifier of every kind registered, and a text of them, of their variants and of near
// misses. It has no address with letters outside ASCII: x/text and x/net/idna, which bring those into form, allocate.
func everything(t testing.TB) (*Matcher, []byte) {
	values := valid(t, digitValues)
	maps.Copy(values, letterValues)
	maps.Copy(values, bornValues)
	m := registered(t, chunkSize, values)
	m.helpers = nil
	if err := m.SetPatterns(map[string]string{"clinic-a": `[A-Z]{2}( ?\d{3}){1,3}`}); err != nil {
		t.Fatal(err)
	}
	pieces := append(append(append([]string{}, digitPieces...), letterPieces...), bornPieces...)
	text := jumble(rand.New(rand.NewPCG(17, 18)), pieces, 1<<16)
	text = strings.ReplaceAll(strings.ReplaceAll(text, "@", "#"), "a#example.com", "a@example.com")
	return m, regexp.MustCompile(`[^\x00-\x7f]*a@example.com[^\x00-\x7f]*`).ReplaceAll([]byte(text), []byte(" a@example.com "))
}

// TestNoKindAllocates: a chunk of candidates of all kinds is looked at without an allocation, whoever they are of.
func TestNoKindAllocates(t *testing.T) {
	if RaceDetector {
		t.Skip("the race detector allocates")
	}
	m, b := everything(t)
	s := newScanner(m)
	s.reg, s.today = m.registry.Load(), 20261122
	var w window
	s.raw = make([]byte, len(b)+slack)
	w.n = copy(s.raw, b)
	w.hi = w.n
	if n := testing.AllocsPerRun(20, func() { s.look(&w, false) }); n != 0 {
		t.Errorf("%.0f allocations for a chunk", n)
	}
}

// TestAReadingAllocatesNoMoreForMore: reading a text sixteen times as long, with sixteen times the candidates, of the same
// people, allocates no more.
func TestAReadingAllocatesNoMoreForMore(t *testing.T) {
	if RaceDetector {
		t.Skip("the race detector allocates")
	}
	m, b := everything(t)
	read := func(times int) func() {
		return func() {
			r := m.Begin(nil)
			if err := r.Text(context.Background(), leak.Text{Reader: io.MultiReader(readers(b, times)...)}); err != nil {
				t.Fatal(err)
			}
			r.Finish()
		}
	}
	read(16)()
	few, many := testing.AllocsPerRun(5, read(4)), testing.AllocsPerRun(5, read(64))
	if many > few+200 { // a reader for each copy, and what grows by halves
		t.Errorf("%.0f allocations for 4 copies, %.0f for 64", few, many)
	}
}

func readers(b []byte, n int) []io.Reader {
	all := make([]io.Reader, n)
	for i := range all {
		all[i] = bytes.NewReader(b)
	}
	return all
}
