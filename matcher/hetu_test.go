package matcher_test

import (
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// Test people of the Digital and Population Data Services Agency (9xx), and the code that all handbooks show.
func TestHetu(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.FIHetu, nil, []hit{
		{"131052-308T", "131052-308T", "131052-308T"},
		{"henkilötunnus 131052-308T.", "131052-308T", "131052-308T"},
		{"x;131052-308T;y", "131052-308T", "131052-308T"},
		{"hetu=131052-308t", "131052-308T", "131052-308t"},
		{"131052–308T", "131052-308T", "131052–308T"},                         // en dash
		{"131052−308T", "131052-308T", "131052−308T"},                         // minus
		{"131052\u2011308T", "131052-308T", "131052\u2011308T"},               // no-break hyphen
		{"１３１０５２-３０８T", "131052-308T", "１３１０５２-３０８T"},                         // full width
		{"１３１０５２－３０８Ｔ", "131052-308T", "１３１０５２－３０８Ｔ"},                         // all of it
		{"1310\u200b52-30\u00ad8T", "131052-308T", "1310\u200b52-30\u00ad8T"}, // zero width, soft hyphen
		{"\u202a131052-308T\u202c", "131052-308T", "131052-308T"},             // bidi controls around
		{"١٣١٠٥٢-٣٠٨T", "131052-308T", "١٣١٠٥٢-٣٠٨T"},                         // Arabic digits
		{"131052 308T", "131052-308T", "131052 308T"},                         // space for the sign
		{"131052\u00a0308T", "131052-308T", "131052\u00a0308T"},
		{"131052308T", "131052-308T", "131052308T"},
		{"131052308t", "131052-308T", "131052308t"},
		{"010594Y9032", "010594Y9032", "010594Y9032"},
		{"010594y9032", "010594Y9032", "010594y9032"},
		{"0105949032", "010594Y9032", "0105949032"},
		{"020594X903P", "020594X903P", "020594X903P"},
		{"010516B903X", "010516B903X", "010516B903X"},
		{`{"a":"x\n131052-308T"}`, "131052-308T", "131052-308T"},
		{"q=1%20131052-308T&r", "131052-308T", "131052-308T"},
		{"_131052-308T_", "131052-308T", "131052-308T"},
		{"12-131052-308T", "131052-308T", "131052-308T"},
		{"290200A248A", "290200A248A", "290200A248A"}, // 2000 had a leap day
		{"(131052-308T)", "131052-308T", "131052-308T"},
		{"“131052-308T”", "131052-308T", "131052-308T"},
	}, []string{
		"131052-308U",   // check character
		"131052T308T",   // no sign
		"131052-308",    // cut
		"1131052-308T",  // a digit before
		"x131052-308T",  // a letter before
		"ä131052-308T",  // one that is not ASCII
		"131052-308TT",  // a letter after
		"131052-308T1",  // a digit after
		"131052-308Tä",  // a letter after that is not ASCII
		"131052--308T",  // two dashes
		"13105-2308T",   // shifted
		"310252-308Y",   // no such day
		"010594Y9032",   // a test number, in a ring that is not for tests
		"0105949032",    // the same without its sign
		"290200+248A",   // 1800 had no leap day
		"290219A1236",   // no leap day
		"13 10 52-308T", // split date
		"1310\u200b\u200b\u200b\u200b\u200b\u200b52-308T", // hidden behind more than may vanish
	})
}

// TestHetuSignIsNeverSwapped: the sign is a part of the code, and with the same digits another one is another person.
func TestHetuSignIsNeverSwapped(t *testing.T) {
	t.Parallel()
	for _, registered := range []string{"131052-308T", "131052Y308T", "131052X308T", "131052W308T", "131052V308T", "131052U308T", "131052+308T"} {
		k := setup(t, realRing, matcher.Options{})
		k.register("clinic-a", ref(1), leak.FIHetu, registered)
		for _, other := range "-+YXWVU" {
			v := registered[:6] + string(other) + registered[7:]
			r := k.read(text(v))
			if got := len(r.matches) == 1; got != (v == registered) {
				t.Errorf("registered with %q, read with %q: match is %t", registered[6], other, got)
			}
		}
		if r := k.read(text(registered[:6] + registered[7:])); len(r.matches) != 1 || !r.matches[0].Variant {
			t.Errorf("registered with %q: not found without its sign", registered[6])
		}
	}
}

func TestHetuWithoutSignProvesLess(t *testing.T) {
	t.Parallel()
	k := setup(t, testRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.FIHetu, "010594Y9032")
	for _, c := range []struct {
		text    string
		class   leak.Class
		counted bool
	}{
		{"010594Y9032", leak.Strong, true},
		{"0105949032", leak.Weak, false},
		{"hetu: 0105949032", leak.Weak, true},
		{"nimi;henkilötunnus\nx;0105949032", leak.Weak, true},
	} {
		r := k.read(text(c.text))
		if len(r.matches) != 1 || r.matches[0].Class != c.class || r.matches[0].Counted != c.counted {
			t.Errorf("%q: %+v, want %s, counted %t", c.text, r.matches, c.class, c.counted)
		}
	}
}

func TestHetuRegistration(t *testing.T) {
	t.Parallel()
	for value, why := range map[string]string{
		"131052-308T": "accepted", " 131052-308t ": "accepted", "131052–308T": "accepted", "131052Y308T": "accepted",
		"131052308T": "format", "131052 308T": "format", "010594Y9032": "test", "131052-308U": "checksum",
		"290201A248K": "date", "010594-899X": "accepted", "010594-900Y": "test", "010594-0020": "accepted", "010594-001Y": "format", "": "format", "131052-308T 131052-308T": "format",
	} {
		if got := refused(leak.FIHetu, "FI", value); got != why {
			t.Errorf("%q: %s, want %s", value, got, why)
		}
	}
}
