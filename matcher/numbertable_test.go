package matcher

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leakwatch/leak"
)

// openPatterns are ones that leave much open: tried one length after another, as expressions, each takes seconds for a
// MiB of openText.
var openPatterns = []string{`[A-Z]{2}[0-9]{6}`, `[A-Z0-9][A-Z0-9 ]{0,27}[0-9]{3}`, `([A-Z0-9 ]?[A-Z0-9 ]?){14}[0-9]{3}`, `[0-9 ]{0,12}\d{3}[0-9 ]{0,12}`,
	`[A-Z0-9]{0,10}\d{3}[A-Z0-9]{0,10}`}

var openText = strings.Repeat("131052-308T "+strings.Repeat("A1 ", 1900), 46)[:1<<18]

// lookingFor makes a scanner that looks for numbers of a pattern everywhere in a text, for somebody is in all parts of it.
func lookingFor(t testing.TB, pattern, text string) (*scanner, *window) {
	t.Helper()
	m := registered(t, chunkSize, map[leak.Kind]string{leak.FIHetu: "131052-308T", leak.MRN: "clinic-a/A1A1A1111"})
	if err := m.SetPatterns(map[string]string{"clinic-a": pattern}); err != nil {
		t.Fatal(err)
	}
	s := newScanner(m)
	s.reg, s.today = m.registry.Load(), 20261122
	s.raw = make([]byte, 1<<18+slack)
	w := &window{n: copy(s.raw[:1<<18], text)}
	w.hi = w.n
	return s, w
}

// TestOpenPatternsCostNoMore: looking for a number is at most 32 steps through a table and one candidate for each word
// that begins, and no allocation, whatever the pattern and the text.
func TestOpenPatternsCostNoMore(t *testing.T) {
	t.Parallel()
	for _, pattern := range openPatterns {
		p, err := ParseNumberPattern(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if d := depth(p.table, firstState); d > numberMost || len(p.table.accepts) > patternStates {
			t.Errorf("%s: %d steps for a word, %d states", pattern, d, len(p.table.accepts))
		}
		for _, text := range []string{openText, strings.ReplaceAll(openText, "A1 A1 A1 A1", "A1 A1 A1 111")} {
			s, w := lookingFor(t, pattern, text)
			s.look(w, false)
			words := len(strings.Fields(text))
			n := len(s.seen[kMRN])
			if len(s.hits) < 40 || n > words {
				t.Errorf("%s: %d hits, %d candidates in %d words", pattern, len(s.hits), n, words)
			}
		}
	}
}

// depth is how many bytes are read from a state until the automaton is dead.
func depth(t *numberTable, state int) int {
	depths := make([]int, len(t.accepts))
	var of func(state int) int
	of = func(state int) int {
		if state == deadState {
			return 0
		}
		if depths[state] == 0 {
			for class := range t.classes {
				depths[state] = max(depths[state], of(int(t.next[state*t.classes+class])))
			}
			depths[state]++
		}
		return depths[state]
	}
	return of(state) - 1 // the step that finds it dead is not made for the last one
}

func TestNoAllocationForRecordNumbers(t *testing.T) {
	if RaceDetector {
		t.Skip("the race detector allocates")
	}
	for _, pattern := range openPatterns {
		s, w := lookingFor(t, pattern, openText)
		if n := testing.AllocsPerRun(3, func() { s.look(w, false) }); n != 0 {
			t.Errorf("%s: %.0f allocations for a chunk", pattern, n)
		}
	}
}

// TestPatternsThatAreTooOpen: what would need a large table is refused, before much was done for it.
func TestPatternsThatAreTooOpen(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		`[A-Z0-9]{0,14}1[A-Z0-9]{0,14}\d{3}`: "more than 2000 states",
		`[A-Z0-9]{0,14}1[A-Z0-9]{14}\d{3}`:   "more than 2000 states",
		`[A-Z0-9]{0,8}1[A-Z0-9]{9}\d{3}`:     "more than 2000 states", // 2047
		`(|){1000}(|){1000}\d{3}`:            "too many parts",
	} {
		if _, err := ParseNumberPattern(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", pattern, err, want)
		}
	}
	if _, err := ParseNumberPattern(`[A-Z0-9]{0,8}1[A-Z0-9]{8}\d{3}`); err != nil { // 1791 states
		t.Error(err)
	}
}

// failing is what a test and a drawn case of one have in common.
type failing interface {
	Helper()
	Fatalf(format string, args ...any)
}

// sameAsExpression compares what a table finds with what the expression does, for every length.
func sameAsExpression(t failing, pattern, text string) {
	t.Helper()
	p, err := ParseNumberPattern(pattern)
	if err != nil {
		return
	}
	re, err := regexp.Compile(`^(?:` + pattern + `)$`)
	if err != nil {
		t.Fatalf("%q is a pattern and no expression: %v", pattern, err)
	}
	b := []byte(text)
	ends := p.table.ends(b)
	for n := range min(len(b), numberMost+8) + 1 {
		want := re.Match(upperOf(b[:n]))
		if got := ends>>n&1 != 0; got != want || p.Matches(text[:n]) != want {
			t.Fatalf("%q on %q: %t, want %t", pattern, text[:n], got, want)
		}
	}
	if len(b) > 0 && ends != 0 && !p.table.begins(b[0]) {
		t.Fatalf("%q on %q: begins with nothing", pattern, text)
	}
}

func FuzzNumberTable(f *testing.F) {
	for _, p := range append(slices.Clone(openPatterns), `\d{6}`, `[A-Z]{2}-?\d{4,6}`, `P(?:\d{4}|X\d{3})/?\d?`, `^(20|19)\d{2} \d{3}$`, `(A|AB|ABC)?(\d{3}|\d{1,5}-\d{2,5})`) {
		f.Add(p, "AB-1234 5678")
		f.Add(p, "2019 123A1 A1 A1 111 222 333 444 555")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) { sameAsExpression(t, pattern, text) })
}

// TestTablesAreTheirExpressions draws patterns, for a fuzzer seldom writes one, and texts of their characters.
func TestTablesAreTheirExpressions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pattern := drawnPattern(t, 3) + `\d{3}` + drawnPattern(t, 2)
		for range 10 {
			sameAsExpression(t, pattern, rapid.StringOfN(rapid.RuneFrom([]rune("AABbZ000123 -./ä_")), 0, 36, -1).Draw(t, "text"))
		}
	})
}

func drawnPattern(t *rapid.T, deep int) string {
	of := rapid.IntRange(0, 7)
	if deep == 0 {
		of = rapid.IntRange(0, 3)
	}
	sub := func() string { return drawnPattern(t, deep-1) }
	switch of.Draw(t, "what") {
	case 0:
		return `[0-2]`
	case 1:
		return `[A-Z0 -]`
	case 2:
		return rapid.SampledFrom([]string{"A", "B", "0", "-", `\.`, "/", " "}).Draw(t, "char")
	case 3:
		return `\d{1,3}`
	case 4:
		return "(" + sub() + "|" + sub() + ")"
	case 5:
		return "(" + sub() + ")?"
	case 6:
		return fmt.Sprintf("(?:%s){0,%d}", sub(), rapid.IntRange(1, 3).Draw(t, "times"))
	}
	return sub() + sub()
}

// BenchmarkRecordNumbers reads text of somebody, in which every other byte begins a word that may be a number.
func BenchmarkRecordNumbers(b *testing.B) {
	for _, pattern := range openPatterns[:3] {
		b.Run(pattern, func(b *testing.B) {
			s, w := lookingFor(b, pattern, openText)
			b.SetBytes(int64(w.n))
			b.ReportAllocs()
			for b.Loop() {
				s.look(w, false)
			}
		})
	}
}
