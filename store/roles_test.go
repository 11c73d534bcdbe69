package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"leakwatch/leak"
	"leakwatch/store"
)

// Every role on every read: what is of another clinic is not there.
func TestEveryRoleOnEveryRead(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca", "cb")
	mine := l.doc("a", "dump/", "mine.tar", 1).people("ca", 0, 20)
	mine.record()
	both := l.doc("b", "dump/", "both.tar", 1).people("ca", 0, 20).people("cb", 100, 120).strangers(500, 510)
	both.record()
	theirs := l.doc("b", "dump/", "theirs.tar", 1).people("cb", 100, 110)
	theirs.record()
	all := []string{"ca", "cb"}
	for _, tc := range []struct {
		p    leak.Principal
		sees []string
	}{
		{leak.Principal{Role: leak.RoleOperator}, all},
		{leak.Principal{Role: leak.RoleInvestigator}, all},
		{leak.Principal{Role: leak.RoleSystem}, all},
		{leak.Principal{Role: leak.RoleInvestigator, Clinic: "ca"}, []string{"ca"}},
		{leak.Principal{Role: leak.RoleClinic, Clinic: "ca"}, []string{"ca"}},
		{leak.Principal{Role: leak.RoleClinic, Clinic: "cb"}, []string{"cb"}},
		{leak.Principal{Role: leak.RoleClinic}, nil},
		{leak.Principal{Role: leak.RoleClinic, Clinic: "none"}, nil},
		{leak.Principal{}, nil},
		{leak.Principal{Role: "admin"}, nil},
	} {
		t.Run(fmt.Sprintf("%s/%s", tc.p.Role, tc.p.Clinic), func(t *testing.T) {
			sees := func(clinic string) bool { return slices.Contains(tc.sees, clinic) }
			readFinds(t, l, tc.p, sees, mine, both, theirs)
			readAlerts(t, l, tc.p, sees)
			readTokens(t, l, tc.p, sees)
		})
	}
}

func readFinds(t *testing.T, l *lab, p leak.Principal, sees func(string) bool, docs ...*doc) {
	for _, d := range docs {
		var want []string
		for c := range d.f.Tally.Clinics {
			if sees(c) {
				want = append(want, c)
			}
		}
		slices.Sort(want)
		f, err := l.Find(l.ctx, p, d.f.ID)
		if len(want) == 0 {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("find: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range f.Clinics {
			got = append(got, c.Clinic)
		}
		if !slices.Equal(got, want) || len(f.Find.Tally.Clinics) != len(want) || len(f.Find.Verdicts) != len(want) {
			t.Errorf("find shows %v, want %v", got, want)
		}
		for _, c := range f.Copies {
			if _, err := l.Find(l.ctx, p, c.Find); err != nil {
				t.Errorf("a copy that may not be seen is named: %v", err)
			}
		}
		if int(f.CopiesTotal) != len(f.Copies) {
			t.Errorf("%d copies, %d counted", len(f.Copies), f.CopiesTotal)
		}
	}
}

func readAlerts(t *testing.T, l *lab, p leak.Principal, sees func(string) bool) {
	listed, err := l.Alerts(l.ctx, p, store.AlertFilter{})
	if err != nil {
		t.Fatal(err)
	}
	every, err := l.Alerts(l.ctx, asSystem, store.AlertFilter{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, a := range every {
		_, showErr := l.Alert(l.ctx, p, a.ID)
		_, refsErr := l.AlertRefs(l.ctx, p, a.ID)
		if sees(a.Clinic) {
			n++
			if showErr != nil || refsErr != nil {
				t.Errorf("own alert: %v, %v", showErr, refsErr)
			}
			continue
		}
		if !errors.Is(showErr, store.ErrNotFound) || !errors.Is(refsErr, store.ErrNotFound) {
			t.Errorf("alert of %s: %v, %v", a.Clinic, showErr, refsErr)
		}
	}
	if len(listed) != n {
		t.Errorf("%d alerts listed, want %d", len(listed), n)
	}
	for _, c := range []string{"ca", "cb"} {
		if narrow, err := l.Alerts(l.ctx, p, store.AlertFilter{Clinic: c}); err != nil || (len(narrow) > 0) != sees(c) {
			t.Errorf("alerts of %s: %d, %v", c, len(narrow), err)
		}
	}
}

func readTokens(t *testing.T, l *lab, p leak.Principal, sees func(string) bool) {
	for clinic, n := range map[string]int{"ca": 5, "cb": 105} {
		all, err := l.FindsByTokens(l.ctx, p, []leak.Token{token(n, leak.FIHetu, l.keys[0])})
		if err != nil || (len(all) == 2) != sees(clinic) || !sees(clinic) && len(all) != 0 {
			t.Errorf("%s: %d sightings, %v", clinic, len(all), err)
		}
		for _, s := range all {
			if !slices.Equal(s.Clinics, []string{clinic}) || s.Place.IsZero() || s.Kind != leak.FIHetu || s.Leak == "" {
				t.Errorf("%+v", s)
			}
		}
	}
	stranger, err := l.FindsByTokens(l.ctx, p, []leak.Token{token(505, leak.FIHetu, l.keys[0])})
	if err != nil || (len(stranger) == 1) != (sees("ca") && sees("cb")) {
		t.Errorf("a stranger: %d sightings, %v", len(stranger), err)
	}
}
