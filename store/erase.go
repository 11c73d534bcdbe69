package store

import (
	"context"
	"fmt"

	"leakwatch/leak"
)

// Erase takes persons of a clinic out of the store: their registry rows, themselves in finds, and their tokens. What
// counts were told stays told. A find that was read to its end, in which nobody is left and that nothing holds, goes
// whole. An audit row says who did it and for how many; a new registry generation has the matchers forget them, and a
// reading that began before does not bring them back. The error is ErrNotFound when the principal may not see the clinic,
// or there is none.
func (s *Store) Erase(ctx context.Context, p leak.Principal, clinic string, refs []string) (e Erased, err error) {
	if !scopeOf(p).sees(clinic) {
		return e, fmt.Errorf("erase persons of %s: %w", clinic, ErrNotFound)
	}
	err = s.write(ctx, func(tx *txn) error {
		e = Erased{}
		if err := tx.QueryRowContext(ctx, `SELECT 1 FROM clinics WHERE id = ?`, clinic).Scan(new(int)); err != nil {
			return notFound(err)
		}
		entry := leak.AuditEntry{Actor: p, Action: "erase persons", Object: clinic, Outcome: fmt.Sprintf("%d refs", len(refs))}
		if err := s.audit(ctx, tx, entry); err != nil {
			return err
		}
		generation, err := raiseGeneration(ctx, tx)
		if err != nil {
			return err
		}
		if e, err = s.erasePersons(ctx, tx, clinic, refs, generation); err != nil {
			return err
		}
		return s.forget(ctx, tx)
	})
	if err != nil {
		return Erased{}, fmt.Errorf("erase persons of %s: %w", clinic, err)
	}
	return e, nil
}

// erasePersons takes out persons with a generation of the registry; the caller has surveys forget them.
func (s *Store) erasePersons(ctx context.Context, tx *txn, clinic string, refs []string, generation int64) (e Erased, err error) {
	e.Refs = int64(len(refs))
	list := asJSON(orNone(refs))
	if err := noteChanges(ctx, tx, generation, `SELECT ?2, value FROM json_each(?3)`, clinic, list); err != nil {
		return e, err
	}
	const ids = ` (SELECT p.id FROM json_each(?2) j CROSS JOIN persons p ON p.clinic = ?1 AND p.ref = j.value) `
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT c.find FROM persons pe CROSS JOIN find_persons p ON p.person = pe.id
		CROSS JOIN find_clinics c ON c.num = p.part WHERE pe.id IN`+ids, clinic, list)
	if err != nil {
		return e, wrap(err, "erase")
	}
	finds, err := scanAll[int64](rows)
	if err != nil {
		return e, wrap(err, "erase")
	}
	left, err := s.eraseFromFinds(ctx, tx, finds, clinic, list, &e)
	if err != nil {
		return e, err
	}
	for _, step := range []struct {
		count *int64
		query string
		args  []any
	}{
		{nil, `DELETE FROM find_persons WHERE person IN` + ids, nil},
		{&e.Persons, `DELETE FROM persons WHERE id IN` + ids, nil},
		{nil, `DELETE FROM late_tokens WHERE clinic = ?1 AND ref IN (SELECT value FROM json_each(?2))`, nil},
		{&e.Tags, `DELETE FROM tags WHERE clinic = ?1 AND ref IN (SELECT value FROM json_each(?2))`, nil},
		{nil, `INSERT INTO erasures (clinic, ref, at) SELECT ?1, value, ?3 FROM json_each(?2) WHERE true
			ON CONFLICT (clinic, ref) DO UPDATE SET at = excluded.at`, []any{micros(s.now())}},
	} {
		res, err := tx.ExecContext(ctx, step.query, append([]any{clinic, list}, step.args...)...)
		if err != nil {
			return e, wrap(err, "erase")
		}
		if step.count != nil {
			if *step.count, err = res.RowsAffected(); err != nil {
				return e, err
			}
		}
	}
	for _, find := range left {
		if err := s.afterErasure(ctx, tx, find); err != nil {
			return e, err
		}
	}
	return e, nil
}

// eraseFromFinds takes the tokens of persons, refs as a JSON array, out of finds, and gives the finds that stay.
func (s *Store) eraseFromFinds(ctx context.Context, tx *txn, finds []int64, clinic, refs string, e *Erased) (left []int64, err error) {
	for _, find := range finds {
		var whole bool
		err := tx.QueryRowContext(ctx, `SELECT f.final = 1 AND f.hold = 0 AND NOT EXISTS (
				SELECT 1 FROM find_clinics c CROSS JOIN find_persons p ON p.part = c.num CROSS JOIN persons pe ON pe.id = p.person
				WHERE c.find = f.num AND NOT (pe.clinic = ?2 AND pe.ref IN (SELECT value FROM json_each(?3))))
			FROM finds f WHERE f.num = ?1`, find, clinic, refs).Scan(&whole)
		if err != nil {
			return nil, wrap(err, "erase")
		}
		n, err := eraseTokens(ctx, tx, find, clinic, refs)
		if err != nil {
			return nil, err
		}
		e.Tokens += n
		if !whole {
			left = append(left, find)
			continue
		}
		if err := s.eraseFind(ctx, tx, find, e); err != nil {
			return nil, wrap(err, "erase")
		}
	}
	return left, nil
}

// eraseFind takes a find away in which nobody is left. Alerts keep the counts that they had.
func (s *Store) eraseFind(ctx context.Context, tx *txn, find int64, e *Erased) error {
	if err := s.freezeAlerts(ctx, tx, find); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM find_persons WHERE part IN (SELECT num FROM find_clinics WHERE find = ?)`, find); err != nil {
		return err
	}
	return s.eraseWhole(ctx, tx, find, e)
}

// eraseWhole takes away a find of which no persons are left, with its tokens, and counts it.
func (s *Store) eraseWhole(ctx context.Context, tx *txn, find int64, e *Erased) error {
	var id, version string
	if err := tx.QueryRowContext(ctx, `SELECT id, version FROM finds WHERE num = ?`, find).Scan(&id, &version); err != nil {
		return err
	}
	e.Finds, e.Versions = append(e.Finds, id), append(e.Versions, version)
	res, err := tx.ExecContext(ctx, `DELETE FROM tokens WHERE find = ?`, find)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	e.Tokens += n
	return s.dropFind(ctx, tx, find)
}

// eraseTokens takes out of a find the tokens of persons, refs as a JSON array, and of any find what is nobody's else.
// A token that another person has as well stays with that one.
func eraseTokens(ctx context.Context, tx *txn, find int64, clinic, refs string) (int64, error) {
	const own = ` SELECT t.f FROM tokens t WHERE t.find = ?1 AND t.person IN
		(SELECT p.id FROM json_each(?3) j CROSS JOIN persons p ON p.clinic = ?2 AND p.ref = j.value) `
	res, err := tx.ExecContext(ctx, `DELETE FROM tokens WHERE f IN (`+own+`) AND (person = 0 OR person IN
		(SELECT p.id FROM json_each(?3) j CROSS JOIN persons p ON p.clinic = ?2 AND p.ref = j.value))`, find, clinic, refs)
	if err != nil {
		return 0, wrap(err, "erase tokens")
	}
	return res.RowsAffected()
}

// afterErasure counts what is left of a find.
func (s *Store) afterErasure(ctx context.Context, tx *txn, find int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE find_clinics SET persons = (SELECT count(DISTINCT p.person) FROM find_persons p
			WHERE p.part = find_clinics.num AND p.rev <= (SELECT revision FROM finds WHERE num = find_clinics.find))
		WHERE find = ?`, find)
	if err != nil {
		return wrap(err, "count after erasure")
	}
	return s.indexDue(ctx, tx, find)
}

// forget makes surveys look again.
func (s *Store) forget(ctx context.Context, tx *txn) error {
	_, err := tx.ExecContext(ctx, `UPDATE lineage SET epoch = epoch + 1`)
	return wrap(err, "have surveys look again")
}

// eraseClinic takes a clinic's people out of finds and tokens, and its alerts with their messages. Finds in which no
// other clinic has people go whole. Registry, contacts and the clinic itself are the caller's.
func (s *Store) eraseClinic(ctx context.Context, tx *txn, clinic string) (e Erased, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT find FROM find_clinics WHERE clinic = ? ORDER BY find`, clinic)
	if err != nil {
		return e, wrap(err, "erase clinic")
	}
	finds, err := scanAll[int64](rows)
	if err != nil {
		return e, wrap(err, "erase clinic")
	}
	for _, find := range finds {
		if err := s.eraseClinicFrom(ctx, tx, find, clinic, &e); err != nil {
			return e, wrap(err, "erase clinic")
		}
	}
	for _, step := range []struct {
		count *int64
		query string
	}{
		{&e.Deliveries, `DELETE FROM deliveries WHERE clinic = ?`},
		{&e.Alerts, `DELETE FROM alerts WHERE clinic = ?`},
		{&e.Persons, `DELETE FROM persons WHERE clinic = ?`},
		{nil, `DELETE FROM late_tokens WHERE clinic = ?`},
		{nil, `DELETE FROM erasures WHERE clinic = ?`},
	} {
		res, err := tx.ExecContext(ctx, step.query, clinic)
		if err != nil {
			return e, wrap(err, "erase clinic")
		}
		if step.count != nil {
			if *step.count, err = res.RowsAffected(); err != nil {
				return e, err
			}
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO erasures (clinic, ref, at) VALUES (?, '*', ?)`, clinic, micros(s.now())); err != nil {
		return e, wrap(err, "erase clinic")
	}
	return e, s.forget(ctx, tx)
}

// eraseClinicFrom takes a clinic out of one find, or the find away when nobody else is in it.
func (s *Store) eraseClinicFrom(ctx context.Context, tx *txn, find int64, clinic string, e *Erased) error {
	const persons = ` (SELECT id FROM persons WHERE clinic = ?2) `
	res, err := tx.ExecContext(ctx, `DELETE FROM tokens WHERE find = ?1 AND (person = 0 OR person IN`+persons+`)
		AND f IN (SELECT f FROM tokens WHERE find = ?1 AND person IN`+persons+`)`, find, clinic)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	e.Tokens += n
	for _, query := range []string{
		`DELETE FROM find_persons WHERE part = (SELECT num FROM find_clinics WHERE find = ? AND clinic = ?)`,
		`DELETE FROM find_clinics WHERE find = ? AND clinic = ?`,
	} {
		if _, err := tx.ExecContext(ctx, query, find, clinic); err != nil {
			return err
		}
	}
	var others bool
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM find_clinics WHERE find = ?)`, find).Scan(&others)
	if err != nil {
		return err
	}
	if others {
		return s.indexDue(ctx, tx, find)
	}
	return s.eraseWhole(ctx, tx, find, e)
}

// dropFind takes away a find whose persons and tokens went, with its membership, watch and place in alerts.
func (s *Store) dropFind(ctx context.Context, tx *txn, find int64) error {
	for _, query := range []string{
		`INSERT INTO removed_finds (id, at) SELECT id, ?2 FROM finds WHERE num = ?1 AND doc > 0 ON CONFLICT DO NOTHING`,
		`DELETE FROM alert_finds WHERE find = ?1`,
		`DELETE FROM finds WHERE num = ?1`, // and by its foreign keys what hangs on it
	} {
		if _, err := tx.ExecContext(ctx, query, find, micros(s.now())); err != nil {
			return wrap(err, "drop find")
		}
	}
	return nil
}
