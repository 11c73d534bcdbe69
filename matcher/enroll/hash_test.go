package enroll_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leakwatch/leak"
	"leakwatch/matcher"
	"leakwatch/matcher/enroll"
)

func TestHashWritesWhatTheColumnsAllow(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.hash(w.options(w.file("register.csv", register())))
	want := map[leak.Kind]int64{leak.FIHetu: 2, leak.Email: 2, leak.EmailBase: 2, leak.Phone: 1, leak.Name: 2, leak.NameDOB: 2}
	if diff := cmp.Diff(want, s.Identifiers); diff != "" {
		t.Error(diff)
	}
	if s.Rows != 2 || s.Patients != 2 || s.NewPatients != 2 || s.WithoutStrong != 0 || len(s.Refused) != 0 || s.Mode != enroll.ModeFull ||
		!s.FirstUse || s.Charset != "utf-8" || s.Delimiter != ";" {
		t.Errorf("summary %+v", s)
	}
	h, rows := w.open(s.Bundle)
	if h.Clinic != "clinic-a" || h.RK != "test-rk1" || h.KCV != "2b14cab6" || h.Sequence != 1 || h.Rows != 11 || len(rows) != 11 {
		t.Errorf("header %+v, %d rows", h, len(rows))
	}
	hasher := matcher.NewHasher(matcher.Key{ID: "test-rk1", Secret: w.kit.Secret}, "GB")
	t1, err := hasher.T1(leak.FIHetu, plantedHETU)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(rows, func(r enroll.Row) bool { return r.T1 == t1 && r.Kind == leak.FIHetu && r.Op == enroll.OpAdd }) {
		t.Error("the planted code's T1 is not in the bundle")
	}
	for _, f := range []string{w.path("clinic-a.mapping"), enroll.KeysPath(w.path("clinic-a.mapping")), s.Bundle} {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", filepath.Base(f), info.Mode(), err)
		}
	}
}

func TestFormerIdentifiersAreCarried(t *testing.T) {
	t.Parallel()
	w := setup(t)
	first := w.hash(w.options(w.file("march.csv", register())))
	_, before := w.open(first.Bundle)
	april := strings.ReplaceAll(register(), plantedPhone, "+447700900456")
	april = april[:strings.Index(april, "P-4712")] // the other patient has left
	second := w.hash(w.options(w.file("april.csv", april)))
	h, after := w.open(second.Bundle)
	if h.Sequence != 2 || second.FirstUse || second.NewPatients != 0 || second.Carried != 1 || second.Former != 1+5 || second.Added != 1 {
		t.Errorf("sequence %d, summary %+v", h.Sequence, second)
	}
	for _, r := range before {
		if !slices.Contains(after, r) {
			t.Errorf("%v is lost", r)
		}
	}
	if n := kinds(after)["add phone"]; n != 2 {
		t.Errorf("%d telephone numbers, want the old and the new one", n)
	}
	phones := refOf(after, leak.Phone)
	if phones[0] != phones[1] {
		t.Error("the refs changed")
	}
}

// A spreadsheet that eats the zeros before the patient numbers would give everybody a second handle.
func TestATableOfStrangersIsRefused(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.hash(w.options(w.file("march.csv", register())))
	o := w.options(w.file("april.csv", strings.ReplaceAll(register(), "P-", "")))
	_, err := enroll.HashTable(context.Background(), o)
	var usage *enroll.UsageError
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), "none of the 2 patients") {
		t.Fatalf("%v, want a mistake of usage that says why", err)
	}
	o.AllNew = true
	if s := w.hash(o); s.NewPatients != 2 || s.Carried != 2 {
		t.Errorf("%+v, want two new patients beside the two old ones", s)
	}
}

func TestDeltaAndErasure(t *testing.T) {
	t.Parallel()
	w := setup(t)
	table := w.file("march.csv", register())
	o := w.options(table)
	o.Delta = true
	if _, err := enroll.HashTable(context.Background(), o); err == nil {
		t.Error("a delta came before any full bundle")
	}
	w.open(w.hash(w.options(table)).Bundle)
	april := w.file("april.csv", strings.ReplaceAll(register(), plantedPhone, "+447700900456")+row("P-4713", "Eve", "Esimerkki", "", "eve@example.com", ""))
	o = w.options(april)
	o.Delta = true
	_, rows := w.open(w.hash(o).Bundle)
	if diff := cmp.Diff(map[string]int{"add phone": 1, "add email": 1, "add email-base": 1, "add name": 1}, kinds(rows)); diff != "" {
		t.Error(diff)
	}
	o = w.options(w.file("may.csv", strings.ReplaceAll(register(), plantedPhone, "+447700900456")))
	o.Delta = true
	o.Erase = w.file("erase.txt", plantedID+"\r\nP-4713\nnobody\n")
	s := w.hash(o)
	_, rows = w.open(s.Bundle)
	if diff := cmp.Diff(map[string]int{"del phone": 1, "del email": 1, "del email-base": 1, "del name": 1}, kinds(rows)); diff != "" {
		t.Error(diff)
	}
	if s.Erased != 2 || s.EraseKept != 1 || s.EraseUnknown != 1 || s.Removed != 4 || s.Carried != 0 {
		t.Errorf("summary %+v", s)
	}
	o.Erase, o.Bundle, o.Delta = "", w.path("june.bundle"), false
	_, rows = w.open(w.hash(o).Bundle)
	if n := len(rows); n != 11 {
		t.Errorf("%d rows after the erasure, want 11", n)
	}
}

// A full bundle leaves out what is not registered any more, and deletes who is to be forgotten, under a new key too.
func TestAFullBundleErases(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.open(w.hash(w.options(w.file("march.csv", register()+row("P-4713", "Eve", "Esimerkki", "", "eve@example.com", "")))).Bundle)
	w.kit.RK, w.kit.Secret[0] = "test-rk2", 99
	w.last.KCV = w.kit.KCV()
	o := w.options(w.file("april.csv", register()))
	o.Erase = w.file("erase.txt", "P-4713\n")
	_, rows := w.open(w.hash(o).Bundle)
	got := kinds(rows)
	if got["del email"] != 1 || got["del email-base"] != 1 || got["del name"] != 1 || got["add email"] == 0 {
		t.Errorf("%v", got)
	}
	_, rows = w.open(w.hash(w.options(w.file("may.csv", register()))).Bundle)
	if got := kinds(rows); got["del email"] != 0 {
		t.Errorf("deleted twice: %v", got)
	}
}

func TestANewRingKeyKeepsThePast(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.open(w.hash(w.options(w.file("march.csv", register()))).Bundle)
	april := w.file("april.csv", strings.ReplaceAll(register(), plantedPhone, "+447700900456"))
	w.kit.RK, w.kit.Secret[0] = "test-rk2", 99
	w.last.KCV = w.kit.KCV()
	o := w.options(april)
	o.Delta = true
	if _, err := enroll.HashTable(context.Background(), o); err == nil {
		t.Error("a delta was made across a change of the ring's key")
	}
	h, rows := w.open(w.hash(w.options(april)).Bundle)
	if h.RK != "test-rk2" || kinds(rows)["add phone"] != 2 {
		t.Errorf("ring %s, %v: the former number was lost with the old key", h.RK, kinds(rows))
	}
	t1, err := matcher.NewHasher(matcher.Key{ID: "test-rk2", Secret: w.kit.Secret}, "GB").T1(leak.Phone, plantedPhone)
	if err != nil || !slices.ContainsFunc(rows, func(r enroll.Row) bool { return r.T1 == t1 }) {
		t.Error("the former number was not hashed under the new key")
	}
}

func TestVisitsMergeAndRefusalsAreReported(t *testing.T) {
	t.Parallel()
	w := setup(t)
	table := heading +
		row(plantedID, plantedGiven, plantedFamily, plantedHETU, plantedEmail, plantedPhone) +
		row(plantedID, plantedGiven, plantedFamily, plantedHETU, `"matti.meikalainen@example.com; `+plantedEmail+`"`, "07700 900123") +
		row("P-4712", "Maija", "", "010594Y9033", "no address", "12") +
		row("", plantedGiven, plantedFamily, plantedHETU, "", "")
	s := w.hash(w.options(w.file("register.csv", table)))
	_, rows := w.open(s.Bundle)
	if diff := cmp.Diff(map[string]int{"add fi-hetu": 1, "add email": 2, "add email-base": 1, "add phone": 1, "add name": 1, "add name-dob": 1}, kinds(rows)); diff != "" {
		t.Error(diff)
	}
	if s.Patients != 2 || s.WithoutStrong != 1 || s.WithoutAny != 1 || s.RefusedRows != 2 {
		t.Errorf("summary %+v", s)
	}
	b, err := os.ReadFile(w.path("refused.csv"))
	if err != nil {
		t.Fatal(err)
	}
	nothingOf(t, "the report", b)
	lines, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"row", "column", "kind", "reason"}, {"4", "hetu", "fi-hetu", "checksum"}, {"4", "sähköposti", "email", "format"},
		{"4", "puhelin", "phone", "format"}, {"4", "etunimi", "name", "incomplete"}, {"5", "potilasnumero", "id", "no patient id"},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	// The table is named after the patient, has no header, and the first row is the patient.
	name := plantedFamily + "_" + plantedGiven + ".csv"
	lines := strings.SplitAfterN(register(), "\n", 2)[1]
	table := w.file(name, lines+row("P-9", "x", plantedFamily, plantedHETU+"7", "@"+plantedEmail, "9"+plantedHETU))
	o := w.options(table)
	o.Map = []string{"fi-hetu=#4", "email=#5", "phone=#6", "given=#2", "family=#3"}
	for _, id := range []string{"#1", "nothing"} {
		o.ID = id
		_, err := enroll.HashTable(context.Background(), o)
		if err != nil {
			nothingOf(t, "an error", printed(err))
		} else if id == "nothing" {
			t.Error("a column that is not there was taken")
		}
	}
	report, err := os.ReadFile(o.Report)
	if err != nil {
		t.Fatal(err)
	}
	nothingOf(t, "the report", report)
	for _, f := range []string{o.Bundle, o.Mapping, enroll.KeysPath(o.Mapping)} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		nothingOf(t, filepath.Ext(f), b)
	}
	_, rows := w.open(o.Bundle)
	nothingOf(t, "the rows", printed(rows))
	p, err := enroll.Preview(context.Background(), enroll.Options{Table: table, Kit: w.kit, Mapping: o.Mapping})
	if err != nil {
		t.Fatal(err)
	}
	nothingOf(t, "the preview", printed(p))
	o.Table = w.path(plantedFamily + ".csv")
	o.Bundle = w.path("other.bundle")
	_, err = enroll.HashTable(context.Background(), o)
	nothingOf(t, "the error of a missing table", printed(err))
	nothingOf(t, "the printed options", printed(w.kit))
	left, err := filepath.Glob(w.path(".leakwatch-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestKeysAndMappingBelongTogether(t *testing.T) {
	t.Parallel()
	w := setup(t)
	table := w.file("register.csv", register())
	w.open(w.hash(w.options(table)).Bundle)
	keys, mapping := enroll.KeysPath(w.path("clinic-a.mapping")), w.path("clinic-a.mapping")
	refuse := func(why string) {
		t.Helper()
		_, err := enroll.HashTable(context.Background(), w.options(table))
		if err == nil {
			t.Error("not refused: " + why)
		}
	}
	if err := os.Chmod(keys, 0o644); err != nil {
		t.Fatal(err)
	}
	refuse("keys that others can read")
	_ = os.Chmod(keys, 0o600)
	if err := os.Rename(mapping, mapping+".old"); err != nil {
		t.Fatal(err)
	}
	refuse("keys without their mapping")
	o := w.options(table)
	o.NewMapping = true
	if h, _ := w.open(w.hash(o).Bundle); h.Sequence < 1_000_000 {
		t.Errorf("a new mapping's sequence is %d: the server would take it for old", h.Sequence)
	}
	if err := os.Rename(keys, keys+".old"); err != nil {
		t.Fatal(err)
	}
	refuse("a mapping without its keys")
	_ = os.Rename(keys+".old", keys)
	w.kit.Clinic = "clinic-b"
	refuse("another clinic's keys")
}

func TestAnEndedRunChangesNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	table := w.file("register.csv", register())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := enroll.HashTable(ctx, w.options(table)); err == nil {
		t.Fatal("it went on")
	}
	if _, err := os.Stat(enroll.KeysPath(w.path("clinic-a.mapping"))); err == nil {
		t.Error("keys without a mapping were left behind")
	}
	w.open(w.hash(w.options(table)).Bundle)
	before, _ := os.ReadFile(w.path("clinic-a.mapping"))
	o := w.options(table)
	if _, err := enroll.HashTable(ctx, o); err == nil {
		t.Fatal("it went on")
	}
	after, _ := os.ReadFile(w.path("clinic-a.mapping"))
	if _, err := os.Stat(o.Bundle); err == nil || !bytes.Equal(before, after) {
		t.Error("the mapping or the bundle was touched")
	}
}

func TestOneIDForEverybodyIsRefused(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var b strings.Builder
	b.WriteString(heading)
	for i := range 20000 {
		b.WriteString(row("Helsinki", "A", "B", "", "a"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+strings.Repeat("y", i%50)+"@example.com", ""))
	}
	if _, err := enroll.HashTable(context.Background(), w.options(w.file("register.csv", b.String()))); err == nil {
		t.Error("a column that is the same for everybody was taken for the patient id")
	}
}
