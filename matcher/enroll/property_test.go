package enroll_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leakwatch/matcher/enroll"
)

// TestMonthsNeverForget hashes exports of some months, in which patients come, go and change: nothing that was once
// registered is lost, refs stay, and the deltas say the same as the full bundles.
func TestMonthsNeverForget(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := setup(t)
		dir, err := os.MkdirTemp(w.dir, "run")
		if err != nil {
			rt.Fatal(err)
		}
		w.dir = dir
		applied := map[string]bool{} // what the server has, by full bundle and deltas
		for month := range rapid.IntRange(2, 4).Draw(rt, "months") {
			table := "id;email;hetu\n"
			for _, p := range rapid.SliceOfN(rapid.IntRange(1, 6), 1, 8).Draw(rt, "patients") {
				day := time.Date(1950+p, 1, 1+rapid.IntRange(0, 2).Draw(rt, "day"), 0, 0, 0, 0, time.UTC)
				table += fmt.Sprintf("P%d;a%d@example.com;%s\n", p, rapid.IntRange(1, 3).Draw(rt, "address"), testHETU(day, 900+p, '-'))
			}
			o := enroll.Options{Table: w.file("table.csv", table), Kit: w.kit, ID: "id", Map: []string{"email=email", "fi-hetu=hetu"},
				Mapping: w.path("mapping"), Bundle: w.path(fmt.Sprint(month, ".bundle")), AllNew: true, Delta: month > 0 && rapid.Bool().Draw(rt, "delta")}
			s, err := enroll.HashTable(context.Background(), o)
			if err != nil {
				rt.Fatal(err)
			}
			h, rows, err := w.tryOpen(s.Bundle)
			if err != nil {
				rt.Fatal(err)
			}
			w.last.Sequence, w.last.Signer = h.Sequence, h.Signer
			now := map[string]bool{}
			for _, r := range rows {
				key := fmt.Sprintf("%s %s %x", r.Ref, r.Kind, r.T1)
				if now[key] || o.Delta && applied[key] {
					rt.Fatal("a row twice")
				}
				now[key] = true
			}
			for key := range applied {
				if !o.Delta && !now[key] {
					rt.Fatalf("month %d forgot a hash", month)
				}
			}
			for key := range now {
				applied[key] = true
			}
			if n := people(applied); n != int(s.Patients+s.Carried) {
				rt.Fatalf("%d refs for %d patients", n, s.Patients+s.Carried)
			}
		}
	})
}

func people(rows map[string]bool) int {
	var refs []string
	for key := range rows {
		refs = append(refs, strings.Fields(key)[0])
	}
	slices.Sort(refs)
	return len(slices.Compact(refs))
}
