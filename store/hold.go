package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// HoldFind puts a find, its evidence and the listings that led to it under a legal hold, or lifts one: what is held does
// not expire. Holding twice is one hold. The error is ErrNotFound when there is no such find.
func (s *Store) HoldFind(ctx context.Context, id string, hold bool) error {
	err := s.write(ctx, func(tx *txn) error {
		var version string
		err := tx.QueryRowContext(ctx, `UPDATE finds SET hold = ?1 WHERE id = ?2 AND revision > 0 AND hold <> ?1 RETURNING version`, hold, id).Scan(&version)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(tx.QueryRowContext(ctx, `SELECT 1 FROM finds WHERE id = ? AND revision > 0`, id).Scan(new(int)))
		}
		if err != nil {
			return err
		}
		by := -1 // several finds may hold one listing
		if hold {
			by = 1
		}
		if _, err := tx.ExecContext(ctx, `UPDATE exchanges SET hold = max(0, hold + ?) WHERE version = ?`, by, version); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE listings SET hold = max(0, hold + ?) WHERE id IN (
			SELECT l.id FROM versions v JOIN runs r ON r.source = v.source AND r.started <= v.listed_at AND coalesce(r.ended, v.listed_at) >= v.listed_at
			JOIN listings l ON l.source = v.source AND l.first_at <= v.listed_at AND l.last_at >= r.started WHERE v.id = ?)`, by, version)
		return err
	})
	if err != nil {
		return fmt.Errorf("hold find %s: %w", id, err)
	}
	return nil
}
