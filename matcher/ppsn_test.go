package matcher_test

import (
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// 6433435F, 6433435OA and 6433435FT are python-stdnum's; 1234567T is the Department's.
func TestPpsn(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.IEPpsn, nil, []hit{
		{"1234567T", "1234567T", "1234567T"},
		{"PPSN: 6433435F.", "6433435F", "6433435F"},
		{"6433435OA", "6433435OA", "6433435OA"},
		{"6433435foo? 6433435oa", "6433435OA", "6433435oa"},
		{"6433435FT", "6433435FT", "6433435FT"},
		{"6433435FW", "6433435FW", "6433435FW"},
		{"６４３３４３５Ｆ", "6433435F", "６４３３４３５Ｆ"},
		{"6433\u00ad435F", "6433435F", "6433\u00ad435F"},
	}, []string{"6433435E", "6433435G", "6433345F", "6433435OB", "6433435FA", "6433435FC", "6433435JC", "6433435WG", "6433435RI", "643343F", "16433435F", "6433435F1", "6433435OAA",
		"x6433435F", "6433435", "6433435 F", "64334-35F"})
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.IEPpsn, "6433435F")
	for s, want := range map[string]int{"6433435F": 1, "6433435FW": 0, "6433435OA": 0} { // W is the spouse, and somebody else
		if r := k.read(text(s)); len(r.matches) != want {
			t.Errorf("%q: %d matches, want %d", s, len(r.matches), want)
		}
	}
	for value, want := range map[string]string{"6433435F": "accepted", "6433435 oa": "accepted", "6433435FW": "accepted", "6433435E": "checksum",
		"6433435OC": "format", "643343F": "format"} {
		if got := refused(leak.IEPpsn, "IE", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}
