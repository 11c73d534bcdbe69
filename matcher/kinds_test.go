package matcher

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
)

// FuzzKinds: nothing in a text or in a clinic's table makes any kind fail, canonical forms are their own canonical
// forms, and errors do not hold the value.
func FuzzKinds(f *testing.F) {
	for k := range kinds {
		r := &rules[k].digits
		for _, pattern := range append(append([]string{strings.Repeat("9", 11)}, r.printed...), r.loose...) {
			f.Add(strings.ReplaceAll(pattern, "9", "1"))
		}
	}
	for _, s := range []string{"756.9217.0769.85", "2123 45670\n1", "9876543217XA", "85.07.30-033 28", "390.533.447-05\r\n", "131052-308T", "234123412346 1111", "099 999-9999-\n9999", "000000 00"} {
		f.Add(s)
	}
	m := looking(f)
	f.Fuzz(func(t *testing.T, s string) {
		r := m.Begin(func(leak.Match) { t.Error("a match of nobody") })
		if err := r.Text(context.Background(), leak.Text{Reader: strings.NewReader(s), Name: len(s)%2 == 0}); err != nil {
			t.Fatal(err)
		}
		r.Finish()
		for k := range kinds {
			forms, err := canonical(k, s, plans["FI"], true, 20261122)
			if err != nil && len(s) > 3 && strings.Contains(err.Error(), s) {
				t.Fatalf("the error holds the value: %v", err)
			}
			if k == kName || k == kNameDOB {
				continue // folding a folded name may fold it more
			}
			for _, c := range forms {
				again, err := canonical(k, string(c), plans["FI"], true, 20261122)
				if err != nil || !slices.ContainsFunc(again, func(d []byte) bool { return bytes.Equal(c, d) }) {
					t.Fatalf("%s: %q is canonical, but gives %q, %v", kindNames[k], c, again, err)
				}
			}
		}
	})
}

// TestKindsAreDescribed holds docs/kinds.md to the kinds: each has one row that says its class.
func TestKindsAreDescribed(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../docs/kinds.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|(.*)$").FindAllStringSubmatch(string(doc), -1) {
		if rows[m[1]] != "" {
			t.Errorf("%s has two rows", m[1])
		}
		rows[m[1]] = m[2]
	}
	for _, name := range kindNames {
		if row := rows[string(name)]; !strings.Contains(row, "| "+name.Class().String()) {
			t.Errorf("%s: no row, or not as %s: %q", name, name.Class(), row)
		}
		delete(rows, string(name))
	}
	for name := range rows {
		t.Errorf("%s is no kind", name)
	}
}

// TestSpaces: the sizes that can be counted here are what leak says.
func TestSpaces(t *testing.T) {
	t.Parallel()
	days := 40178.0
	for kind, want := range map[leak.Kind]float64{
		leak.EEIk: 2 * days * 1000, leak.LTAk: 2 * days * 1000, leak.BENrn: days * 998, leak.PLPesel: days * 10_000,
		leak.USItin: share(checkItin, "900??1234") * 1e8, leak.PTNif: share(checkNif, "12345?7??")*3e8 + share(checkNif, "45123?7??")*1e7,
		leak.CASin: share(checkSin, "1234?67??") * 8e8, leak.AUMcn: share(checkMcn, "2345?67??") * 5e8,
		leak.CAOnHcn: share(checkHcn, "1234?678??") * 9e9, leak.CHAhv: share(checkAhv, "7561?345678??") * 1e10,
		leak.AUIhi: share(checkIhi, "8003601?345678??") * 1e10, leak.INAadhaar: share(checkAadhaar, "2345?78901??") * 8e11,
	} {
		if got := kind.Space(); got < want*0.99 || got > want*1.01 {
			t.Errorf("%s: %.0f, counted %.0f", kind, got, want)
		}
	}
}

// share says what part of the numbers of a pattern passes a check.
func share(check func([]byte) reason, pattern string) float64 {
	marks := strings.Count(pattern, "?")
	passed := 0
	for i := range pow10(marks) {
		b, rest := []byte(pattern), i
		for j := range b {
			if b[j] == '?' {
				b[j], rest = byte('0'+rest%10), rest/10
			}
		}
		if check(b) == good {
			passed++
		}
	}
	return float64(passed) / float64(pow10(marks))
}
