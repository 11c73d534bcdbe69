package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"leakwatch/leak"
)

// Decide asks only whether there are any, so counting ends soon: a leak may have tens of thousands of finds.
const fewFinds = 10

// known gathers what leak.Decide asks for. Only the part that grows with the find comes from the survey.
func (s *Store) known(ctx context.Context, tx *txn, row findRow, sv *survey) (leak.Known, error) {
	k := leak.Known{Now: row.now, Persons: int(sv.people), Tokens: int(most(sv.tokens))}
	var err error
	if k.Mentioned, err = s.mentionedHere(ctx, tx, row); err != nil {
		return k, err
	}
	own, err := s.memberOf(ctx, tx, row.num)
	if err != nil {
		return k, err
	}
	inCollection, err := s.leakOfCollection(ctx, tx, row)
	if err != nil {
		return k, err
	}
	nums := []int64{own, inCollection}
	for num := range sv.leaks {
		nums = append(nums, num)
	}
	slices.Sort(nums)
	for _, num := range slices.Compact(nums) {
		if num == 0 {
			continue
		}
		l, err := s.knownLeak(ctx, tx, row, sv, num)
		if err != nil {
			return k, err
		}
		l.SameCollection = num == inCollection
		if num == own {
			k.Leak = l.ID
		}
		k.Leaks = append(k.Leaks, l)
	}
	return k, nil
}

// memberOf is the leak that a find is in, 0 when in none yet.
func (s *Store) memberOf(ctx context.Context, q queryer, find int64) (num int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT leak FROM memberships WHERE find = ? AND to_at IS NULL`, find).Scan(&num)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return num, wrap(err, "its leak")
}

// leakOfCollection is the leak of the other finds of a find's collection: they are all in one, for the second joined
// the first's.
func (s *Store) leakOfCollection(ctx context.Context, q queryer, row findRow) (num int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT m.leak FROM finds o CROSS JOIN memberships m ON m.find = o.num AND m.to_at IS NULL
		WHERE o.collection = ? AND o.num <> ? LIMIT 1`, row.collection, row.num).Scan(&num)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return num, wrap(err, "leak of its collection")
}

func (s *Store) knownLeak(ctx context.Context, tx *txn, row findRow, sv *survey, num int64) (leak.KnownLeak, error) {
	sh := sv.leaks[num]
	if sh == nil {
		sh = &shares{}
	}
	l := leak.KnownLeak{SharedPersons: int(sh.persons), Clinics: map[string]leak.KnownClinic{}}
	var since int64
	if err := tx.QueryRowContext(ctx, `SELECT id, since FROM leaks WHERE num = ?`, num).Scan(&l.ID, &since); err != nil {
		return l, wrap(err, "a leak")
	}
	l.Since = at(since)
	var err error
	if sh.persons > 0 {
		if l.Persons, err = s.leakPersons(ctx, tx, num, row.num, sv.people); err != nil {
			return l, err
		}
	}
	if pair, shared := mostOf(sh.tokens); shared > 0 {
		l.SharedTokens = int(shared)
		if l.Tokens, err = s.leakTokens(ctx, tx, num, row.num, pair, most(sv.tokens)); err != nil {
			return l, err
		}
	}
	clinics, err := s.clinicsOf(ctx, tx, row.num)
	if err != nil {
		return l, err
	}
	for _, c := range clinics {
		if l.Clinics[c], err = s.knownClinic(ctx, tx, row, sh, num, c); err != nil {
			return l, err
		}
	}
	return l, nil
}

// leakPersons counts the persons of a leak, a find left out, no further than limit: a share is of the smaller side.
func (s *Store) leakPersons(ctx context.Context, tx *txn, num, but, limit int64) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT DISTINCT p.person FROM memberships m
		CROSS JOIN finds o ON o.num = m.find
		CROSS JOIN find_clinics c ON c.find = m.find
		CROSS JOIN find_persons p ON p.part = c.num AND p.rev <= o.revision
		WHERE m.leak = ? AND m.to_at IS NULL AND m.find <> ? LIMIT ?)`, num, but, limit).Scan(&n)
	return n, wrap(err, "persons of a leak")
}

func (s *Store) leakTokens(ctx context.Context, tx *txn, num, but int64, pair keyPair, limit int64) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT DISTINCT t.f FROM memberships m
		CROSS JOIN finds o ON o.num = m.find
		CROSS JOIN tokens t ON t.find = m.find AND t.rev <= o.revision
		CROSS JOIN token_keys k ON k.num = t.key AND k.rk = ? AND k.pk = ?
		WHERE m.leak = ? AND m.to_at IS NULL AND m.find <> ? LIMIT ?)`, pair.rk, pair.pk, num, but, limit).Scan(&n)
	return n, wrap(err, "tokens of a leak")
}

func (s *Store) clinicsOf(ctx context.Context, q queryer, find int64) ([]string, error) {
	rows, err := q.QueryContext(ctx, `SELECT clinic FROM find_clinics WHERE find = ? ORDER BY clinic`, find)
	if err != nil {
		return nil, wrap(err, "its clinics")
	}
	return scanAll[string](rows)
}

// knownClinic is a clinic's past in a leak. Finds that were not sure enough to be told are no past.
func (s *Store) knownClinic(ctx context.Context, tx *txn, row findRow, sh *shares, num int64, clinic string) (leak.KnownClinic, error) {
	var k leak.KnownClinic
	if c := sh.clinics[clinic]; c != nil {
		k.Seen, k.Elsewhere, k.Shapes, k.FirstAt = int(c.seen), c.elsewhere, c.shapes, c.firstAt
		slices.Sort(k.Shapes)
		if c.first != 0 {
			if err := tx.QueryRowContext(ctx, `SELECT place_shown FROM finds WHERE num = ?`, c.first).Scan(&k.FirstPlace); err != nil {
				return k, wrap(err, "first place")
			}
		}
	}
	for _, ask := range []func(context.Context, *txn, findRow, int64, string, *leak.KnownClinic) error{
		s.pastFinds, s.pastHere, s.pastTold,
	} {
		if err := ask(ctx, tx, row, num, clinic, &k); err != nil {
			return k, wrap(err, "past of a clinic")
		}
	}
	return k, nil
}

// pastFinds counts the clinic's other finds in the leak, and those at other places that are live; newest first, for
// those are most likely live.
func (s *Store) pastFinds(ctx context.Context, tx *txn, row findRow, num int64, clinic string, k *leak.KnownClinic) error {
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM memberships m
		CROSS JOIN find_clinics c ON c.find = m.find AND c.clinic = ? AND c.confidence >= ?
		WHERE m.leak = ? AND m.to_at IS NULL AND m.find <> ? LIMIT ?)`,
		clinic, s.rules.Minimum, num, row.num, fewFinds).Scan(&k.Finds)
	if err != nil || k.Finds == 0 {
		return err
	}
	return tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM memberships m
		CROSS JOIN finds o ON o.num = m.find AND o.live = 1 AND o.item <> ?
		CROSS JOIN find_clinics c ON c.find = m.find AND c.clinic = ? AND c.confidence >= ?
		WHERE m.leak = ? AND m.to_at IS NULL ORDER BY m.find DESC LIMIT ?)`,
		row.item, clinic, s.rules.Minimum, num, fewFinds).Scan(&k.LiveCopies)
}

// pastHere asks what was at the find's own place before.
func (s *Store) pastHere(ctx context.Context, tx *txn, row findRow, num int64, clinic string, k *leak.KnownClinic) error {
	var last sql.NullInt64 // the newest earlier version with a find
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var find, in, sure int64
		var gone sql.NullInt64
		if err := rows.Scan(&find, &gone, &in, &sure); err != nil {
			return err
		}
		if !last.Valid {
			last = sql.NullInt64{Int64: find, Valid: true}
			k.WasGone = gone.Valid
		}
		k.SamePlace = k.SamePlace || in == num && sure > 0
		return nil
	}, `SELECT o.num, coalesce(o.gone_at, v.gone_at), m.leak, EXISTS (SELECT 1 FROM find_clinics c WHERE c.find = o.num AND c.clinic = ? AND c.confidence >= ?)
		FROM finds o CROSS JOIN memberships m ON m.find = o.num AND m.to_at IS NULL LEFT JOIN versions v ON v.id = o.version
		WHERE o.item = ? AND o.num < ? ORDER BY o.num DESC`, clinic, s.rules.Minimum, row.item, row.num)
	k.WasGone = k.WasGone && k.SamePlace
	return err
}

// pastTold asks what the clinic was told of this find, and of its collection in a window that still runs.
func (s *Store) pastTold(ctx context.Context, tx *txn, row findRow, num int64, clinic string, k *leak.KnownClinic) error {
	own, err := s.memberOf(ctx, tx, row.num)
	if err != nil {
		return err
	}
	if own == num {
		err := tx.QueryRowContext(ctx, `SELECT iif(event = 'mention', '', event) FROM find_clinics WHERE find = ? AND clinic = ?`, row.num, clinic).Scan(&k.Prior)
		if err != nil {
			return err
		}
	}
	return each(ctx, tx, func(rows *sql.Rows) error {
		var e leak.Event
		if err := rows.Scan(&e); err != nil {
			return err
		}
		if k.Told == leak.NoEvent || e.Above(k.Told) {
			k.Told = e
		}
		return nil
	}, `SELECT a.event FROM alert_collections ac CROSS JOIN alerts a ON a.num = ac.alert
		WHERE ac.collection = ? AND a.clinic = ? AND a.leak = ? AND a.window_ends > ? AND a.test = 0 AND a.event NOT IN ('late', 'gone', 'mention')`,
		row.collection, clinic, num, micros(row.now))
}

// most is the largest count.
func most(m map[keyPair]int64) int64 {
	_, n := mostOf(m)
	return n
}

// mostOf is the pair of keys with the largest count.
func mostOf(m map[keyPair]int64) (best keyPair, most int64) {
	for k, n := range m {
		if n > most || n == most && (k.rk < best.rk || k.rk == best.rk && k.pk < best.pk) {
			best, most = k, n
		}
	}
	return best, most
}
