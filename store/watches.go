package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"leakwatch/leak"
)

// firstLook is when a place with a new find is looked at again, where its source says nothing.
const firstLook = 6 * time.Hour

// putWatch has the place of a find looked at again. Of several versions at one place the newest is watched; the others
// are no longer there.
func (s *Store) putWatch(ctx context.Context, tx *txn, row findRow, f leak.Find) error {
	if f.Item.Source == ScanSource {
		return nil // a file in hand, and no place
	}
	var newer bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM finds WHERE item = ? AND num > ? AND revision > 0)`, row.item, row.num).Scan(&newer)
	if err != nil || newer {
		return wrap(err, "its watch")
	}
	every, err := recheckOf(ctx, tx, f.Item.Source, firstLook)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO watches (version, find, item, source, due_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		f.VersionID, row.num, row.item, f.Item.Source, micros(row.now.Add(every)))
	if err != nil || row.revision > 0 {
		return wrap(err, "its watch")
	}
	if _, err := tx.ExecContext(ctx, `UPDATE watches SET due_at = NULL, lease_owner = NULL, lease_until = NULL WHERE item = ? AND find <> ?`,
		row.item, row.num); err != nil {
		return wrap(err, "its watch")
	}
	_, err = tx.ExecContext(ctx, `UPDATE finds SET live = 0, changed_at = coalesce(changed_at, ?), doc = doc + 1, due_at = ?
		WHERE item = ? AND num < ? AND live = 1`, micros(row.now), micros(row.now), row.item, row.num)
	return wrap(err, "its watch")
}

// recheckOf is how often a source's places are looked at again; other where it says nothing.
func recheckOf(ctx context.Context, q queryer, source string, other time.Duration) (time.Duration, error) {
	var d sql.NullInt64
	err := q.QueryRowContext(ctx, `SELECT spec ->> 'Recheck' FROM sources WHERE id = ?`, source).Scan(&d)
	if errors.Is(err, sql.ErrNoRows) || err == nil && d.Int64 <= 0 {
		return other, nil
	}
	return time.Duration(d.Int64), wrap(err, "how often to look again")
}

// LeaseWatches takes up to n places that are due to be looked at.
func (s *Store) LeaseWatches(ctx context.Context, worker string, n int, ttl time.Duration) ([]leak.Watch, error) {
	var keys []string
	err := s.write(ctx, func(tx *txn) (err error) {
		keys, err = workWatches.lease(ctx, tx, worker, n, s.now(), ttl)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lease watches: %w", err)
	}
	var out []leak.Watch
	for _, key := range keys {
		w := leak.Watch{VersionID: key}
		var place, validators []byte
		err := s.read().QueryRowContext(ctx, `SELECT w.source, f.place_sealed, f.gone_at IS NOT NULL, v.validators
			FROM watches w JOIN finds f ON f.num = w.find LEFT JOIN versions v ON v.id = w.version WHERE w.version = ?`, key).
			Scan(&w.Source, &place, &w.Gone, &validators)
		if errors.Is(err, sql.ErrNoRows) {
			continue // purged meanwhile
		}
		if err == nil {
			w.Place, err = s.openPlace(place)
		}
		if err == nil {
			w.Validators, err = s.openValidators(validators)
		}
		if err != nil {
			return nil, fmt.Errorf("lease watches: %w", err)
		}
		out = append(out, w)
	}
	return out, nil
}

// watchRow is a watch with its find, as FinishWatch needs them.
type watchRow struct {
	find     findRow
	source   string
	liveness leak.Liveness // of the look before
	gone     bool
	looking  bool // it is still watched
}

// FinishWatch writes what was seen at a place and sets the next look; a source's own interval goes before next. A copy
// that is gone is told. One that changed, or is back, makes its item due: reading it says what it is now. Of a host that
// does not answer nothing is known.
func (s *Store) FinishWatch(ctx context.Context, version string, l leak.Liveness, next time.Time) error {
	err := s.write(ctx, func(tx *txn) error {
		w, err := s.watchRow(ctx, tx, version)
		if err != nil {
			return err
		}
		every, err := recheckOf(ctx, tx, w.source, 0)
		if err != nil {
			return err
		}
		if every > 0 && !next.IsZero() {
			next = w.find.now.Add(every)
		}
		if !w.looking { // a later version is watched instead
			next = time.Time{}
		}
		if err := s.look(ctx, tx, version, w, l, &next); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE watches SET looked_at = ?1, liveness = CASE WHEN ?2 = 'unknown' THEN liveness ELSE ?2 END
			WHERE version = ?3`, micros(w.find.now), string(l), version); err != nil {
			return err
		}
		return workWatches.again(ctx, tx, version, "", next)
	})
	if err != nil {
		return fmt.Errorf("finish watch of %s: %w", version, err)
	}
	return nil
}

func (s *Store) watchRow(ctx context.Context, tx *txn, version string) (w watchRow, err error) {
	w.find.now = s.now().Truncate(time.Microsecond)
	err = tx.QueryRowContext(ctx, `SELECT f.num, f.id, f.revision, f.item, f.collection, f.gone_at IS NOT NULL, w.source, w.liveness, w.due_at IS NOT NULL
		FROM watches w JOIN finds f ON f.num = w.find WHERE w.version = ?`, version).
		Scan(&w.find.num, &w.find.id, &w.find.revision, &w.find.item, &w.find.collection, &w.gone, &w.source, &w.liveness, &w.looking)
	return w, notFound(err)
}

// look does what follows from what was seen.
func (s *Store) look(ctx context.Context, tx *txn, version string, w watchRow, l leak.Liveness, next *time.Time) error {
	switch {
	case l == leak.GoneNow && !w.gone && w.looking:
		return s.goneNow(ctx, tx, version, w)
	case l == leak.Live && !w.gone:
		_, err := tx.ExecContext(ctx, `UPDATE versions SET gone_at = NULL WHERE id = ?`, version)
		return wrap(err, "still there")
	case l == leak.Live && w.liveness != leak.Live && w.looking: // back: once, until it was read or is gone again
		return s.readAnew(ctx, tx, version)
	case l == leak.Changed && w.looking:
		if !w.gone { // nothing more to see of this version; of a gone place the next look may say more
			*next = time.Time{}
			if err := s.changeFind(ctx, tx, w.find, `live = 0, changed_at = coalesce(changed_at, ?)`, micros(w.find.now)); err != nil {
				return err
			}
		}
		if w.gone && w.liveness == leak.Changed {
			return nil
		}
		return s.readAnew(ctx, tx, version)
	}
	return nil
}

// readAnew makes the item of a version due. One whose item is no longer kept is left alone.
func (s *Store) readAnew(ctx context.Context, tx *txn, version string) error {
	err := s.dueAnew(ctx, tx, version)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// goneNow tells that a copy is gone, those clinics that were told of it.
func (s *Store) goneNow(ctx context.Context, tx *txn, version string, w watchRow) error {
	now := micros(w.find.now)
	if err := s.changeFind(ctx, tx, w.find, `live = 0, gone_at = ?`, now); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE versions SET gone_at = coalesce(gone_at, ?) WHERE id = ?`, now, version); err != nil {
		return wrap(err, "gone")
	}
	into, err := s.memberOf(ctx, tx, w.find.num)
	if err != nil || into == 0 {
		return err
	}
	var news []leak.ClinicNews
	err = each(ctx, tx, func(rows *sql.Rows) error {
		n := leak.ClinicNews{Event: leak.EventGone}
		err := rows.Scan(&n.Clinic, &n.Verdict.Confidence)
		news = append(news, n)
		return err
	}, `SELECT clinic, confidence FROM find_clinics WHERE find = ? AND confidence >= ? AND confidence > 0 ORDER BY clinic`,
		w.find.num, s.rules.Minimum)
	for _, n := range news {
		if err == nil {
			err = s.tellLook(ctx, tx, w.find, into, n)
		}
	}
	return wrap(err, "gone")
}

// tellLook puts a find into the alert of what was seen at its place.
func (s *Store) tellLook(ctx context.Context, tx *txn, row findRow, into int64, n leak.ClinicNews) error {
	a, err := s.alertFor(ctx, tx, row, into, n, true)
	if err != nil {
		return err
	}
	return s.fold(ctx, tx, row, a, n.Verdict.Confidence, false)
}

// changeFind changes a find's row and has the index follow.
func (s *Store) changeFind(ctx context.Context, tx *txn, row findRow, set string, args ...any) error {
	if _, err := tx.ExecContext(ctx, `UPDATE finds SET `+set+` WHERE num = ?`, append(args, row.num)...); err != nil {
		return wrap(err, "change find")
	}
	return s.indexDue(ctx, tx, row.num)
}

// watchesDue has the places of a source looked at now whose newest version was found missing from its listing, at that
// time or before.
func (s *Store) watchesDue(ctx context.Context, tx *txn, source string, before time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE watches SET due_at = ? WHERE source = ? AND due_at > ? AND lease_owner IS NULL
		AND EXISTS (SELECT 1 FROM versions v WHERE v.id = watches.version AND v.gone_at = ?)`,
		micros(before), source, micros(before), micros(before))
	return wrap(err, "watches of what is missing")
}
