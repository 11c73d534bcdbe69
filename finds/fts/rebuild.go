package fts

import (
	"context"
	"database/sql"
	"fmt"

	"leakwatch/finds"
)

// Reset begins a rebuild; see finds.Index.
func (x *Index) Reset(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var gen int64
	err := x.change(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `UPDATE meta SET value = value + 1 WHERE key = 'last' RETURNING value`).Scan(&gen)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO meta (key, value) VALUES ('building', ?)`, gen)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin a rebuild of the search index: %w", err)
	}
	x.building = gen
	return x.sweep(ctx)
}

// Commit ends a rebuild; see finds.Index.
func (x *Index) Commit(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	err := x.change(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM meta WHERE key = 'building' AND value = ?`, x.building)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return finds.ErrNotRebuilding
		}
		_, err = tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE key = 'serving'`, x.building)
		return err
	})
	if err != nil {
		return fmt.Errorf("end the rebuild of the search index: %w", err)
	}
	x.building = 0
	return x.sweep(ctx)
}

// sweep takes out generations that neither serve nor are being filled, in pieces, so that nobody waits long.
func (x *Index) sweep(ctx context.Context) error {
	for left := true; left; {
		err := x.change(ctx, func(tx *sql.Tx) error {
			rows, err := tx.QueryContext(ctx, `SELECT seq FROM docs
				WHERE gen NOT IN (SELECT value FROM meta WHERE key IN ('serving', 'building')) LIMIT ?`, batch)
			if err != nil {
				return err
			}
			old, err := collect(rows)
			if err != nil {
				return err
			}
			left = len(old) == batch
			for _, seq := range old {
				if err := drop(ctx, tx, seq); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("take out an old generation of the search index: %w", err)
		}
	}
	return nil
}
