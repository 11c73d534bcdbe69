package evidence_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"pgregory.net/rapid"

	"leakwatch/leak"
	"leakwatch/pipeline/evidence"
)

const planted = "Meikäläinen Matti 010594Y9032"

type bundle struct {
	vault        *evidence.Vault
	dir          string
	places       *leak.PlaceKey
	investigator *age.X25519Identity
}

func setup(t *testing.T) bundle {
	t.Helper()
	places, err := leak.NewPlaceKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "evidence")
	v, err := evidence.Open(dir, places, []string{identity.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return bundle{v, dir, places, identity}
}

// open gives the body as an investigator reads it: identity first, then each part.
func (b bundle) open(t *testing.T, version string) []byte {
	t.Helper()
	dir := filepath.Join(b.dir, version[len(version)-2:], version)
	sealed, err := os.ReadFile(filepath.Join(dir, "identity.age"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), b.investigator)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := age.ParseX25519Identity(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob(filepath.Join(dir, "body.*.age"))
	if err != nil {
		t.Fatal(err)
	}
	var body []byte
	for _, p := range parts {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		r, err := age.Decrypt(bytes.NewReader(b), identity)
		if err != nil {
			t.Fatal(err)
		}
		clear, err := io.ReadAll(r)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		body = append(body, clear...)
	}
	return body
}

func TestKeepSealsToInvestigatorsOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, err := b.vault.Spool("v-one")
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte(planted+"\n"), 40_000)
	if _, err := s.Write(want); err != nil {
		t.Fatal(err)
	}
	place := b.places.Place("", "https://files.example/"+planted+".txt")
	if err := s.Member(leak.Member{Place: place, Size: 12, Owner: planted, ModTime: time.Unix(1, 0)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(); err != nil {
		t.Fatal(err)
	}
	if got := b.open(t, "v-one"); !bytes.Equal(got, want) {
		t.Fatalf("investigator reads %d bytes, want %d", len(got), len(want))
	}
	if n, ok := b.vault.Kept("v-one"); !ok || n < int64(len(want)) {
		t.Errorf("Kept = %d, %v", n, ok)
	}
	if files := clearFiles(t, b.dir); len(files) > 0 {
		t.Errorf("in clear on disk: %v", files)
	}
	if left, _ := filepath.Glob(filepath.Join(b.dir, "*", "*", "reading.sealed")); len(left) > 0 {
		t.Error("the identity is still here under the place key")
	}
}

// clearFiles are the files that hold the planted patient in clear.
func clearFiles(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, part := range strings.Fields(planted) {
			if bytes.Contains(b, []byte(part)) || strings.Contains(path, part) {
				found = append(found, path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSmallCleanBodyNeverTouchesTheDisk(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, err := b.vault.Spool("v-two")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write([]byte(planted)); err != nil {
		t.Fatal(err)
	}
	if err := s.Drop(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(b.dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A crash may cut the last part anywhere. What is replayed is a prefix, and what is written after it follows on.
func TestReplayAfterACutAnywhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b := setup(t)
		first := bytes.Repeat([]byte("0123456789abcdef"), rapid.IntRange(20_000, 60_000).Draw(rt, "first"))
		s, err := b.vault.Spool("v-cut")
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := s.Write(first); err != nil {
			rt.Fatal(err)
		}
		if err := s.SetValidators(leak.Validators{ETag: "e"}); err != nil {
			rt.Fatal(err)
		}
		if err := s.Pause(); err != nil {
			rt.Fatal(err)
		}
		part := filepath.Join(b.dir, "ut", "v-cut", "body.000.age")
		info, err := os.Stat(part)
		if err != nil {
			rt.Fatal(err)
		}
		if err := os.Truncate(part, rapid.Int64Range(0, info.Size()).Draw(rt, "cut")); err != nil {
			rt.Fatal(err)
		}
		s, err = b.vault.Spool("v-cut")
		if err != nil {
			rt.Fatal(err)
		}
		if !s.Resumed() || s.Validators().ETag != "e" {
			rt.Fatal("the spool was not taken up")
		}
		replay := s.Replay()
		got, err := io.ReadAll(replay)
		if err != nil || !bytes.HasPrefix(first, got) {
			rt.Fatalf("replay: %d bytes, %v", len(got), err)
		}
		if _, err := s.Write(first[len(got):]); err != nil {
			rt.Fatal(err)
		}
		if err := s.Keep(); err != nil {
			rt.Fatal(err)
		}
	})
}

func TestDropIsHarmlessTwiceAndIdsAreChecked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.vault.Drop("v-none"); err != nil {
		t.Error(err)
	}
	for _, id := range []string{"", "../x", "a/b", "Äiti", strings.Repeat("a", 81)} {
		if _, err := b.vault.Spool(id); err == nil {
			t.Errorf("id %q was taken", id)
		}
	}
}

func TestKeptEvidenceIsNotOverwritten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, text := range []string{"first", "second"} {
		s, err := b.vault.Spool("v-again")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := s.Keep(); err != nil {
			t.Fatal(err)
		}
		if got := string(b.open(t, "v-again")); got != text {
			t.Fatalf("kept %q, want %q", got, text)
		}
	}
	if _, err := os.Stat(filepath.Join(b.dir, "in", "v-again~", "identity.age")); err != nil {
		t.Error("the first copy is gone")
	}
	if err := b.vault.Drop("v-again"); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(b.dir, "*", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
