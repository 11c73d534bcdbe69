package enroll_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"leakwatch/matcher/enroll"
)

func TestKit(t *testing.T) {
	t.Parallel()
	w := setup(t)
	path := w.path("clinic-a.kit")
	if err := enroll.WriteKit(path, w.kit); err != nil {
		t.Fatal(err)
	}
	if err := enroll.WriteKit(path, w.kit); err == nil {
		t.Error("a kit was written over")
	}
	k, err := enroll.ReadKit(path)
	if err != nil || k != w.kit || !k.Test() || k.KCV() != "2b14cab6" {
		t.Errorf("%v, error %v", k.KCV(), err)
	}
	if s := fmt.Sprintf("%v %+v %#v", k, k, k); strings.Contains(s, base64.StdEncoding.EncodeToString(k.Secret[:])) || strings.Contains(s, "1 2 3 4") {
		t.Error("a printed kit shows its key")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damage := map[string][]byte{
		"another key":   bytes.Replace(b, []byte("AAECAwQF"), []byte("AQECAwQF"), 1),
		"another ring":  bytes.Replace(b, []byte("test-rk1"), []byte("fi-2026a"), 1),
		"no JSON":       b[:40],
		"unknown field": bytes.Replace(b, []byte(`"clinic"`), []byte(`"klinik"`), 1),
		"no recipient":  bytes.Replace(b, []byte("age1"), []byte("age2"), 1),
		"another spec":  bytes.Replace(b, []byte("kit/1"), []byte("kit/2"), 1),
	}
	for what, b := range damage {
		if _, err := enroll.ReadKit(w.file("damaged", string(b))); err == nil {
			t.Errorf("%s: not refused", what)
		} else if strings.Contains(err.Error(), "AAECAw") || strings.Contains(err.Error(), "AQECAw") {
			t.Errorf("%s: the error shows the key", what)
		}
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := enroll.ReadKit(path); err == nil {
		t.Error("a kit that others can read was taken")
	}
}
