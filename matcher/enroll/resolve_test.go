package enroll_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/matcher/enroll"
)

// export seals an export of some refs to the clinic.
func (w *world) export(name string, e enroll.Export) string {
	w.t.Helper()
	var b bytes.Buffer
	e.Clinic, e.Event, e.Confidence = "clinic-a", leak.EventNew, leak.Confirmed
	if err := enroll.SealExport(&b, w.identity().Recipient().String(), e); err != nil {
		w.t.Fatal(err)
	}
	nothingOf(w.t, "the export", b.Bytes())
	return w.file(name, b.String())
}

func (w *world) resolve(export string) enroll.Resolved {
	w.t.Helper()
	r, err := enroll.Resolve(context.Background(), enroll.ResolveOptions{Export: export, Mapping: w.path("clinic-a.mapping")})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func TestResolve(t *testing.T) {
	t.Parallel()
	w := setup(t)
	table := register() + row("=cmd|calc", "Eve", "Esimerkki", "", "eve@example.com", "")
	h, rows := w.open(w.hash(w.options(w.file("register.csv", table))).Bundle)
	if h.Recipient != w.identity().Recipient().String() {
		t.Fatal("the bundle names another recipient than the clinic's")
	}
	emails := refOf(rows, leak.Email)
	first := w.export("first.age", enroll.Export{Alert: "a-1", Persons: []enroll.ExportPerson{
		{Ref: emails[0], Kinds: []leak.Kind{leak.FIHetu}, Told: true},
		{Ref: emails[2], Kinds: []leak.Kind{leak.Email, leak.EmailBase}},
		{Ref: strings.Repeat("A", 26), Kinds: []leak.Kind{leak.Email}},
	}})
	want := []enroll.Patient{
		{Patient: "=cmd|calc", Kinds: []leak.Kind{leak.Email, leak.EmailBase}, NewKinds: []leak.Kind{leak.Email, leak.EmailBase}, Standing: "new"},
		{Patient: plantedID, Kinds: []leak.Kind{leak.FIHetu}, NewKinds: []leak.Kind{leak.FIHetu}, Standing: "new", Earlier: true},
	}
	for range 2 { // the same export again gives the same list
		r := w.resolve(first)
		if diff := cmp.Diff(want, r.Patients); diff != "" || r.Unknown != 1 || r.Alert != "a-1" {
			t.Errorf("%d unknown, alert %s\n%s", r.Unknown, r.Alert, diff)
		}
	}
	second := w.export("second.age", enroll.Export{Alert: "a-1", Persons: []enroll.ExportPerson{
		{Ref: emails[0], Kinds: []leak.Kind{leak.Phone, leak.FIHetu}},
		{Ref: emails[1], Kinds: []leak.Kind{leak.FIHetu}},
		{Ref: emails[2], Kinds: []leak.Kind{leak.Email}},
	}})
	w.hash(w.options(w.file("april.csv", table))) // a run between keeps what was told
	r := w.resolve(second)
	want = []enroll.Patient{
		{Patient: "=cmd|calc", Kinds: []leak.Kind{leak.Email}, NewKinds: []leak.Kind{}, Standing: "told"},
		{Patient: plantedID, Kinds: []leak.Kind{leak.FIHetu, leak.Phone}, NewKinds: []leak.Kind{leak.Phone}, Standing: "more"},
		{Patient: "P-4712", Kinds: []leak.Kind{leak.FIHetu}, NewKinds: []leak.Kind{leak.FIHetu}, Standing: "new"},
	}
	if diff := cmp.Diff(want, r.Patients); diff != "" {
		t.Error(diff)
	}
	var out bytes.Buffer
	if err := r.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil || lines[1][0] != "'=cmd|calc" || lines[2][0] != plantedID || lines[2][2] != "fi-hetu phone" {
		t.Errorf("%v, error %v", lines, err)
	}
}

func TestATestExportIsNotRemembered(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, rows := w.open(w.hash(w.options(w.file("register.csv", register()))).Bundle)
	people := []enroll.ExportPerson{{Ref: rows[0].Ref, Kinds: []leak.Kind{leak.FIHetu}}}
	w.resolve(w.export("test.age", enroll.Export{Alert: "a-0", Test: true, Persons: people}))
	if r := w.resolve(w.export("real.age", enroll.Export{Alert: "a-1", Persons: people})); r.Patients[0].Standing != "new" {
		t.Errorf("standing %s after a test", r.Patients[0].Standing)
	}
}

func TestResolveRefusals(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.hash(w.options(w.file("register.csv", register())))
	good := w.export("good.age", enroll.Export{Alert: "a-1"})
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	var sealed bytes.Buffer
	if err := enroll.SealExport(&sealed, w.identity().Recipient().String(), enroll.Export{Clinic: "clinic-b"}); err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1
	for what, path := range map[string]string{
		"damaged":        w.file("damaged.age", string(b)),
		"another clinic": w.file("other.age", sealed.String()),
		"no export":      w.file("none.age", "hello"),
		"nowhere":        w.path("nowhere"),
	} {
		if _, err := enroll.Resolve(context.Background(), enroll.ResolveOptions{Export: path, Mapping: w.path("clinic-a.mapping")}); err == nil {
			t.Errorf("%s: resolved", what)
		} else {
			nothingOf(t, what, printed(err))
		}
	}
	if _, err := enroll.Resolve(context.Background(), enroll.ResolveOptions{Export: good, Mapping: w.path("nowhere")}); err == nil {
		t.Error("resolved without a mapping")
	}
	if err := enroll.SealExport(&sealed, "", enroll.Export{}); err == nil {
		t.Error("sealed to nobody")
	}
}
