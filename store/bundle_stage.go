package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"leakwatch/leak"
)

// staging is a bundle's rows in a temporary table, and what of their tokens the rows leave out. Those that are new to the
// registry are in temp.fresh as well, so that the transaction reads no others.
type staging struct {
	peppers []string // ids of the find peppers; a row names them by their place here
	most    int      // tokens of one row
}

// maxPeppers is how many find peppers may be in use: current and search-only ones.
const maxPeppers = 200

// stage reads the bundle's rows. Of several rows of one identifier and person the last one holds.
func stage(ctx context.Context, conn *sql.Conn, b BundleApply) (*staging, error) {
	if _, err := conn.ExecContext(ctx, `CREATE TEMP TABLE staged (ref TEXT, w BLOB, del INTEGER, kind TEXT, rk TEXT, pk TEXT,
		tokens BLOB, peppers BLOB, PRIMARY KEY (ref, w)) WITHOUT ROWID`); err != nil {
		return nil, err
	}
	// Deferred: writing to a temporary table locks nobody out.
	if _, err := conn.ExecContext(ctx, `BEGIN DEFERRED`); err != nil {
		return nil, err
	}
	st := &staging{}
	if err := st.rows(ctx, conn, b); err != nil {
		_, e := conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		return nil, errors.Join(err, e)
	}
	_, err := conn.ExecContext(ctx, `COMMIT`)
	return st, err
}

func (st *staging) rows(ctx context.Context, conn *sql.Conn, b BundleApply) error {
	put, err := conn.PrepareContext(ctx, `INSERT INTO temp.staged (w, ref, del, kind, rk, pk, tokens, peppers) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET del = excluded.del, kind = excluded.kind, rk = excluded.rk, pk = excluded.pk,
		tokens = excluded.tokens, peppers = excluded.peppers`)
	if err != nil {
		return err
	}
	defer put.Close()
	for row, err := range b.Rows {
		if err != nil {
			return err
		}
		del, err := row.deletes(b)
		if err != nil {
			return err
		}
		tokens, peppers, err := st.pack(row.Tokens)
		if err != nil {
			return err
		}
		t := row.Tag
		if _, err := put.ExecContext(ctx, t.W[:], t.Ref, del, string(t.Kind), t.RK, t.PK, tokens, peppers); err != nil {
			return err
		}
	}
	return nil
}

// pack puts a row's tokens one after the other, and beside them a byte each for the pepper.
func (st *staging) pack(tokens []leak.Token) (fs, peppers []byte, err error) {
	st.most = max(st.most, len(tokens))
	for _, t := range tokens {
		i := slices.Index(st.peppers, t.PK)
		if i < 0 {
			i, st.peppers = len(st.peppers), append(st.peppers, t.PK)
		}
		if i >= maxPeppers {
			return nil, nil, fmt.Errorf("more than %d find peppers", maxPeppers)
		}
		fs, peppers = append(fs, t.F[:]...), append(peppers, byte(i))
	}
	return fs, peppers, nil
}

// matching is the condition of staged rows s that past finds, or erased persons, have to do with. Asking for all rows at
// once is many times faster than comparing them one by one.
func (st *staging) matching() string {
	parts := []string{`EXISTS (SELECT 1 FROM erasures e WHERE e.clinic = ?1 AND e.ref IN (s.ref, '*'))`}
	for i := range st.most {
		parts = append(parts, fmt.Sprintf(`EXISTS (SELECT 1 FROM tokens t WHERE t.f = substr(s.tokens, %d, 16))`, 1+16*i))
	}
	return strings.Join(parts, " OR ")
}

// lateRow is a fresh row of a bundle.
type lateRow struct {
	w      []byte
	ref    string
	kind   leak.Kind
	tokens []leak.Token
}

// latePage is how many rows are read at once: the connection is the transaction's own.
const latePage = 2000

// matchLate compares what a bundle added with past finds, and tells what follows.
func (s *Store) matchLate(ctx context.Context, tx *txn, clinic string, st *staging) error {
	if err := st.noteFresh(ctx, tx, clinic, s.now()); err != nil {
		return fmt.Errorf("late matches: %w", err)
	}
	last := lateRow{w: []byte{}} // before all others
	for more := true; more; {
		page, err := st.latePage(ctx, tx, clinic, last)
		if err != nil {
			return fmt.Errorf("late matches: %w", err)
		}
		for _, r := range page {
			if err := s.lateMatches(ctx, tx, clinic, r.ref, r.kind, r.tokens); err != nil {
				return fmt.Errorf("late matches: %w", err)
			}
			last = r
		}
		more = len(page) == latePage
	}
	if err := s.lateDone(ctx, tx, clinic); err != nil {
		return fmt.Errorf("late matches: %w", err)
	}
	return nil
}

// noteFresh keeps the tokens of what was added, as lateMatches does, for documents that are being read with the registry
// as it was before: all at once, because most of them have to do with no find.
func (st *staging) noteFresh(ctx context.Context, tx *txn, clinic string, now time.Time) error {
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT kind FROM temp.fresh`)
	if err != nil {
		return err
	}
	kinds, err := scanAll[leak.Kind](rows)
	if err != nil {
		return err
	}
	list, err := json.Marshal(slices.DeleteFunc(kinds, func(k leak.Kind) bool { return !k.Tokenised() }))
	if err != nil {
		return err
	}
	for i := range st.most {
		if _, err := tx.ExecContext(ctx, `INSERT INTO late_tokens (f, clinic, ref, kind, at)
			SELECT substr(s.tokens, ?1, 16), ?2, s.ref, s.kind, ?3 FROM temp.fresh s
			WHERE length(s.tokens) > ?1 AND s.kind IN (SELECT value FROM json_each(?4)) ORDER BY 1
			ON CONFLICT DO UPDATE SET at = excluded.at`, 1+16*i, clinic, micros(now), string(list)); err != nil {
			return err
		}
	}
	return nil
}

func (st *staging) latePage(ctx context.Context, tx *txn, clinic string, last lateRow) ([]lateRow, error) {
	rows, err := tx.QueryContext(ctx, `SELECT s.w, s.ref, s.kind, s.rk, s.tokens, s.peppers FROM temp.fresh s
		WHERE (s.ref, s.w) > (?2, ?3) AND (`+st.matching()+`) ORDER BY s.ref, s.w LIMIT ?4`,
		clinic, last.ref, last.w, latePage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []lateRow
	for rows.Next() {
		var r lateRow
		var rk string
		var tokens, peppers []byte
		if err := rows.Scan(&r.w, &r.ref, &r.kind, &rk, &tokens, &peppers); err != nil {
			return nil, err
		}
		for i, p := range peppers {
			r.tokens = append(r.tokens, leak.Token{F: [16]byte(tokens[16*i:]), Kind: r.kind, RK: rk, PK: st.peppers[p],
				Registered: true, Person: leak.Person{Clinic: clinic, Ref: r.ref}})
		}
		page = append(page, r)
	}
	return page, rows.Err()
}
