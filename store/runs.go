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

// LeaseSource takes the source that is longest due, or gives ok false, and begins a run of it: what PutItems writes
// from here on is seen in it.
func (s *Store) LeaseSource(ctx context.Context, worker string, ttl time.Duration) (src leak.Source, ok bool, err error) {
	err = s.write(ctx, func(tx *txn) error {
		ids, err := workSources.lease(ctx, tx, worker, 1, s.now(), ttl)
		if ok = err == nil && len(ids) == 1; !ok {
			return err
		}
		src, err = s.beginRun(ctx, tx, ids[0])
		return err
	})
	return src, ok && err == nil, err
}

// LeaseSourceNow takes a source whether it is due or not; ok is false when another worker has it. The error is
// ErrNotFound when it is not configured.
func (s *Store) LeaseSourceNow(ctx context.Context, source, worker string, ttl time.Duration) (src leak.Source, ok bool, err error) {
	err = s.write(ctx, func(tx *txn) error {
		var until sql.NullInt64
		err := tx.QueryRowContext(ctx, `SELECT lease_until FROM sources WHERE id = ? AND enabled = 1 AND id <> ?`, source, TipSource).Scan(&until)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("source %s: %w", source, ErrNotFound)
		}
		if ok = err == nil && (!until.Valid || until.Int64 <= micros(s.now())); !ok {
			return err
		}
		if err := workSources.take(ctx, tx, []string{source}, worker, s.now(), ttl); err != nil {
			return err
		}
		src, err = s.beginRun(ctx, tx, source)
		return err
	})
	return src, ok && err == nil, err
}

// beginRun opens a run. One that was never ended belongs to a worker that died, or is slow and still writes: what is
// seen in it counts as seen in this one, so that nothing is taken for gone that the other saw.
func (s *Store) beginRun(ctx context.Context, tx *txn, source string) (leak.Source, error) {
	now := micros(s.now())
	var since sql.NullInt64
	err := tx.QueryRowContext(ctx, `UPDATE runs SET ended = ?, err = 'interrupted' WHERE source = ? AND ended IS NULL
		AND id = (SELECT run FROM sources WHERE id = ?) RETURNING since`, now, source, source).Scan(&since)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return leak.Source{}, fmt.Errorf("begin run: %w", err)
	}
	var run int64
	if err := tx.QueryRowContext(ctx, `INSERT INTO runs (source, since, started) VALUES (?, ?, ?) RETURNING id`,
		source, since.Int64, now).Scan(&run); err != nil {
		return leak.Source{}, fmt.Errorf("begin run: %w", err)
	}
	if !since.Valid {
		if _, err := tx.ExecContext(ctx, `UPDATE runs SET since = id WHERE id = ?`, run); err != nil {
			return leak.Source{}, fmt.Errorf("begin run: %w", err)
		}
	}
	var spec string
	var src leak.Source
	if err := tx.QueryRowContext(ctx, `UPDATE sources SET run = ? WHERE id = ? RETURNING spec`, run, source).Scan(&spec); err != nil {
		return src, fmt.Errorf("begin run: %w", err)
	}
	if err := json.Unmarshal([]byte(spec), &src); err != nil {
		return src, fmt.Errorf("begin run: %w", err)
	}
	return src, nil
}

// ExtendSource keeps a lease; it fails with ErrLeaseLost when another worker has the source.
func (s *Store) ExtendSource(ctx context.Context, source, worker string, ttl time.Duration) error {
	return s.write(ctx, func(tx *txn) error { return workSources.extend(ctx, tx, source, worker, s.now(), ttl) })
}

// HandBackSource makes a leased source due again at once. Its run was none: neither failed nor complete.
func (s *Store) HandBackSource(ctx context.Context, source string) error {
	return s.write(ctx, func(tx *txn) error {
		now := micros(s.now())
		if _, err := tx.ExecContext(ctx, `UPDATE runs SET ended = ?, cut = 'handed back' WHERE ended IS NULL
			AND id = (SELECT run FROM sources WHERE id = ?)`, now, source); err != nil {
			return fmt.Errorf("hand back source: %w", err)
		}
		_, err := tx.ExecContext(ctx, `UPDATE sources SET lease_owner = NULL, lease_until = NULL, attempts = max(0, attempts - 1),
			due_at = CASE WHEN enabled THEN ? END WHERE id = ?`, now, source)
		if err != nil {
			return fmt.Errorf("hand back source: %w", err)
		}
		return nil
	})
}

// FinishRun writes the run down, sets the next one, and gives how many runs in a row have failed. Items that a complete
// listing no longer names are missing: what was at them is gone as far as the listing knows, and their watches are
// due at once.
func (s *Store) FinishRun(ctx context.Context, r leak.Run, next time.Time) (failures int, err error) {
	err = s.write(ctx, func(tx *txn) error {
		since, err := s.endRun(ctx, tx, r)
		if err != nil {
			return err
		}
		if since > 0 && r.Complete && r.Err == "" {
			if err := s.markMissing(ctx, tx, r.Source, since); err != nil {
				return err
			}
		}
		err = tx.QueryRowContext(ctx, `UPDATE sources SET last_run = ?1, last_error = ?2,
			failures = CASE WHEN ?2 = '' THEN 0 ELSE failures + 1 END,
			last_complete = CASE WHEN ?3 AND ?2 = '' THEN ?1 ELSE last_complete END,
			attempts = 0, dead_at = NULL, lease_owner = NULL, lease_until = NULL, due_at = CASE WHEN enabled THEN ?4 END
			WHERE id = ?5 RETURNING failures`,
			micros(s.ended(r)), r.Err, r.Complete, nullMicros(next), r.Source).Scan(&failures)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("finish run of %s: %w", r.Source, err)
	}
	return failures, nil
}

// endRun fills in the open run, and gives from which run on a sighting counts. A run that was taken over meanwhile is
// written down beside the one that did, which alone says what is missing: then since is 0.
func (s *Store) endRun(ctx context.Context, tx *txn, r leak.Run) (since int64, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE runs SET ended = ?, pages = ?, listed = ?, due = ?, complete = ?, cut = ?, err = ?
		WHERE ended IS NULL AND id = (SELECT run FROM sources WHERE id = ?) RETURNING since`,
		micros(s.ended(r)), r.Pages, r.Listed, r.Due, r.Complete, r.Cut, r.Err, r.Source).Scan(&since)
	if !errors.Is(err, sql.ErrNoRows) {
		return since, err
	}
	started := r.Started
	if started.IsZero() {
		started = s.now()
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO runs (source, since, started, ended, pages, listed, due, complete, cut, err)
		VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?)`, r.Source, micros(started), micros(s.ended(r)), r.Pages, r.Listed, r.Due, r.Complete, r.Cut, r.Err)
	return 0, err
}

func (s *Store) ended(r leak.Run) time.Time {
	if r.Ended.IsZero() {
		return s.now()
	}
	return r.Ended
}

// markMissing notes what a complete listing no longer names: gone_at of the versions there is this very moment, and
// watchesDue makes the watches of those versions due.
func (s *Store) markMissing(ctx context.Context, tx *txn, source string, since int64) error {
	now := s.now()
	res, err := tx.ExecContext(ctx, `UPDATE versions SET gone_at = ? WHERE gone_at IS NULL AND item IN
		(SELECT item FROM item_sightings WHERE source = ? AND missing = 0 AND run < ?)`, micros(now), source, since)
	if err != nil {
		return fmt.Errorf("mark what is gone: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE item_sightings SET missing = 1 WHERE source = ? AND missing = 0 AND run < ?`,
		source, since); err != nil {
		return fmt.Errorf("mark what is gone: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return s.watchesDue(ctx, tx, source, now)
}
