// Package fts is the search index inside the program: SQLite FTS5 in a file of its own, in WAL mode, so that several
// processes may use it at once.
package fts

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"leakwatch/leak"
)

//go:embed schema.sql
var schema string

// layout is the version of schema.sql, kept as the file's user_version.
const layout = 1

// ErrLayout is given by Open for a file of another version of the program.
var ErrLayout = errors.New("the search index has another layout: delete the file and run `leakwatch reindex`")

// Index is a finds.Index in one SQLite file. It is safe for concurrent use.
type Index struct {
	write *sql.DB // one connection, each transaction a writer from its start
	read  *sql.DB

	mu       sync.Mutex
	building int64 // the generation that Reset began here; 0 means none
}

// Open opens the index at path, and creates it, readable by its owner only, where there is none. Close closes it.
func Open(ctx context.Context, path string) (*Index, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open search index: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open search index: %w", err)
	}
	x := &Index{}
	if x.write, err = open(path, "_txlock=immediate&_pragma=journal_mode(WAL)"); err != nil {
		return nil, err
	}
	x.write.SetMaxOpenConns(1)
	if err := x.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open search index: %w", err), x.write.Close())
	}
	if x.read, err = open(path, "_pragma=query_only(1)"); err != nil {
		return nil, errors.Join(err, x.write.Close())
	}
	x.read.SetMaxOpenConns(4)
	return x, nil
}

// open gives a pool. The index can be made again, so a power cut may take the last commits: synchronous is NORMAL.
func open(path, options string) (*sql.DB, error) {
	name := (&url.URL{Scheme: "file", Opaque: url.PathEscape(filepath.ToSlash(path))}).String()
	db, err := sql.Open("sqlite", name+"?_pragma=busy_timeout(30000)&_pragma=foreign_keys(1)"+
		"&_pragma=synchronous(NORMAL)&_pragma=cache_size(-16384)&"+options)
	if err != nil {
		return nil, fmt.Errorf("open search index: %w", err)
	}
	return db, nil
}

func (x *Index) migrate(ctx context.Context) error {
	return x.change(ctx, func(tx *sql.Tx) error {
		var version int
		if err := tx.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
			return fmt.Errorf("read its layout: %w", err)
		}
		switch version {
		case layout:
			return nil
		case 0:
			_, err := tx.ExecContext(ctx, schema+fmt.Sprintf("PRAGMA user_version = %d;", layout))
			return err
		}
		return ErrLayout
	})
}

// change runs f in one writing transaction.
func (x *Index) change(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // an error after Commit, and that is right
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Check reads the index' own facts and asks FTS5 a question.
func (x *Index) Check(ctx context.Context) error {
	if _, err := x.Search(ctx, leak.Query{Words: "check", Limit: 1}); err != nil {
		return fmt.Errorf("check search index: %w", err)
	}
	return nil
}

// Close closes the file. It waits for calls under way.
func (x *Index) Close() error {
	if err := errors.Join(x.read.Close(), x.write.Close()); err != nil {
		return fmt.Errorf("close search index: %w", err)
	}
	return nil
}
