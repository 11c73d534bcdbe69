package matcher_test

import (
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

func TestEmail(t *testing.T) {
	t.Parallel()
	const a = "matti.meikalainen+klinikka@example.com"
	checkKind(t, leak.Email, nil, []hit{
		{a, a, a},
		{"Matti.Meikalainen+Klinikka@EXAMPLE.com", a, "Matti.Meikalainen+Klinikka@EXAMPLE.com"},
		{"<" + a + ">", a, a},
		{"mailto:" + a + "?subject=x", a, a},
		{"'" + a + "','x'", a, a},
		{"x|" + a + ":secret", a, a},
		{"email=" + a + ".", a, a},
		{"..." + a + "...", a, a},
		{`{"m":"\n` + a + `"}`, a, a},
		{`\u003c` + a + `\u003e`, a, a},
		{"%20" + a + "%0A", a, a},
		{"“" + a + "”", a, a},
		{"matti.meikalainen+klinikka＠example．com", a, "matti.meikalainen+klinikka＠example．com"},
		{"matti.mei\u00adkalainen+klinikka@exam\u200bple.com", a, "matti.mei\u00adkalainen+klinikka@exam\u200bple.com"},
		{"jyrkkä@example.com", "jyrkkä@example.com", "jyrkkä@example.com"},
		{"jyrkka\u0308@example.com", "JYRKKÄ@example.com", "jyrkka\u0308@example.com"}, // NFD
		{"a@bücher.example", "a@xn--bcher-kva.example", "a@bücher.example"},
		{"o'brien@example.com", "o'brien@example.com", "o'brien@example.com"},
		{"a@b.example.museum", "a@b.example.museum", "a@b.example.museum"},
		{"x_1-2@ex-ample.com", "x_1-2@ex-ample.com", "x_1-2@ex-ample.com"},
	}, []string{
		"a@b", "a@b.c", "@example.com", "a@", "a@.com", "a@example..com", "a@1.2.3.4", "a b@ example.com", ".@example.com", "a..b@example.com",
		"a@-example.com", "a@example-.com", strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("a.", 130) + "com", "pkg@1.2.3",
	})
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.Email, a)
	if r := k.read(text(a + " " + a)); !r.matches[0].Tagged || !r.matches[0].Counted || r.tally.Clinics["clinic-a"].Tagged != 1 { // a person once
		t.Errorf("an address with a tag: %+v", r.matches[0])
	}
}

func TestEmailBase(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.EmailBase, nil, []hit{
		{"matti+x@example.com", "matti@example.com", "matti+x@example.com"},
		{"matti@example.com", "matti+anything@example.com", "matti@example.com"},
		{"m.a.t.t.i+y@googlemail.com", "matti@gmail.com", "m.a.t.t.i+y@googlemail.com"},
	}, []string{"a@b"})
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.EmailBase, "matti@example.com")
	if r := k.read(text("m.atti@example.com")); len(r.matches) != 0 {
		t.Error("dots count outside Gmail")
	}
}

func TestBothFormsOfAnAddressAreOneKind(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.Email, "matti+k@example.com")
	k.register("clinic-a", ref(1), leak.EmailBase, "matti+k@example.com")
	c := k.read(text("matti+k@example.com matti@example.com")).tally.Clinics["clinic-a"]
	if c.Two != 0 || c.Together != 0 || c.Persons != 1 || c.Kinds[leak.Email] != 1 || c.Kinds[leak.EmailBase] != 1 {
		t.Errorf("%+v", c)
	}
}

func TestEmailRegistration(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		" Matti <MATTI@Example.com> ": "accepted", "mailto:matti@example.com": "accepted", "matti@example.com.": "accepted",
		"a/b=c@example.com": "accepted", "matti": "format", "a@b@example.com": "format", "matti@example": "format", "\"a b\"@example.com": "format",
		strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 63) + ".com": "format",
	} {
		if got := refused(leak.Email, "", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}
