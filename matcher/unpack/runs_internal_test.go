package unpack

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestNextRun compares nextRun with what it says of itself, on texts of words, separators and long runs.
func TestNextRun(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "zZ", "09", "+/", "-_", `\`, ".", ",", " ", "\n", "é", "\xff", "@", "[", "{", ":", "word ",
			"QUJDREVGR0hJ", strings.Repeat("x", 40), strings.Repeat(";", 70)}), 0, 60).Draw(t, "pieces")
		b, least := []byte(strings.Join(pieces, "")), rapid.SampledFrom([]int{1, 2, minRun, 31, 32}).Draw(t, "least")
		from := rapid.IntRange(0, len(b)).Draw(t, "from")
		row, want, found := 0, len(b), false
		for i := from; i < len(b) && !found; i++ {
			if row++; !runBytes[b[i]] {
				row = 0
			}
			if found = row == least; found {
				want = i + 1 - row
			}
		}
		if !found {
			want = len(b) - row
		}
		if at, ok := nextRun(b, from, least); at != want || ok != found {
			t.Fatalf("%q from %d: %d %v, want %d %v", b, from, at, ok, want, found)
		}
	})
}
