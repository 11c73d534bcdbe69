package enroll_test

import (
	"testing"

	"leakwatch/leak"
)

// TestDatesInsideNumbers: a name beside a number that says the date of birth is registered with it.
func TestDatesInsideNumbers(t *testing.T) {
	t.Parallel()
	for number, want := range map[[2]string]int64{
		{"fi-hetu", "131052-308T"}: 1, {"se-pnr", "19880320-0016"}: 1, {"ee-ik", "36805280109"}: 1, {"lt-ak", "33309240064"}: 1,
		{"pl-pesel", "44051401359"}: 1, {"se-pnr", "880320-0016"}: 0, {"dk-cpr", "211062-5629"}: 0,
	} {
		w := setup(t)
		o := w.options(w.file("r.csv", "potilasnumero;nr;etu;suku\n1;"+number[1]+";Maija;Mallikas\n"))
		o.Map = []string{number[0] + "=nr", "given=etu", "family=suku"}
		if s := w.hash(o); s.Identifiers[leak.NameDOB] != want || s.Identifiers[leak.Kind(number[0])] != 1 {
			t.Errorf("%s: %v", number[0], s.Identifiers)
		}
	}
}
