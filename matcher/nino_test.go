package matcher_test

import (
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// AB123456C and the like stand in guides to the number; nobody has QQ, which HMRC uses in examples.
func TestNino(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.GBNino, nil, []hit{
		{"AB123456C", "AB 12 34 56 C", "AB123456C"},
		{"NI no. AB 12 34 56 C, paid", "AB123456C", "AB 12 34 56 C"},
		{"AB 12 34 56 D", "AB123456C", "AB 12 34 56 D"}, // the suffix is no part of it
		{"AB-12-34-56-C", "AB123456", "AB-12-34-56-C"},
		{"AB 123456 C", "AB123456", "AB 123456 C"},
		{"AB123456", "AB123456A", "AB123456"},
		{"ab123456c", "AB123456C", "ab123456c"},
		{"ＡＢ１２３４５６Ｃ", "AB123456C", "ＡＢ１２３４５６Ｃ"},
		{"AB\u00a012\u00a034\u00a056\u00a0C", "AB123456C", "AB\u00a012\u00a034\u00a056\u00a0C"},
		{"AB\u200b123456C", "AB123456C", "AB\u200b123456C"},
		{"AB 12 34\n56 C", "AB123456C", "AB 12 34\n56 C"},
		{`"x\nAB123456C"`, "AB123456C", "AB123456C"},
		{"(AB123456C)", "AB123456C", "AB123456C"},
		{"AB123456 Cash", "AB123456", "AB123456"},
	}, []string{
		"QQ123456C", "AB123456E", "AB12345C", "AB1234567", "AO123456C", "GB123456C", "ZZ123456C", "TN123456C", "XAB123456C", "AB123456CD",
		"äAB123456C", "A1234567C", "AB12 3456C", "AB 12 34-56 C", "AB1 23456C", "1B123456C", "AB12345O", "AB 12 34 567",
	})
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.GBNino, "AB123456C")
	for s, want := range map[string]bool{"AB123456C": false, "AB 12 34 56 C": true, "National Insurance number AB123456C": true, "part AB123456": false,
		"name,nino\nx,AB123456C": true} {
		if r := k.read(text(s)); len(r.matches) != 1 || r.matches[0].Counted != want || r.matches[0].Class != leak.Weak {
			t.Errorf("%q: %+v, want counted %t", s, r.matches, want)
		}
	}
	for value, want := range map[string]string{"AB123456C": "accepted", "ab 12 34 56": "accepted", "AB-12-34-56-A": "accepted", "QQ123456C": "format",
		"AB123456E": "format", "AB12345": "format", "": "format"} {
		if got := refused(leak.GBNino, "GB", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}
