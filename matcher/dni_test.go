package matcher_test

import (
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// 54362315K is python-stdnum's.
func TestDni(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.ESDni, nil, []hit{
		{"54362315K", "54362315-K", "54362315K"},
		{"DNI 54362315-K", "54362315K", "54362315-K"},
		{"54.362.315-K", "54362315K", "54.362.315-K"},
		{"54.362.315 K", "54362315K", "54.362.315 K"},
		{"54362315k", "54362315K", "54362315k"},
		{"54362315–K", "54362315K", "54362315–K"},
		{"1.234.567-L", "01234567L", "1.234.567-L"},
		{"01234567L", "1234567L", "01234567L"},
		{"1234567L", "01234567L", "1234567L"}, // the zero left out
		{"５４３６２３１５Ｋ", "54362315K", "５４３６２３１５Ｋ"},
	}, []string{"54362315L", "54362351K", "54362315KK", "154362315K", "x54362315K", "54362315K1", "54,362,315-K", "54.3623.15-K", "54362315_K", "54362315",
		"5436231K", "54362315--K"})
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.ESDni, "54362315K")
	if r := k.read(text("DNI: 54362315")); len(r.matches) != 1 || r.matches[0].Class != leak.Weak || !r.matches[0].Variant || !r.matches[0].Counted {
		t.Errorf("without its letter, behind a keyword: %+v", r.matches)
	}
	if r := k.read(text("54362315")); len(r.matches) != 0 {
		t.Errorf("without letter and keyword: %+v", r.matches)
	}
	for value, want := range map[string]string{"54362315K": "accepted", "54.362.315-k": "accepted", "54362315": "accepted", "1234567-L": "accepted",
		"1234567.0": "accepted", "54362315L": "checksum", "543623151": "format", "54362": "format", "": "format", "K": "format"} {
		if got := refused(leak.ESDni, "ES", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}
