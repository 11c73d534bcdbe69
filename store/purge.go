package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const (
	abandoned30 = 30 * 24 * time.Hour // what a crash left behind, and marks that matter only while a reading is under way
	reported    = 7 * 24 * time.Hour  // for how long a version's evidence is reported as expired before its row goes
	underWay    = 3 * 24 * time.Hour  // for how long a reading may know an older registry
	operatorFor = 90 * 24 * time.Hour // messages to the operator
)

// purging is one call of Purge.
type purging struct {
	s        *Store
	now      time.Time
	gone     map[string]int64
	evidence []string
}

// Purge applies retention: finds, tokens, evidence and audit rows go when they expired, unless a legal hold keeps them;
// versions with nothing in them go after their own time. It gives how many rows of each sort went, and the versions
// whose sealed bodies may go: each is named for a week, so that a crash forgets none. It works in short transactions
// beside everything else, and may be repeated at any time.
func (s *Store) Purge(ctx context.Context) (gone map[string]int64, evidence []string, err error) {
	p := &purging{s: s, now: s.now().Truncate(time.Microsecond), gone: map[string]int64{}}
	for _, step := range []func(context.Context) error{
		p.finds, p.tokens, p.exchanges, p.expiredEvidence, p.versions, p.published, p.orphans, p.audit,
	} {
		if err := step(ctx); err != nil {
			return p.gone, p.evidence, fmt.Errorf("purge: %w", err)
		}
	}
	return p.gone, p.evidence, nil
}

// finds takes expired finds, and those that a crash left invisible.
func (p *purging) finds(ctx context.Context) error {
	for {
		var find int64
		err := p.s.read().QueryRowContext(ctx, `SELECT num FROM finds WHERE expires_at <= ?1 AND hold = 0
			UNION ALL SELECT num FROM finds WHERE revision = 0 AND hold = 0 AND recorded_at <= ?2 LIMIT 1`,
			micros(p.now), micros(p.now.Add(-abandoned30))).Scan(&find)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = p.find(ctx, find)
		}
		if err != nil {
			return wrap(err, "finds")
		}
	}
}

// find takes one: first it is invisible and in no leak, then its rows go in chunks, then it.
func (p *purging) find(ctx context.Context, find int64) error {
	held := false
	err := p.s.write(ctx, func(tx *txn) error {
		if err := p.s.freezeAlerts(ctx, tx, find); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `UPDATE finds SET revision = 0, due_at = NULL, expires_at = min(expires_at, ?) WHERE num = ? AND hold = 0`, micros(p.now), find)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if held = n == 0; err != nil || held {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM memberships WHERE find = ?`, find); err != nil {
			return err
		}
		return p.s.forget(ctx, tx)
	})
	if err != nil || held {
		return err
	}
	if err := p.tokensOf(ctx, find); err != nil {
		return err
	}
	rows, err := p.s.read().QueryContext(ctx, `SELECT num FROM find_clinics WHERE find = ?`, find)
	if err != nil {
		return err
	}
	parts, err := scanAll[int64](rows)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := p.chunks(ctx, "persons", `SELECT person FROM find_persons WHERE part = ? ORDER BY person LIMIT 1 OFFSET ?`,
			`DELETE FROM find_persons WHERE part = ? AND person <= coalesce(?, 9223372036854775807)`, part); err != nil {
			return err
		}
	}
	p.gone["finds"]++
	return p.s.write(ctx, func(tx *txn) error { return p.s.dropFind(ctx, tx, find) })
}

// freezeAlerts keeps the counts of the alerts that a find is in, as they are before it goes.
func (s *Store) freezeAlerts(ctx context.Context, tx *txn, find int64) error {
	rows, err := tx.QueryContext(ctx, `SELECT a.num FROM alert_finds af CROSS JOIN alerts a ON a.num = af.alert
		WHERE af.find = ? AND a.facts_changes <> a.changes`, find)
	if err != nil {
		return err
	}
	stale, err := scanAll[int64](rows)
	if err != nil {
		return err
	}
	for _, num := range stale {
		f, err := s.countAlert(ctx, tx, num)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE alerts SET facts = ?, facts_changes = changes WHERE num = ?`, asJSON(f), num); err != nil {
			return err
		}
	}
	return nil
}

// tokens takes the tokens of finds whose own time is not over.
func (p *purging) tokens(ctx context.Context) error {
	rows, err := p.s.read().QueryContext(ctx, `SELECT num FROM finds WHERE tokens_expire_at <= ? AND hold = 0 ORDER BY num`, micros(p.now))
	if err != nil {
		return wrap(err, "tokens")
	}
	finds, err := scanAll[int64](rows)
	for _, find := range finds {
		if err == nil {
			err = p.tokensOf(ctx, find)
		}
		if err == nil {
			err = p.exec(ctx, "", `UPDATE finds SET tokens_expire_at = NULL WHERE num = ?`, find)
		}
	}
	return wrap(err, "tokens")
}

func (p *purging) tokensOf(ctx context.Context, find int64) error {
	return p.chunks(ctx, "tokens", `SELECT f FROM tokens WHERE find = ? ORDER BY f LIMIT 1 OFFSET ?`,
		`DELETE FROM tokens WHERE find = ? AND f <= coalesce(?, x'ffffffffffffffffffffffffffffffffff')`, find)
}

// chunks deletes the rows of one find, or part, in short transactions: up to the row that next names, until it names none.
func (p *purging) chunks(ctx context.Context, sort, next, remove string, of int64) error {
	for {
		var last any
		err := p.s.write(ctx, func(tx *txn) error {
			last = nil
			err := tx.QueryRowContext(ctx, next, of, stageChunk).Scan(&last)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			res, err := tx.ExecContext(ctx, remove, of, last)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			p.gone[sort] += n
			return err
		})
		if err != nil || last == nil {
			return err
		}
	}
}

// exec runs one statement, and counts what went under a sort, if it has one.
func (p *purging) exec(ctx context.Context, sort, query string, args ...any) error {
	return p.s.write(ctx, func(tx *txn) error {
		res, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if sort != "" && n > 0 {
			p.gone[sort] += n
		}
		return err
	})
}

// exchanges takes what was asked and answered, and the pages of listings.
func (p *purging) exchanges(ctx context.Context) error {
	for _, table := range []string{"exchanges", "listings"} {
		for before := int64(-1); before != p.gone[table]; {
			before = p.gone[table]
			err := p.exec(ctx, table, fmt.Sprintf(`DELETE FROM %[1]s WHERE id IN
				(SELECT id FROM %[1]s WHERE expires_at <= ? AND hold = 0 LIMIT ?)`, table), micros(p.now), stageChunk)
			if err != nil {
				return wrap(err, table)
			}
		}
	}
	return nil
}

// expiredEvidence names the versions whose bodies are past their time.
func (p *purging) expiredEvidence(ctx context.Context) error {
	if p.s.retention.Evidence <= 0 {
		return nil
	}
	rows, err := p.s.read().QueryContext(ctx, `SELECT v.id FROM versions v WHERE v.due_at IS NULL
		AND (v.ended_at <= ?1 AND (v.result IN ('matched', 'mentioned') OR v.completeness = 'partial')
			OR v.result = 'skipped' AND v.reasons = json_array(?2) AND v.ended_at > ?3) -- it may have been begun
		AND NOT EXISTS (SELECT 1 FROM finds f WHERE f.version = v.id AND f.hold <> 0)
		AND NOT EXISTS (SELECT 1 FROM exchanges e WHERE e.version = v.id AND e.hold <> 0) ORDER BY v.id`,
		micros(p.now.Add(-p.s.retention.Evidence)), replaced, micros(p.now.Add(-reported)))
	if err != nil {
		return wrap(err, "evidence")
	}
	p.evidence, err = scanAll[string](rows)
	return wrap(err, "evidence")
}

// published takes passwords that were published long ago.
func (p *purging) published(ctx context.Context) error {
	return wrap(p.exec(ctx, "passwords", `DELETE FROM published WHERE expires_at <= ?`, micros(p.now)), "published passwords")
}

// versions takes the rows of versions with nothing in them that are no longer the newest live one of their item, and of
// those whose evidence went and whose find went; then items that are missing and have no version left.
func (p *purging) versions(ctx context.Context) error {
	if keep := p.s.retention.CleanVersions; keep > 0 {
		if err := p.exec(ctx, "versions", `DELETE FROM versions WHERE ended_at <= ? AND due_at IS NULL
			AND result IN ('clean', 'mentioned', 'skipped', 'failed') AND completeness <> 'partial'
			AND NOT EXISTS (SELECT 1 FROM finds f WHERE f.version = versions.id)
			AND NOT EXISTS (SELECT 1 FROM item_sightings g WHERE g.item = versions.item AND g.seq = versions.seq AND g.missing = 0)`,
			micros(p.now.Add(-keep))); err != nil {
			return wrap(err, "versions")
		}
	}
	if keep := p.s.retention.Evidence; keep > 0 {
		if err := p.exec(ctx, "versions", `DELETE FROM versions WHERE ended_at <= ? AND due_at IS NULL
			AND NOT EXISTS (SELECT 1 FROM finds f WHERE f.version = versions.id)
			AND NOT EXISTS (SELECT 1 FROM exchanges e WHERE e.version = versions.id)
			AND NOT EXISTS (SELECT 1 FROM item_sightings g WHERE g.item = versions.item AND g.seq = versions.seq AND g.missing = 0)`,
			micros(p.now.Add(-keep-reported))); err != nil {
			return wrap(err, "versions")
		}
	}
	if p.gone["versions"] == 0 {
		return nil
	}
	const lonely = `SELECT g.item FROM item_sightings g WHERE g.missing = 1 AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.item = g.item)`
	return wrap(errors.Join(
		p.exec(ctx, "items", `DELETE FROM items WHERE id IN (`+lonely+`)`),
		p.exec(ctx, "", `DELETE FROM item_sightings WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = item_sightings.item)`),
		p.exec(ctx, "", `DELETE FROM item_groups WHERE key NOT IN (SELECT collection FROM items)`)), "items")
}

// orphans takes what nothing hangs on any more.
func (p *purging) orphans(ctx context.Context) error {
	for _, step := range []struct {
		sort, query string
		args        []any
	}{
		{"alerts", `DELETE FROM alerts WHERE test = 0 AND NOT EXISTS (SELECT 1 FROM alert_finds af WHERE af.alert = alerts.num)`, nil},
		{"alerts", `DELETE FROM alerts WHERE test = 1 AND opened_at <= ?`, []any{micros(p.now.Add(-abandoned30))}},
		{"deliveries", `DELETE FROM deliveries WHERE alert IS NULL AND due_at IS NULL AND created <= ?`, []any{micros(p.now.Add(-operatorFor))}},
		{"leaks", `DELETE FROM leaks WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.leak = leaks.num AND m.to_at IS NULL)`, nil},
		{"", `DELETE FROM leak_aliases WHERE leak NOT IN (SELECT num FROM leaks)`, nil},
		{"", `DELETE FROM leak_relations WHERE leak NOT IN (SELECT num FROM leaks) OR other NOT IN (SELECT num FROM leaks)`, nil},
		{"", `DELETE FROM collections WHERE NOT EXISTS (SELECT 1 FROM finds f WHERE f.collection = collections.num)`, nil},
		{"", `DELETE FROM late_tokens WHERE at <= ?`, []any{micros(p.now.Add(-underWay))}},
		{"", `DELETE FROM erasures WHERE at <= ?`, []any{micros(p.now.Add(-abandoned30))}},
	} {
		if err := p.exec(ctx, step.sort, step.query, step.args...); err != nil {
			return wrap(err, "orphans")
		}
	}
	if p.gone["persons"]+p.gone["tokens"] == 0 {
		return nil
	}
	return p.strangers(ctx)
}

// strangers takes persons who are in no find any more. They are looked for beside the writer, and checked again.
func (p *purging) strangers(ctx context.Context) error {
	rows, err := p.s.read().QueryContext(ctx, `SELECT id FROM persons WHERE id NOT IN (SELECT person FROM find_persons)
		AND id NOT IN (SELECT person FROM tokens)`)
	if err != nil {
		return wrap(err, "persons")
	}
	ids, err := scanAll[int64](rows)
	for len(ids) > 0 && err == nil {
		n := min(len(ids), stageChunk)
		err = p.exec(ctx, "", `DELETE FROM persons WHERE id IN (SELECT value FROM json_each(?))
			AND NOT EXISTS (SELECT 1 FROM find_persons f WHERE f.person = persons.id)`, asJSON(ids[:n]))
		ids = ids[n:]
	}
	return wrap(err, "persons")
}

func (p *purging) audit(ctx context.Context) error {
	return p.s.write(ctx, func(tx *txn) error {
		n, err := p.s.purgeAudit(ctx, tx)
		if n > 0 {
			p.gone["audit"] = n
		}
		return err
	})
}
