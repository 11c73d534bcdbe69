package store_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"leakwatch/leak"
	"leakwatch/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.ok(b.Close())
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("#", "%23", "?", "%3f", " ", "%20").Replace(b.path))
	b.ok(err)
	_, err = db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, 1)`, store.SchemaVersion()+1)
	b.ok(err)
	b.ok(db.Close())
	if _, err := store.Open(b.ctx, store.Options{Path: b.path, Places: b.places}); !errors.Is(err, store.ErrNewerSchema) {
		t.Fatalf("open gave %v", err)
	}
}

func TestWrongKeyIsRefused(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	if _, err := store.Open(b.ctx, store.Options{Path: b.path, Places: placeKey(t, 8)}); !errors.Is(err, store.ErrWrongKey) {
		t.Fatalf("open under another place key gave %v", err)
	}
	b.ok(b.CheckKeys(b.ctx, map[string]string{"ring/test-1": "aabbccdd", "index/pk-1": "00112233"}))
	b.ok(b.CheckKeys(b.ctx, map[string]string{"index/pk-1": "00112233"}))
	err := b.CheckKeys(b.ctx, map[string]string{"index/pk-1": "99999999", "find/pk-1": "01020304"})
	if !errors.Is(err, store.ErrWrongKey) || !strings.Contains(err.Error(), "index/pk-1") {
		t.Fatalf("a wrong pepper gave %v", err)
	}
	b.ok(b.CheckKeys(b.ctx, map[string]string{"find/pk-1": "05060708"})) // was not pinned beside the wrong one
}

func TestOpenByManyAtOnce(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.ok(b.Close())
	b.ok(os.Remove(b.path))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := store.Open(b.ctx, store.Options{Path: b.path, Places: b.places})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error("closed twice:", err)
			}
		})
	}
	wg.Wait()
}

// The files of a store that is not closed are what a crash leaves.
func TestWhatWasCommittedSurvivesACrash(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.sources(9, "paste")
	b.run(b.items("paste", 50)...)
	b.finish(b.lease("dies", 9)[0], "dies", leak.Clean)
	after := filepath.Join(t.TempDir(), "after.db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(b.path + suffix)
		b.ok(err)
		b.ok(os.WriteFile(after+suffix, content, 0o600))
	}
	b.path = after
	b.clock.add(time.Hour) // the leases ran out
	b.Store = b.second()
	if n := b.open(); n != 49 {
		t.Fatalf("%d open, want 49", n)
	}
	if due := b.put(b.items("paste", 50)...); due != 0 {
		t.Fatalf("%d new versions of what was there", due)
	}
	if got := b.lease("w", 99); len(got) != 9 || got[0].Attempt != 2 {
		t.Fatalf("leased %d", len(got))
	}
}

func TestFileIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("modes are for Unix")
	}
	b := newBase(t)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		st, err := os.Stat(b.path + suffix)
		b.ok(err)
		if st.Mode().Perm() != 0o600 {
			t.Errorf("%q has mode %v", suffix, st.Mode())
		}
	}
}

func TestClosedStoreSaysSo(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	b.ok(b.Close())
	if err := b.RunNow(b.ctx, "paste"); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Fatalf("a write to a closed store gave %v", err)
	}
}
