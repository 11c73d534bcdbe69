package leak_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leakwatch/leak"
)

var day0 = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// found is a find of n people of one clinic, sure enough.
func found(shape string, n int64) leak.Find {
	return leak.Find{ID: "f-v1", Shape: shape, Verdicts: map[string]leak.Verdict{"ca": {Confidence: leak.Confirmed, Nature: leak.OwnRegister}},
		Tally: leak.Tally{Clinics: map[string]*leak.ClinicTally{"ca": {Persons: n}}}}
}

// past is one leak that shares all it can with a find of 100.
func past(k leak.KnownClinic) leak.Known {
	return leak.Known{Now: day0, Persons: 100, Tokens: 100, Leaks: []leak.KnownLeak{{ID: "l-old", Since: day0.Add(-time.Hour),
		SharedPersons: k.Seen, Persons: 100, Clinics: map[string]leak.KnownClinic{"ca": k}}}}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	tar := []string{"tar/txt"}
	for _, tc := range []struct {
		name string
		k    leak.KnownClinic
		find leak.Find
		want leak.Event
	}{
		{"nobody knew", leak.KnownClinic{}, found("tar/txt", 100), leak.EventNew},
		{"known, another shape, a copy is live", leak.KnownClinic{Finds: 1, Seen: 100, Shapes: tar, LiveCopies: 1}, found("txt", 100), leak.EventResurfaced},
		{"known, same shape, no copy is live", leak.KnownClinic{Finds: 1, Seen: 100, Shapes: tar}, found("tar/txt", 100), leak.EventResurfaced},
		{"known, same shape, a copy is live", leak.KnownClinic{Finds: 1, Seen: 100, Shapes: tar, LiveCopies: 1}, found("tar/txt", 120), leak.EventSpread},
		{"same place, nothing new", leak.KnownClinic{Finds: 1, Seen: 100, Shapes: tar, SamePlace: true}, found("tar/txt", 100), leak.NoEvent},
		{"same place, more people", leak.KnownClinic{Finds: 1, Seen: 100, Shapes: tar, SamePlace: true}, found("tar/txt", 130), leak.EventGrown},
		{"same place, another shape", leak.KnownClinic{Finds: 1, Seen: 100, Shapes: tar, SamePlace: true}, found("zip/txt", 100), leak.EventResurfaced},
		{"same place, after it was gone", leak.KnownClinic{Finds: 1, Seen: 100, Shapes: tar, SamePlace: true, WasGone: true}, found("tar/txt", 130), leak.EventBack},
		{"gone, and now elsewhere in the leak", leak.KnownClinic{Finds: 1, Seen: 100, Shapes: tar, WasGone: false}, found("tar/txt", 130), leak.EventResurfaced},
		{"of the leak, nobody known", leak.KnownClinic{Finds: 3, LiveCopies: 3}, found("tar/txt", 5), leak.EventGrown},
		{"an earlier revision decided", leak.KnownClinic{Finds: 1, Seen: 100, Shapes: tar, Prior: leak.EventNew}, found("txt", 100), leak.EventNew},
		{"told late before", leak.KnownClinic{Prior: leak.EventLate}, found("txt", 100), leak.EventLate},
		{"the folder was just told as new", leak.KnownClinic{Finds: 1, LiveCopies: 1, Told: leak.EventNew}, found("txt", 1), leak.EventNew},
		{"the folder was just told as new, a second shape of the same person", leak.KnownClinic{Finds: 1, Seen: 1, Shapes: tar, LiveCopies: 1, Told: leak.EventNew}, found("txt", 1), leak.EventNew},
		{"the folder was just told as new, a person known from elsewhere", leak.KnownClinic{Finds: 9, Seen: 1, Elsewhere: true, Shapes: tar, LiveCopies: 1, Told: leak.EventNew}, found("txt", 1), leak.EventResurfaced},
		{"the folder was just told as grown, now known people", leak.KnownClinic{Finds: 9, Seen: 1, Shapes: tar, LiveCopies: 1, Told: leak.EventGrown}, found("txt", 1), leak.EventResurfaced},
		{"the folder was just told as resurfaced, a stranger", leak.KnownClinic{Finds: 9, LiveCopies: 1, Told: leak.EventResurfaced}, found("txt", 1), leak.EventResurfaced},
		{"the folder was told, the same place has nothing new", leak.KnownClinic{Finds: 9, Seen: 1, Shapes: []string{"txt"}, SamePlace: true, Told: leak.EventNew}, found("txt", 1), leak.NoEvent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			k := past(tc.k)
			k.Leaks[0].SameCollection = true
			news := leak.Decide(leak.DefaultRules(), k, tc.find)
			if len(news.Clinics) != 1 || news.Clinics[0].Event != tc.want {
				t.Errorf("%+v, want %q", news.Clinics, tc.want)
			}
			if n := news.Clinics[0]; n.Seen != tc.k.Seen || int64(n.Persons) != tc.find.Tally.Clinics["ca"].Persons {
				t.Errorf("%+v", n)
			}
		})
	}
}

func TestJoins(t *testing.T) {
	t.Parallel()
	sure := found("txt", 100)
	combo := found("txt", 100)
	combo.Verdicts["ca"] = leak.Verdict{Confidence: leak.Possible, Nature: leak.OthersData}
	names := found("txt", 100)
	names.Verdicts["ca"] = leak.Verdict{Confidence: leak.Possible, Nature: leak.OwnRegister}
	one := func(l leak.KnownLeak) leak.Known {
		l.ID = "l-old"
		return leak.Known{Persons: 100, Tokens: 200, Leaks: []leak.KnownLeak{l}}
	}
	own := one(leak.KnownLeak{})
	own.Leak = "l-old"
	for _, tc := range []struct {
		name string
		k    leak.Known
		find leak.Find
		want leak.Join
		rel  float64
	}{
		{"nothing known", leak.Known{Persons: 100}, sure, leak.Join{Leak: "l-v1", Reason: "new"}, 0},
		{"its own", own, combo, leak.Join{Leak: "l-old", Reason: "member"}, 0},
		{"same folder", one(leak.KnownLeak{SameCollection: true}), combo, leak.Join{Leak: "l-old", Reason: "same collection"}, 0},
		{"a tenth of the people", one(leak.KnownLeak{SharedPersons: 10, Persons: 100}), sure, leak.Join{Leak: "l-old", Reason: "persons", Overlap: 0.1}, 0},
		{"less than a tenth", one(leak.KnownLeak{SharedPersons: 9, Persons: 100}), sure, leak.Join{Leak: "l-v1", Reason: "new"}, 0.09},
		{"a sample of it", one(leak.KnownLeak{SharedPersons: 5, Persons: 5}), sure, leak.Join{Leak: "l-old", Reason: "persons", Overlap: 1}, 0},
		{"tokens", one(leak.KnownLeak{SharedTokens: 50, Tokens: 200, SharedPersons: 1, Persons: 100}), sure, leak.Join{Leak: "l-old", Reason: "tokens", Overlap: 0.25}, 0},
		{"somebody else's list", one(leak.KnownLeak{SharedPersons: 100, Persons: 100}), combo, leak.Join{Leak: "l-v1", Reason: "new"}, 1},
		{"possible, of the register", one(leak.KnownLeak{SharedPersons: 100, Persons: 100}), names, leak.Join{Leak: "l-old", Reason: "persons", Overlap: 1}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			news := leak.Decide(leak.DefaultRules(), tc.k, tc.find)
			if news.Join != tc.want || len(news.Merge) != 0 {
				t.Errorf("%+v, want %+v", news, tc.want)
			}
			if tc.rel == 0 != (len(news.Related) == 0) || tc.rel > 0 && news.Related[0].Overlap != tc.rel {
				t.Errorf("related %+v, want %v", news.Related, tc.rel)
			}
		})
	}
}

// knowns draws what a store might know of a find.
func knowns(t *rapid.T) (leak.Rules, leak.Known, leak.Find) {
	clinics := []string{"ca", "cb", "cc"}[:rapid.IntRange(1, 3).Draw(t, "clinics")]
	shapes := rapid.SampledFrom([]string{"txt", "tar/txt", "zip/txt"})
	events := rapid.SampledFrom([]leak.Event{"", "", leak.EventNew, leak.EventBack, leak.EventResurfaced, leak.EventSpread, leak.EventGrown, leak.EventLate})
	count := rapid.IntRange(0, 50)
	f := leak.Find{ID: "f-v1", Shape: shapes.Draw(t, "shape"), Verdicts: map[string]leak.Verdict{}, Tally: leak.Tally{Clinics: map[string]*leak.ClinicTally{}}}
	for _, c := range clinics {
		f.Tally.Clinics[c] = &leak.ClinicTally{Persons: int64(count.Draw(t, "persons"))}
		f.Verdicts[c] = leak.Verdict{Confidence: leak.Confidence(rapid.IntRange(0, 3).Draw(t, "confidence")),
			Nature: rapid.SampledFrom([]leak.Nature{leak.OwnRegister, leak.OthersData}).Draw(t, "nature")}
	}
	k := leak.Known{Now: day0, Persons: count.Draw(t, "n"), Tokens: count.Draw(t, "tokens")}
	for i := range rapid.IntRange(0, 4).Draw(t, "leaks") {
		l := leak.KnownLeak{ID: fmt.Sprint("l-", i), Since: day0.Add(-time.Duration(rapid.IntRange(0, 3).Draw(t, "age")) * time.Hour),
			SameCollection: rapid.Bool().Draw(t, "collection"), SharedPersons: count.Draw(t, "shared"), SharedTokens: count.Draw(t, "sharedTokens"),
			Persons: count.Draw(t, "of"), Tokens: count.Draw(t, "ofTokens"), Clinics: map[string]leak.KnownClinic{}}
		for _, c := range clinics {
			l.Clinics[c] = leak.KnownClinic{Finds: count.Draw(t, "finds"), Seen: count.Draw(t, "seen"), FirstAt: day0, LiveCopies: count.Draw(t, "live"),
				Shapes: rapid.SliceOfN(shapes, 0, 2).Draw(t, "shapes"), SamePlace: rapid.Bool().Draw(t, "same"), WasGone: rapid.Bool().Draw(t, "gone"),
				Elsewhere: rapid.Bool().Draw(t, "elsewhere"), Prior: events.Draw(t, "prior"), Told: events.Draw(t, "told")}
		}
		k.Leaks = append(k.Leaks, l)
		if rapid.IntRange(0, 3).Draw(t, "own") == 0 {
			k.Leak = l.ID
		}
	}
	r := leak.DefaultRules()
	r.Minimum = leak.Confidence(rapid.IntRange(1, 3).Draw(t, "minimum"))
	return r, k, f
}

// What Decide says is a function of what is known: not of its order, nor of a call before.
func TestDecideIsPure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, k, f := knowns(t)
		news := leak.Decide(r, k, f)
		if diff := cmp.Diff(news, leak.Decide(r, k, f)); diff != "" {
			t.Fatalf("twice: %s", diff)
		}
		turned := k
		turned.Leaks = slices.Clone(k.Leaks)
		slices.Reverse(turned.Leaks)
		if diff := cmp.Diff(news, leak.Decide(r, turned, f)); diff != "" {
			t.Fatalf("in another order: %s", diff)
		}
	})
}

func TestDecideHoldsTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, k, f := knowns(t)
		news := leak.Decide(r, k, f)
		seen := map[string]bool{news.Join.Leak: true}
		for _, id := range news.Merge {
			if seen[id] {
				t.Fatalf("%s twice in %+v", id, news)
			}
			seen[id] = true
		}
		for _, j := range news.Related {
			if seen[j.Leak] || j.Overlap <= 0 {
				t.Fatalf("related %+v in %+v", j, news)
			}
			seen[j.Leak] = true
		}
		if k.Leak != "" && news.Join.Leak != k.Leak && !slices.Contains(news.Merge, k.Leak) {
			t.Fatalf("it left its own leak: %+v", news)
		}
		for _, l := range k.Leaks {
			if l.SameCollection && !seen[l.ID] {
				t.Fatalf("its collection's leak %s is left out of %+v", l.ID, news)
			}
			if in := l.ID == news.Join.Leak || slices.Contains(news.Merge, l.ID); in && l.Since.Before(since(k, news.Join.Leak)) {
				t.Fatalf("an older leak was merged into a younger one: %+v", news)
			}
		}
		if !slices.IsSortedFunc(news.Clinics, func(a, b leak.ClinicNews) int { return compare(a.Clinic, b.Clinic) }) {
			t.Fatalf("clinics out of order: %+v", news)
		}
		for _, n := range news.Clinics {
			told(t, r, k, f, news, n)
		}
	})
}

// told checks the news for one clinic.
func told(t *rapid.T, r leak.Rules, k leak.Known, f leak.Find, news leak.News, n leak.ClinicNews) {
	var finds int
	var prior bool
	for _, l := range k.Leaks {
		if l.ID == news.Join.Leak || slices.Contains(news.Merge, l.ID) {
			finds += l.Clinics[n.Clinic].Finds
			prior = prior || l.Clinics[n.Clinic].Prior != leak.NoEvent || l.Clinics[n.Clinic].Told != leak.NoEvent
		}
	}
	if sure := f.Verdicts[n.Clinic].Confidence >= r.Minimum; !sure && n.Event != leak.NoEvent {
		t.Fatalf("told below the minimum: %+v", n)
	} else if sure && finds == 0 && !prior && n.Event != leak.EventNew {
		t.Fatalf("nobody knew, and it is not new: %+v", n)
	}
	if n.Event == leak.EventGone || n.Event == leak.EventNew && finds > 0 && !prior {
		t.Fatalf("%+v with %d finds", n, finds)
	}
}

func since(k leak.Known, id string) time.Time {
	for _, l := range k.Leaks {
		if l.ID == id {
			return l.Since
		}
	}
	return k.Now
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

func TestAbove(t *testing.T) {
	t.Parallel()
	order := []leak.Event{leak.EventNew, leak.EventBack, leak.EventResurfaced, leak.EventSpread, leak.EventGrown, leak.NoEvent}
	for i, a := range order {
		for j, b := range order {
			if a.Above(b) != (i < j) {
				t.Errorf("%q above %q: %v", a, b, a.Above(b))
			}
		}
	}
	if leak.EventLate.Above(leak.NoEvent) || leak.EventGone.Above(leak.NoEvent) {
		t.Error("late and gone stand alone")
	}
}

func TestMentions(t *testing.T) {
	t.Parallel()
	named := func(persons int64, v leak.Confidence, terms ...string) leak.Find {
		c := &leak.ClinicTally{Persons: persons, Terms: map[string]int64{}}
		for _, w := range terms {
			c.Terms[w] = 3
		}
		f := leak.Find{ID: "f-v1", Shape: "txt", Tally: leak.Tally{Clinics: map[string]*leak.ClinicTally{"ca": c}}}
		if v > leak.None {
			f.Verdicts = map[string]leak.Verdict{"ca": {Confidence: v}}
		}
		return f
	}
	rules := leak.DefaultRules()
	rules.Minimum = leak.Probable
	for _, tc := range []struct {
		name string
		k    leak.Known
		find leak.Find
		want leak.Event
		leak string
	}{
		{"named, nobody in it", leak.Known{}, named(0, leak.None, "brand"), leak.EventMention, ""},
		{"named before at the same place", leak.Known{Mentioned: map[string][]string{"ca": {"brand"}}}, named(0, leak.None, "brand"), leak.NoEvent, ""},
		{"one term more at the same place", leak.Known{Mentioned: map[string][]string{"ca": {"brand"}}}, named(0, leak.None, "brand", "domain"), leak.EventMention, ""},
		{"named before by another clinic's terms", leak.Known{Mentioned: map[string][]string{"cb": {"brand"}}}, named(0, leak.None, "brand"), leak.EventMention, ""},
		{"patients too, sure enough: a leak and no mention", leak.Known{}, named(5, leak.Confirmed, "brand"), leak.EventNew, "l-v1"},
		{"patients too, not sure enough to be told", leak.Known{}, named(1, leak.Possible, "brand"), leak.EventMention, "l-v1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			news := leak.Decide(rules, tc.k, tc.find)
			var told []leak.Event
			for _, n := range news.Clinics {
				if n.Event != leak.NoEvent {
					told = append(told, n.Event)
				}
			}
			want := []leak.Event{tc.want}
			if tc.want == leak.NoEvent {
				want = nil
			}
			if diff := cmp.Diff(want, told); diff != "" || news.Join.Leak != tc.leak {
				t.Errorf("leak %q, want %q; events: %s", news.Join.Leak, tc.leak, diff)
			}
		})
	}
}
