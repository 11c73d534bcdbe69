package matcher

import (
	"strings"
	"testing"

	"leakwatch/leak"
)

// TestWrappedNumbers: a line may end inside a number once, at a separator, wherever in a block that falls.
func TestWrappedNumbers(t *testing.T) {
	t.Parallel()
	m := looking(t)
	for _, c := range []struct {
		kind leak.Kind
		text string
		want int64
	}{
		{leak.GBNhs, "450\n557 7104", 1}, {leak.GBNhs, "450 557\n7104", 1}, {leak.GBNhs, "450\r\n557 7104", 1}, {leak.GBNhs, "450 557\r\n7104", 1},
		{leak.GBNhs, "450 557\n    7104", 1}, {leak.GBNhs, "450 \n557 7104", 1}, {leak.GBNhs, "450-\n557-7104", 1}, {leak.GBNhs, "450\n557\n7104", 0},
		{leak.GBNhs, "450 557\n\n7104", 0}, {leak.GBNhs, "450 557\n               7104", 0}, {leak.GBNhs, "450-557\n7104", 0},
		{leak.CHAhv, "756.\n9217.0769.85", 1}, {leak.CHAhv, "756.9217.\n0769.85", 1}, {leak.CHAhv, "756.9217.0769.\r\n85", 1}, {leak.CHAhv, "756\n.9217.0769.85", 0},
		{leak.INAadhaar, "2341\n2341 2346", 1}, {leak.USSsn, "123-45-\n6789", 1}, {leak.USSsn, "123-\n45-6789", 1}, {leak.DKCpr, "211062-\n5629", 1},
		{leak.BENrn, "85.07.30-\n033.28", 1}, {leak.BENrn, "85.\n07.30-033.28", 1}, {leak.NOFnr, "151086 \n95088", 1}, {leak.CSRc, "710319/\r\n2745", 1},
		{leak.SEPnr, "880320-\n0016", 1}, {leak.SEPnr, "19880320-\r\n  0016", 1}, {leak.SEPnr, "880320\n-0016", 0},
		{leak.FIHetu, "131052-\n308T", 1}, {leak.FIHetu, "131052-\r\n308T", 1}, {leak.FIHetu, "131052A\r\n308T", 0}, {leak.FIHetu, "131052-\n\n308T", 0}, {leak.FIHetu, "131052\n308T", 0},
	} {
		for pad := range 70 {
			if got := finds(t, m, c.kind, strings.Repeat(".", pad)+c.text+", x"); got != c.want {
				t.Errorf("%s %q behind %d bytes: %d, want %d", c.kind, c.text, pad, got, c.want)
				break
			}
		}
	}
}
