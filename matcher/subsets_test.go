package matcher

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
)

// TestWhatElseIsLookedForNeverMatters reads texts that end anywhere with few kinds registered, which is what most
// installations have and takes shorter ways than all of them together: it gives what those kinds gave among all.
func TestWhatElseIsLookedForNeverMatters(t *testing.T) {
	t.Parallel()
	values := valid(t, digitValues)
	maps.Copy(values, valid(t, letterValues))
	values[leak.Email] = "a@example.com"
	names := slices.Sorted(maps.Keys(values))
	pieces := slices.Concat(digitPieces, letterPieces, []string{"a@example.com", "12345678", "123456", "1234", "19850730", "850730", "+46"})
	r := rand.New(rand.NewPCG(15, 16))
	all := registered(t, chunkSize, values)
	seen := 0
	for round := range 200 {
		some := map[leak.Kind]string{}
		for range 1 + round%4 {
			k := names[r.IntN(len(names))]
			some[k] = values[k]
		}
		few := registered(t, chunkSize, some)
		for range 20 {
			text := jumble(r, pieces, 10+r.IntN(200))
			for _, end := range []string{"", "\n", " ", "-", "\r\n", "\u200b", "9", "12345678\n", "123456 ", "850730-"} {
				text := text + end
				want := foundOf(t, all, text, some)
				seen += len(want)
				if diff := cmp.Diff(want, foundOf(t, few, text, some)); diff != "" {
					t.Fatalf("%s in %q (-among all +alone)\n%s", slices.Sorted(maps.Keys(some)), text, diff)
				}
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d matches were compared", seen)
	}
}

// foundOf gives where the kinds of a set are found in a text.
func foundOf(t *testing.T, m *Matcher, text string, of map[leak.Kind]string) (at []string) {
	t.Helper()
	for _, f := range outcomeOf(t, m, strings.NewReader(text), false).Matches {
		if _, ok := of[f.Kind]; ok {
			at = append(at, fmt.Sprintf("%s at %d, %d bytes", f.Kind, f.Offset, f.Length))
		}
	}
	slices.Sort(at)
	return at
}
