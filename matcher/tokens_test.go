package matcher_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/matcher"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	old := key("fi-2025a", 0x11)
	old.SearchOnly = true
	k := setup(t, realRing, matcher.Options{TokenCap: 2, Kinds: []leak.Kind{leak.FIHetu, leak.SEPnr, leak.NOFnr}}, old)
	k.register("clinic-a", ref(1), leak.Email, "a@example.com")
	r := k.read(text("a@example.com b@example.com 131052-308T 880320-0016 15108695088 131052-308T a@example.com"))
	byRing := map[string]int{}
	for _, tok := range r.tokens {
		byRing[fmt.Sprint(tok.RK, " ", tok.Kind, " ", tok.Registered)]++
	}
	want := map[string]int{"fi-2026a email true": 1, "fi-2025a email true": 1, "fi-2026a fi-hetu false": 1, "fi-2025a fi-hetu false": 1,
		"fi-2026a se-pnr false": 1, "fi-2025a se-pnr false": 1}
	if diff := cmp.Diff(want, byRing); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(r.cut, "token limit 2") {
		t.Errorf("cut %q", r.cut)
	}
	looked, err := k.Tokens(leak.FIHetu, " 131052-308t")
	if err != nil || len(looked) != 2 {
		t.Fatalf("%d tokens, %v", len(looked), err)
	}
	found := 0
	for _, l := range looked {
		for _, tok := range r.tokens {
			if tok.F == l.F && tok.RK == l.RK && tok.PK == l.PK {
				found++
			}
		}
	}
	if found != 2 {
		t.Errorf("a look-up gives %d of the find's tokens, want 2", found)
	}
	if _, err := k.Tokens(leak.FIHetu, "131052-308U"); err == nil || strings.Contains(err.Error(), "131052") {
		t.Errorf("a bad look-up: %v", err)
	}
}

// TestRotation: rows under an older ring still match, and finds made before and after share tokens.
func TestRotation(t *testing.T) {
	t.Parallel()
	before := setup(t, key("fi-2025a", 0x11), matcher.Options{})
	before.register("clinic-a", ref(1), leak.Email, "a@example.com")
	first := before.read(text("a@example.com"))
	old := key("fi-2025a", 0x11)
	old.SearchOnly = true
	after := setup(t, realRing, matcher.Options{}, old)
	if err := after.Add([]leak.Tag{before.tag("clinic-a", ref(1), leak.Email, "a@example.com")}); err != nil {
		t.Fatal(err)
	}
	after.register("clinic-a", ref(1), leak.Email, "a@example.com")
	after.register("clinic-a", ref(2), leak.Email, "b@example.com")
	second := after.read(text("a@example.com b@example.com"))
	c := second.tally.Clinics["clinic-a"]
	if len(second.matches) != 2 || c.Persons != 2 || c.Registered[leak.Email] != 2 || c.Hits[leak.Email] != 2 {
		t.Errorf("%d matches, %+v", len(second.matches), c)
	}
	shared := false
	for _, tok := range second.tokens {
		shared = shared || tok.F == first.tokens[0].F
	}
	if !shared {
		t.Error("the finds share no token")
	}
}

func TestEstimates(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{CandidateCap: 1000})
	k.register("clinic-a", ref(1), leak.Email, "a@example.com")
	var b bytes.Buffer
	for i := range 50000 {
		fmt.Fprintf(&b, "user%d@example.com\n", i%40000)
	}
	r := k.read(leak.Text{Reader: &b})
	if n := r.tally.Candidates[leak.Email]; n < 38800 || n > 41200 || len(r.tally.Estimated) != 1 {
		t.Errorf("%d addresses, estimated %v, want about 40000", n, r.tally.Estimated)
	}
}

func TestTestNumbersOnlyInTestRings(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{}, testRing)
	tester := &kit{Matcher: k.Matcher, t: t, ring: testRing}
	tester.register("clinic-t", ref(1), leak.FIHetu, "010594Y9032")
	k.register("clinic-a", ref(2), leak.FIHetu, "131052-308T")
	r := k.read(text("010594Y9032 131052-308T"))
	if len(r.matches) != 2 || r.tally.Clinics["clinic-t"].Persons != 1 {
		t.Errorf("%+v", r.matches)
	}
	for _, tok := range r.tokens {
		if tok.Person.Clinic == "clinic-t" && tok.RK != testRing.ID {
			t.Errorf("a test number has a token under %s", tok.RK)
		}
	}
}
