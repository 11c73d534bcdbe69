package leak_test

import (
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
)

// counts makes a map of counts.
func counts(kind leak.Kind, n int64) map[leak.Kind]int64 { return map[leak.Kind]int64{kind: n} }

// of makes the tally of one clinic with a thousand of everything registered.
func of(candidates map[leak.Kind]int64, names int64, c leak.ClinicTally) leak.Tally {
	c.Registered = map[leak.Kind]int64{}
	for _, k := range []leak.Kind{leak.FIHetu, leak.SEPnr, leak.DKCpr, leak.GBNhs, leak.Email, leak.EmailBase, leak.Phone, leak.Name} {
		c.Registered[k] = 1000
	}
	return leak.Tally{Candidates: candidates, Names: names, Clinics: map[string]*leak.ClinicTally{"a": &c}}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	million := of(counts(leak.FIHetu, 10_000), 0, leak.ClinicTally{Hits: counts(leak.FIHetu, 280)})
	million.Clinics["a"].Registered[leak.FIHetu] = 1_000_000 // 2.8 % of all codes
	chance := of(counts(leak.NOFnr, 100), 0, leak.ClinicTally{Hits: counts(leak.NOFnr, 6)})
	chance.Clinics["a"].Registered = counts(leak.NOFnr, 1_000_000) // 5.4 % of all numbers
	nation := of(counts(leak.ISKt, 3000), 0, leak.ClinicTally{Hits: counts(leak.ISKt, 3000)})
	nation.Clinics["a"].Registered = counts(leak.ISKt, 380_000) // 13 % of all numbers: nothing is ten times that
	few := of(counts(leak.DKCpr, 1800), 0, leak.ClinicTally{Hits: counts(leak.DKCpr, 2)})
	few.Clinics["a"].Registered = counts(leak.DKCpr, 20_000) // twelve times the base rate, and yet one document in ninety brings two
	small := of(counts(leak.EEIk, 4), 0, leak.ClinicTally{Hits: counts(leak.EEIk, 3)})
	small.Clinics["a"].Registered = counts(leak.EEIk, 9_000_000)
	for _, c := range []struct {
		name   string
		tally  leak.Tally
		want   leak.Confidence
		nature leak.Nature
		reason string
	}{
		{"nothing", of(nil, 0, leak.ClinicTally{}), leak.None, leak.OwnRegister, ""},
		{"one strong number", of(counts(leak.FIHetu, 1), 0, leak.ClinicTally{Hits: counts(leak.FIHetu, 1)}), leak.Probable, leak.OwnRegister, "1 of 1 fi-hetu"},
		{"a register", of(counts(leak.FIHetu, 2000), 0, leak.ClinicTally{Hits: counts(leak.FIHetu, 900)}), leak.Confirmed, leak.OthersData, "far above chance"},
		{"an own register", of(counts(leak.FIHetu, 1000), 0, leak.ClinicTally{Hits: counts(leak.FIHetu, 900)}), leak.Confirmed, leak.OwnRegister, "far above chance"},
		{"an enumerated list", million, leak.Possible, leak.OthersData, "enumerated"},
		{"one medium number", of(counts(leak.SEPnr, 1), 0, leak.ClinicTally{Hits: counts(leak.SEPnr, 1)}), leak.None, leak.OwnRegister, "chance"},
		{"two medium numbers", of(counts(leak.SEPnr, 2), 0, leak.ClinicTally{Hits: counts(leak.SEPnr, 2)}), leak.Probable, leak.OwnRegister, "2 of 2"},
		{"one medium number and more of the person", of(counts(leak.SEPnr, 1), 0, leak.ClinicTally{Hits: counts(leak.SEPnr, 1), Two: 1}), leak.Probable, leak.OwnRegister, "two kinds in one document"},
		{"numbers as chance has them", chance, leak.Possible, leak.OthersData, "6 of 100 no-fnr, which may be chance"},
		{"two among many, as chance may have it", few, leak.Possible, leak.OthersData, "2 of 1800 dk-cpr in context"},
		{"a whole country registered", nation, leak.Confirmed, leak.OwnRegister, "3000 of 3000"},
		{"most of a few, of many registered", small, leak.Probable, leak.OwnRegister, "3 of 4"},
		{"a strong number in a lesser form", of(counts(leak.FIHetu, 1), 0, leak.ClinicTally{Hits: counts(leak.FIHetu, 1), Lesser: counts(leak.FIHetu, 1)}),
			leak.None, leak.OwnRegister, "chance"},
		{"two strong numbers in a lesser form", of(counts(leak.FIHetu, 3), 0, leak.ClinicTally{Hits: counts(leak.FIHetu, 2), Lesser: counts(leak.FIHetu, 2)}),
			leak.Probable, leak.OwnRegister, "2 of 3"},
		{"a name and a date of birth", of(counts(leak.NameDOB, 40), 0, leak.ClinicTally{Hits: counts(leak.NameDOB, 1)}), leak.Possible, leak.OthersData, "1 of 40 name-dob"},
		{"a thousand of them", of(counts(leak.NameDOB, 1000), 0, leak.ClinicTally{Hits: counts(leak.NameDOB, 1000)}), leak.Possible, leak.OwnRegister, "1000 of 1000 name-dob"},
		{"one of them and an address", of(counts(leak.NameDOB, 40), 0, leak.ClinicTally{Hits: counts(leak.NameDOB, 1), Two: 1, Together: 1}), leak.Confirmed, leak.OthersData, "one record"},
		{"record numbers alone", of(counts(leak.MRN, 900), 0, leak.ClinicTally{Hits: counts(leak.MRN, 900)}), leak.Possible, leak.OwnRegister, "900 of 900 mrn"},
		{"one weak number in context", of(counts(leak.GBNhs, 5), 0, leak.ClinicTally{Hits: counts(leak.GBNhs, 1)}), leak.Possible, leak.OthersData, "in context"},
		{"weak ones without context", of(counts(leak.Phone, 5), 0, leak.ClinicTally{Weak: 3}), leak.None, leak.OwnRegister, ""},
		{"a combo list", of(counts(leak.Email, 1_000_000), 0, leak.ClinicTally{Hits: counts(leak.Email, 300)}), leak.Possible, leak.OthersData, "alone"},
		{"a few addresses", of(counts(leak.Email, 3), 0, leak.ClinicTally{Hits: counts(leak.Email, 3)}), leak.Possible, leak.OwnRegister, "alone"},
		{"the clinic's mailing list", of(counts(leak.Email, 400), 0, leak.ClinicTally{Hits: counts(leak.Email, 300)}), leak.Probable, leak.OwnRegister, "300 of 400"},
		{"an address with a tag", of(counts(leak.Email, 1_000_000), 0, leak.ClinicTally{Hits: counts(leak.Email, 1), Tagged: 1}), leak.Probable, leak.OthersData, "tag"},
		{"a telephone number", of(counts(leak.Phone, 50), 0, leak.ClinicTally{Hits: counts(leak.Phone, 1)}), leak.Possible, leak.OthersData, "1 of 50 phone"},
		{"two kinds in one record", of(counts(leak.Email, 50), 0, leak.ClinicTally{Hits: counts(leak.Email, 1), Together: 1, Two: 1}), leak.Confirmed, leak.OthersData, "one record"},
		{"files named after clients", of(nil, 500, leak.ClinicTally{Kinds: counts(leak.Name, 480)}), leak.Possible, leak.OwnRegister, "the names of 480 people, among 500 names"},
		{"a few names among many", of(nil, 500, leak.ClinicTally{Kinds: counts(leak.Name, 90)}), leak.None, leak.OthersData, ""},
		{"nine names", of(nil, 9, leak.ClinicTally{Kinds: counts(leak.Name, 9)}), leak.None, leak.OwnRegister, ""},
	} {
		v := leak.Judge(c.tally, "a")
		if v.Confidence != c.want || !strings.Contains(strings.Join(v.Reasons, "; "), c.reason) {
			t.Errorf("%s: %s %q, want %s with %q", c.name, v.Confidence, v.Reasons, c.want, c.reason)
		}
		if v.Nature != c.nature {
			t.Errorf("%s: nature %s, want %s", c.name, v.Nature, c.nature)
		}
		if slices.Contains(v.Reasons, "") {
			t.Errorf("%s: an empty reason", c.name)
		}
	}
	if v := leak.Judge(leak.Tally{}, "unknown"); v.Confidence != leak.None || v.Nature != "" {
		t.Errorf("a clinic that is not in it: %+v", v)
	}
}

// TestMoreIsNeverLess: with more of a clinic's people in the same document, confidence does not fall.
func TestMoreIsNeverLess(t *testing.T) {
	t.Parallel()
	for _, kind := range []leak.Kind{leak.FIHetu, leak.SEPnr, leak.DKCpr, leak.ITCf, leak.PLPesel, leak.USSsn, leak.Email, leak.Phone} {
		last := leak.None
		for hits := int64(1); hits <= 500; hits++ {
			v := leak.Judge(of(counts(kind, 500), 0, leak.ClinicTally{Hits: counts(kind, hits)}), "a")
			if v.Confidence < last {
				t.Errorf("%s: %d hits are %s, fewer were %s", kind, hits, v.Confidence, last)
			}
			last = v.Confidence
		}
	}
}

func TestConfidenceWords(t *testing.T) {
	t.Parallel()
	for c := leak.None; c <= leak.Confirmed; c++ {
		b, err := c.MarshalText()
		var back leak.Confidence
		if err != nil || back.UnmarshalText(b) != nil || back != c {
			t.Errorf("%s does not come back", c)
		}
	}
	var c leak.Confidence
	if c.UnmarshalText([]byte("sure")) == nil {
		t.Error("an unknown word is read")
	}
}
