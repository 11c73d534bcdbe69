package matcher_test

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leakwatch/leak"
	"leakwatch/matcher"
)

func seq(tags []leak.Tag, end error) iter.Seq2[leak.Tag, error] {
	return func(yield func(leak.Tag, error) bool) {
		for _, t := range tags {
			if !yield(t, nil) {
				return
			}
		}
		if end != nil {
			yield(leak.Tag{}, end)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	a, b := k.tag("clinic-a", ref(1), leak.Email, "a@example.com"), k.tag("clinic-b", "odd ref", leak.Email, "a@example.com")
	if err := k.Load(7, seq([]leak.Tag{a, b, a}, nil)); err != nil || k.Size() != 2 || k.Generation() != 7 {
		t.Fatalf("%v, %d rows, generation %d", err, k.Size(), k.Generation())
	}
	under := k.Begin(nil) // keeps what it began with
	if err := k.Load(8, seq(nil, nil)); err != nil || k.Size() != 0 {
		t.Fatalf("%v, %d rows", err, k.Size())
	}
	if err := under.Text(context.Background(), text("a@example.com")); err != nil || len(under.Tally().Clinics) != 2 {
		t.Errorf("%v, %+v", err, under.Tally())
	}
	if r := k.read(text("a@example.com")); len(r.tally.Clinics) != 0 {
		t.Errorf("%+v", r.tally)
	}
	broken := errors.New("broken")
	if err := k.Load(9, seq([]leak.Tag{a}, broken)); !errors.Is(err, broken) || k.Size() != 0 || k.Generation() != 8 {
		t.Errorf("a broken load: %v, %d rows, generation %d", err, k.Size(), k.Generation())
	}
	for _, change := range []func(*leak.Tag){func(t *leak.Tag) { t.PK = "pk-9" }, func(t *leak.Tag) { t.RK = "fi-1999" }, func(t *leak.Tag) { t.Kind = "xx-none" }} {
		bad := a
		change(&bad)
		if err := k.Load(9, seq([]leak.Tag{bad}, nil)); err == nil || k.Add([]leak.Tag{a, bad}) == nil || k.Size() != 0 {
			t.Errorf("%+v: %v, %d rows", bad, err, k.Size())
		}
	}
}

func TestKeysAreChecked(t *testing.T) {
	t.Parallel()
	good := matcher.Keys{Rings: []matcher.Key{realRing}, Index: []matcher.Key{index}, Find: []matcher.Key{find}}
	for name, change := range map[string]func(*matcher.Keys, *matcher.Options){
		"no ring":   func(k *matcher.Keys, _ *matcher.Options) { k.Rings = nil },
		"twice":     func(k *matcher.Keys, _ *matcher.Options) { k.Find = []matcher.Key{find, find} },
		"zero":      func(k *matcher.Keys, _ *matcher.Options) { k.Index = []matcher.Key{{ID: "pk-1"}} },
		"bad id":    func(k *matcher.Keys, _ *matcher.Options) { k.Index = []matcher.Key{key("PK 1", 1)} },
		"no region": func(_ *matcher.Keys, o *matcher.Options) { o.Regions = []string{"XX"} },
	} {
		k, o := good, matcher.Options{}
		change(&k, &o)
		if _, err := matcher.New(k, o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	m, err := matcher.New(good, matcher.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c := m.Checks(); len(c) != 3 || len(c["index/pk-1"]) != 8 || c["index/pk-1"] == c["find/pk-2"] {
		t.Errorf("%v", c)
	}
	if _, err := m.Rewrap(leak.Tag{Clinic: "clinic-a", PK: "pk-9"}); err == nil {
		t.Error("rewrapped under an unknown pepper")
	}
	if _, _, err := m.Wrap("clinic-a", "fi-1999", leak.Email, [32]byte{1}, ref(1)); err == nil {
		t.Error("wrapped under an unknown ring")
	}
}

// TestAddAndRemove compares the registry with a plain set, over random additions and removals.
func TestAddAndRemove(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		k := setup(t, realRing, matcher.Options{})
		type row struct{ clinic, ref, value string }
		model := map[row]bool{}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			r := row{rapid.SampledFrom([]string{"clinic-a", "clinic-b"}).Draw(rt, "clinic"), ref(rapid.IntRange(0, 3).Draw(rt, "ref")),
				rapid.SampledFrom([]string{"a@example.com", "b@example.com", "c@example.com"}).Draw(rt, "value")}
			tag := []leak.Tag{k.tag(r.clinic, r.ref, leak.Email, r.value)}
			if rapid.Bool().Draw(rt, "add") {
				model[r] = true
				if err := k.Add(tag); err != nil {
					rt.Fatal(err)
				}
			} else {
				delete(model, r)
				if err := k.Remove(tag); err != nil {
					rt.Fatal(err)
				}
			}
		}
		if k.Size() != len(model) {
			rt.Fatalf("%d rows, want %d", k.Size(), len(model))
		}
		var got []row
		at := map[int64]string{0: "a@example.com", 14: "b@example.com", 28: "c@example.com"}
		for _, m := range k.read(text("a@example.com b@example.com c@example.com")).matches {
			got = append(got, row{m.Person.Clinic, m.Person.Ref, at[m.Offset]})
		}
		for _, g := range got {
			if !model[g] {
				rt.Fatalf("found %v, which is not registered", g)
			}
		}
		if len(got) != len(model) {
			rt.Fatalf("%d found, want %d", len(got), len(model))
		}
	})
}

// TestManyRows grows the table many times over, and empties it again.
func TestManyRows(t *testing.T) {
	t.Parallel()
	k := setup(t, realRing, matcher.Options{})
	r := rand.New(rand.NewPCG(1, 1))
	tags := make([]leak.Tag, 30000)
	for i := range tags {
		tags[i] = leak.Tag{Clinic: "clinic-a", Ref: ref(i / 3), Kind: leak.Email, RK: realRing.ID, PK: index.ID}
		for j := range tags[i].W {
			tags[i].W[j] = byte(r.Uint32())
		}
	}
	real := k.tag("clinic-a", ref(0), leak.Email, "a@example.com")
	for part := range slices.Chunk(append(tags, real), 1000) {
		if err := k.Add(part); err != nil {
			t.Fatal(err)
		}
	}
	res := k.read(text("a@example.com b@example.com"))
	if c := res.tally.Clinics["clinic-a"]; k.Size() != 30001 || c.Persons != 1 || c.Patients != 10000 || c.Registered[leak.Email] != 30001 {
		t.Errorf("%d rows, %+v", k.Size(), c)
	}
	if err := k.Remove(tags); err != nil || k.Size() != 1 {
		t.Fatalf("%v, %d rows", err, k.Size())
	}
	if res := k.read(text("a@example.com")); len(res.matches) != 1 {
		t.Error("the row that stayed is not found")
	}
	if err := k.Remove([]leak.Tag{real, real}); err != nil || k.Size() != 0 {
		t.Fatalf("%v, %d rows", err, k.Size())
	}
}

// TestOnlyWhatIsRegisteredIsLookedFor: kinds without rows are passed over, those of which finds keep tokens too, but for
// those that the options name.
func TestOnlyWhatIsRegisteredIsLookedFor(t *testing.T) {
	t.Parallel()
	const all = "131052-308T 880320-0016 15108695088 211062-5629 450 557 7104 a@example.com +358401234567"
	for _, c := range []struct {
		always     []leak.Kind
		registered leak.Kind
		found      string
		tokens     int
	}{
		{nil, "", "", 0},
		{nil, leak.NOFnr, "no-fnr", 1},
		{nil, leak.GBNhs, "gb-nhs", 0},
		{[]leak.Kind{leak.FIHetu, leak.SEPnr}, "", "fi-hetu se-pnr", 2},
		{[]leak.Kind{leak.FIHetu, leak.DKCpr}, leak.NOFnr, "dk-cpr fi-hetu no-fnr", 2}, // no token of a weak kind
	} {
		k := setup(t, realRing, matcher.Options{Kinds: c.always})
		if c.registered != "" {
			k.register("clinic-a", ref(1), c.registered, map[leak.Kind]string{leak.NOFnr: fnr("010186123"), leak.GBNhs: "4010232137"}[c.registered])
		}
		r := k.read(text(all))
		var got []string
		for kind := range r.tally.Candidates {
			got = append(got, string(kind))
		}
		slices.Sort(got)
		if strings.Join(got, " ") != c.found || len(r.tokens) != c.tokens {
			t.Errorf("options %v, registered %q: %v, %d tokens", c.always, c.registered, got, len(r.tokens))
		}
	}
	if _, err := matcher.New(matcher.Keys{Rings: []matcher.Key{realRing}, Index: []matcher.Key{index}, Find: []matcher.Key{find}},
		matcher.Options{Kinds: []leak.Kind{"xx-none"}}); err == nil {
		t.Error("a kind that does not exist is taken")
	}
}
