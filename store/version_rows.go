package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"leakwatch/leak"
)

// versionRow is a version with its item, as read and not yet opened.
type versionRow struct {
	id         string
	seq        int
	attempts   int
	listed     int64
	again      bool
	validators []byte
	item       itemRow
}

const versionColumns = `v.id, v.seq, v.attempts, v.listed_at, v.again, v.validators, ` + itemColumns

func (r *versionRow) dest() []any {
	return append([]any{&r.id, &r.seq, &r.attempts, &r.listed, &r.again, &r.validators}, r.item.dest()...)
}

// readVersion reads one version; the error is ErrNotFound when there is none.
func (s *Store) readVersion(ctx context.Context, tx *txn, id string) (*versionRow, error) {
	var r versionRow
	err := tx.QueryRowContext(ctx, findVersion, id).Scan(r.dest()...)
	if err != nil {
		return nil, fmt.Errorf("version %s: %w", id, notFound(err))
	}
	return &r, nil
}

// version opens what was sealed.
func (s *Store) version(r *versionRow) (leak.Version, error) {
	i, err := s.item(&r.item)
	if err != nil {
		return leak.Version{}, fmt.Errorf("version %s: %w", r.id, err)
	}
	val, err := s.openValidators(r.validators)
	if err != nil {
		return leak.Version{}, fmt.Errorf("version %s: %w", r.id, err)
	}
	return leak.Version{ID: r.id, Item: i, Seq: r.seq, Validators: val, Attempt: max(1, r.attempts), ListedAt: at(r.listed), Again: r.again}, nil
}

// openValidators reads the column of that name.
func (s *Store) openValidators(sealed []byte) (v leak.Validators, err error) {
	b, err := s.openSecret("validators", sealed)
	if err != nil || b == nil {
		return v, err
	}
	return v, json.Unmarshal(b, &v)
}

// outcomeColumns are what outcomeRow reads, of versions v.
const outcomeColumns = `v.result, v.completeness, v.reasons, v.bytes, v.texts, v.sha256, v.media_type, v.generation, v.matcher, v.fetched_at`

// outcomeRow receives outcomeColumns.
type outcomeRow struct {
	result, completeness sql.NullString
	reasons              string
	o                    leak.Outcome
	fetched              sql.NullInt64
}

func (r *outcomeRow) dest() []any {
	return []any{&r.result, &r.completeness, &r.reasons, &r.o.Bytes, &r.o.Texts, &r.o.SHA256, &r.o.MediaType,
		&r.o.Generation, &r.o.Matcher, &r.fetched}
}

// outcome is the zero Outcome, with ok false, for a version that has none.
func (r *outcomeRow) outcome() (o leak.Outcome, ok bool, err error) {
	if !r.result.Valid {
		return o, false, nil
	}
	o = r.o
	o.Result, o.Completeness, o.FetchedAt = leak.Result(r.result.String), leak.Completeness(r.completeness.String), fromMicros(r.fetched)
	return o, true, json.Unmarshal([]byte(r.reasons), &o.Reasons)
}

// VersionOutcome gives what came of a version; ok is false while nothing did. The error is ErrNotFound when there is no
// such version.
func (s *Store) VersionOutcome(ctx context.Context, id string) (o leak.Outcome, ok bool, err error) {
	var r outcomeRow
	if err := s.read().QueryRowContext(ctx, `SELECT `+outcomeColumns+` FROM versions v WHERE v.id = ?`, id).Scan(r.dest()...); err != nil {
		return o, false, fmt.Errorf("version %s: %w", id, notFound(err))
	}
	return r.outcome()
}

// OpenItems counts the versions that are still to be read, for the first time or again: 0 when a crawl is through.
func (s *Store) OpenItems(ctx context.Context) (n int64, err error) {
	err = s.read().QueryRowContext(ctx, `SELECT count(*) FROM versions WHERE due_at IS NOT NULL`).Scan(&n)
	return n, err
}

// AddTip makes a place due that a person asked for, and gives the id of its version. A place that waits to be read
// already is not made due twice. An item of ScanSource stays one; any other is of TipSource.
func (s *Store) AddTip(ctx context.Context, i leak.Item) (versionID string, err error) {
	source := s.scans
	if i.Source != ScanSource {
		i.Source, source = TipSource, s.tips
	}
	err = s.write(ctx, func(tx *txn) error {
		if err := source(ctx, tx); err != nil {
			return err
		}
		p := s.newPutter(tx, s.now())
		if err := p.tip(ctx, i); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT v.id FROM items i JOIN item_sightings g ON g.item = i.id
			JOIN versions v ON v.item = g.item AND v.seq = g.seq WHERE i.key = ? AND i.source = ?`, i.Key[:], i.Source).Scan(&versionID)
	})
	if err != nil {
		return "", fmt.Errorf("add tip: %w", err)
	}
	return versionID, nil
}

// tip is put for a place that is read every time somebody asks, whatever its mark.
func (p *putter) tip(ctx context.Context, i leak.Item) error {
	due := p.due
	if err := p.put(ctx, i); err != nil || p.due > due || !i.Fetch {
		return err
	}
	var newest string
	err := p.tx.QueryRowContext(ctx, `SELECT v.id FROM items i JOIN item_sightings g ON g.item = i.id
		JOIN versions v ON v.item = g.item AND v.seq = g.seq WHERE i.key = ? AND i.source = ?`, i.Key[:], i.Source).Scan(&newest)
	if err != nil {
		return err
	}
	return p.s.dueAnew(ctx, p.tx, newest)
}

// againPage is how many rows one transaction of DueAgain looks at, so that the writer is never held for long.
const againPage = 5000

// DueAgain makes due what is still live and was read with an older registry, for a find keeps no addresses and telephone
// numbers of those who may register late; and what was read by another matcher, unless it matched and was read whole.
// Who was found stays found. It gives how many versions that are; what is being read with an older registry is due again when it ends. Sources that are no
// longer configured are left alone.
func (s *Store) DueAgain(ctx context.Context, generation int64, matcher string) (int64, error) {
	var total int64
	err := s.write(ctx, func(tx *txn) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES ('due_again', CAST(?1 AS TEXT))
			ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE CAST(value AS INTEGER) < ?1`, generation)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("due again: %w", err)
	}
	for after := ""; ; {
		var n int64
		var last sql.NullString
		err := s.write(ctx, func(tx *txn) error {
			if err := tx.QueryRowContext(ctx, `SELECT max(id) FROM (SELECT id FROM versions WHERE id > ? ORDER BY id LIMIT ?)`,
				after, againPage).Scan(&last); err != nil || !last.Valid {
				return err
			}
			res, err := tx.ExecContext(ctx, dueAgain+`id > ?2 AND id <= ?3 AND `+readable+`
					AND (generation < ?4 OR matcher <> ?5 AND (result <> 'matched' OR completeness IN ('partial', 'unreadable')))`,
				micros(s.now()), after, last.String, generation, matcher)
			if err != nil {
				return err
			}
			n, err = res.RowsAffected()
			return err
		})
		if err != nil {
			return total, fmt.Errorf("due again: %w", err)
		}
		total += n
		if !last.Valid {
			return total, nil
		}
		after = last.String
	}
}

// day is the start of a time's day in UTC.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
