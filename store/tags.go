package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"leakwatch/leak"
)

// Generation is the number of the registry: one more with every bundle and every removal. Whoever holds the registry in
// memory takes up its Changes when it rose.
func (s *Store) Generation(ctx context.Context) (int64, error) { return generation(ctx, s.read()) }

func generation(ctx context.Context, q queryer) (n int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'generation'`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("registry generation: %w", err)
	}
	return n, nil
}

// raiseGeneration tells everybody that the registry changed.
func raiseGeneration(ctx context.Context, tx *txn) (n int64, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = 'generation'
		RETURNING CAST(value AS INTEGER)`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("registry generation: %w", err)
	}
	return n, nil
}

const tagColumns = `clinic, w, ref, kind, rk, pk`

// Tags gives the whole registry row by row, and a generation that it is of, or newer than. The rows are of one moment; an
// error comes as the last one. The loop over them holds a connection and must not call the store. Registry is the fast way.
func (s *Store) Tags(ctx context.Context) (int64, iter.Seq2[leak.Tag, error]) {
	n, err := s.Generation(ctx)
	return n, func(yield func(leak.Tag, error) bool) {
		if err != nil {
			yield(leak.Tag{}, err)
			return
		}
		rows, err := s.read().QueryContext(ctx, `SELECT `+tagColumns+` FROM tags`)
		if err != nil {
			yield(leak.Tag{}, fmt.Errorf("registry: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			t, err := scanTag(rows)
			if !yield(t, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(leak.Tag{}, fmt.Errorf("registry: %w", err))
		}
	}
}

func scanTag(rows *sql.Rows) (t leak.Tag, err error) {
	var w sql.RawBytes
	if err := rows.Scan(&t.Clinic, &w, &t.Ref, &t.Kind, &t.RK, &t.PK); err != nil {
		return t, fmt.Errorf("registry: %w", err)
	}
	if copy(t.W[:], w) != len(t.W) || len(w) != len(t.W) {
		return t, fmt.Errorf("registry: a tag of %d bytes", len(w))
	}
	return t, nil
}

// rewrapPage is how many tags are read at once.
const rewrapPage = 5000

// RewrapTags replaces a clinic's tags by what rewrap makes of them, under another pepper, in one transaction. Done
// again, or after a crash, it changes what is left to change; rewrap gives a tag back unchanged that needs nothing. The
// generation stays: the registered identifiers are the same.
func (s *Store) RewrapTags(ctx context.Context, clinic string, rewrap func(leak.Tag) (leak.Tag, error)) error {
	err := s.exclusively(func() error {
		return s.alone(ctx, func(tx *txn) error {
			// The readers see the rows as they were before this transaction, so a row that moves is not met twice.
			snapshot, err := s.reads.begin(ctx, &sql.TxOptions{ReadOnly: true})
			if err != nil {
				return err
			}
			defer func() { _ = snapshot.Rollback() }() // it only reads
			if err := s.rewrap(ctx, tx, snapshot, clinic, rewrap); err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = 'rewraps'`)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("rewrap tags of %s: %w", clinic, err)
	}
	return nil
}

func (s *Store) rewrap(ctx context.Context, tx *txn, snapshot queryer, clinic string, rewrap func(leak.Tag) (leak.Tag, error)) error {
	var after leak.Tag
	for {
		page, err := tagsAfter(ctx, snapshot, clinic, after)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, old := range page {
			t, err := rewrap(old)
			if err != nil {
				return err
			}
			if t == old {
				continue
			}
			if _, err := tx.ExecContext(ctx, `UPDATE tags SET w = ?, pk = ? WHERE clinic = ? AND ref = ? AND w = ?`,
				t.W[:], t.PK, clinic, old.Ref, old.W[:]); err != nil {
				return err
			}
		}
		after = page[len(page)-1]
	}
}

// tagsAfter gives a clinic's next tags in the order of their key.
func tagsAfter(ctx context.Context, q queryer, clinic string, after leak.Tag) ([]leak.Tag, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+tagColumns+` FROM tags WHERE clinic = ? AND (ref, w) > (?, ?)
		ORDER BY ref, w LIMIT ?`, clinic, after.Ref, after.W[:], rewrapPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []leak.Tag
	for rows.Next() {
		t, err := scanTag(rows)
		if err != nil {
			return nil, err
		}
		page = append(page, t)
	}
	return page, rows.Err()
}
