package matcher_test

import (
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// 1EG4-TE5-MK73 is the example of the Centers for Medicare & Medicaid Services.
func TestMbi(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.USMbi, nil, []hit{
		{"1EG4-TE5-MK73", "1EG4TE5MK73", "1EG4-TE5-MK73"},
		{"MBI 1EG4TE5MK73.", "1EG4-TE5-MK73", "1EG4TE5MK73"},
		{"1eg4-te5-mk73", "1EG4TE5MK73", "1eg4-te5-mk73"},
		{"1EG4–TE5–MK73", "1EG4TE5MK73", "1EG4–TE5–MK73"},
		{"1EG4 TE5 MK73", "1EG4TE5MK73", "1EG4 TE5 MK73"},
		{"9A09A09AA00", "9A09A09AA00", "9A09A09AA00"},
		{"１ＥＧ４－ＴＥ５－ＭＫ７３", "1EG4TE5MK73", "１ＥＧ４－ＴＥ５－ＭＫ７３"},
	}, []string{"0EG4TE5MK73", "1SG4TE5MK73", "1EG4TE5MKA3", "1EG4TE5OK73", "1E44TEBMK73", "1EG4-TE5MK73", "1EG4TE5-MK73", "1EG4TE5MK7", "1EG4TE5MK733",
		"X1EG4TE5MK73", "1EG4TE5MK73X", "1EG4_TE5_MK73", "11G4TE5MK73", "1EG4-TE5 MK73"})
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.USMbi, "1EG4TE5MK73")
	if r := k.read(text("1EG4TE5MK73")); len(r.matches) != 1 || r.matches[0].Class != leak.Strong {
		t.Errorf("%+v, want strong", r.matches)
	}
	for value, want := range map[string]string{"1EG4-TE5-MK73": "accepted", "1eg4te5mk73": "accepted", "1EG4TE5MK7": "format", "0EG4TE5MK73": "format"} {
		if got := refused(leak.USMbi, "US", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}
