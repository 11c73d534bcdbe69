package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"leakwatch/configs"
	"leakwatch/leak"
)

// ErrNewerSchema says that a newer leakwatch wrote the store: this one must not touch it.
var ErrNewerSchema = errors.New("the store was written by a newer leakwatch")

// ErrNotFound says that there is no such row, or none that the asker may see.
var ErrNotFound = errors.New("not found")

//go:embed migrations/*.sql
var migrations embed.FS

const (
	busyTimeout = 30 * time.Second
	readers     = 8 // connections that read beside the one that writes
)

// Options say where a store is and by which rules it works. All fields are required but Log, and Now, which is
// time.Now when nil.
type Options struct {
	Path      string // of the SQLite file; made, readable by its owner only, when it is not there
	Places    *leak.PlaceKey
	Rules     leak.Rules
	Retention configs.Retention
	Now       func() time.Time
	Log       *slog.Logger
}

// Store is an open store. It is safe for concurrent use, by several processes too. Close it.
type Store struct {
	path      string
	places    *leak.PlaceKey
	rules     leak.Rules
	retention configs.Retention
	clock     func() time.Time
	log       *slog.Logger

	writer  *sql.DB // one connection
	readers *sql.DB
	writes  *statements // of the writer
	reads   *statements // of the readers

	queue   chan *job
	turn    sync.Mutex // held by whoever writes
	stopped chan struct{}
	gate    sync.RWMutex // between write and Close
	closed  bool
}

// Open opens the store, making it and bringing its schema up to date where needed. It refuses a store of a newer
// schema (ErrNewerSchema) and another place key than the store was made with (ErrWrongKey).
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Places == nil {
		return nil, errors.New("open store: no place key")
	}
	s := &Store{path: o.Path, places: o.Places, rules: o.Rules, retention: o.Retention, clock: o.Now, log: o.Log,
		queue: make(chan *job, queued), stopped: make(chan struct{})}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.openFile(ctx); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	go s.commit(context.WithoutCancel(ctx))
	if err := s.CheckKeys(ctx, map[string]string{"place": o.Places.Check()}); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) openFile(ctx context.Context) error {
	f, err := os.OpenFile(s.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if s.writer, err = sql.Open("sqlite", writerDSN(s.path)); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if err := migrate(ctx, s.writer); err != nil {
		return errors.Join(err, s.writer.Close())
	}
	if s.readers, err = sql.Open("sqlite", dsn(s.path, readerCache, "_pragma=query_only(1)")); err != nil {
		return errors.Join(err, s.writer.Close())
	}
	s.readers.SetMaxOpenConns(readers)
	s.readers.SetMaxIdleConns(readers)
	s.writes, s.reads = newStatements(s.writer), newStatements(s.readers)
	return nil
}

// Close waits for writes under way and closes the file. Closing twice is harmless.
func (s *Store) Close() error {
	s.gate.Lock()
	if s.closed {
		s.gate.Unlock()
		return nil
	}
	s.closed = true
	close(s.queue)
	s.gate.Unlock()
	<-s.stopped
	return errors.Join(s.readers.Close(), s.writer.Close())
}

func (s *Store) now() time.Time { return s.clock().UTC() }

// migrate brings the schema up to date. Two processes may start at once: the loser of the race looks again.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		current, target, err := p.GetVersions(ctx)
		if err == nil && current > target {
			return fmt.Errorf("%w: schema %d, this program knows %d", ErrNewerSchema, current, target)
		}
		if err == nil {
			_, err = p.Up(ctx)
		}
		if err == nil || try == 3 {
			return err
		}
	}
}

// SchemaVersion is the number of the newest migration that this program knows.
func SchemaVersion() int64 {
	var last int64
	names, _ := fs.Glob(migrations, "migrations/*.sql")
	for _, n := range names {
		if v, err := goose.NumericComponent(filepath.Base(n)); err == nil {
			last = max(last, v)
		}
	}
	return last
}

func writerDSN(path string) string {
	return dsn(path, writerCache, "_txlock=immediate", "_pragma=synchronous(FULL)", "_pragma=secure_delete(FAST)",
		"_pragma=journal_size_limit(67108864)")
}

// What a connection keeps of the file, in KiB, on top of what the system keeps of it. The driver takes about twice of
// that, for each of the readers, however many are asked at once. One parameter of these, for the driver does not take the
// later one of two.
const (
	writerCache = "_pragma=cache_size(-65536)"
	readerCache = "_pragma=cache_size(-16384)"
	smallCache  = "_pragma=cache_size(-1024)"
)

// dsn names the file as a URI, with what every connection needs.
func dsn(path string, params ...string) string {
	u := filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		u = "/" + u
	}
	u = (&url.URL{Path: u}).EscapedPath()
	all := append([]string{fmt.Sprintf("_pragma=busy_timeout(%d)", busyTimeout.Milliseconds()), "_pragma=journal_mode(WAL)",
		"_pragma=foreign_keys(1)"}, params...)
	return "file:" + u + "?" + strings.Join(all, "&")
}
