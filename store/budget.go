package store

import (
	"context"
	"fmt"
	"time"
)

// overBudget is the reason of versions that were skipped because their source's bytes of the day were used up.
const overBudget = "run_bytes limit: %d bytes fetched on this day"

// spend counts what an attempt at a version fetched towards its source's day. An attempt that went on where the one
// before broke off counts what it added.
func (s *Store) spend(ctx context.Context, tx *txn, version string, bytes int64) error {
	if bytes <= 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE sources SET day_bytes = iif(day = ?1, day_bytes, 0)
			+ max(0, ?2 - (SELECT iif(v.result IS NULL, v.bytes, 0) FROM versions v WHERE v.id = ?3)), day = ?1
		WHERE id = (SELECT v.source FROM versions v WHERE v.id = ?3)`, micros(day(s.now())), bytes, version)
	return wrap(err, "bytes of the day")
}

// skipOverBudget skips what is due of the sources, or the one, whose bytes of the day are used up; what is under way is
// read to its end. What was skipped is due again when the next listing names it, and what was read before and is to be
// read again waits for the next day.
func (s *Store) skipOverBudget(ctx context.Context, tx *txn, source string) error {
	now := s.now()
	rows, err := tx.QueryContext(ctx, `SELECT id FROM sources WHERE day = ?1 AND enabled = 1 AND ?2 IN ('', id)
		AND day_bytes >= spec ->> 'RunBytes' AND spec ->> 'RunBytes' > 0`, micros(day(now)), source)
	if err != nil {
		return wrap(err, "bytes of the day")
	}
	full, err := scanAll[string](rows)
	if err != nil {
		return wrap(err, "bytes of the day")
	}
	for _, id := range full {
		if err := s.skipSource(ctx, tx, id, now); err != nil {
			return wrap(err, "bytes of the day")
		}
	}
	return nil
}

func (s *Store) skipSource(ctx context.Context, tx *txn, source string, now time.Time) error {
	var fetched int64
	if err := tx.QueryRowContext(ctx, `SELECT day_bytes FROM sources WHERE id = ?`, source).Scan(&fetched); err != nil {
		return err
	}
	const due = ` source = ?1 AND due_at <= ?2 AND (lease_until IS NULL OR lease_until <= ?2) `
	if _, err := tx.ExecContext(ctx, `UPDATE item_sightings SET held = 1 WHERE (item, seq) IN
		(SELECT item, seq FROM versions WHERE`+due+`AND result IS NULL)`, source, micros(now)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE versions SET due_at = ?3, lease_owner = NULL, lease_until = NULL
		WHERE`+due+`AND result IS NOT NULL`, source, micros(now), micros(day(now).AddDate(0, 0, 1))); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE versions SET due_at = NULL, lease_owner = NULL, lease_until = NULL,
		result = iif(`+told+`, 'matched', 'skipped'), completeness = iif(`+told+`, 'partial', 'unread'),
		reasons = json_array(?3), ended_at = ?2 WHERE`+due+`AND result IS NULL`,
		source, micros(now), fmt.Sprintf(overBudget, fetched))
	return err
}
