package enroll_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"filippo.io/age"

	"leakwatch/matcher/enroll"
)

func TestBundleRefusals(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := w.hash(w.options(w.file("register.csv", register())))
	good := w.last
	try := func(what string, known enroll.Known, want error) {
		t.Helper()
		w.last = known
		if _, _, err := w.tryOpen(s.Bundle); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		} else if err != nil {
			nothingOf(t, what, printed(err))
		}
	}
	other := hex.EncodeToString(bytes.Repeat([]byte{7}, 32))
	try("as it is", good, nil)
	try("no such ring", enroll.Known{}, enroll.ErrKey)
	try("wrong check value", enroll.Known{KCV: "00000000"}, enroll.ErrKey)
	try("replayed", enroll.Known{KCV: good.KCV, Sequence: 1}, enroll.ErrSequence)
	try("older", enroll.Known{KCV: good.KCV, Sequence: 9, Signer: s.Signer}, enroll.ErrSequence)
	try("other signer", enroll.Known{KCV: good.KCV, Signer: other}, enroll.ErrSigner)
	try("other signer, compared", enroll.Known{KCV: good.KCV, Signer: other, NewSignerOK: true}, nil)
	try("known signer", enroll.Known{KCV: good.KCV, Signer: s.Signer}, nil)
	w.last = good
	w.deployment, _ = age.GenerateX25519Identity()
	try("another deployment", good, enroll.ErrBundle)
}

func TestDeltaNeedsTheBundleBefore(t *testing.T) {
	t.Parallel()
	w := setup(t)
	table := w.file("register.csv", register())
	w.hash(w.options(table)) // never arrives
	o := w.options(table)
	o.Delta = true
	s := w.hash(o)
	if _, _, err := w.tryOpen(s.Bundle); !errors.Is(err, enroll.ErrSequence) {
		t.Errorf("%v, want %v", err, enroll.ErrSequence)
	}
	w.open(w.hash(w.options(table)).Bundle) // a full one mends it
}

// TestEveryDamagedByteIsRefused changes each byte of a sealed bundle in turn, and cuts it at each length.
func TestEveryDamagedByteIsRefused(t *testing.T) {
	t.Parallel()
	w := setup(t)
	raw, err := os.ReadFile(w.hash(w.options(w.file("register.csv", register()))).Bundle)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		b := bytes.Clone(raw)
		b[i] ^= 1
		if _, err := readAll(w, b); !errors.Is(err, enroll.ErrBundle) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := readAll(w, raw[:i]); !errors.Is(err, enroll.ErrBundle) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

func readAll(w *world, sealed []byte) (n int, err error) {
	b, err := enroll.OpenBundle(bytes.NewReader(sealed), w.deployment, func(enroll.Header) (enroll.Known, error) { return w.last, nil })
	if err != nil {
		return 0, err
	}
	for _, err := range b.Rows() {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// TestChangedInsideTheSeal is whoever knows the deployment's recipient and makes a bundle of its own out of a clinic's.
func TestChangedInsideTheSeal(t *testing.T) {
	t.Parallel()
	w := setup(t)
	raw, err := os.ReadFile(w.hash(w.options(w.file("register.csv", register()))).Bundle)
	if err != nil {
		t.Fatal(err)
	}
	plain := w.unseal(raw)
	nothingOf(t, "the opened bundle", plain)
	lines := strings.SplitAfter(string(plain), "\n")
	header, signature, body := lines[0], lines[1], strings.Join(lines[2:], "")
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	resigned := base64.StdEncoding.EncodeToString(ed25519.Sign(key, []byte("leakwatch/v1/bundle\n"+strings.TrimSuffix(header, "\n")))) + "\n"
	changed := map[string]string{
		"another header":       strings.Replace(header, `"sequence":1`, `"sequence":7`, 1) + signature + body,
		"another signature":    header + resigned + body,
		"another row":          header + signature + strings.Replace(body, "add", "del", 1),
		"a row less":           header + signature + strings.Join(lines[3:], ""),
		"a row twice":          header + signature + lines[2] + body,
		"rows changed places":  header + signature + lines[3] + lines[2] + strings.Join(lines[4:], ""),
		"no line end":          strings.TrimSuffix(string(plain), "\n"),
		"only the header":      header,
		"spaces in the header": strings.Replace(header, ":", ": ", 1) + signature + body,
		"nothing":              "",
	}
	for what, s := range changed {
		if _, err := readAll(w, w.seal([]byte(s))); !errors.Is(err, enroll.ErrBundle) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n, err := readAll(w, w.seal(plain)); err != nil || n != 11 {
		t.Errorf("unchanged: %d rows, %v", n, err)
	}
}

func (w *world) unseal(b []byte) []byte {
	w.t.Helper()
	r, err := age.Decrypt(bytes.NewReader(b), w.deployment)
	if err == nil {
		b, err = io.ReadAll(r)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *world) seal(plain []byte) []byte {
	w.t.Helper()
	var b bytes.Buffer
	s, err := age.Encrypt(&b, w.deployment.Recipient())
	if err == nil {
		_, err = s.Write(plain)
	}
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("07", 32)
	if f := enroll.Fingerprint(key); len(f) != 39 || strings.Count(f, " ") != 7 || f == enroll.Fingerprint(strings.Repeat("08", 32)) {
		t.Errorf("fingerprint %q", f)
	}
	if enroll.Fingerprint("07") != "" || enroll.Fingerprint("zz") != "" {
		t.Error("a fingerprint of no key")
	}
}
