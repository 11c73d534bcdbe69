package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"leakwatch/leak"
)

func openInternal(t testing.TB) *Store {
	t.Helper()
	places, err := leak.NewPlaceKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(context.Background(), Options{Path: filepath.Join(t.TempDir(), "s.db"), Places: places})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func putMeta(ctx context.Context, tx *txn, name string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES (?, '')`, name)
	return err
}

func metaCount(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.read().QueryRow(`SELECT count(*) FROM meta WHERE name LIKE 'x%'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// hold keeps the writer busy until the given function is called, so that what is written meanwhile is one group.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	started, end, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	start := sync.OnceFunc(func() { close(started) }) // a closure may run again
	go func() {
		ended <- s.write(context.Background(), func(*txn) error { start(); <-end; return nil })
	}()
	<-started
	return func() {
		close(end)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestOnesFailureUndoesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	s := openInternal(t)
	ctx := context.Background()
	release := hold(t, s)
	mine := errors.New("mine")
	var wg sync.WaitGroup
	for n := range 200 {
		wg.Go(func() {
			err := s.write(ctx, func(tx *txn) error {
				if err := putMeta(ctx, tx, fmt.Sprint("x", n)); err != nil {
					return err
				}
				if n%3 == 0 {
					return mine
				}
				return nil
			})
			if (n%3 == 0) != errors.Is(err, mine) {
				t.Errorf("%d gave %v", n, err)
			}
		})
	}
	release()
	wg.Wait()
	if n := metaCount(t, s); n != 133 {
		t.Errorf("%d rows, want 133", n)
	}
}

// SQLite rolls the whole transaction back when a write in it is interrupted. Those who shared it lose nothing.
func TestACancelledWriteUndoesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	s := openInternal(t)
	ctx := context.Background()
	release := hold(t, s)
	var wg sync.WaitGroup
	for n := range 40 {
		wg.Go(func() {
			if err := s.write(ctx, func(tx *txn) error { return putMeta(ctx, tx, fmt.Sprint("x", n)) }); err != nil {
				t.Error(n, err)
			}
		})
		if n%10 != 5 {
			continue
		}
		wg.Go(func() {
			mine, cancel := context.WithCancel(ctx)
			defer cancel()
			err := s.write(mine, func(tx *txn) error {
				go cancel()
				_, err := tx.ExecContext(mine, `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000000)
					INSERT INTO meta SELECT 'x-many-' || n, '' FROM c`)
				return err
			})
			if !errors.Is(err, context.Canceled) {
				t.Error("a cancelled write gave", err)
			}
		})
	}
	release()
	wg.Wait()
	if n := metaCount(t, s); n != 40 {
		t.Errorf("%d rows, want 40", n)
	}
}

func TestAWriteMayBeGivenUpWhileItWaits(t *testing.T) {
	t.Parallel()
	s := openInternal(t)
	release := hold(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	got := make(chan error, 1)
	go func() {
		got <- s.write(ctx, func(*txn) error { t.Error("ran"); return nil })
	}()
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	release()
	if err := s.write(context.Background(), func(tx *txn) error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestEveryTableOfWorkHasTheColumns(t *testing.T) {
	t.Parallel()
	s := openInternal(t)
	for _, w := range works() {
		if _, err := s.read().Exec(fmt.Sprintf(`SELECT %s, due_at, attempts, lease_owner, lease_until, dead_at FROM %s`, w.key, w.table)); err != nil {
			t.Errorf("%s: %v", w.table, err)
		}
	}
}

func FuzzValidators(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nETag: \"a\"\r\nLast-Modified: Mon, 02 Mar 2026 10:00:00 GMT\r\n"))
	f.Add([]byte("\n\n:\r\n "))
	f.Fuzz(func(_ *testing.T, response []byte) { validators(leak.Exchange{Response: response}) })
}
