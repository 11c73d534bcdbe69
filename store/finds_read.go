package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"leakwatch/leak"
)

const copiesMax = 1000

// FindsByTokens says in which finds the identifiers of these tokens are, oldest first. A clinic learns of its own
// registered patients only: asked about others it finds nothing.
func (s *Store) FindsByTokens(ctx context.Context, p leak.Principal, tokens []leak.Token) ([]Sighting, error) {
	sc := scopeOf(p)
	list := make([]string, len(tokens))
	for i, t := range tokens {
		list[i] = hex.EncodeToString(t.F[:])
	}
	var out []Sighting
	err := each(ctx, s.read(), func(rows *sql.Rows) error {
		var v Sighting
		var sealed []byte
		var listed, matched sql.NullInt64
		var clinics string
		if err := rows.Scan(&v.Find, &v.Leak, &v.Source, &sealed, &v.Kind, &listed, &matched, &v.Live, &clinics); err != nil {
			return err
		}
		v.ListedAt, v.MatchedAt, v.Clinics = fromMicros(listed), fromMicros(matched), uniqueWords(clinics)
		var err error
		v.Place, err = s.openPlace(sealed)
		out = append(out, v)
		return err
	}, `SELECT o.id, coalesce(l.id, ''), o.source, o.place_sealed, k.kind, o.listed_at, o.matched_at, o.live, coalesce(group_concat(pe.clinic, ' '), '')
		FROM json_each(?1) j
		CROSS JOIN tokens t ON t.f = unhex(j.value)
		CROSS JOIN token_keys k ON k.num = t.key
		CROSS JOIN finds o ON o.num = t.find AND t.rev <= o.revision
		LEFT JOIN persons pe ON pe.id = t.person AND (?2 OR pe.clinic = ?3)
		LEFT JOIN memberships m ON m.find = o.num AND m.to_at IS NULL LEFT JOIN leaks l ON l.num = m.leak
		WHERE ?2 OR pe.clinic = ?3
		GROUP BY o.num, k.kind ORDER BY o.matched_at, o.num`, sc.args(asJSON(list))...)
	return out, wrap(err, "finds by tokens")
}

// Find gives one find whole. The error is ErrNotFound when there is none that the principal may see: a clinic sees those
// with people of its own, and of them its own part.
func (s *Store) Find(ctx context.Context, p leak.Principal, id string) (FindDetail, error) {
	tx, err := s.reads.begin(ctx, nil) // everything at one moment
	if err != nil {
		return FindDetail{}, fmt.Errorf("find %s: %w", id, err)
	}
	defer tx.Rollback()
	d := &findReader{s: s, q: tx, sc: scopeOf(p)}
	for _, read := range []func(context.Context, string) error{
		d.row, d.clinics, d.lineage, d.related, d.versions, d.copies, d.rest,
	} {
		if err := read(ctx, id); err != nil {
			return FindDetail{}, fmt.Errorf("find %s: %w", id, err)
		}
	}
	return d.out, nil
}

// findReader gathers a FindDetail.
type findReader struct {
	s          *Store
	q          queryer
	sc         scope
	num, leak  int64
	item       []byte
	collection int64
	out        FindDetail
}

func (d *findReader) row(ctx context.Context, id string) error {
	f, o := &d.out.Find, &d.out
	var place, group, collection []byte
	var revision int64
	var from, to, listed, fetched, matched, gone, changed sql.NullInt64
	var recorded, expires int64
	err := d.q.QueryRowContext(ctx, `SELECT f.num, f.id, f.version, f.source, f.item, f.collection, f.place_sealed, f.title, f.poster, f.listing,
			f.published_from, f.published_to, f.size_min, f.size_max, f.revision, f.final, f.shape, f.tally, f.outcome, f.indicators, f.config,
			f.listed_at, f.fetched_at, f.matched_at, f.live, f.gone_at, f.changed_at, f.recorded_at, f.expires_at, f.hold, c.key, c.place_sealed
		FROM finds f JOIN collections c ON c.num = f.collection WHERE f.id = ?1 AND f.revision > 0
		AND (?2 OR EXISTS (SELECT 1 FROM find_clinics p WHERE p.find = f.num AND p.clinic = ?3 AND `+partSeen+`))`, d.sc.args(id)...).
		Scan(&d.num, &f.ID, &f.VersionID, &f.Item.Source, &d.item, &d.collection, &place, &f.Item.Title, &f.Item.Poster, &f.Item.Listing,
			&from, &to, &f.Item.Size.Min, &f.Item.Size.Max, &revision, &f.Final, &f.Shape, jsonTo(&f.Tally), jsonTo(&f.Outcome),
			jsonTo(&f.Indicators), &f.Config, &listed, &fetched, &matched, &o.Live, &gone, &changed, &recorded, &expires, &o.Hold, &collection, &group)
	if err != nil {
		return notFound(err)
	}
	f.Revision, f.Item.Key, f.Item.Collection = int(revision), digest(d.item), digest(collection)
	f.Item.Published = leak.Stamp{From: fromMicros(from), To: fromMicros(to)}
	f.ListedAt, f.MatchedAt, f.Outcome.FetchedAt = fromMicros(listed), fromMicros(matched), fromMicros(fetched)
	o.GoneAt, o.ChangedAt, o.RecordedAt, o.Collection, o.Evidence = fromMicros(gone), fromMicros(changed), at(recorded), f.Item.Collection, f.VersionID
	if expires < never {
		o.ExpiresAt = at(expires)
	}
	if f.Item.Place, err = d.s.openPlace(place); err != nil {
		return err
	}
	f.Item.Group, err = d.s.openPlace(group)
	o.Group = f.Item.Group
	return err
}

func (d *findReader) clinics(ctx context.Context, _ string) error {
	f := &d.out.Find
	f.Verdicts, f.Tally.Clinics = map[string]leak.Verdict{}, map[string]*leak.ClinicTally{}
	var parts []int64
	err := each(ctx, d.q, func(rows *sql.Rows) error {
		var c FindClinic
		var part int64
		if err := rows.Scan(&part, &c.Clinic, &c.Event, &c.Verdict.Confidence, &c.Verdict.Nature, jsonTo(&c.Verdict.Reasons), jsonTo(&c.Tally), &c.Persons); err != nil {
			return err
		}
		f.Verdicts[c.Clinic] = c.Verdict
		t := c.Tally
		f.Tally.Clinics[c.Clinic] = &t
		parts, d.out.Clinics = append(parts, part), append(d.out.Clinics, c)
		return nil
	}, `SELECT num, clinic, event, confidence, nature, reasons, tally, persons FROM find_clinics
		WHERE find = ?1 AND `+partSeen+` AND (?2 OR clinic = ?3) ORDER BY clinic`, d.sc.args(d.num)...)
	for i, part := range parts {
		if err == nil {
			err = d.part(ctx, part, &d.out.Clinics[i])
		}
	}
	return err
}

// part counts what is kept of one clinic's part.
func (d *findReader) part(ctx context.Context, part int64, c *FindClinic) error {
	c.Kinds = map[leak.Kind]int64{}
	revision := d.out.Find.Revision
	err := each(ctx, d.q, func(rows *sql.Rows) error {
		var k leak.Kind
		var n int64
		err := rows.Scan(&k, &n)
		c.Kinds[k] = n
		return err
	}, `SELECT k.kind, count(DISTINCT p.person) FROM find_persons p CROSS JOIN kindset_kinds k ON k.kindset = p.kindset
		WHERE p.part = ? AND p.rev <= ? GROUP BY k.kind`, part, revision)
	if err != nil {
		return err
	}
	err = d.q.QueryRowContext(ctx, `SELECT count(DISTINCT person) FROM find_persons WHERE part = ? AND rev <= ? AND late > 0`, part, revision).Scan(&c.Late)
	if err != nil {
		return err
	}
	rows, err := d.q.QueryContext(ctx, `SELECT a.id FROM alert_finds af CROSS JOIN alerts a ON a.num = af.alert
		WHERE af.find = ? AND a.clinic = ? ORDER BY a.num`, d.num, c.Clinic)
	if err != nil {
		return err
	}
	c.Alerts, err = scanAll[string](rows)
	return err
}

func (d *findReader) lineage(ctx context.Context, _ string) error {
	err := each(ctx, d.q, func(rows *sql.Rows) error {
		var j leak.Join
		var num int64
		var open bool
		if err := rows.Scan(&num, &j.Leak, &j.Reason, &j.Overlap, &open); err != nil {
			return err
		}
		if open {
			d.leak, d.out.Leak = num, j.Leak
		}
		d.out.Joins = append(d.out.Joins, j)
		return nil
	}, `SELECT m.leak, coalesce(l.id, a.id, ''), m.reason, m.overlap, m.to_at IS NULL FROM memberships m
		LEFT JOIN leaks l ON l.num = m.leak LEFT JOIN leak_aliases a ON a.was = m.leak WHERE m.find = ? ORDER BY m.num`, d.num)
	if err != nil {
		return err
	}
	rows, err := d.q.QueryContext(ctx, `SELECT id FROM leak_aliases WHERE leak = ? ORDER BY at, id`, d.leak)
	if err != nil {
		return err
	}
	d.out.Aliases, err = scanAll[string](rows)
	return err
}

// related leaks are shown where the asker sees somebody in them.
func (d *findReader) related(ctx context.Context, _ string) error {
	return each(ctx, d.q, func(rows *sql.Rows) error {
		j := leak.Join{Reason: "related"}
		err := rows.Scan(&j.Leak, &j.Overlap)
		d.out.Related = append(d.out.Related, j)
		return err
	}, `SELECT l.id, r.overlap FROM (SELECT CASE WHEN leak = ?1 THEN other ELSE leak END AS num, overlap FROM leak_relations WHERE leak = ?1 OR other = ?1) r
		JOIN leaks l ON l.num = r.num WHERE ?2 OR EXISTS (SELECT 1 FROM memberships m
			CROSS JOIN find_clinics c ON c.find = m.find AND c.clinic = ?3 WHERE m.leak = l.num AND m.to_at IS NULL)
		ORDER BY r.overlap DESC, l.id`, d.sc.args(d.leak)...)
}

func (d *findReader) versions(ctx context.Context, _ string) error {
	return each(ctx, d.q, func(rows *sql.Rows) error {
		var v FindVersion
		var listed int64
		var o outcomeRow
		if err := rows.Scan(append(o.dest(), &v.ID, &v.Seq, &listed, &v.Find)...); err != nil {
			return err
		}
		var err error
		v.Outcome, _, err = o.outcome()
		v.ListedAt, v.FetchedAt = at(listed), v.Outcome.FetchedAt
		d.out.Versions = append(d.out.Versions, v)
		return err
	}, `SELECT `+outcomeColumns+`, v.id, v.seq, v.listed_at, coalesce(f.id, '') FROM items i JOIN versions v ON v.item = i.id
		LEFT JOIN finds f ON f.version = v.id AND f.revision > 0
			AND (?2 OR EXISTS (SELECT 1 FROM find_clinics c WHERE c.find = f.num AND c.clinic = ?3))
		WHERE i.key = ?1 ORDER BY v.listed_at, v.seq`, d.sc.args(d.item)...)
}

// copies are the other members of the leak that the asker sees somebody in.
func (d *findReader) copies(ctx context.Context, _ string) error {
	const from = ` FROM memberships m CROSS JOIN finds o ON o.num = m.find AND o.revision > 0
		WHERE m.leak = ?1 AND m.to_at IS NULL AND o.num <> ?4
		AND (?2 OR EXISTS (SELECT 1 FROM find_clinics c WHERE c.find = o.num AND c.clinic = ?3)) `
	args := append(d.sc.args(d.leak), d.num)
	if err := d.q.QueryRowContext(ctx, `SELECT count(*)`+from, args...).Scan(&d.out.CopiesTotal); err != nil {
		return err
	}
	return each(ctx, d.q, func(rows *sql.Rows) error {
		var c FindCopy
		var sealed, item []byte
		var matched sql.NullInt64
		if err := rows.Scan(&c.Find, &c.Source, &sealed, &c.Shape, &matched, &c.Live, &item); err != nil {
			return err
		}
		c.MatchedAt, c.SamePlace = fromMicros(matched), digest(item) == digest(d.item)
		var err error
		c.Place, err = d.s.openPlace(sealed)
		d.out.Copies = append(d.out.Copies, c)
		return err
	}, `SELECT o.id, o.source, o.place_sealed, o.shape, o.matched_at, o.live, o.item`+from+`ORDER BY o.num DESC LIMIT ?5`, append(args, copiesMax)...)
}

func (d *findReader) rest(ctx context.Context, _ string) error {
	var looked, next sql.NullInt64
	err := d.q.QueryRowContext(ctx, `SELECT looked_at, due_at FROM watches WHERE find = ?`, d.num).Scan(&looked, &next)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	d.out.LookedAt, d.out.NextLook = fromMicros(looked), fromMicros(next)
	return d.q.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM exchanges WHERE version = ?1),
			(SELECT count(DISTINCT f) FROM tokens WHERE find = ?2 AND rev <= ?3),
			(SELECT count(*) FROM finds o WHERE o.collection = ?4 AND o.revision > 0
				AND (?5 OR EXISTS (SELECT 1 FROM find_clinics c WHERE c.find = o.num AND c.clinic = ?6)))`,
		d.sc.args(d.out.Find.VersionID, d.num, d.out.Find.Revision, d.collection)...).
		Scan(&d.out.Exchanges, &d.out.Tokens, &d.out.GroupFinds)
}
