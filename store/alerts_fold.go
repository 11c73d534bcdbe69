package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"leakwatch/leak"
)

// putNews writes what each clinic is told. added says of which clinics the recording brought new persons or terms.
func (s *Store) putNews(ctx context.Context, tx *txn, row findRow, news leak.News, added map[string]int64) error {
	into := int64(0)
	if news.Join.Leak != "" {
		var err error
		if into, err = leakNum(ctx, tx, news.Join.Leak); err != nil {
			return wrap(err, "its leak")
		}
	}
	told := map[string]bool{}
	for _, n := range news.Clinics {
		if n.Event == leak.NoEvent {
			continue
		}
		of := into
		if n.Event == leak.EventMention {
			of = 0 // of no leak: all mentions of a window are one message
		} else {
			told[n.Clinic] = true
		}
		if err := s.tell(ctx, tx, row, of, n, added[n.Clinic] > 0); err != nil {
			return wrap(err, "its alert")
		}
	}
	for clinic, n := range added {
		if n > 0 && !told[clinic] {
			if err := s.moreOf(ctx, tx, row, clinic); err != nil {
				return wrap(err, "its alerts")
			}
		}
	}
	return nil
}

// alertRow is what folding needs of an alert.
type alertRow struct {
	num, leak, revision, changes int64
	id, clinic                   string
	event                        leak.Event
	confidence, told             leak.Confidence
	opened, windowEnds           time.Time
	test                         bool
}

const alertColumns = `a.num, a.leak, a.revision, a.changes, a.id, a.clinic, a.event, a.confidence, a.told_confidence, a.opened_at, a.window_ends, a.test`

func (a *alertRow) scan(scan func(...any) error) error {
	var opened, ends int64
	err := scan(&a.num, &a.leak, &a.revision, &a.changes, &a.id, &a.clinic, &a.event, &a.confidence, &a.told, &opened, &ends, &a.test)
	a.opened, a.windowEnds = at(opened), at(ends)
	return err
}

// tell puts a find into the alert that it belongs to: the one that it is in already, one whose window runs, or a new
// one. changed says that the find has more in it than before.
func (s *Store) tell(ctx context.Context, tx *txn, row findRow, into int64, n leak.ClinicNews, changed bool) error {
	res, err := tx.ExecContext(ctx, `UPDATE find_clinics SET event = ?, told_at = coalesce(told_at, ?) WHERE find = ? AND clinic = ?`,
		string(n.Event), micros(row.now), row.num, n.Clinic)
	if err != nil {
		return err
	}
	if parts, err := res.RowsAffected(); err != nil || parts == 0 {
		return err // the clinic was erased
	}
	a, err := s.alertFor(ctx, tx, row, into, n, false)
	if err != nil {
		return err
	}
	if err := s.firstSeen(ctx, tx, a, n); err != nil {
		return err
	}
	return s.fold(ctx, tx, row, a, n.Verdict.Confidence, changed)
}

// alertFor gives the alert of a find and event, made if there is none. Further revisions of a find belong to the alert
// that it is in, whenever they come; a place that goes and comes back is told anew in each window.
func (s *Store) alertFor(ctx context.Context, tx *txn, row findRow, into int64, n leak.ClinicNews, looked bool) (a alertRow, err error) {
	err = sql.ErrNoRows
	if !looked {
		err = a.scan(tx.QueryRowContext(ctx, `SELECT `+alertColumns+` FROM alert_finds af CROSS JOIN alerts a ON a.num = af.alert
			WHERE af.find = ? AND a.clinic = ? AND a.event = ? AND a.test = 0 ORDER BY a.num DESC LIMIT 1`,
			row.num, n.Clinic, string(n.Event)).Scan)
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = a.scan(tx.QueryRowContext(ctx, `SELECT `+alertColumns+` FROM alerts a
			WHERE a.clinic = ? AND a.leak = ? AND a.event = ? AND a.window_ends > ? AND a.test = 0 ORDER BY a.num LIMIT 1`,
			n.Clinic, into, string(n.Event), micros(row.now)).Scan)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return s.newAlert(ctx, tx, row.now, into, n.Clinic, n.Event)
	}
	return a, err
}

// newAlert opens an alert: its window begins now.
func (s *Store) newAlert(ctx context.Context, tx *txn, now time.Time, into int64, clinic string, e leak.Event) (a alertRow, err error) {
	var id string
	if err := tx.QueryRowContext(ctx, `SELECT id FROM leaks WHERE num = ?`, into).Scan(&id); into != 0 && err != nil {
		return a, err
	}
	err = a.scan(tx.QueryRowContext(ctx, `INSERT INTO alerts (id, clinic, leak, event, confidence, opened_at, window_ends)
		VALUES (?, ?, ?, ?, 0, ?, ?) ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING `+strings.ReplaceAll(alertColumns, "a.", ""),
		leak.AlertID(clinic, id, e, now), clinic, into, string(e), micros(now), micros(now.Add(s.rules.Window))).Scan)
	return a, err
}

// firstSeen keeps where the earliest of the alert's known persons was first found.
func (s *Store) firstSeen(ctx context.Context, tx *txn, a alertRow, n leak.ClinicNews) error {
	if n.FirstAt.IsZero() {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE alerts SET first_place = ?, first_at = ?
		WHERE num = ? AND (first_at IS NULL OR first_at > ?)`, n.FirstPlace, micros(n.FirstAt), a.num, micros(n.FirstAt))
	return err
}

// fold adds a find to an alert and sees to the messages. What changes nothing makes no message.
func (s *Store) fold(ctx context.Context, tx *txn, row findRow, a alertRow, c leak.Confidence, changed bool) error {
	res, err := tx.ExecContext(ctx, `INSERT INTO alert_finds (alert, find) VALUES (?, ?) ON CONFLICT DO NOTHING`, a.num, row.num)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO alert_collections (alert, collection) VALUES (?, ?) ON CONFLICT DO NOTHING`,
		a.num, row.collection); err != nil {
		return err
	}
	if !changed && n == 0 && c <= a.confidence {
		return nil
	}
	a.confidence = max(a.confidence, c)
	a.changes++
	if a.confidence, err = s.together(ctx, tx, a); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE alerts SET changes = ?, confidence = ? WHERE num = ?`, a.changes, a.confidence, a.num); err != nil {
		return err
	}
	return s.enqueueAlert(ctx, tx, a, row.now)
}

// moreOf notes that a find has more persons of a clinic, in the alerts that it is in, when it makes no news by itself.
func (s *Store) moreOf(ctx context.Context, tx *txn, row findRow, clinic string) error {
	var in []alertRow
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var a alertRow
		err := a.scan(rows.Scan)
		in = append(in, a)
		return err
	}, `SELECT `+alertColumns+` FROM alert_finds af CROSS JOIN alerts a ON a.num = af.alert
		WHERE af.find = ? AND a.clinic = ? AND a.test = 0 AND a.event NOT IN ('late', 'gone', 'mention')`, row.num, clinic)
	for _, a := range in {
		if err == nil {
			err = s.fold(ctx, tx, row, a, leak.None, true)
		}
	}
	return err
}

// enqueueAlert makes the messages of an alert due: the first at once, an update at the end of the window, or at once
// when the confidence rose above what was told. What is due already stays, or becomes due sooner.
func (s *Store) enqueueAlert(ctx context.Context, tx *txn, a alertRow, now time.Time) error {
	contacts, err := clinicContacts(ctx, tx, a.clinic)
	if err != nil {
		return err
	}
	if len(contacts) == 0 {
		return s.noContacts(ctx, tx, a.clinic, now)
	}
	due := now
	if a.revision > 0 && a.confidence <= a.told {
		if due = a.windowEnds; !due.After(now) {
			due = now.Add(s.rules.Window)
			if _, err := tx.ExecContext(ctx, `UPDATE alerts SET window_ends = ? WHERE num = ?`, micros(due), a.num); err != nil {
				return err
			}
		}
	}
	for _, c := range contacts {
		if err := s.enqueueTo(ctx, tx, a, c, now, due); err != nil {
			return err
		}
	}
	return nil
}

// enqueueTo makes one contact's message. Its id says which alert, which revision and to whom.
func (s *Store) enqueueTo(ctx context.Context, tx *txn, a alertRow, c leak.Contact, now, due time.Time) error {
	key := contactKey(c)
	id := deliveryID(a.id, fmt.Sprint(a.revision+1), key)
	kind, thread := leak.NoticeUpdate, ""
	err := tx.QueryRowContext(ctx, `SELECT thread FROM deliveries WHERE alert = ? AND contact_key = ? AND id <> ? ORDER BY revision LIMIT 1`,
		a.num, key, id).Scan(&thread)
	if errors.Is(err, sql.ErrNoRows) {
		kind, thread, err = leak.NoticeAlert, id, nil
	}
	if err != nil {
		return err
	}
	if a.test {
		kind = leak.NoticeTest
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO deliveries (id, kind, alert, clinic, revision, thread, contact, contact_key, created, due_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at WHERE due_at > excluded.due_at AND attempts = 0`,
		id, string(kind), a.num, a.clinic, a.revision+1, thread, asJSON(c), key, micros(now), micros(due))
	return err
}

func contactKey(c leak.Contact) string { return c.Channel + "\n" + strings.ToLower(c.Address) }

func deliveryID(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return "d-" + hex.EncodeToString(h[:12])
}

// clinicContacts are all contacts of a clinic, verified or not: better told unverified than not told.
func clinicContacts(ctx context.Context, q queryer, clinic string) (all []leak.Contact, err error) {
	err = each(ctx, q, func(rows *sql.Rows) error {
		var c leak.Contact
		err := rows.Scan(&c.Name, &c.Role, &c.Channel, &c.Address, &c.Verified)
		all = append(all, c)
		return err
	}, `SELECT name, role, channel, address, verified FROM contacts WHERE clinic = ? ORDER BY n`, clinic)
	return all, wrap(err, "contacts")
}
