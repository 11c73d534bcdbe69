package matcher_test

import (
	"fmt"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// unsigned is a made-up code without its sign, with its check character.
func unsigned(n int) string {
	const table = "0123456789ABCDEFHJKLMNPRSTUVWXY"
	nine := fmt.Sprintf("%02d%02d%02d%03d", 1+n%28, 1+n/28%12, 50+n/336%40, 2+n/13440%890)
	var v int
	fmt.Sscan(strings.TrimLeft(nine, "0"), &v)
	return nine + string(table[v%31])
}

// TestListOfCodesWithoutSigns: made-up codes without their signs, of which chance brings some that are registered, are
// no register of patients, whether a keyword heads them or not.
func TestListOfCodesWithoutSigns(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	var list strings.Builder
	for i := range 3000 {
		code := unsigned(i)
		if i%40 == 0 {
			k.register("clinic-a", ref(i), leak.FIHetu, code[:6]+"-"+code[6:])
		}
		list.WriteString(code + "\n")
	}
	for _, head := range []string{"", "name;hetu;note\n"} {
		r := k.read(text(head + list.String()))
		c := r.tally.Clinics["clinic-a"]
		c.Registered = map[leak.Kind]int64{leak.FIHetu: 900_000} // one in forty of all codes
		v := leak.Judge(r.tally, "clinic-a")
		if v.Confidence != leak.Possible || c.Hits[leak.FIHetu] == 0 || len(r.tokens) != 75 {
			t.Errorf("head %q: %s %q, %d hits of %d, %d tokens", head, v.Confidence, v.Reasons, c.Hits[leak.FIHetu], r.tally.Candidates[leak.FIHetu], len(r.tokens))
		}
	}
}

// TestLesserForms: what was seen only in a form that proves less is counted apart, until the full form turns up.
func TestLesserForms(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.FIHetu, "131052-308T")
	k.register("clinic-a", ref(2), leak.CSRc, "991231123")
	for s, want := range map[string][2]int64{"131052308T": {1, 1}, "131052-308T": {1, 0}, "131052308T 131052-308T": {1, 0}, "131052-308T 131052308T": {1, 0}} {
		c := k.read(text(s)).tally.Clinics["clinic-a"]
		if got := [2]int64{c.Hits[leak.FIHetu], c.Lesser[leak.FIHetu]}; got != want {
			t.Errorf("%q: %v hits and lesser ones, want %v", s, got, want)
		}
	}
	k.register("clinic-a", ref(3), leak.FIHetu, "010190-1030")
	for s, want := range map[string][2]int64{"order 010190-1030": {1, 1}, "hetu 010190-1030": {1, 0}} { // digits and a dash may be something else
		c := k.read(text(s)).tally.Clinics["clinic-a"]
		if got := [2]int64{c.Hits[leak.FIHetu], c.Lesser[leak.FIHetu]}; got != want {
			t.Errorf("%q: %v hits and lesser ones, want %v", s, got, want)
		}
	}
	if c := k.read(text("r. č. 991231123")).tally.Clinics["clinic-a"]; c.Hits[leak.CSRc] != 1 || c.Lesser[leak.CSRc] != 1 {
		t.Errorf("nine digits: %+v", c)
	}
}
