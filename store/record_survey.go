package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// survey is what a find shares with the rest of the lineage, counted at one moment. Counting is the only part of a
// recording that grows with the find.
type survey struct {
	seq, epoch int64 // of the lineage when it was made
	pending    int64 // revision that it is about
	persons    map[int64]int64
	people     int64 // sum of persons
	tokens     map[keyPair]int64
	leaks      map[int64]*shares
}

// keyPair names a registration key and a find pepper. Under one pair an identifier has one token, so tokens are counted
// pair by pair: a find from before a rotation has fewer pairs than one from after it.
type keyPair struct{ rk, pk string }

// shares is what a find has in common with one leak.
type shares struct {
	persons int64
	tokens  map[keyPair]int64
	clinics map[string]*clinicShares
}

type clinicShares struct {
	seen      int64 // persons in finds of the leak that were sure enough to be told
	elsewhere bool  // some are in another collection than the find
	shapes    []string
	firstAt   time.Time
	first     int64 // find
}

func (sv *survey) leak(num int64) *shares {
	sh := sv.leaks[num]
	if sh == nil {
		sh = &shares{tokens: map[keyPair]int64{}, clinics: map[string]*clinicShares{}}
		sv.leaks[num] = sh
	}
	return sh
}

func (sh *shares) clinic(id string) *clinicShares {
	c := sh.clinics[id]
	if c == nil {
		c = &clinicShares{}
		sh.clinics[id] = c
	}
	return c
}

// large says whether a find has so many rows that it is counted outside the transaction that records it.
func (s *Store) large(ctx context.Context, q queryer, find string) (bool, error) {
	var n int64
	err := q.QueryRowContext(ctx, `SELECT count(*) FROM (
		SELECT 1 FROM finds f CROSS JOIN find_clinics c ON c.find = f.num CROSS JOIN find_persons p ON p.part = c.num WHERE f.id = ?1
		UNION ALL SELECT 1 FROM finds f CROSS JOIN tokens t ON t.find = f.num WHERE f.id = ?1 LIMIT ?2)`, find, stageFrom+1).Scan(&n)
	return n > stageFrom, wrap(err, "size of the find")
}

// surveyBefore counts outside any writing transaction, for a recording that was staged.
func (r *recording) surveyBefore(ctx context.Context) (*survey, error) {
	if !r.staged {
		return nil, nil
	}
	tx, err := r.s.reads.begin(ctx, nil)
	if err != nil {
		return nil, wrap(err, "survey")
	}
	defer tx.Rollback()
	var row findRow
	err = tx.QueryRowContext(ctx, `SELECT num, revision, collection FROM finds WHERE id = ?`, r.find.ID).
		Scan(&row.num, &row.revision, &row.collection)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // nothing could be staged: everybody in it was erased
	}
	if err != nil {
		return nil, wrap(err, "survey")
	}
	return r.s.measure(ctx, tx, row)
}

// fresh gives a survey that holds now, inside the transaction that uses it.
func (r *recording) fresh(ctx context.Context, tx *txn, row findRow, before *survey, last bool) (*survey, error) {
	if before == nil || last {
		return r.s.measure(ctx, tx, row)
	}
	ok, err := r.s.holds(ctx, tx, row, before)
	if err == nil && !ok {
		err = errStale
	}
	return before, err
}

const (
	newcomersMax    = 500   // finds recorded since a survey from which on it is made again
	newcomerRowsMax = 20000 // rows of one of them that are compared
)

// holds says whether a survey is what would be counted now: nothing was merged or erased since, and the finds that were
// recorded since share nothing with this one.
func (s *Store) holds(ctx context.Context, tx *txn, row findRow, sv *survey) (bool, error) {
	var seq, epoch int64
	if err := tx.QueryRowContext(ctx, `SELECT seq, epoch FROM lineage`).Scan(&seq, &epoch); err != nil {
		return false, wrap(err, "lineage")
	}
	if epoch != sv.epoch || row.pending() != sv.pending {
		return false, nil
	}
	if seq == sv.seq {
		return true, nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT num FROM finds WHERE seq > ? AND num <> ? LIMIT ?`, sv.seq, row.num, newcomersMax+1)
	if err != nil {
		return false, wrap(err, "newcomers")
	}
	newcomers, err := scanAll[int64](rows)
	if err != nil || len(newcomers) > newcomersMax {
		return false, wrap(err, "newcomers")
	}
	for _, n := range newcomers {
		if stranger, err := s.stranger(ctx, tx, row.num, n, sv); err != nil || !stranger {
			return false, err
		}
	}
	return true, nil
}

// stranger says that a find shares nothing with another, nor with the leaks of its survey.
func (s *Store) stranger(ctx context.Context, tx *txn, find, other int64, sv *survey) (bool, error) {
	var in sql.NullInt64
	err := tx.QueryRowContext(ctx, `SELECT max(leak) FROM memberships WHERE find = ? AND to_at IS NULL`, other).Scan(&in)
	if err != nil {
		return false, wrap(err, "newcomer")
	}
	if _, ok := sv.leaks[in.Int64]; ok {
		return false, nil
	}
	var rows, shared int64
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM (
		SELECT 1 FROM find_clinics c CROSS JOIN find_persons p ON p.part = c.num WHERE c.find = ?1
		UNION ALL SELECT 1 FROM tokens WHERE find = ?1 LIMIT ?2)`, other, newcomerRowsMax+1).Scan(&rows)
	if err != nil || rows > newcomerRowsMax {
		return false, wrap(err, "newcomer")
	}
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (
			SELECT 1 FROM find_clinics c CROSS JOIN find_persons q ON q.part = c.num
			CROSS JOIN find_clinics o ON o.find = ?2 AND o.clinic = c.clinic
			CROSS JOIN find_persons p ON p.part = o.num AND p.person = q.person WHERE c.find = ?1)
		OR EXISTS (SELECT 1 FROM tokens u CROSS JOIN tokens t ON t.find = ?2 AND t.f = u.f WHERE u.find = ?1)`,
		other, find).Scan(&shared)
	return shared == 0, wrap(err, "newcomer")
}

// measure counts what a find, its pending revision included, shares with every leak.
func (s *Store) measure(ctx context.Context, q queryer, row findRow) (*survey, error) {
	sv := &survey{pending: row.pending(), persons: map[int64]int64{}, tokens: map[keyPair]int64{}, leaks: map[int64]*shares{}}
	if err := q.QueryRowContext(ctx, `SELECT seq, epoch FROM lineage`).Scan(&sv.seq, &sv.epoch); err != nil {
		return nil, wrap(err, "lineage")
	}
	for _, count := range []func(context.Context, queryer, findRow, *survey) error{
		s.countPersons, s.sharedPersons, s.sharingFinds, s.countTokens, s.sharedTokens,
	} {
		if err := count(ctx, q, row, sv); err != nil {
			return nil, wrap(err, "survey")
		}
	}
	return sv, nil
}

func (s *Store) countPersons(ctx context.Context, q queryer, row findRow, sv *survey) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		var part, n int64
		if err := rows.Scan(&part, &n); err != nil {
			return err
		}
		sv.persons[part] = n
		sv.people += n
		return nil
	}, `SELECT c.num, count(DISTINCT p.person) FROM find_clinics c CROSS JOIN find_persons p ON p.part = c.num AND p.rev <= ?
		WHERE c.find = ? GROUP BY c.num`, row.pending(), row.num)
}

// fromShared joins a find's persons (p, of part c) with the other finds (o, by part oc) that have them, and the leaks
// that those are in (m). A person belongs to one clinic, so another part is another find.
const fromShared = ` FROM find_clinics c
	CROSS JOIN find_persons p ON p.part = c.num AND p.rev <= ?1
	CROSS JOIN find_persons op ON op.person = p.person AND op.part <> p.part
	CROSS JOIN find_clinics oc ON oc.num = op.part
	CROSS JOIN finds o ON o.num = oc.find AND op.rev <= o.revision
	CROSS JOIN memberships m ON m.find = o.num AND m.to_at IS NULL
	WHERE c.find = ?2 `

func (s *Store) sharedPersons(ctx context.Context, q queryer, row findRow, sv *survey) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		var leak, shared, seen int64
		var clinic string
		if err := rows.Scan(&leak, &clinic, &shared, &seen); err != nil {
			return err
		}
		sv.leak(leak).persons += shared
		sv.leak(leak).clinic(clinic).seen = seen
		return nil
	}, `SELECT m.leak, c.clinic, count(DISTINCT p.person), count(DISTINCT CASE WHEN oc.confidence >= ?3 THEN p.person END)`+
		fromShared+`GROUP BY m.leak, c.clinic`, row.pending(), row.num, s.rules.Minimum)
}

// sharingFinds notes of what shape the finds are that hold persons of this one, and which of them was first.
func (s *Store) sharingFinds(ctx context.Context, q queryer, row findRow, sv *survey) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		var leak, find, matched, collection int64
		var clinic, shape string
		if err := rows.Scan(&leak, &clinic, &find, &shape, &matched, &collection); err != nil {
			return err
		}
		c := sv.leak(leak).clinic(clinic)
		c.addShape(shape)
		c.elsewhere = c.elsewhere || collection != row.collection
		if t := at(matched); c.first == 0 || t.Before(c.firstAt) {
			c.first, c.firstAt = find, t
		}
		return nil
	}, `SELECT DISTINCT m.leak, c.clinic, o.num, o.shape, o.matched_at, o.collection`+fromShared+`AND oc.confidence >= ?3`,
		row.pending(), row.num, s.rules.Minimum)
}

func (c *clinicShares) addShape(shape string) {
	for _, s := range c.shapes {
		if s == shape {
			return
		}
	}
	c.shapes = append(c.shapes, shape)
}

func (s *Store) countTokens(ctx context.Context, q queryer, row findRow, sv *survey) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		var k keyPair
		var n int64
		err := rows.Scan(&k.rk, &k.pk, &n)
		sv.tokens[k] = n
		return err
	}, `SELECT k.rk, k.pk, count(DISTINCT t.f) FROM tokens t CROSS JOIN token_keys k ON k.num = t.key
		WHERE t.find = ? AND t.rev <= ? GROUP BY k.rk, k.pk`, row.num, row.pending())
}

func (s *Store) sharedTokens(ctx context.Context, q queryer, row findRow, sv *survey) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		var leak, n int64
		var k keyPair
		if err := rows.Scan(&leak, &k.rk, &k.pk, &n); err != nil {
			return err
		}
		sv.leak(leak).tokens[k] = n
		return nil
	}, `SELECT m.leak, k.rk, k.pk, count(DISTINCT t.f) FROM tokens t
		CROSS JOIN token_keys k ON k.num = t.key
		CROSS JOIN tokens ot ON ot.f = t.f AND ot.find <> t.find
		CROSS JOIN finds o ON o.num = ot.find AND ot.rev <= o.revision
		CROSS JOIN memberships m ON m.find = o.num AND m.to_at IS NULL
		WHERE t.find = ? AND t.rev <= ? GROUP BY m.leak, k.rk, k.pk`, row.num, row.pending())
}

// each runs a query and hands every row to scan.
func each(ctx context.Context, q queryer, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
