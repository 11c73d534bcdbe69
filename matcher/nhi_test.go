package matcher_test

import (
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// ZAC5361, ZBN77VL and ZZZ00AC are samples of Health New Zealand, ABC1235 of guides, BWT41BY was published with the new
// format.
func TestNhi(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.NZNhi, nil, []hit{
		{"ABC1235", "ABC1235", "ABC1235"},
		{"NHI: abc1235,", "ABC1235", "abc1235"},
		{"BWT41BY", "BWT41BY", "BWT41BY"},
		{"ZAC5361", "ZAC5361", "ZAC5361"}, // of the test range, in a ring for tests
		{"ZBN77VL", "ZBN77VL", "ZBN77VL"},
		{"ZZZ00AC", "ZZZ00AC", "ZZZ00AC"},
		{"ＡＢＣ１２３５", "ABC1235", "ＡＢＣ１２３５"},
		{`"x\tABC1235"`, "ABC1235", "ABC1235"},
	}, []string{"ABC1236", "ABC1325", "ACB1235", "ABI1235", "ABO1235", "ABC123", "AABC1235", "ABC12355", "ABC1235X", "BWT41BZ", "BWT14BY", "BWT4IBY", "ABC 1235",
		"ZAC5361", "ÄABC1235", "ABC12AB3"})
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.NZNhi, "ABC1235")
	k.register("clinic-a", ref(2), leak.NZNhi, "BWT41BY")
	for s, want := range map[string]leak.Class{"ABC1235": leak.Medium, "BWT41BY": leak.Weak} {
		if r := k.read(text(s)); len(r.matches) != 1 || r.matches[0].Class != want || r.matches[0].Counted != (want == leak.Medium) {
			t.Errorf("%q: %+v, want %s", s, r.matches, want)
		}
	}
	if r := k.read(text("NHI BWT41BY")); len(r.matches) != 1 || !r.matches[0].Counted {
		t.Errorf("the new format behind a keyword: %+v", r.matches)
	}
	for value, want := range map[string]string{"ABC1235": "accepted", "bwt 41by": "accepted", "ZAC5361": "test", "ABC1236": "checksum",
		"BWT41BZ": "checksum", "ABC12": "format", "ABI1235": "format"} {
		if got := refused(leak.NZNhi, "NZ", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}
