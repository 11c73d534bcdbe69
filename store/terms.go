package store

import (
	"context"
	"database/sql"
	"fmt"

	"leakwatch/leak"
)

// MaxTerms is how many words may be watched for a clinic.
const MaxTerms = 100

// ChangeTerms takes words away from those that are watched for a clinic, and then adds others; what is there already, or
// not there, stays as it is. Places that were read without a word are due again, as after a registration: the registry's
// generation is a new one, if anything changed. The error is ErrNotFound when there is no such clinic.
func (s *Store) ChangeTerms(ctx context.Context, clinic string, add, remove []string) error {
	err := s.write(ctx, func(tx *txn) error {
		if err := tx.QueryRowContext(ctx, `SELECT 1 FROM clinics WHERE id = ?`, clinic).Scan(new(int)); err != nil {
			return notFound(err)
		}
		gone, err := tx.ExecContext(ctx, `DELETE FROM watch_terms WHERE clinic = ? AND term IN (SELECT value FROM json_each(?))`,
			clinic, asJSON(orNone(remove)))
		if err != nil {
			return err
		}
		come, err := tx.ExecContext(ctx, `INSERT INTO watch_terms (clinic, term, added) SELECT ?, value, ? FROM json_each(?) WHERE true
			ON CONFLICT DO NOTHING`, clinic, micros(s.now()), asJSON(orNone(add)))
		if err != nil {
			return err
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM watch_terms WHERE clinic = ?`, clinic).Scan(&n); err != nil {
			return err
		}
		if n > MaxTerms {
			return fmt.Errorf("more than %d", MaxTerms)
		}
		return s.raisedIf(ctx, tx, gone, come)
	})
	return wrap(err, "watch terms of "+clinic)
}

// raisedIf makes a new generation of the registry when one of the changes changed something.
func (s *Store) raisedIf(ctx context.Context, tx *txn, changes ...sql.Result) error {
	for _, c := range changes {
		n, err := c.RowsAffected()
		if err != nil {
			return err
		}
		if n > 0 {
			_, err := raiseGeneration(ctx, tx)
			return err
		}
	}
	return nil
}

// Terms gives the words that are watched for, of one clinic or, with "", of all, in order.
func (s *Store) Terms(ctx context.Context, clinic string) (all []leak.Term, err error) {
	err = each(ctx, s.read(), func(rows *sql.Rows) error {
		var t leak.Term
		err := rows.Scan(&t.Clinic, &t.Text)
		all = append(all, t)
		return err
	}, `SELECT clinic, term FROM watch_terms WHERE ? IN ('', clinic) ORDER BY clinic, term`, clinic)
	if err != nil {
		return nil, fmt.Errorf("watch terms: %w", err)
	}
	return all, nil
}

// mentionedHere gives the terms of each clinic that earlier versions at a find's place named, so that a page that goes
// on naming them is told once.
func (s *Store) mentionedHere(ctx context.Context, tx *txn, row findRow) (map[string][]string, error) {
	all := map[string][]string{}
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var clinic, term string
		err := rows.Scan(&clinic, &term)
		all[clinic] = append(all[clinic], term)
		return err
	}, `SELECT DISTINCT c.clinic, j.key FROM finds o CROSS JOIN find_clinics c ON c.find = o.num AND c.terms > 0
		CROSS JOIN json_each(c.tally, '$.Terms') j WHERE o.item = ? AND o.num < ? AND o.revision > 0`, row.item, row.num)
	return all, wrap(err, "terms named here before")
}

// alertTerms says how many finds of an alert name each of its clinic's terms.
func (s *Store) alertTerms(ctx context.Context, q queryer, num int64, f *alertFacts) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		var term string
		var n int
		err := rows.Scan(&term, &n)
		if f.Terms == nil {
			f.Terms = map[string]int{}
		}
		f.Terms[term] = n
		return err
	}, `SELECT j.key, count(*) FROM alerts a CROSS JOIN alert_finds af ON af.alert = a.num
		CROSS JOIN find_clinics c ON c.find = af.find AND c.clinic = a.clinic AND c.terms > 0
		CROSS JOIN json_each(c.tally, '$.Terms') j WHERE a.num = ? GROUP BY j.key`, num)
}
