package matcher_test

import (
	"fmt"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// RCCMNL83S18D969H is python-stdnum's, MRTMTT91D08F205J and RSSMRA85T10A562S those of guides.
func TestCodiceFiscale(t *testing.T) {
	t.Parallel()
	omocodia := cf("RCCMNL83S18D96V") // its last digit replaced
	all := cf("RCCMNLUPSMUDVSV")      // and all of them
	checkKind(t, leak.ITCf, nil, []hit{
		{"RCCMNL83S18D969H", "RCCMNL83S18D969H", "RCCMNL83S18D969H"},
		{"CF: rccmnl83s18d969h;", "RCCMNL83S18D969H", "rccmnl83s18d969h"},
		{"RCC MNL 83S18 D969H", "RCCMNL83S18D969H", "RCC MNL 83S18 D969H"},
		{omocodia, omocodia, omocodia},
		{all, all, all},
		{"ＲＣＣＭＮＬ８３Ｓ１８Ｄ９６９Ｈ", "RCCMNL83S18D969H", "ＲＣＣＭＮＬ８３Ｓ１８Ｄ９６９Ｈ"},
		{"RCCMNL\u200b83S18D969H", "RCCMNL83S18D969H", "RCCMNL\u200b83S18D969H"},
		{`{"cf":"\u003cRSSMRA85T10A562S"}`, "RSSMRA85T10A562S", "RSSMRA85T10A562S"},
		{cf("RSSMRA04B69H501"), cf("RSSMRA04B69H501"), cf("RSSMRA04B69H501")}, // a woman of 29 February
	}, []string{"RCCMNL83S18D969I", "RCCMNL83S18D996H", "RCCMLN83S18D969H", "RCCMNL83S18D969", "XRCCMNL83S18D969H", "RCCMNL83S18D969H1", "RCCMNL83S18D969HÄ",
		cf("RCCMNL83B30D969"), cf("RCCMNL83B29D969"), cf("RCCMNL83S32D969"), cf("RCCMNL83S40D969"), cf("RCCMNL83S72D969"), cf("RCCMNL83F18D969"), cf("RCCMNL83S00D969"),
		"RCC MNL 83S18D969H", "RCC-MNL-83S18-D969H"})
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.ITCf, "RCCMNL83S18D969H")
	if r := k.read(text(omocodia)); len(r.matches) != 0 {
		t.Error("a code with a letter in place of a digit is somebody else's")
	}
	for value, want := range map[string]string{"RCCMNL83S18D969H": "accepted", "rcc mnl 83s18 d969h": "accepted", omocodia: "accepted",
		"RCCMNL83S18D969I": "checksum", cf("RCCMNL83B30D969"): "date", "RCCMNL83S18D969": "format", "12345678901": "format"} {
		if got := refused(leak.ITCf, "IT", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// TestCodiceFiscaleAnywhere: at every place of a block, and beside long words.
func TestCodiceFiscaleAnywhere(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.ITCf, "RCCMNL83S18D969H")
	for i := range 140 {
		s := fmt.Sprintf("%*s RCCMNL83S18D969H incomprehensibilities", i, "sesquipedalianism")
		if r := k.read(text(s)); len(r.matches) != 1 {
			t.Fatalf("%d bytes before it: %d matches", i, len(r.matches))
		}
	}
}

// cf adds the check letter to fifteen characters.
func cf(c string) string {
	odd := []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i, x := range c {
		n := int(x - 'A')
		if x <= '9' {
			n = int(x - '0')
		}
		if i%2 == 0 {
			n = odd[n]
		}
		sum += n
	}
	return c + string(rune('A'+sum%26))
}
