package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"leakwatch/leak"
)

const (
	alertsMax     = 1000
	alertsDefault = 100
	alertFindsMax = 1000
)

// Alerts gives the alerts that a principal may see, newest first.
func (s *Store) Alerts(ctx context.Context, p leak.Principal, f AlertFilter) ([]leak.Alert, error) {
	sc := scopeOf(p)
	where, args := `a.test >= 0 AND`+seesSQL("a.clinic"), sc.args()
	narrow := func(use bool, cond string, arg ...any) {
		if use {
			where, args = where+" AND "+cond, append(args, arg...)
		}
	}
	narrow(f.Clinic != "", `a.clinic = ?`, f.Clinic)
	narrow(f.Event != "", `a.event = ?`, string(f.Event))
	narrow(!f.From.IsZero(), `a.opened_at >= ?`, nullMicros(f.From))
	narrow(!f.To.IsZero(), `a.opened_at < ?`, nullMicros(f.To))
	narrow(f.Unread, `a.acked_at IS NULL`)
	if f.Leak != "" {
		num, err := leakNum(ctx, s.read(), f.Leak)
		if errors.Is(err, ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, wrap(err, "list alerts")
		}
		narrow(true, `a.leak = ?`, num)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = alertsDefault
	}
	rows, err := s.read().QueryContext(ctx, `SELECT a.num FROM alerts a WHERE `+where+` ORDER BY a.opened_at DESC, a.num DESC LIMIT ?`,
		append(args, min(limit, alertsMax))...)
	if err != nil {
		return nil, wrap(err, "list alerts")
	}
	nums, err := scanAll[int64](rows)
	if err != nil {
		return nil, wrap(err, "list alerts")
	}
	var out []leak.Alert
	for _, num := range nums {
		a, _, _, err := s.alert(ctx, s.read(), `a.num = ?`, num)
		if errors.Is(err, ErrNotFound) {
			continue // erased meanwhile
		}
		if err != nil {
			return nil, wrap(err, "list alerts")
		}
		out = append(out, a)
	}
	return out, nil
}

// Alert gives one alert with its messages. The error is ErrNotFound when there is none that the principal may see.
func (s *Store) Alert(ctx context.Context, p leak.Principal, id string) (AlertDetail, error) {
	var d AlertDetail
	a, row, _, err := s.alertSeen(ctx, p, id)
	if err != nil {
		return d, fmt.Errorf("alert %s: %w", id, err)
	}
	d.Alert = a
	rows, err := s.read().QueryContext(ctx, `SELECT f.id FROM alert_finds af CROSS JOIN finds f ON f.num = af.find
		WHERE af.alert = ? ORDER BY f.num LIMIT ?`, row.num, alertFindsMax)
	if err != nil {
		return d, fmt.Errorf("alert %s: %w", id, err)
	}
	if d.FindIDs, err = scanAll[string](rows); err != nil {
		return d, fmt.Errorf("alert %s: %w", id, err)
	}
	if d.Deliveries, err = s.deliveriesOf(ctx, row.num); err != nil {
		return d, fmt.Errorf("alert %s: %w", id, err)
	}
	return d, nil
}

func (s *Store) alertSeen(ctx context.Context, p leak.Principal, id string) (leak.Alert, alertRow, alertFacts, error) {
	return s.alert(ctx, s.read(), `a.id = ? AND`+seesSQL("a.clinic"), scopeOf(p).args(id)...)
}

func (s *Store) deliveriesOf(ctx context.Context, alert int64) (out []DeliveryDetail, err error) {
	err = each(ctx, s.read(), func(rows *sql.Rows) error {
		var d DeliveryDetail
		var created int64
		var due, sent, dead sql.NullInt64
		err := rows.Scan(&d.ID, &d.Kind, &d.Revision, jsonTo(&d.Contact), &created, &due, &sent, &dead)
		d.Created, d.Due, d.Sent = at(created), fromMicros(due), fromMicros(sent)
		switch {
		case due.Valid:
			d.State = leak.DeliveryDue
		case dead.Valid:
			d.State = leak.DeliveryDead
		default:
			d.State = leak.DeliverySent
		}
		out = append(out, d)
		return err
	}, `SELECT id, kind, revision, contact, created, due_at, sent_at, dead_at FROM deliveries WHERE alert = ? ORDER BY revision, contact_key`, alert)
	for i := range out {
		if err == nil {
			out[i].Attempts, err = s.attemptsOf(ctx, out[i].ID)
		}
	}
	return out, wrap(err, "its messages")
}

func (s *Store) attemptsOf(ctx context.Context, delivery string) (out []DeliveryAttempt, err error) {
	err = each(ctx, s.read(), func(rows *sql.Rows) error {
		var a DeliveryAttempt
		var t int64
		err := rows.Scan(&a.Number, &t, &a.Outcome)
		a.At = at(t)
		out = append(out, a)
		return err
	}, `SELECT attempt, at, outcome FROM delivery_attempts WHERE delivery = ? ORDER BY attempt`, delivery)
	return out, err
}

// AckAlert notes that somebody acknowledged an alert, and, when awareAt is not zero, since when the clinic is aware of
// the breach: a named person says so, with a reason. Acknowledging again replaces what was said. The caller writes the
// audit row. The error is ErrNotFound when there is no such alert that the principal may see.
func (s *Store) AckAlert(ctx context.Context, p leak.Principal, id, by string, awareAt time.Time, why string) error {
	if by == "" || !awareAt.IsZero() && why == "" {
		return fmt.Errorf("acknowledge alert %s: a name is needed, and a reason for the time of becoming aware", id)
	}
	err := s.write(ctx, func(tx *txn) error {
		res, err := tx.ExecContext(ctx, `UPDATE alerts SET acked_at = ?, acked_by = ?,
				aware_at = coalesce(?, aware_at), aware_why = CASE WHEN ? = '' THEN aware_why ELSE ? END
			WHERE id = ? AND`+seesSQL("clinic"),
			scopeOf(p).args(micros(s.now()), by, nullMicros(awareAt), why, why, id)...)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return ErrNotFound
	})
	if err != nil {
		return fmt.Errorf("acknowledge alert %s: %w", id, err)
	}
	return nil
}

// AlertRefs gives the persons of an alert with the kinds that are exposed, by ref, and whether the clinic was told of
// them before. The error is ErrNotFound when there is no such alert that the principal may see.
func (s *Store) AlertRefs(ctx context.Context, p leak.Principal, id string) ([]AlertRef, error) {
	_, row, _, err := s.alertSeen(ctx, p, id)
	if err != nil {
		return nil, fmt.Errorf("persons of alert %s: %w", id, err)
	}
	var out []AlertRef
	err = each(ctx, s.read(), func(rows *sql.Rows) error {
		var r AlertRef
		var kinds string
		if err := rows.Scan(&r.Person.Clinic, &r.Person.Ref, &kinds, &r.ToldBefore); err != nil {
			return err
		}
		for _, k := range uniqueWords(kinds) {
			r.Kinds = append(r.Kinds, leak.Kind(k))
		}
		out = append(out, r)
		return nil
	}, `SELECT pe.clinic, pe.ref, group_concat(k.kinds, ' '), max(`+toldBefore+`)`+
		strings.Replace(alertPersons, "WHERE", "CROSS JOIN persons pe ON pe.id = p.person CROSS JOIN kindsets k ON k.num = p.kindset WHERE", 1)+
		`GROUP BY p.person ORDER BY pe.ref`, row.num)
	if err != nil {
		return nil, fmt.Errorf("persons of alert %s: %w", id, err)
	}
	return out, nil
}

// TestAlert makes a message that is marked as a test, to all contacts of a clinic, and gives the id of its alert. The
// error is ErrNotFound when there is no such clinic that the principal may see.
func (s *Store) TestAlert(ctx context.Context, p leak.Principal, clinic string) (id string, err error) {
	err = s.write(ctx, func(tx *txn) error {
		var there bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM clinics WHERE id = ?)`, clinic).Scan(&there)
		if err != nil {
			return err
		}
		if !there || !scopeOf(p).sees(clinic) {
			return ErrNotFound
		}
		now := s.now().Truncate(time.Microsecond)
		id = leak.AlertID(clinic, "", "test", now)
		a := alertRow{id: id, clinic: clinic, changes: 1, opened: now, windowEnds: now, test: true}
		err = tx.QueryRowContext(ctx, `INSERT INTO alerts (id, clinic, leak, event, confidence, opened_at, window_ends, test)
			VALUES (?, ?, 0, '', 0, ?, ?, 1) RETURNING num`, id, clinic, micros(now), micros(now)).Scan(&a.num)
		if err != nil {
			return err
		}
		return s.enqueueAlert(ctx, tx, a, now)
	})
	if err != nil {
		return "", fmt.Errorf("test alert for %s: %w", clinic, err)
	}
	return id, nil
}
