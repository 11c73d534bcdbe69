package fts_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"leakwatch/finds"
	"leakwatch/finds/findstest"
	"leakwatch/finds/fts"
)

var _ finds.Index = (*fts.Index)(nil)

func TestSuite(t *testing.T) {
	t.Parallel()
	findstest.Run(t, func(t *testing.T) findstest.Open {
		path := filepath.Join(t.TempDir(), "odd name ?#%20", "finds.db")
		if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		return func(t *testing.T) finds.Index {
			x, err := fts.Open(context.WithoutCancel(t.Context()), path)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
	})
}

func TestOwnerOnly(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("modes are a matter of Unix")
	}
	path := filepath.Join(t.TempDir(), "finds.db")
	x, err := fts.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = x.Close() }()
	for _, p := range []string{path, path + "-wal"} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", filepath.Base(p), info.Mode())
		}
	}
}

func TestOtherLayout(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "finds.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`PRAGMA user_version = 99`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := fts.Open(t.Context(), path); !errors.Is(err, fts.ErrLayout) {
		t.Errorf("Open of another layout: %v", err)
	}
}

// TestOpenTogether has many open a new file at once, as several processes may.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "finds.db")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			x, err := fts.Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			if err := x.Check(t.Context()); err != nil {
				t.Error(err)
			}
			if err := x.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
