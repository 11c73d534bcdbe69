package matcher

import (
	"maps"
	"strings"
	"testing"

	"leakwatch/leak"
)

// rowsOfPeople are rows, prose and codes of the kinds with letters, nobody's.
const rowsOfPeople = "1;Maija;Mäkinen-Sørensen;Helsinki;1990-01-02;x\nPotilas Matti Meikäläinen, s. 1.5.1994, kävi 2. toukokuuta 2019.\n" +
	`{"first":"Maija","last":"Mäkinen","dob":"1990-01-02"}` + "\n(1,'Maija','O''Brien','1990-01-02'),(2,'Matti','Virtanen','1991-01-02')\n" +
	"AB 12 34 56 C 6433435F A123456780 54362315K X2482300W RCCMNL83S18D969H 1EG4-TE5-MK73 ABC1235 2 53 07 2B 073 004 70\n"

// everyone makes a scanner in which all of these kinds are wanted, and rows of whom nobody is registered.
func everyone(t testing.TB) (*scanner, *window) {
	values := maps.Clone(letterValues)
	maps.Copy(values, map[leak.Kind]string{leak.NameDOB: "1950-01-01", leak.GBNino: "AA000000A", leak.IEPpsn: "1234567T", leak.DEKvnr: "Z000000011", leak.ESDni: "00000001R",
		leak.ESNie: "X0000001R", leak.ITCf: "MRTMTT91D08F205J", leak.USMbi: "9A09A09AA00", leak.NZNhi: "ZAC5361", leak.FRNir: "295109912611193"})
	delete(values, leak.DEKvnr)
	m := registered(t, chunkSize, values)
	s := newScanner(m)
	s.reg, s.today = m.registry.Load(), 20261122
	w := &window{}
	s.raw = make([]byte, 1<<18+slack)
	w.n = copy(s.raw[:1<<18], strings.Repeat(rowsOfPeople, 1<<18/len(rowsOfPeople)))
	w.hi = w.n
	return s, w
}

// TestNoAllocationForNamesAndLetters: a chunk full of them allocates nothing.
func TestNoAllocationForNamesAndLetters(t *testing.T) {
	if RaceDetector {
		t.Skip("the race detector allocates")
	}
	s, w := everyone(t)
	if n := testing.AllocsPerRun(10, func() { s.look(w, false) }); n != 0 {
		t.Errorf("%.0f allocations for a chunk", n)
	}
}

// BenchmarkNamesAndLetters reads text in which there is nothing but names, dates and codes.
func BenchmarkNamesAndLetters(b *testing.B) {
	s, w := everyone(b)
	b.SetBytes(int64(w.n))
	for b.Loop() {
		s.look(w, false)
	}
}
