package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrLeaseLost says that a lease ran out and another worker has the row, or that it is done.
var ErrLeaseLost = errors.New("the lease was lost")

// queryer is what reads: a transaction, or the connections that only read.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// work is one of the tables whose rows are jobs. Each has the columns due_at (NULL: nothing to do), attempts,
// lease_owner, lease_until and dead_at (given up; people see it and may retry it), and an index on due_at. A row is to
// be had when it is due and no lease on it runs. Leases run out by the clock, so a crashed worker's rows are another's.
// attempts counts leases: a document that kills its worker is counted too.
type work struct {
	table string
	key   string // its primary key, a text
}

// The tables that hold work.
var (
	workSources    = work{"sources", "id"}
	workVersions   = work{"versions", "id"} // leased by leaseVersions, in turns of their sources
	workFinds      = work{"finds", "id"}
	workDeliveries = work{"deliveries", "id"}
	workWatches    = work{"watches", "version"}
)

// lease takes up to n due rows for a worker, those longest due first, and gives their keys in that order.
func (w work) lease(ctx context.Context, tx *txn, worker string, n int, now time.Time, ttl time.Duration) ([]string, error) {
	query := fmt.Sprintf(`SELECT %[2]s FROM %[1]s WHERE due_at <= ?1 AND (lease_until IS NULL OR lease_until <= ?1)
		ORDER BY due_at, %[2]s LIMIT ?2`, w.table, w.key)
	rows, err := tx.QueryContext(ctx, query, micros(now), n)
	if err != nil {
		return nil, fmt.Errorf("due %s: %w", w.table, err)
	}
	keys, err := scanAll[string](rows)
	if err != nil {
		return nil, fmt.Errorf("due %s: %w", w.table, err)
	}
	return keys, w.take(ctx, tx, keys, worker, now, ttl)
}

// take leases the rows of these keys, which the caller found due in the same transaction.
func (w work) take(ctx context.Context, tx *txn, keys []string, worker string, now time.Time, ttl time.Duration) error {
	query := fmt.Sprintf(`UPDATE %s SET lease_owner = ?, lease_until = ?, attempts = attempts + 1 WHERE %s = ?`, w.table, w.key)
	for _, k := range keys {
		if _, err := tx.ExecContext(ctx, query, worker, micros(now.Add(ttl)), k); err != nil {
			return fmt.Errorf("lease %s: %w", w.table, err)
		}
	}
	return nil
}

// extend keeps a worker's lease for another ttl from now. A lease that ran out may be kept as long as nobody else took
// the row; else the error is ErrLeaseLost.
func (w work) extend(ctx context.Context, tx *txn, key, worker string, now time.Time, ttl time.Duration) error {
	return w.change(ctx, tx, key, worker, `lease_until = ?`, micros(now.Add(ttl)))
}

// again ends the work on a row until next, with the attempts starting anew; with a zero next nothing of it is due any
// more. worker "" does so whoever has it; else another's lease is ErrLeaseLost.
func (w work) again(ctx context.Context, tx *txn, key, worker string, next time.Time) error {
	return w.change(ctx, tx, key, worker,
		`due_at = ?, attempts = 0, dead_at = NULL, lease_owner = NULL, lease_until = NULL`, nullMicros(next))
}

// retry sets the next attempt after a failure; with a zero next the row is dead: given up, at now.
func (w work) retry(ctx context.Context, tx *txn, key, worker string, now, next time.Time) error {
	var dead any
	if next.IsZero() {
		dead = micros(now)
	}
	return w.change(ctx, tx, key, worker,
		`due_at = ?, dead_at = ?, lease_owner = NULL, lease_until = NULL`, nullMicros(next), dead)
}

// handBack makes everything that a worker leased due again, as if it had not been leased.
func (w work) handBack(ctx context.Context, tx *txn, worker string) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE %s SET lease_owner = NULL, lease_until = NULL,
		attempts = max(0, attempts - 1) WHERE lease_owner = ?`, w.table), worker)
	if err != nil {
		return fmt.Errorf("hand back %s: %w", w.table, err)
	}
	return nil
}

// change updates a row that a worker holds, or any row when worker is "".
func (w work) change(ctx context.Context, tx *txn, key, worker, set string, args ...any) error {
	query := fmt.Sprintf(`UPDATE %s SET %s WHERE %s = ?`, w.table, set, w.key)
	args = append(args, key)
	if worker != "" {
		query, args = query+` AND lease_owner = ?`, append(args, worker)
	}
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("%s %s: %w", w.table, key, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	if worker == "" {
		return fmt.Errorf("%s %s: %w", w.table, key, ErrNotFound)
	}
	return fmt.Errorf("%s %s: %w", w.table, key, ErrLeaseLost)
}

// scanAll reads rows of one column and closes them.
func scanAll[T any](rows *sql.Rows) ([]T, error) {
	defer rows.Close()
	var all []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}
