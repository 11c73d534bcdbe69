package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"leakwatch/leak"
)

// operator is whoever runs leakwatch. The store does not know the mailbox.
var operator = leak.Contact{Name: "operator", Role: "operator", Channel: "email", Verified: true}

// TellOperator makes a message to the operator due at once. The same key is told once a day, UTC, at most. Subject and
// text name no patient and no clear place.
func (s *Store) TellOperator(ctx context.Context, key, subject, text string) error {
	err := s.write(ctx, func(tx *txn) error { return s.tellOperator(ctx, tx, key, subject, text, s.now()) })
	return wrap(err, "tell operator")
}

func (s *Store) tellOperator(ctx context.Context, tx *txn, key, subject, text string, now time.Time) error {
	id := deliveryID("operator", key, now.Format(time.DateOnly))
	_, err := tx.ExecContext(ctx, `INSERT INTO deliveries (id, kind, clinic, revision, thread, contact, contact_key, subject, body, created, due_at)
		VALUES (?1, ?2, '', 1, ?1, ?3, 'operator', ?4, ?5, ?6, ?6) ON CONFLICT DO NOTHING`,
		id, string(leak.NoticeOperator), asJSON(operator), subject, text, micros(now))
	return wrap(err, "tell operator")
}

func (s *Store) noContacts(ctx context.Context, tx *txn, clinic string, now time.Time) error {
	return s.tellOperator(ctx, tx, "no-contact/"+clinic, "Clinic "+clinic+" has an alert and nobody to tell",
		"There is an alert for the clinic "+clinic+", and it has no contact.\nAdd contacts; the alert is told to them then.\n", now)
}

// Daily tells the operator, in one message, what is amiss, and what was not told because a clinic had no contacts is made
// due where it has some now.
func (s *Store) Daily(ctx context.Context) error {
	err := s.write(ctx, func(tx *txn) error {
		now := s.now().Truncate(time.Microsecond)
		if err := s.tellUntold(ctx, tx, now); err != nil {
			return err
		}
		amiss, err := s.amiss(ctx, tx, now)
		if err != nil || len(amiss) == 0 {
			return err
		}
		text := "What needs somebody's hand today:\n\n- " + strings.Join(amiss, "\n- ") + "\n"
		return s.tellOperator(ctx, tx, "daily", "leakwatch: what is amiss today", text, now)
	})
	return wrap(err, "daily")
}

// tellUntold makes messages of alerts that have none.
func (s *Store) tellUntold(ctx context.Context, tx *txn, now time.Time) error {
	var all []alertRow
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var a alertRow
		err := a.scan(rows.Scan)
		all = append(all, a)
		return err
	}, `SELECT `+alertColumns+` FROM alerts a WHERE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.alert = a.num)
		AND EXISTS (SELECT 1 FROM contacts c WHERE c.clinic = a.clinic)`)
	for _, a := range all {
		if err == nil {
			err = s.enqueueAlert(ctx, tx, a, now)
		}
	}
	return wrap(err, "alerts without messages")
}

// amiss are lines about what the operator should mend.
func (s *Store) amiss(ctx context.Context, q queryer, now time.Time) (lines []string, err error) {
	add := func(format string) func(*sql.Rows) error {
		return func(rows *sql.Rows) error {
			var what string
			var n int64
			err := rows.Scan(&what, &n)
			lines = append(lines, fmt.Sprintf(format, what, n))
			return err
		}
	}
	for _, ask := range []struct {
		format, query string
		args          []any
	}{
		{"clinic %s has %d contacts; it should have two or more", `SELECT c.id, count(k.n) FROM clinics c
			LEFT JOIN contacts k ON k.clinic = c.id GROUP BY c.id HAVING count(k.n) < 2`, nil},
		{"clinic %s: its %d contacts share one mailbox", `SELECT clinic, count(*) FROM contacts
			GROUP BY clinic HAVING count(*) > 1 AND count(DISTINCT channel || char(10) || lower(address)) < 2`, nil},
		{"clinic %s: %d contacts are not verified", `SELECT clinic, count(*) FROM contacts WHERE verified = 0 GROUP BY clinic`, nil},
		{"clinic %s: %d alerts have no message, for it has no contact", `SELECT a.clinic, count(*) FROM alerts a
			WHERE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.alert = a.num) GROUP BY a.clinic`, nil},
		{"clinic %s: %d alerts are not acknowledged after a day", `SELECT clinic, count(*) FROM alerts
			WHERE acked_at IS NULL AND test = 0 AND opened_at < ? GROUP BY clinic`, []any{micros(now.AddDate(0, 0, -1))}},
		{"clinic %s: %d messages were given up; see `alerts list`", `SELECT clinic, count(*) FROM deliveries
			WHERE dead_at IS NOT NULL AND clinic <> '' GROUP BY clinic`, nil},
		{"the search index: %[2]d finds could not be written%[1]s", `SELECT '', count(*) FROM finds WHERE dead_at IS NOT NULL HAVING count(*) > 0`, nil},
		{"%s: %d looks at places with a find were given up", `SELECT source, count(*) FROM watches WHERE dead_at IS NOT NULL GROUP BY source`, nil},
	} {
		if err := each(ctx, q, add(ask.format), ask.query, ask.args...); err != nil {
			return nil, wrap(err, "what is amiss")
		}
	}
	return lines, nil
}
