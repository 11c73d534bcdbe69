package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"leakwatch/leak"
)

// TipSource is the source of places that a person asked to fetch.
const TipSource = "tips"

// ScanSource is the source of local files that are recorded. Only whoever put a file there can read it, so none of its
// versions is leased but by its id, and nothing of it is looked at again.
const ScanSource = "scan"

const (
	tipsParallel  = 2
	notConfigured = "source not configured" // reason of versions whose source is no longer there to fetch them
)

// SourceState is how a source fares.
type SourceState struct {
	ID           string
	Kind         string
	Enabled      bool      // it is configured
	Running      bool      // a worker has it
	NextRun      time.Time // zero when none is set
	LastRun      time.Time // end of it; zero when there was none
	LastComplete time.Time
	LastError    string // of the last run, places in shown form; "" when it succeeded
	Failures     int    // runs in a row that failed
}

// SyncSources makes the store's sources those of the configuration: adds and updates them, and disables the others,
// whose unread versions are skipped until they come back. next sets the first run of a source that is new, that was
// disabled, or whose schedule changed; other runs stay as they are set, so that one missed while the service was down is
// made up once.
func (s *Store) SyncSources(ctx context.Context, sources []leak.Source, next func(leak.Source) time.Time) error {
	err := s.write(ctx, func(tx *txn) error {
		if err := s.tips(ctx, tx); err != nil {
			return err
		}
		ids := []string{TipSource}
		for _, src := range sources {
			if err := s.syncSource(ctx, tx, src, next); err != nil {
				return fmt.Errorf("source %s: %w", src.ID, err)
			}
			ids = append(ids, src.ID)
		}
		return s.disableOthers(ctx, tx, ids)
	})
	if err != nil {
		return fmt.Errorf("sync sources: %w", err)
	}
	return nil
}

func (s *Store) syncSource(ctx context.Context, tx *txn, src leak.Source, next func(leak.Source) time.Time) error {
	spec, err := json.Marshal(src)
	if err != nil {
		return err
	}
	var old string
	var enabled bool
	var due sql.NullInt64
	err = tx.QueryRowContext(ctx, `SELECT spec, enabled, due_at FROM sources WHERE id = ?`, src.ID).Scan(&old, &enabled, &due)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = tx.ExecContext(ctx, `INSERT INTO sources (id, kind, spec, parallel, enabled, created, due_at)
			VALUES (?, ?, ?, ?, 1, ?, ?)`, src.ID, src.Kind, string(spec), max(1, src.Parallel), micros(s.now()), nullMicros(next(src)))
		return err
	}
	if err != nil {
		return err
	}
	var was leak.Source
	if err := json.Unmarshal([]byte(old), &was); err != nil {
		return err
	}
	at := fromMicros(due)
	if !enabled || at.IsZero() || was.Schedule != src.Schedule {
		at = next(src)
	}
	_, err = tx.ExecContext(ctx, `UPDATE sources SET kind = ?, spec = ?, parallel = ?, enabled = 1, due_at = ? WHERE id = ?`,
		src.Kind, string(spec), max(1, src.Parallel), nullMicros(at), src.ID)
	if err != nil || enabled {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE versions SET due_at = ?, result = NULL, completeness = NULL, reasons = '[]', ended_at = NULL
		WHERE source = ? AND result = 'skipped' AND reasons = json_array(?)
		AND (item, seq) IN (SELECT item, seq FROM item_sightings WHERE source = ? AND missing = 0)`,
		micros(s.now()), src.ID, notConfigured, src.ID)
	return err
}

// disableOthers switches off the sources that are not among ids.
func (s *Store) disableOthers(ctx context.Context, tx *txn, ids []string) error {
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE sources SET enabled = 0, due_at = NULL
		WHERE id NOT IN (SELECT value FROM json_each(?))`, string(list)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE versions SET due_at = NULL, again = 0, ended_at = ?1, lease_owner = NULL, lease_until = NULL,
		result = coalesce(result, iif(`+told+`, 'matched', 'skipped')),
		completeness = coalesce(completeness, iif(`+told+`, 'partial', 'unread')),
		reasons = CASE WHEN result IS NULL THEN json_array(?2) ELSE reasons END
		WHERE due_at IS NOT NULL AND source IN (SELECT id FROM sources WHERE enabled = 0)
		AND (lease_until IS NULL OR lease_until <= ?1)`, micros(s.now()), notConfigured)
	return err
}

// tips makes sure of the source that tips belong to. It is never due itself.
func (s *Store) tips(ctx context.Context, tx *txn) error {
	spec, err := json.Marshal(leak.Source{ID: TipSource, Kind: "tip", Network: leak.Direct, Legal: leak.LegalFull, Parallel: tipsParallel})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO sources (id, kind, spec, parallel, enabled, created) VALUES (?, 'tip', ?, ?, 1, ?)
		ON CONFLICT DO NOTHING`, TipSource, string(spec), tipsParallel, micros(s.now()))
	return err
}

// scans makes sure of the source that recorded files belong to. It is not enabled: a service leaves it alone.
func (s *Store) scans(ctx context.Context, tx *txn) error {
	spec, err := json.Marshal(leak.Source{ID: ScanSource, Kind: "scan", Network: leak.Direct, Legal: leak.LegalFull, Parallel: 1})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO sources (id, kind, spec, parallel, enabled, created) VALUES (?, 'scan', ?, 1, 0, ?)
		ON CONFLICT DO NOTHING`, ScanSource, string(spec), micros(s.now()))
	return err
}

// SourceStates gives every source that was ever configured, by id. Those of tips and of recorded files are left out.
func (s *Store) SourceStates(ctx context.Context) ([]SourceState, error) {
	rows, err := s.read().QueryContext(ctx, `SELECT id, kind, enabled, coalesce(lease_until > ?, 0), due_at, last_run, last_complete,
		last_error, failures FROM sources WHERE id NOT IN (?, ?) ORDER BY id`, micros(s.now()), TipSource, ScanSource)
	if err != nil {
		return nil, fmt.Errorf("source states: %w", err)
	}
	defer rows.Close()
	var all []SourceState
	for rows.Next() {
		var st SourceState
		var next, last, complete sql.NullInt64
		if err := rows.Scan(&st.ID, &st.Kind, &st.Enabled, &st.Running, &next, &last, &complete, &st.LastError, &st.Failures); err != nil {
			return nil, fmt.Errorf("source states: %w", err)
		}
		st.NextRun, st.LastRun, st.LastComplete = fromMicros(next), fromMicros(last), fromMicros(complete)
		all = append(all, st)
	}
	return all, rows.Err()
}

// RunNow makes a configured source due. The error is ErrNotFound when there is none of that id.
func (s *Store) RunNow(ctx context.Context, source string) error {
	return s.write(ctx, func(tx *txn) error {
		res, err := tx.ExecContext(ctx, `UPDATE sources SET due_at = ? WHERE id = ? AND enabled = 1 AND id <> ?`,
			micros(s.now()), source, TipSource)
		if err != nil {
			return fmt.Errorf("run source %s: %w", source, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return fmt.Errorf("source %s: %w", source, ErrNotFound)
	})
}
