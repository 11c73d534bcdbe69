package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"leakwatch/leak"
)

// ErrAuditBroken says that rows of the audit chain were changed, taken out or put in.
var ErrAuditBroken = errors.New("the audit chain is broken")

// Audit appends a row to the chain and returns when it is on disk: callers give their answer after that. Seq, Time (when
// zero) and Hash are the store's.
func (s *Store) Audit(ctx context.Context, e leak.AuditEntry) error {
	return s.write(ctx, func(tx *txn) error { return s.audit(ctx, tx, e) })
}

// audit appends a row within a transaction.
func (s *Store) audit(ctx context.Context, tx *txn, e leak.AuditEntry) error {
	head, err := auditHead(ctx, tx)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if e.Time.IsZero() {
		e.Time = s.now()
	}
	e.Seq, e.Time = head.Seq+1, e.Time.UTC().Truncate(time.Microsecond)
	e.Hash = auditHash(head.Hash, e)
	if _, err := tx.ExecContext(ctx, `INSERT INTO audit (seq, at, actor, role, clinic, purpose, matter, action, object, outcome, prev, hash, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.Seq, micros(e.Time), e.Actor.Name, string(e.Actor.Role), e.Actor.Clinic,
		e.Actor.Purpose, e.Actor.Case, e.Action, e.Object, e.Outcome, head.Hash, e.Hash, s.expiry(s.retention.Audit)); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return putAuditEnd(ctx, tx, "audit_head", auditEnd{e.Seq, e.Hash})
}

// auditEnd is one end of the chain, kept apart from it, so that a row missing there is noticed: the newest row, or the
// newest that retention took.
type auditEnd struct {
	Seq  int64
	Hash string
}

func auditHead(ctx context.Context, q queryer) (auditEnd, error) {
	return getAuditEnd(ctx, q, "audit_head")
}

func getAuditEnd(ctx context.Context, q queryer, name string) (e auditEnd, err error) {
	var b string
	err = q.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, name).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(b), &e)
}

func putAuditEnd(ctx context.Context, tx *txn, name string, e auditEnd) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`, name, string(b))
	return err
}

// auditHash is SHA-256 over the hash of the row before and this row as JSON, hex.
func auditHash(prev string, e leak.AuditEntry) string {
	e.Hash = ""
	b, err := json.Marshal(struct {
		Prev  string
		Entry leak.AuditEntry
	}{prev, e})
	if err != nil { // strings, a number and a time of this era: that cannot fail
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// purgeAudit takes out the rows at the beginning of the chain that are past their time, up to the first that is not or
// that is under a legal hold. The chain stays whole from there on.
func (s *Store) purgeAudit(ctx context.Context, tx *txn) (int64, error) {
	var last auditEnd
	err := tx.QueryRowContext(ctx, `SELECT seq, hash FROM audit WHERE seq < coalesce(
		(SELECT min(seq) FROM audit WHERE expires_at > ? OR hold <> 0), (SELECT max(seq) + 1 FROM audit)) ORDER BY seq DESC LIMIT 1`,
		micros(s.now())).Scan(&last.Seq, &last.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("purge audit: %w", err)
	}
	res, err := tx.ExecContext(ctx, `DELETE FROM audit WHERE seq <= ?`, last.Seq)
	if err != nil {
		return 0, fmt.Errorf("purge audit: %w", err)
	}
	if err := putAuditEnd(ctx, tx, "audit_purged", last); err != nil {
		return 0, fmt.Errorf("purge audit: %w", err)
	}
	return res.RowsAffected()
}

const auditPage = 1000

// AuditEntries gives rows of the chain with a sequence number above after, in order, at most limit of them (a thousand
// when limit is not positive).
func (s *Store) AuditEntries(ctx context.Context, after int64, limit int) ([]leak.AuditEntry, error) {
	if limit <= 0 {
		limit = auditPage
	}
	var all []leak.AuditEntry
	err := s.eachAudit(ctx, s.read(), after, limit, func(e leak.AuditEntry, _ string) error {
		all = append(all, e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("audit entries: %w", err)
	}
	return all, nil
}

func (s *Store) eachAudit(ctx context.Context, q queryer, after int64, limit int, yield func(e leak.AuditEntry, prev string) error) error {
	rows, err := q.QueryContext(ctx, `SELECT seq, at, actor, role, clinic, purpose, matter, action, object, outcome, prev, hash
		FROM audit WHERE seq > ? ORDER BY seq LIMIT ?`, after, limit)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e leak.AuditEntry
		var when int64
		var prev string
		if err := rows.Scan(&e.Seq, &when, &e.Actor.Name, &e.Actor.Role, &e.Actor.Clinic, &e.Actor.Purpose, &e.Actor.Case,
			&e.Action, &e.Object, &e.Outcome, &prev, &e.Hash); err != nil {
			return err
		}
		e.Time = at(when)
		if err := yield(e, prev); err != nil {
			return err
		}
	}
	return rows.Err()
}

// VerifyAudit goes through the whole chain. The error wraps ErrAuditBroken and names the first row that does not fit
// when any was changed, taken out or put in. Whoever can write the file and knows the chain can make a new one whole, so
// its head is worth printing on paper now and then.
func (s *Store) VerifyAudit(ctx context.Context) error {
	tx, err := s.reads.begin(ctx, &sql.TxOptions{ReadOnly: true}) // the chain and its head of one moment
	if err != nil {
		return fmt.Errorf("verify audit: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	last, err := getAuditEnd(ctx, tx, "audit_purged")
	if err != nil {
		return fmt.Errorf("verify audit: %w", err)
	}
	err = s.eachAudit(ctx, tx, -1, -1, func(e leak.AuditEntry, prev string) error {
		if e.Seq != last.Seq+1 || prev != last.Hash || auditHash(prev, e) != e.Hash {
			return fmt.Errorf("%w at row %d", ErrAuditBroken, e.Seq)
		}
		last = auditEnd{e.Seq, e.Hash}
		return nil
	})
	if err != nil {
		return fmt.Errorf("verify audit: %w", err)
	}
	head, err := auditHead(ctx, tx)
	if err == nil && head != last {
		err = fmt.Errorf("%w after row %d", ErrAuditBroken, last.Seq)
	}
	if err != nil {
		return fmt.Errorf("verify audit: %w", err)
	}
	return nil
}
