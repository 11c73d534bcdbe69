package matcher

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"testing"

	"leakwatch/leak"
)

// Numbers of the kinds that are digits only: official examples and test numbers, or made after their rule.
var (
	digitValues = map[leak.Kind]string{leak.FIHetu: "131052-308T", leak.SEPnr: "880320-0016", leak.NOFnr: "15108695088", leak.DKCpr: "211062-5629",
		leak.EEIk: "36805280109", leak.LTAk: "33309240064", leak.LVPk: "161175-19997", leak.ISKt: "120174-3399", leak.GBNhs: "9434765870", leak.NLBsn: "111222333",
		leak.BENrn: "85073003328", leak.PTNif: "123456789", leak.PTSns: "123456789", leak.PLPesel: "44051401359", leak.CSRc: "710319/2745", leak.CHAhv: "7569217076985",
		leak.ATSvnr: "1237010180", leak.USSsn: "219-09-9998", leak.USItin: "912-70-1234", leak.CASin: "130692544", leak.CAOnHcn: "9876543217", leak.AUMcn: "2123456701",
		leak.AUIhi: "8003608166690503", leak.BRCpf: "39053344705", leak.BRCns: "700501924126702", leak.INAadhaar: "234123412346", leak.Phone: "+447700900123"}
	digitPieces = []string{"131052-308T", "131052308T", "131052 308T", "880320-0016", "198803200016", "8803200016", "15108695088", "151086 95088", "211062-5629", "2110625629",
		"36805280109", "33309240064", "161175-19997", "120174-3399", "943 476 5870", "9434765870", "111222333", "1112.22.333", "85.07.30-033.28", "123456789", "123 456 789",
		"44051401359", "710319/2745", "756.9217.0769.85", "1237 010180", "219-09-9998", "912-70-1234", "130 692 544", "9876-543-217-AB", "9876543217", "2123 45670 1", "2123456701",
		"8003 6081 6669 0503", "390.533.447-05", "700 5019 2412 6702", "2341 2341 2346", "+44 7700 900123", "07700 900123", "(0)7700", "1310\u200b52-308T", "943\n476 5870",
		"219-09-\n9998", "８５０７３００３３２８", "٣٦٨٠٥٢٨٠١٠٩", "12", "1234567890123", "NHS", "utente", "SIN ", "\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b"}
)

func FuzzDigits(f *testing.F) {
	r := rand.New(rand.NewPCG(13, 14))
	for range 8 {
		f.Add([]byte(jumble(r, digitPieces, 500)), uint16(r.IntN(5000)))
	}
	s := splitsOf(f, valid(f, digitValues))
	f.Fuzz(func(t *testing.T, b []byte, chunk uint16) { s.same(t, b, int(chunk), false) })
}

// valid leaves out the values that are not of their kind, so that a wrong example fails one test and not all.
func valid(t testing.TB, values map[leak.Kind]string) map[leak.Kind]string {
	out := map[leak.Kind]string{}
	for k, v := range values {
		if _, err := NewHasher(Key{ID: "test-rk1", Secret: [32]byte{1}}, "GB").T1(k, v); err == nil {
			out[k] = v
		}
	}
	return out
}

// TestEveryKindAtEveryBorder reads numbers of every kind, alone and all kinds at once, in chunks of several sizes.
func TestEveryKindAtEveryBorder(t *testing.T) {
	t.Parallel()
	all := maps.Clone(digitValues)
	maps.Copy(all, letterValues)
	maps.Copy(all, bornValues)
	good := valid(t, digitValues)
	for k := range kinds {
		if name := kindNames[k]; all[name] == "" && name != leak.Name && name != leak.EmailBase {
			t.Errorf("no border is tested with %s", name)
		}
		if name := kindNames[k]; digitValues[name] != "" && good[name] == "" {
			t.Errorf("the example of %s is none", name)
		}
	}
	maps.Copy(good, letterValues)
	maps.Copy(good, bornValues)
	pieces := append(append(append([]string{}, digitPieces...), letterPieces...), bornPieces...)
	one, every := splitsOf(t, valid(t, digitValues)), splitsOf(t, good)
	r, found := rand.New(rand.NewPCG(15, 16)), map[leak.Kind]bool{}
	for i := range 10 {
		b := []byte(jumble(r, digitPieces, 4000))
		one.same(t, b, i, false)
		b = []byte(jumble(r, pieces, 6000))
		every.same(t, b, i, false)
		for _, m := range outcomeOf(t, every.whole, bytes.NewReader(b), false).Matches {
			found[m.Kind] = true
		}
	}
	for k := range good {
		if !found[k] {
			t.Errorf("%s was not found at all", k)
		}
	}
}
