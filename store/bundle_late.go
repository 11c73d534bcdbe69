package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"leakwatch/leak"
)

// packTokens keeps what late matching needs of a staged row; NULL for none.
func packTokens(tokens []leak.Token) any {
	if len(tokens) == 0 {
		return nil
	}
	b, err := json.Marshal(tokens)
	if err != nil { // a Token is bytes and strings: that cannot fail
		panic(err)
	}
	return b
}

// latePage is how many staged rows are read at once: the connection is the transaction's own.
const latePage = 2000

// lateRow is a fresh row of a bundle.
type lateRow struct {
	w      []byte
	ref    string
	kind   leak.Kind
	tokens []leak.Token
}

// matchLate compares what a bundle added with past finds.
func (s *Store) matchLate(ctx context.Context, tx *sql.Tx, clinic string) error {
	last := lateRow{w: []byte{}}
	for {
		page, err := latePageAfter(ctx, tx, last)
		if err != nil {
			return fmt.Errorf("late matches: %w", err)
		}
		for _, r := range page {
			if err := s.lateMatches(ctx, tx, clinic, r.ref, r.kind, r.tokens); err != nil {
				return fmt.Errorf("late matches: %w", err)
			}
			last = r
		}
		if len(page) < latePage {
			break
		}
	}
	if err := s.lateDone(ctx, tx, clinic); err != nil {
		return fmt.Errorf("late matches: %w", err)
	}
	return nil
}

func latePageAfter(ctx context.Context, tx *sql.Tx, last lateRow) ([]lateRow, error) {
	rows, err := tx.QueryContext(ctx, `SELECT w, ref, kind, tokens FROM temp.staged
		WHERE (w, ref) > (?, ?) AND fresh AND tokens IS NOT NULL ORDER BY w, ref LIMIT ?`, last.w, last.ref, latePage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []lateRow
	for rows.Next() {
		var r lateRow
		var tokens []byte
		if err := rows.Scan(&r.w, &r.ref, &r.kind, &tokens); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(tokens, &r.tokens); err != nil {
			return nil, err
		}
		page = append(page, r)
	}
	return page, rows.Err()
}
