package enroll_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"leakwatch/configs"
	"leakwatch/leak"
	"leakwatch/matcher/enroll"
)

// The planted patient: test numbers, a reserved domain, a telephone number of the drama range. None of it may appear
// anywhere but in the clinic's own list, and there the patient id alone.
const (
	plantedHETU   = "010594Y9032"
	plantedEmail  = "matti.meikalainen+klinikka@example.com"
	plantedPhone  = "+447700900123"
	plantedGiven  = "Matti"
	plantedFamily = "Meikäläinen"
	plantedID     = "P-4711"
)

// world is a clinic and the deployment that it belongs to, in a folder of its own.
type world struct {
	t          testing.TB
	dir        string
	deployment *age.X25519Identity
	kit        enroll.Kit
	last       enroll.Known // what the server knows
}

func setup(t testing.TB) *world {
	t.Helper()
	deployment, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: t.TempDir(), deployment: deployment}
	var secret configs.Secret
	for i := range secret {
		secret[i] = byte(i)
	}
	w.kit = enroll.Kit{Clinic: "clinic-a", RK: "test-rk1", Secret: secret, Recipient: deployment.Recipient().String(), Region: "GB"}
	w.last.KCV = w.kit.KCV()
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) file(name, content string) string {
	w.t.Helper()
	if err := os.WriteFile(w.path(name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return w.path(name)
}

// options hash a table with the usual columns.
func (w *world) options(table string) enroll.Options {
	return enroll.Options{
		Table: table, Kit: w.kit, ID: "potilasnumero", Mapping: w.path("clinic-a.mapping"), Report: w.path("refused.csv"),
		Bundle: filepath.Join(w.t.TempDir(), "out.bundle"), Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
		Map: []string{"fi-hetu=hetu", "email=sähköposti", "phone=puhelin", "given=etunimi", "family=sukunimi"},
	}
}

func (w *world) hash(o enroll.Options) enroll.Summary {
	w.t.Helper()
	s, err := enroll.HashTable(context.Background(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// open opens a bundle as the server does and reads all its rows, and remembers it as applied.
func (w *world) open(bundle string) (enroll.Header, []enroll.Row) {
	w.t.Helper()
	h, rows, err := w.tryOpen(bundle)
	if err != nil {
		w.t.Fatal(err)
	}
	w.last.Sequence, w.last.Signer = h.Sequence, h.Signer
	return h, rows
}

func (w *world) tryOpen(bundle string) (enroll.Header, []enroll.Row, error) {
	f, err := os.Open(bundle)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	b, err := enroll.OpenBundle(f, w.deployment, func(enroll.Header) (enroll.Known, error) { return w.last, nil })
	if err != nil {
		return enroll.Header{}, nil, err
	}
	var rows []enroll.Row
	for row, err := range b.Rows() {
		if err != nil {
			return b.Header, nil, err
		}
		rows = append(rows, row)
	}
	return b.Header, rows, nil
}

// identity is the clinic's age identity, out of its keys file.
func (w *world) identity() *age.X25519Identity {
	w.t.Helper()
	var f struct{ Identity string }
	b, err := os.ReadFile(enroll.KeysPath(w.path("clinic-a.mapping")))
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	identity, e := age.ParseX25519Identity(f.Identity)
	if err = errors.Join(err, e); err != nil {
		w.t.Fatal(err)
	}
	return identity
}

const heading = "potilasnumero;etunimi;sukunimi;hetu;sähköposti;puhelin\n"

// register is a small table with the planted patient in it.
func register() string {
	return heading +
		row(plantedID, plantedGiven, plantedFamily, plantedHETU, plantedEmail, plantedPhone) +
		row("P-4712", "Maija", "Mallikas", "020594X903P", "maija@example.com", "")
}

func row(cells ...string) string { return strings.Join(cells, ";") + "\n" }

func kinds(rows []enroll.Row) map[string]int {
	n := map[string]int{}
	for _, r := range rows {
		n[r.Op+" "+string(r.Kind)]++
	}
	return n
}

// nothingOf fails when text holds any part of the planted patient.
func nothingOf(t testing.TB, where string, text []byte) {
	t.Helper()
	lower := bytes.ToLower(text)
	for _, secret := range []string{plantedHETU, plantedEmail, "meikalainen", "meikäläinen", plantedPhone, "7700900123", plantedID, "matti"} {
		if bytes.Contains(lower, []byte(strings.ToLower(secret))) {
			t.Errorf("%s holds %q of the planted patient", where, secret)
		}
	}
}

func printed(v any) []byte {
	j, _ := json.Marshal(v)
	return fmt.Appendf(j, "\n%v %+v %#v %s", v, v, v, v)
}

func refOf(rows []enroll.Row, kind leak.Kind) []string {
	var refs []string
	for _, r := range rows {
		if r.Kind == kind {
			refs = append(refs, r.Ref)
		}
	}
	return refs
}
