package main

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/store"
)

// TestPatternOfAnEarlierVersion: a pattern in the store that this version refuses stops neither the start nor what is
// registered later; it is left out for its clinic, and said each time.
func TestPatternOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leakwatch.db")
	here, there := newOther(t, path), newOther(t, path)
	for clinic, pattern := range map[string]string{"a": `[A-Z0-9]{0,14}1[A-Z0-9]{0,14}\d{3}`, "b": `\d{6}`} {
		if err := here.store.AddClinic(t.Context(), store.Clinic{ID: clinic, Ring: "test-a", RecordNumbers: pattern}); err != nil {
			t.Fatal(err)
		}
	}
	here.apply("a", "full", 1, "+r1 a1@example.com")
	var said bytes.Buffer
	a := &app{match: there.match, opened: there.store, now: time.Now, logger: slog.New(slog.NewTextHandler(&said, nil))}
	finds := func(what, want string) {
		t.Helper()
		var seen []string
		text := leak.Text{Reader: strings.NewReader("a1@example.com a2@example.com")}
		if err := a.match.Begin(func(m leak.Match) { seen = append(seen, m.Person.Ref) }).Text(t.Context(), text); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(seen, " "); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		if n := strings.Count(said.String(), "clinic=a"); n != 1 || strings.Contains(said.String(), "clinic=b") {
			t.Errorf("%s: said %d times: %s", what, n, &said)
		}
		said.Reset()
	}
	if _, err := a.matcher(t.Context()); err != nil {
		t.Fatal(err)
	}
	finds("at the start", "r1")
	here.apply("a", "delta", 2, "+r2 a2@example.com")
	if err := a.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	finds("later", "r1 r2")
}
