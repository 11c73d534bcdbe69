package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"leakwatch/leak"
)

// indexDue has a find written to the index again. Whoever writes an older document of it meanwhile does not end that.
func (s *Store) indexDue(ctx context.Context, tx *txn, find int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE finds SET doc = doc + 1, due_at = ?, attempts = 0, dead_at = NULL, lease_owner = NULL, lease_until = NULL
		WHERE num = ?`, micros(s.now()), find)
	return wrap(err, "due to index")
}

// LeaseUnindexed takes up to n finds whose index document is older than they are, and gives the documents as they
// should be now.
func (s *Store) LeaseUnindexed(ctx context.Context, worker string, n int, ttl time.Duration) ([]leak.IndexDoc, error) {
	var ids []string
	err := s.write(ctx, func(tx *txn) (err error) {
		ids, err = workFinds.lease(ctx, tx, worker, n, s.now(), ttl)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lease finds to index: %w", err)
	}
	var docs []leak.IndexDoc
	for _, id := range ids {
		d, err := s.indexDoc(ctx, id)
		if errors.Is(err, sql.ErrNoRows) {
			continue // purged meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("index document of %s: %w", id, err)
		}
		docs = append(docs, d)
	}
	return docs, nil
}

// indexDoc builds a find's document at one moment.
func (s *Store) indexDoc(ctx context.Context, id string) (d leak.IndexDoc, err error) {
	tx, err := s.reads.begin(ctx, nil)
	if err != nil {
		return d, err
	}
	defer tx.Rollback()
	var num, expires int64
	var collection []byte
	var indicators []leak.Indicator
	var outcome leak.Outcome
	var published, listed, fetched, matched sql.NullInt64
	err = tx.QueryRowContext(ctx, `SELECT f.num, f.id, f.doc, coalesce(l.id, ''), c.key, f.source, coalesce(s.kind, ''),
			coalesce(s.spec ->> 'Network', ''), f.host_shown, f.place_shown, f.title, f.poster, f.shape, f.media_type, f.size_max,
			f.result, f.completeness, f.indicators, f.candidates, f.outcome, f.live, f.published_from, f.listed_at, f.fetched_at, f.matched_at, f.expires_at
		FROM finds f JOIN collections c ON c.num = f.collection
		LEFT JOIN memberships m ON m.find = f.num AND m.to_at IS NULL LEFT JOIN leaks l ON l.num = m.leak
		LEFT JOIN sources s ON s.id = f.source WHERE f.id = ? AND f.revision > 0`, id).
		Scan(&num, &d.ID, &d.Revision, &d.Leak, &collection, &d.Source, &d.SourceKind, &d.Network, &d.Host, &d.Place, &d.Title,
			&d.Poster, &d.Shape, &d.MediaType, &d.Size, &d.Result, &d.Completeness, jsonTo(&indicators), jsonTo(&d.Candidates),
			jsonTo(&outcome), &d.Live, &published, &listed, &fetched, &matched, &expires)
	if err != nil {
		return d, err
	}
	d.Collection = digest(collection).String()
	d.ListedAt, d.FetchedAt, d.MatchedAt = fromMicros(listed), fromMicros(fetched), fromMicros(matched)
	d.PublishedAt, d.ExpiresAt = timeOrNil(published), timeOrNil(sql.NullInt64{Int64: expires, Valid: expires < never})
	if outcome.Bytes > 0 {
		d.Size = outcome.Bytes
	}
	for _, i := range indicators {
		d.Indicators = append(d.Indicators, i.Value)
	}
	return d, s.indexClinics(ctx, tx, num, &d)
}

func (s *Store) indexClinics(ctx context.Context, q queryer, num int64, d *leak.IndexDoc) error {
	best := leak.None
	kinds := map[string]bool{}
	err := each(ctx, q, func(rows *sql.Rows) error {
		var c leak.IndexClinic
		var conf leak.Confidence
		var t leak.ClinicTally
		if err := rows.Scan(&c.Clinic, &c.Event, &conf, &c.Persons, jsonTo(&t)); err != nil {
			return err
		}
		c.Confidence, c.Kinds, best = conf.String(), map[string]int64{}, max(best, conf)
		for k, n := range t.Kinds {
			c.Kinds[string(k)], kinds[string(k)] = n, true
		}
		d.Clinics = append(d.Clinics, c)
		return nil
	}, `SELECT clinic, event, confidence, persons, tally FROM find_clinics WHERE find = ? AND `+partSeen+` ORDER BY clinic`, num)
	d.Confidence, d.Kinds = best.String(), slices.Sorted(maps.Keys(kinds))
	return err
}

// partSeen leaves out a part that belongs to a revision which is not true yet.
const partSeen = `(persons > 0 OR confidence > 0 OR terms > 0)`

func timeOrNil(n sql.NullInt64) *time.Time {
	if !n.Valid {
		return nil
	}
	t := at(n.Int64)
	return &t
}

// FinishIndexed says that documents are in the index. A find that changed since its document was made stays due.
func (s *Store) FinishIndexed(ctx context.Context, docs []leak.IndexDoc) error {
	err := s.eachDoc(ctx, docs, func(tx *txn, d leak.IndexDoc) error {
		_, err := tx.ExecContext(ctx, `UPDATE finds SET due_at = NULL, attempts = 0, dead_at = NULL, lease_owner = NULL, lease_until = NULL, index_error = ''
			WHERE id = ? AND doc = ?`, d.ID, d.Revision)
		return err
	})
	return wrap(err, "finish indexed")
}

// RetryIndexed sets the next attempt to index; with a zero next the finds are given up, until they change or ReindexAll.
func (s *Store) RetryIndexed(ctx context.Context, docs []leak.IndexDoc, reason string, next time.Time) error {
	now := s.now()
	err := s.eachDoc(ctx, docs, func(tx *txn, d leak.IndexDoc) error {
		var dead any
		if next.IsZero() {
			dead = micros(now)
		}
		_, err := tx.ExecContext(ctx, `UPDATE finds SET due_at = ?, dead_at = ?, lease_owner = NULL, lease_until = NULL, index_error = ?
			WHERE id = ? AND doc = ?`, nullMicros(next), dead, reason, d.ID, d.Revision)
		return err
	})
	return wrap(err, "retry indexed")
}

func (s *Store) eachDoc(ctx context.Context, docs []leak.IndexDoc, do func(*txn, leak.IndexDoc) error) error {
	if len(docs) == 0 {
		return nil
	}
	return s.write(ctx, func(tx *txn) error {
		for _, d := range docs {
			if err := do(tx, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReindexAll makes every find due to be indexed, and gives how many that are.
func (s *Store) ReindexAll(ctx context.Context) (total int64, err error) {
	for after := int64(0); ; {
		var n int64
		var last sql.NullInt64
		err := s.write(ctx, func(tx *txn) error {
			err := tx.QueryRowContext(ctx, `SELECT max(num) FROM (SELECT num FROM finds WHERE num > ? ORDER BY num LIMIT ?)`, after, stageChunk).Scan(&last)
			if err != nil || !last.Valid {
				return err
			}
			res, err := tx.ExecContext(ctx, `UPDATE finds SET doc = doc + 1, due_at = ?, attempts = 0, dead_at = NULL, lease_owner = NULL, lease_until = NULL
				WHERE num > ? AND num <= ? AND revision > 0`, micros(s.now()), after, last.Int64)
			if err != nil {
				return err
			}
			n, err = res.RowsAffected()
			return err
		})
		if err != nil || !last.Valid {
			return total, wrap(err, "reindex")
		}
		total, after = total+n, last.Int64
	}
}

// RemovedFinds gives up to n ids of finds that were purged or erased and may still be in the index. FinishRemoved says
// that they are not.
func (s *Store) RemovedFinds(ctx context.Context, n int) ([]string, error) {
	rows, err := s.read().QueryContext(ctx, `SELECT id FROM removed_finds ORDER BY id LIMIT ?`, n)
	if err != nil {
		return nil, wrap(err, "removed finds")
	}
	return scanAll[string](rows)
}

// FinishRemoved says that the index no longer holds these finds.
func (s *Store) FinishRemoved(ctx context.Context, ids []string) error {
	err := s.write(ctx, func(tx *txn) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM removed_finds WHERE id IN (SELECT value FROM json_each(?))`, asJSON(orNone(ids)))
		return err
	})
	return wrap(err, "finish removed")
}
