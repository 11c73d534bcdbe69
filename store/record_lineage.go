package store

import (
	"context"
	"database/sql"
	"errors"

	"leakwatch/leak"
)

// putLineage writes which leak a find is in, and what else turned out of the leaks around it.
func (s *Store) putLineage(ctx context.Context, tx *txn, row findRow, known leak.Known, news leak.News) error {
	into, err := s.ensureLeak(ctx, tx, news.Join.Leak, row)
	if err != nil {
		return err
	}
	for _, id := range news.Merge {
		if err := s.mergeLeak(ctx, tx, id, into, row); err != nil {
			return err
		}
	}
	if err := s.join(ctx, tx, row, into, news.Join); err != nil {
		return err
	}
	for _, j := range news.Related {
		if err := s.relate(ctx, tx, row, into, j); err != nil {
			return err
		}
	}
	return nil
}

// ensureLeak gives a leak's number; an id that was merged away leads to where it went.
func (s *Store) ensureLeak(ctx context.Context, tx *txn, id string, row findRow) (int64, error) {
	num, err := leakNum(ctx, tx, id)
	if errors.Is(err, ErrNotFound) {
		err = tx.QueryRowContext(ctx, `INSERT INTO leaks (id, since) VALUES (?, ?) RETURNING num`, id, micros(row.now)).Scan(&num)
	}
	return num, wrap(err, "its leak")
}

// leakNum resolves the id of a leak, an older one too.
func leakNum(ctx context.Context, q queryer, id string) (num int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT num FROM leaks WHERE id = ?1 UNION ALL SELECT leak FROM leak_aliases WHERE id = ?1`, id).Scan(&num)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return num, err
}

// mergeLeak moves the members of a leak into another: their rows are closed and new ones opened, and the old id leads
// to the other from now on. Alerts go along.
func (s *Store) mergeLeak(ctx context.Context, tx *txn, id string, into int64, row findRow) error {
	from, err := leakNum(ctx, tx, id)
	if err != nil || from == into {
		return wrap(err, "merge a leak")
	}
	now := micros(row.now)
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`UPDATE finds SET doc = doc + 1, due_at = ?, dead_at = NULL, lease_owner = NULL, lease_until = NULL
			WHERE num IN (SELECT find FROM memberships WHERE leak = ? AND to_at IS NULL)`, []any{now, from}},
		{`UPDATE memberships SET to_at = ? WHERE leak = ? AND to_at IS NULL`, []any{now, from}},
		{`INSERT INTO memberships (find, leak, reason, overlap, from_at)
			SELECT find, ?, 'merged', 0, ? FROM memberships WHERE leak = ? AND to_at = ?`, []any{into, now, from, now}},
		{`UPDATE leak_aliases SET leak = ? WHERE leak = ?`, []any{into, from}},
		{`INSERT INTO leak_aliases (id, was, leak, at) SELECT id, num, ?, ? FROM leaks WHERE num = ?`, []any{into, now, from}},
		{`UPDATE alerts SET leak = ? WHERE leak = ?`, []any{into, from}},
		{`INSERT INTO leak_relations (leak, other, overlap, at)
			SELECT min(?1, o), max(?1, o), overlap, at FROM (
				SELECT CASE WHEN leak = ?2 THEN other ELSE leak END AS o, overlap, at FROM leak_relations WHERE leak = ?2 OR other = ?2)
			WHERE o <> ?1 ON CONFLICT DO NOTHING`, []any{into, from}},
		{`DELETE FROM leak_relations WHERE leak = ?1 OR other = ?1`, []any{from}},
		{`DELETE FROM leaks WHERE num = ?`, []any{from}},
		{`UPDATE lineage SET epoch = epoch + 1`, nil},
	} {
		if _, err := tx.ExecContext(ctx, step.query, step.args...); err != nil {
			return wrap(err, "merge a leak")
		}
	}
	return nil
}

// join opens the find's row in a leak, unless one is open: then it stays as it was decided first.
func (s *Store) join(ctx context.Context, tx *txn, row findRow, into int64, j leak.Join) error {
	now, err := s.memberOf(ctx, tx, row.num)
	if err != nil || now == into {
		return err
	}
	if now != 0 {
		if _, err := tx.ExecContext(ctx, `UPDATE memberships SET to_at = ? WHERE find = ? AND to_at IS NULL`, micros(row.now), row.num); err != nil {
			return wrap(err, "leave a leak")
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO memberships (find, leak, reason, overlap, from_at) VALUES (?, ?, ?, ?, ?)`,
		row.num, into, j.Reason, j.Overlap, micros(row.now))
	return wrap(err, "join a leak")
}

// relate notes that two leaks share less than joins them.
func (s *Store) relate(ctx context.Context, tx *txn, row findRow, into int64, j leak.Join) error {
	other, err := leakNum(ctx, tx, j.Leak)
	if errors.Is(err, ErrNotFound) || other == into {
		return nil
	}
	if err != nil {
		return wrap(err, "relate leaks")
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO leak_relations (leak, other, overlap, at) VALUES (?, ?, ?, ?)
		ON CONFLICT (leak, other) DO UPDATE SET overlap = max(overlap, excluded.overlap), at = excluded.at`,
		min(into, other), max(into, other), j.Overlap, micros(row.now))
	return wrap(err, "relate leaks")
}
