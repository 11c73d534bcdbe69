package fts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"leakwatch/finds"
	"leakwatch/leak"
)

// batch is how many documents one transaction writes, so that no other process waits long for its turn.
const batch = 256

// Put writes documents; see finds.Index.
func (x *Index) Put(ctx context.Context, docs []leak.IndexDoc) error {
	for part := range slices.Chunk(docs, batch) {
		err := x.change(ctx, func(tx *sql.Tx) error {
			gens, err := generations(ctx, tx)
			if err != nil {
				return err
			}
			for _, d := range part {
				if err := put(ctx, tx, gens, d); err != nil {
					return fmt.Errorf("find %s: %w", d.ID, err)
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("index finds: %w", err)
		}
	}
	return nil
}

// generations are those that a change goes to.
func generations(ctx context.Context, tx *sql.Tx) ([]int64, error) {
	rows, err := tx.QueryContext(ctx, `SELECT value FROM meta WHERE key IN ('serving', 'building')`)
	if err != nil {
		return nil, fmt.Errorf("read generations: %w", err)
	}
	return collect(rows)
}

func collect(rows *sql.Rows) ([]int64, error) {
	defer func() { _ = rows.Close() }()
	var list []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

func put(ctx context.Context, tx *sql.Tx, gens []int64, d leak.IndexDoc) error {
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	row := finds.NewRow(d)
	for _, gen := range gens {
		newer, err := remove(ctx, tx, gen, d.ID, d.Revision)
		if err != nil {
			return err
		}
		if newer {
			continue
		}
		if err := insert(ctx, tx, gen, d, row, body); err != nil {
			return err
		}
	}
	return nil
}

// remove takes a document out of a generation, unless its revision is past upTo.
func remove(ctx context.Context, tx *sql.Tx, gen int64, id string, upTo int) (newer bool, err error) {
	var seq int64
	var revision int
	err = tx.QueryRowContext(ctx, `SELECT seq, revision FROM docs WHERE gen = ? AND id = ?`, gen, id).Scan(&seq, &revision)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look up: %w", err)
	case revision > upTo:
		return true, nil
	}
	return false, drop(ctx, tx, seq)
}

// drop takes out one row of docs with all that hangs on it.
func drop(ctx context.Context, tx *sql.Tx, seq int64) error {
	for _, q := range []string{`DELETE FROM words WHERE rowid = ?`, `DELETE FROM docs WHERE seq = ?`} {
		if _, err := tx.ExecContext(ctx, q, seq); err != nil {
			return fmt.Errorf("take out: %w", err)
		}
	}
	return nil
}

func insert(ctx context.Context, tx *sql.Tx, gen int64, d leak.IndexDoc, row finds.Row, body []byte) error {
	res, err := tx.ExecContext(ctx,
		`INSERT INTO docs (gen, id, revision, ord, rank, source, host, leak, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		gen, d.ID, d.Revision, row.Order, row.Rank, d.Source, strings.ToLower(d.Host), d.Leak, body)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	seq, err := res.LastInsertId()
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	add := func(query string, args ...any) {
		if err == nil {
			_, err = tx.ExecContext(ctx, query, args...)
		}
	}
	add(`INSERT INTO words (rowid, text) VALUES (?, ?)`, seq, strings.Join(row.Words, " "))
	const kind = `INSERT OR IGNORE INTO kinds (kind, clinic, seq) VALUES (?, ?, ?)`
	for _, k := range row.Kinds {
		add(kind, k, "", seq)
	}
	for _, c := range row.Clinics {
		add(`INSERT OR IGNORE INTO clinics (clinic, seq, rank) VALUES (?, ?, ?)`, c.Clinic, seq, c.Rank)
		for _, k := range c.Kinds {
			add(kind, k, c.Clinic, seq)
		}
	}
	for _, v := range d.Indicators {
		add(`INSERT OR IGNORE INTO indicators (value, seq) VALUES (?, ?)`, v, seq)
	}
	if err != nil {
		return fmt.Errorf("write what it is found by: %w", err)
	}
	return nil
}

// Delete takes documents out; see finds.Index.
func (x *Index) Delete(ctx context.Context, ids []string) error {
	for part := range slices.Chunk(ids, batch) {
		err := x.change(ctx, func(tx *sql.Tx) error {
			gens, err := generations(ctx, tx)
			if err != nil {
				return err
			}
			for _, id := range part {
				for _, gen := range gens {
					if _, err := remove(ctx, tx, gen, id, int(^uint(0)>>1)); err != nil {
						return fmt.Errorf("find %s: %w", id, err)
					}
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("take finds out of the index: %w", err)
		}
	}
	return nil
}
