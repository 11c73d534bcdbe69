package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"leakwatch/leak"
)

// LeaseDeliveries takes up to n due messages for a worker, those longest due first. Each carries its alert as it stands
// now, so a message that waited tells the newest counts. An update that has nothing new to tell is dropped. The address
// of a message to the operator is empty: the sender knows it.
func (s *Store) LeaseDeliveries(ctx context.Context, worker string, n int, ttl time.Duration) ([]leak.Delivery, error) {
	var ids []string
	err := s.write(ctx, func(tx *txn) (err error) {
		if ids, err = workDeliveries.lease(ctx, tx, worker, n, s.now(), ttl); err != nil {
			return err
		}
		for _, id := range ids { // what is folded in from here on is for the next message
			if _, err := tx.ExecContext(ctx, `UPDATE alerts SET revision = max(alerts.revision, d.revision)
				FROM deliveries d WHERE d.id = ? AND alerts.num = d.alert`, id); err != nil {
				return fmt.Errorf("begin message: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lease deliveries: %w", err)
	}
	var out []leak.Delivery
	for _, id := range ids {
		d, idle, err := s.delivery(ctx, id, worker)
		if err != nil {
			return nil, fmt.Errorf("lease deliveries: %w", err)
		}
		if !idle {
			out = append(out, d)
		}
	}
	return out, nil
}

// deliveryRow is a delivery as it is stored.
type deliveryRow struct {
	d       leak.Delivery
	clinic  string
	key     string
	alert   sql.NullInt64
	changes int64 // of the alert, when it was counted
	facts   alertFacts
	agreed  leak.Confidence
}

// delivery builds a leased message. idle says that it was an update with nothing to tell, and is gone.
func (s *Store) delivery(ctx context.Context, id, worker string) (d leak.Delivery, idle bool, err error) {
	row := deliveryRow{}
	var created int64
	err = s.read().QueryRowContext(ctx, `SELECT d.id, d.kind, d.revision, d.thread, d.clinic, coalesce(c.name, d.clinic), d.contact,
			d.contact_key, d.subject, d.body, d.attempts, d.created, d.alert
		FROM deliveries d LEFT JOIN clinics c ON c.id = d.clinic WHERE d.id = ?`, id).
		Scan(&row.d.ID, &row.d.Kind, &row.d.Revision, &row.d.Thread, &row.clinic, &row.d.Clinic, jsonTo(&row.d.Contact),
			&row.key, &row.d.Subject, &row.d.Text, &row.d.Attempt, &created, &row.alert)
	if errors.Is(err, sql.ErrNoRows) {
		return d, true, nil // erased meanwhile
	}
	if err != nil {
		return d, false, wrap(err, "read message")
	}
	row.d.Created, row.d.Attempt = at(created), max(1, row.d.Attempt)
	if !row.alert.Valid {
		return row.d, false, nil
	}
	if err := s.attachAlert(ctx, &row); err != nil {
		if errors.Is(err, ErrNotFound) {
			return d, true, nil
		}
		return d, false, err
	}
	if idle, err := s.idle(ctx, &row); err != nil || idle {
		return d, idle, err
	}
	return row.d, false, s.begin(ctx, row, worker)
}

// attachAlert puts the alert, as it stands now, and what was told of it before, into a message.
func (s *Store) attachAlert(ctx context.Context, row *deliveryRow) error {
	tx, err := s.reads.begin(ctx, nil) // the counts and what they are of, at one moment
	if err != nil {
		return wrap(err, "read message")
	}
	defer tx.Rollback()
	var a alertRow
	if row.d.Alert, a, row.facts, err = s.alert(ctx, tx, `a.num = ?`, row.alert.Int64); err != nil {
		return err
	}
	row.changes, row.d.Alert.Revision = a.changes, row.d.Revision
	row.agreed = max(a.confidence, row.facts.Confidence)
	if row.d.Kind != leak.NoticeUpdate {
		return nil
	}
	var told leak.Alert
	err = tx.QueryRowContext(ctx, `SELECT told FROM deliveries WHERE alert = ? AND contact_key = ? AND sent_at IS NOT NULL AND id <> ?
		ORDER BY revision DESC LIMIT 1`, row.alert.Int64, row.key, row.d.ID).Scan(jsonTo(&told))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	row.d.Told = &told
	return wrap(err, "read what was told")
}

// idle drops an update that tells nothing new: the counts are those of the message before, or that message is still on
// its way, and will tell them.
func (s *Store) idle(ctx context.Context, row *deliveryRow) (bool, error) {
	if row.d.Kind != leak.NoticeUpdate || row.d.Told != nil && !sameCounts(*row.d.Told, row.d.Alert) {
		return false, nil
	}
	var idle bool
	err := s.write(ctx, func(tx *txn) error {
		idle = row.d.Told != nil
		if !idle {
			err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM deliveries WHERE alert = ? AND contact_key = ? AND revision < ?
				AND due_at IS NOT NULL)`, row.alert.Int64, row.key, row.d.Revision).Scan(&idle)
			if err != nil || !idle {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM deliveries WHERE id = ?`, row.d.ID)
		return err
	})
	return idle, wrap(err, "drop message")
}

// begin writes down what the message tells, before it is sent.
func (s *Store) begin(ctx context.Context, row deliveryRow, worker string) error {
	err := s.write(ctx, func(tx *txn) error {
		if _, err := tx.ExecContext(ctx, `UPDATE deliveries SET told = ?, told_changes = ? WHERE id = ? AND lease_owner = ?`,
			asJSON(row.d.Alert), row.changes, row.d.ID, worker); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE alerts SET told_confidence = max(told_confidence, ?1), facts = ?2, facts_changes = ?3
			WHERE num = ?4 AND facts_changes <= ?3`, row.agreed, asJSON(row.facts), row.changes, row.alert.Int64)
		return err
	})
	return wrap(err, "begin message")
}

// FinishDelivery says that a message was accepted at that time. Doing it twice is harmless. What was folded into the
// alert while the message was on its way becomes due as an update.
func (s *Store) FinishDelivery(ctx context.Context, id string, at time.Time) error {
	err := s.write(ctx, func(tx *txn) error {
		var alert sql.NullInt64
		var changes int64
		err := tx.QueryRowContext(ctx, `UPDATE deliveries SET sent_at = coalesce(sent_at, ?), last_error = '' WHERE id = ?
			RETURNING alert, told_changes`, micros(at), id).Scan(&alert, &changes)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := noteAttempt(ctx, tx, id, at, "accepted"); err != nil {
			return err
		}
		if err := workDeliveries.change(ctx, tx, id, "", `due_at = NULL, dead_at = NULL, lease_owner = NULL, lease_until = NULL`); err != nil {
			return err
		}
		if !alert.Valid {
			return nil
		}
		return s.untold(ctx, tx, alert.Int64, changes)
	})
	if err != nil {
		return fmt.Errorf("finish delivery %s: %w", id, err)
	}
	return nil
}

// untold makes an update due when an alert changed since a message was made.
func (s *Store) untold(ctx context.Context, tx *txn, num, changes int64) error {
	var a alertRow
	err := a.scan(tx.QueryRowContext(ctx, `SELECT `+alertColumns+` FROM alerts a WHERE a.num = ?`, num).Scan)
	if err != nil || a.changes <= changes || a.test {
		return ignoreNoRows(err)
	}
	return s.enqueueAlert(ctx, tx, a, s.now().Truncate(time.Microsecond))
}

// RetryDelivery sets the next attempt after a failure, or gives up when next is zero: then the message is dead, which
// people can see, and RetryDead mends. reason names nobody.
func (s *Store) RetryDelivery(ctx context.Context, id, reason string, next time.Time) error {
	err := s.write(ctx, func(tx *txn) error {
		if err := workDeliveries.retry(ctx, tx, id, "", s.now(), next); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE deliveries SET last_error = ? WHERE id = ?`, reason, id); err != nil {
			return err
		}
		return noteAttempt(ctx, tx, id, s.now(), reason)
	})
	if err != nil {
		return fmt.Errorf("retry delivery %s: %w", id, err)
	}
	return nil
}

func noteAttempt(ctx context.Context, tx *txn, id string, at time.Time, outcome string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO delivery_attempts (delivery, attempt, at, outcome)
		SELECT id, max(1, attempts), ?, ? FROM deliveries WHERE id = ?
		ON CONFLICT (delivery, attempt) DO UPDATE SET at = excluded.at, outcome = excluded.outcome`, micros(at), outcome, id)
	return wrap(err, "note attempt")
}

// RetryDead makes dead messages due again, these or, without ids, all. It gives how many.
func (s *Store) RetryDead(ctx context.Context, ids ...string) (n int64, err error) {
	err = s.write(ctx, func(tx *txn) error {
		res, err := tx.ExecContext(ctx, `UPDATE deliveries SET due_at = ?, dead_at = NULL, lease_owner = NULL, lease_until = NULL
			WHERE dead_at IS NOT NULL AND (? = '[]' OR id IN (SELECT value FROM json_each(?)))`,
			micros(s.now()), asJSON(orNone(ids)), asJSON(orNone(ids)))
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return n, wrap(err, "retry dead deliveries")
}
