package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"leakwatch/leak"
)

// lateMatches compares one identifier that a bundle adds with past finds, by its tokens. Persons who were in them all
// along are added, and wait for lateDone. Whoever is registered anew is no longer erased.
func (s *Store) lateMatches(ctx context.Context, tx *txn, clinic, ref string, kind leak.Kind, tokens []leak.Token) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM erasures WHERE clinic = ? AND ref IN (?, '*')`, clinic, ref); err != nil {
		return wrap(err, "late")
	}
	for _, t := range tokens {
		if kind.Tokenised() {
			if _, err := tx.ExecContext(ctx, `INSERT INTO late_tokens (f, clinic, ref, kind, at) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (f, clinic, ref) DO UPDATE SET at = excluded.at`, t.F[:], clinic, ref, string(kind), micros(s.now())); err != nil {
				return wrap(err, "late")
			}
		}
		rows, err := tx.QueryContext(ctx, `SELECT DISTINCT t.find, t.key, o.revision FROM tokens t CROSS JOIN finds o ON o.num = t.find AND t.rev <= o.revision
			WHERE t.f = ? ORDER BY t.find`, t.F[:])
		if err != nil {
			return wrap(err, "late")
		}
		hits, err := scanHits(rows)
		if err != nil {
			return wrap(err, "late")
		}
		for _, h := range hits {
			if err := s.lateHit(ctx, tx, h, clinic, ref, kind, t.F[:]); err != nil {
				return wrap(err, "late")
			}
		}
	}
	return nil
}

// hit is a past find that holds a token.
type hit struct{ find, key, revision int64 }

func scanHits(rows *sql.Rows) (all []hit, err error) {
	defer rows.Close()
	for rows.Next() {
		var h hit
		if err := rows.Scan(&h.find, &h.key, &h.revision); err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, rows.Err()
}

// lateHit adds a person to a past find with the kind of the token that it holds.
func (s *Store) lateHit(ctx context.Context, tx *txn, h hit, clinic, ref string, kind leak.Kind, f []byte) error {
	if err := ensurePersons(ctx, tx, clinic, asJSON([]string{ref})); err != nil {
		return err
	}
	var person int64
	if err := tx.QueryRowContext(ctx, `SELECT id FROM persons WHERE clinic = ? AND ref = ?`, clinic, ref).Scan(&person); err != nil {
		return err
	}
	part, err := ensurePart(ctx, tx, h.find, clinic)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO tokens (find, f, person, key, rev) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		h.find, f, person, h.key, h.revision); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM tokens WHERE find = ? AND f = ? AND person = 0`, h.find, f); err != nil {
		return err
	}
	return lateKind(ctx, tx, part, person, h.revision, kind)
}

// lateKind writes that a person is in a part with a kind. One who was in it already stays as told.
func lateKind(ctx context.Context, tx *txn, part, person, revision int64, kind leak.Kind) error {
	var words sql.NullString
	var late sql.NullInt64
	err := tx.QueryRowContext(ctx, `SELECT group_concat(k.kinds, ' '), min(p.late) FROM find_persons p JOIN kindsets k ON k.num = p.kindset
		WHERE p.part = ? AND p.person = ?`, part, person).Scan(&words, &late)
	if err != nil {
		return err
	}
	all := uniqueWords(words.String)
	if slices.Contains(all, string(kind)) {
		return nil
	}
	mark := int64(-1)
	if words.Valid {
		mark = late.Int64
	}
	set, err := ensureKindset(ctx, tx, strings.Join(uniqueWords(words.String+" "+string(kind)), " "))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO find_persons (part, person, rev, kindset, late) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (part, person, rev) DO UPDATE SET kindset = excluded.kindset`, part, person, revision, set, mark)
	return err
}

// uniqueWords splits, sorts, and drops repeats.
func uniqueWords(s string) []string {
	words := strings.Fields(s)
	slices.Sort(words)
	return slices.Compact(words)
}

// lateUnderWay finds in a recording what was registered while its document was read: those persons are added late, too.
func (s *Store) lateUnderWay(ctx context.Context, tx *txn, row findRow) error {
	var any bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM late_tokens)`).Scan(&any); err != nil || !any {
		return wrap(err, "late")
	}
	type missed struct {
		key               int64
		f                 []byte
		clinic, ref, kind string
	}
	var all []missed
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var m missed
		err := rows.Scan(&m.key, &m.f, &m.clinic, &m.ref, &m.kind)
		all = append(all, m)
		return err
	}, `SELECT t.key, t.f, l.clinic, l.ref, l.kind FROM tokens t CROSS JOIN late_tokens l ON l.f = t.f
		WHERE t.find = ? AND t.person = 0 AND t.rev = ? ORDER BY l.clinic, l.ref`, row.num, row.pending())
	if err != nil {
		return wrap(err, "late")
	}
	clinics := map[string]bool{}
	for _, m := range all {
		clinics[m.clinic] = true
		if err := s.lateHit(ctx, tx, hit{row.num, m.key, row.pending()}, m.clinic, m.ref, leak.Kind(m.kind), m.f); err != nil {
			return wrap(err, "late")
		}
	}
	for _, clinic := range slices.Sorted(maps.Keys(clinics)) {
		if err := s.lateDone(ctx, tx, clinic); err != nil {
			return err
		}
	}
	return nil
}

// latePart is a part of a find with persons who were added late.
type latePart struct {
	num        int64
	find       findRow
	persons    int64
	tally      leak.ClinicTally
	total      leak.Tally
	confidence leak.Confidence
	event      leak.Event
}

// lateDone tells a clinic of the persons that lateMatches added: the event late, one alert for each leak and window.
func (s *Store) lateDone(ctx context.Context, tx *txn, clinic string) error {
	now := s.now().Truncate(time.Microsecond)
	var parts []latePart
	err := each(ctx, tx, func(rows *sql.Rows) error {
		p := latePart{find: findRow{now: now}}
		err := rows.Scan(&p.num, &p.find.num, &p.find.id, &p.find.revision, &p.find.item, &p.find.collection, jsonTo(&p.total), jsonTo(&p.tally), &p.confidence, &p.event)
		parts = append(parts, p)
		return err
	}, `SELECT c.num, f.num, f.id, f.revision, f.item, f.collection, f.tally, c.tally, c.confidence, c.event
		FROM (SELECT DISTINCT part FROM find_persons WHERE late = -1) p
		CROSS JOIN find_clinics c ON c.num = p.part AND c.clinic = ? CROSS JOIN finds f ON f.num = c.find ORDER BY f.num`, clinic)
	if err != nil || len(parts) == 0 {
		return wrap(err, "late")
	}
	registered, patients, err := registeredOf(ctx, tx, clinic)
	if err != nil {
		return wrap(err, "late")
	}
	for _, p := range parts {
		p.tally.Registered, p.tally.Patients = registered, patients
		if err := s.lateNews(ctx, tx, clinic, p); err != nil {
			return wrap(err, "late")
		}
	}
	return s.forget(ctx, tx)
}

// lateNews counts a part anew, with those who were added, and tells it when it is sure enough.
func (s *Store) lateNews(ctx context.Context, tx *txn, clinic string, p latePart) error {
	if err := recount(ctx, tx, &p); err != nil {
		return err
	}
	p.total.Clinics = map[string]*leak.ClinicTally{clinic: &p.tally}
	v := leak.Judge(p.total, clinic)
	if v.Confidence < p.confidence { // what else was found of others then is not forgotten
		v.Confidence = p.confidence
	}
	if _, err := tx.ExecContext(ctx, `UPDATE find_clinics SET confidence = ?, nature = ?, reasons = ?, tally = ?, patients = ?, persons = ? WHERE num = ?`,
		v.Confidence, string(v.Nature), asJSON(orNone(v.Reasons)), asJSON(p.tally), p.tally.Patients, p.persons, p.num); err != nil {
		return err
	}
	mark, err := s.tellLate(ctx, tx, clinic, p, v)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE find_persons SET late = ? WHERE part = ? AND late = -1`, mark, p.num); err != nil {
		return err
	}
	return s.indexDue(ctx, tx, p.find.num)
}

// tellLate puts a part into a late alert and gives its number: 0 when it is not sure enough to be told.
func (s *Store) tellLate(ctx context.Context, tx *txn, clinic string, p latePart, v leak.Verdict) (int64, error) {
	if v.Confidence < s.rules.Minimum || v.Confidence == leak.None {
		return 0, nil
	}
	into, err := s.memberOf(ctx, tx, p.find.num)
	if err != nil || into == 0 {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE find_clinics SET event = 'late', told_at = ? WHERE num = ? AND event = ''`, micros(p.find.now), p.num); err != nil {
		return 0, err
	}
	n := leak.ClinicNews{Clinic: clinic, Event: leak.EventLate, Verdict: v}
	a, err := s.alertFor(ctx, tx, p.find, into, n, true)
	if err != nil {
		return 0, err
	}
	return a.num, s.fold(ctx, tx, p.find, a, v.Confidence, true)
}

// registeredOf counts what a clinic has registered.
func registeredOf(ctx context.Context, q queryer, clinic string) (kinds map[leak.Kind]int64, patients int64, err error) {
	kinds = map[leak.Kind]int64{}
	err = each(ctx, q, func(rows *sql.Rows) error {
		var k leak.Kind
		var n int64
		err := rows.Scan(&k, &n)
		kinds[k] = n
		return err
	}, `SELECT kind, count(DISTINCT w) FROM tags WHERE clinic = ? GROUP BY kind`, clinic)
	if err == nil {
		err = q.QueryRowContext(ctx, `SELECT count(DISTINCT ref) FROM tags WHERE clinic = ?`, clinic).Scan(&patients)
	}
	return kinds, patients, err
}

// recount counts the persons of a part, by kind. What was counted when it was read, context and all, is not lowered.
func recount(ctx context.Context, tx *txn, p *latePart) error {
	kinds, two := map[leak.Kind]int64{}, int64(0)
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var words string
		var n int64
		if err := rows.Scan(&words, &n); err != nil {
			return err
		}
		p.persons += n
		sorts := map[leak.Kind]bool{}
		for _, w := range uniqueWords(strings.ReplaceAll(words, ",", " ")) {
			k := leak.Kind(w)
			kinds[k] += n
			if k.Address() {
				k = leak.Email
			}
			sorts[k] = true
		}
		if len(sorts) > 1 {
			two += n
		}
		return nil
	}, `SELECT words, count(*) FROM (SELECT group_concat(DISTINCT k.kinds) AS words FROM find_persons x JOIN kindsets k ON k.num = x.kindset
		WHERE x.part = ? AND x.rev <= ? GROUP BY x.person) GROUP BY words`, p.num, p.find.revision)
	if err != nil {
		return err
	}
	t := &p.tally
	t.Kinds, t.Hits = raise(t.Kinds, kinds), raise(t.Hits, kinds)
	t.Persons, t.Two = max(t.Persons, p.persons), max(t.Two, two)
	return nil
}

// raise gives the larger of two counts, kind by kind.
func raise(a, b map[leak.Kind]int64) map[leak.Kind]int64 {
	sum := map[leak.Kind]int64{}
	for _, m := range []map[leak.Kind]int64{a, b} {
		for k, n := range m {
			sum[k] = max(sum[k], n)
		}
	}
	return sum
}
