package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"leakwatch/leak"
)

// versionIDs sort as text in the order of their first six bytes, a time.
var versionIDs = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// versionID is the id of an item's nth version: 26 characters that begin with when it was listed, to the millisecond,
// and are otherwise made of what it is, so that writing it again after a crash gives the same.
func versionID(listed time.Time, source string, key leak.Digest, seq int) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d\n", source, seq)
	h.Write(key[:])
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(max(0, listed.UnixMilli()))<<16)
	copy(b[6:], h.Sum(nil))
	return versionIDs.EncodeToString(b[:])
}

// versionFrom is the least id of versions listed at t or later.
func versionFrom(t time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(max(0, t.UnixMilli()))<<16)
	return versionIDs.EncodeToString(b[:])
}

// addVersion writes a version: due at once, or with the outcome skipped when a rule says so.
func (s *Store) addVersion(ctx context.Context, tx *txn, source string, key leak.Digest, item int64, seq int, listed time.Time, skip string) error {
	id, now := versionID(listed, source, key, seq), micros(s.now())
	if skip == "" {
		_, err := tx.ExecContext(ctx, insertVersion, id, item, source, seq, micros(listed), now)
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO versions (id, item, source, seq, listed_at, result, completeness, reasons, ended_at)
		VALUES (?, ?, ?, ?, ?, 'skipped', 'unread', json_array(?), ?)`, id, item, source, seq, micros(listed), skip, now)
	return err
}

// overtake ends the versions of an item that nobody is reading, for there is a newer one.
func (s *Store) overtake(ctx context.Context, tx *txn, item int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE versions SET due_at = NULL, again = 0, lease_owner = NULL, lease_until = NULL,
		result = coalesce(result, iif(`+told+`, 'matched', 'skipped')),
		completeness = coalesce(completeness, iif(`+told+`, 'partial', 'unread')),
		reasons = CASE WHEN result IS NULL THEN json_array(?1) ELSE reasons END, ended_at = ?2
		WHERE item = ?3 AND due_at IS NOT NULL AND (lease_until IS NULL OR lease_until <= ?2)`, replaced, micros(s.now()), item)
	return err
}

// dueAnew makes the item of a version due: a new version, unless its newest one is still to be read. What was looked at
// and found changed, or back, goes this way.
func (s *Store) dueAnew(ctx context.Context, tx *txn, version string) error {
	var item int64
	var source string
	var key []byte
	var seq int
	var open bool
	err := tx.QueryRowContext(ctx, `SELECT g.item, g.source, i.key, g.seq,
		EXISTS (SELECT 1 FROM versions n WHERE n.item = g.item AND n.seq = g.seq AND n.due_at IS NOT NULL)
		FROM versions v JOIN item_sightings g ON g.item = v.item JOIN items i ON i.id = v.item WHERE v.id = ?`, version).
		Scan(&item, &source, &key, &seq, &open)
	if err != nil {
		return fmt.Errorf("version %s: %w", version, notFound(err))
	}
	if open {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `UPDATE item_sightings SET seq = seq + 1, held = 0 WHERE item = ?`, item); err != nil {
		return err
	}
	return s.addVersion(ctx, tx, source, digest(key), item, seq+1, s.now(), "")
}

// LeaseVersions takes up to n due versions, at most parallel of one source at a time. Sources take turns: the one with
// the fewest versions under way goes first, then the one that waited longest. What is due of a source whose RunBytes are
// used up for the day is skipped instead.
func (s *Store) LeaseVersions(ctx context.Context, worker string, n int, ttl time.Duration) ([]leak.Version, error) {
	return s.leaseVersions(ctx, worker, ttl, func(tx *txn) ([]string, error) { return s.fairly(ctx, tx, n, "") })
}

// LeaseVersionsOf is LeaseVersions for one source.
func (s *Store) LeaseVersionsOf(ctx context.Context, source, worker string, n int, ttl time.Duration) ([]leak.Version, error) {
	return s.leaseVersions(ctx, worker, ttl, func(tx *txn) ([]string, error) { return s.fairly(ctx, tx, n, source) })
}

// LeaseVersion takes one version if it is still to be read and nobody has it, due or not.
func (s *Store) LeaseVersion(ctx context.Context, id, worker string, ttl time.Duration) (v leak.Version, ok bool, err error) {
	all, err := s.leaseVersions(ctx, worker, ttl, func(tx *txn) ([]string, error) {
		rows, err := tx.QueryContext(ctx, `SELECT id FROM versions WHERE id = ? AND due_at IS NOT NULL
			AND (lease_until IS NULL OR lease_until <= ?)`, id, micros(s.now()))
		if err != nil {
			return nil, err
		}
		return scanAll[string](rows)
	})
	if err != nil || len(all) == 0 {
		return leak.Version{}, false, err
	}
	return all[0], true, nil
}

func (s *Store) leaseVersions(ctx context.Context, worker string, ttl time.Duration, choose func(*txn) ([]string, error)) ([]leak.Version, error) {
	var rows []versionRow
	err := s.write(ctx, func(tx *txn) error {
		rows = nil
		ids, err := choose(tx)
		if err != nil {
			return err
		}
		now := s.now()
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, takeVersion, worker, micros(now.Add(ttl)), id); err != nil {
				return err
			}
			r, err := s.readVersion(ctx, tx, id)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, takeTurn, micros(now), r.item.i.Source); err != nil {
				return err
			}
			rows = append(rows, *r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lease versions: %w", err)
	}
	var out []leak.Version
	for _, r := range rows { // outside the transaction: opening seals takes time
		v, err := s.version(&r)
		if err != nil {
			return nil, fmt.Errorf("lease versions: %w", err)
		}
		out = append(out, v)
	}
	return out, nil
}

// sourceQueue is what may be leased of one source.
type sourceQueue struct {
	id   string
	busy int // versions under way
	free int
	turn int64
	keys []string
}

// fairly chooses up to n due versions, of one source or of all.
func (s *Store) fairly(ctx context.Context, tx *txn, n int, source string) ([]string, error) {
	if err := s.skipOverBudget(ctx, tx, source); err != nil {
		return nil, err
	}
	queues, err := s.sourceQueues(ctx, tx, source)
	if err != nil {
		return nil, err
	}
	for i := range queues {
		q := &queues[i]
		rows, err := tx.QueryContext(ctx, findDue, q.id, micros(s.now()), min(n, q.free))
		if err != nil {
			return nil, err
		}
		if q.keys, err = scanAll[string](rows); err != nil {
			return nil, err
		}
	}
	var keys []string
	for len(keys) < n {
		queues = slices.DeleteFunc(queues, func(q sourceQueue) bool { return len(q.keys) == 0 })
		if len(queues) == 0 {
			break
		}
		next := slices.MinFunc(queues, func(a, b sourceQueue) int {
			return cmp.Or(cmp.Compare(a.busy, b.busy), cmp.Compare(a.turn, b.turn), cmp.Compare(a.id, b.id))
		})
		i := slices.IndexFunc(queues, func(q sourceQueue) bool { return q.id == next.id })
		keys = append(keys, next.keys[0])
		queues[i].keys = next.keys[1:]
		queues[i].busy++
	}
	return keys, nil
}

// sourceQueues are the sources that have something due and a body free.
func (s *Store) sourceQueues(ctx context.Context, tx *txn, source string) ([]sourceQueue, error) {
	rows, err := tx.QueryContext(ctx, findQueues, micros(s.now()), source)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var queues []sourceQueue
	for rows.Next() {
		var q sourceQueue
		var parallel int
		if err := rows.Scan(&q.id, &parallel, &q.turn, &q.busy); err != nil {
			return nil, err
		}
		q.free = parallel - q.busy
		queues = append(queues, q)
	}
	return queues, rows.Err()
}

// ExtendVersion keeps a lease; it fails with ErrLeaseLost when another worker has the version.
func (s *Store) ExtendVersion(ctx context.Context, id, worker string, ttl time.Duration) error {
	return s.write(ctx, func(tx *txn) error { return workVersions.extend(ctx, tx, id, worker, s.now(), ttl) })
}

// FinishVersion writes the outcome. Nothing of the version is due any more, unless what DueAgain or PutPasswords would
// make due came while it was read: then it is due again at once. It fails with ErrLeaseLost when another worker has the
// version.
func (s *Store) FinishVersion(ctx context.Context, id, worker string, o leak.Outcome) error {
	return s.write(ctx, func(tx *txn) error {
		if err := s.endVersion(ctx, tx, id, worker, o); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, dueWhenStale, micros(s.now()), id, o.Generation, o.Passwords)
		return wrap(err, "outcome of "+id)
	})
}

// RetryVersion sets the next attempt; the outcome so far gives the reasons. With a zero next it is given up: the
// outcome is written, and the version is dead, which people can see and mend. It fails with ErrLeaseLost when another
// worker has the version.
func (s *Store) RetryVersion(ctx context.Context, id, worker string, o leak.Outcome, next time.Time) error {
	return s.write(ctx, func(tx *txn) error {
		if next.IsZero() {
			if err := s.endVersion(ctx, tx, id, worker, o); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `UPDATE versions SET dead_at = ? WHERE id = ?`, micros(s.now()), id)
			return err
		}
		if err := s.spend(ctx, tx, id, o.Bytes); err != nil {
			return err
		}
		if err := workVersions.retry(ctx, tx, id, worker, s.now(), next); err != nil {
			return err
		}
		reasons, err := json.Marshal(nonNil(o.Reasons))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE versions SET reasons = ?, bytes = ? WHERE id = ? AND result IS NULL`, string(reasons), o.Bytes, id)
		return err
	})
}

// endVersion writes the outcome of a version that the worker holds.
func (s *Store) endVersion(ctx context.Context, tx *txn, id, worker string, o leak.Outcome) error {
	reasons, err := json.Marshal(nonNil(o.Reasons))
	if err != nil {
		return err
	}
	if err := s.spend(ctx, tx, id, o.Bytes); err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, endVersion, cmp.Or(o.Result, leak.Failed), cmp.Or(o.Completeness, leak.Unread),
		string(reasons), o.Bytes, o.Texts, o.SHA256, mediaType(o.MediaType), o.Generation, o.Matcher, nullMicros(o.FetchedAt),
		micros(s.now()), id, worker)
	if err != nil {
		return fmt.Errorf("outcome of %s: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fmt.Errorf("outcome of %s: %w", id, ErrLeaseLost)
}

// HandBackVersions makes all versions that this worker leased due again at once. No attempt is counted.
func (s *Store) HandBackVersions(ctx context.Context, worker string) error {
	return s.write(ctx, func(tx *txn) error { return workVersions.handBack(ctx, tx, worker) })
}

func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
