package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"leakwatch/leak"
)

// The reasons why a bundle is refused. Nothing of it is applied then.
var (
	ErrDropTooMany = errors.New("the bundle drops more than a tenth of the registered identifiers")
	ErrSequence    = errors.New("the bundle is not newer than the last one")
	ErrSigner      = errors.New("the bundle is signed by another key than the clinic's first one")
)

// BundleRow is one row of a bundle: the identifier as it is registered, and its tokens under every find pepper, by which
// it is compared with past finds.
type BundleRow struct {
	Op     string // "add", or "del": a person of whom a bundle deletes every row is erased
	Tag    leak.Tag
	Tokens []leak.Token
}

// BundleApply is a bundle whose seal, signature and digest were checked.
type BundleApply struct {
	Clinic    string
	Mode      string // "full": its rows are all that the clinic registers; "delta"
	Sequence  int64
	RK        string // id of the registration key
	Signer    string // Ed25519 public key, hex
	Recipient string // the clinic's age recipient
	Rows      iter.Seq2[BundleRow, error]
	Confirm   bool           // drop more than a tenth
	Now       time.Time      // the store's own clock when zero
	By        leak.Principal // who registers it, for the audit row of an erasure
}

// Applied is what a bundle changed, in identifiers by kind.
type Applied struct {
	Added, Kept, Removed map[leak.Kind]int64
	Generation           int64
	Erased               Erased // of persons whose rows were all deleted
}

// ApplyBundle puts a bundle into the registry in one transaction, and compares what it adds with past finds, whose late
// matches are told. The first bundle pins the clinic's signing key (ErrSigner for another one later); its sequence
// number must be higher than the last one's (ErrSequence); one that drops more than a tenth of the clinic's rows is
// refused unless confirmed (ErrDropTooMany). Rows of a former registration key that come back under the new one are
// replaced, not dropped. A person of whom every row is deleted is erased from past finds too. Rows are read before the
// store is locked, so a slow reader holds nobody up.
func (s *Store) ApplyBundle(ctx context.Context, b BundleApply) (Applied, error) {
	if b.Now.IsZero() {
		b.Now = s.now()
	}
	a, err := s.applyBundle(ctx, b)
	if err != nil {
		return Applied{}, fmt.Errorf("bundle %d of %s: %w", b.Sequence, b.Clinic, err)
	}
	return a, nil
}

func (s *Store) applyBundle(ctx context.Context, b BundleApply) (a Applied, err error) {
	if b.Mode != "full" && b.Mode != "delta" {
		return a, fmt.Errorf("mode %q: want full or delta", b.Mode)
	}
	if err := s.checkBundle(ctx, s.read(), b); err != nil { // early, so that the rows need not be read
		return a, err
	}
	// The rows are staged in a temporary table, which belongs to one connection.
	db, err := sql.Open("sqlite", writerDSN(s.path))
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return a, err
	}
	defer conn.Close()
	staged, err := stage(ctx, conn, b)
	if err != nil {
		return a, err
	}
	before, err := compareEarly(ctx, conn, b)
	if err != nil {
		return a, err
	}
	err = s.exclusively(func() error {
		began, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		tx := &txn{Tx: began}
		if a, err = s.applyStaged(ctx, tx, b, staged, before); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit()
	})
	return a, err
}

// checkBundle says whether the clinic may apply it.
func (s *Store) checkBundle(ctx context.Context, q queryer, b BundleApply) error {
	var signer string
	var sequence int64
	if err := q.QueryRowContext(ctx, `SELECT signer, sequence FROM clinics WHERE id = ?`, b.Clinic).Scan(&signer, &sequence); err != nil {
		return notFound(err)
	}
	if signer != "" && signer != b.Signer {
		return ErrSigner
	}
	if b.Sequence <= sequence {
		return fmt.Errorf("%w, which was %d", ErrSequence, sequence)
	}
	return nil
}

func (r BundleRow) deletes(b BundleApply) (bool, error) {
	switch {
	case r.Tag.Clinic != b.Clinic:
		return false, fmt.Errorf("a row of clinic %s", r.Tag.Clinic)
	case r.Op == "add":
		return false, nil
	case r.Op == "del":
		return true, nil
	}
	return false, fmt.Errorf("operation %q", r.Op)
}

// applyStaged is the transaction. Before is what was compared without it, which holds if nothing changed since.
func (s *Store) applyStaged(ctx context.Context, tx *txn, b BundleApply, staged *staging, before comparison) (a Applied, err error) {
	if err := s.checkBundle(ctx, tx, b); err != nil {
		return a, err
	}
	now, err := momentOf(ctx, tx)
	if err == nil && now != before.moment {
		before.Applied, err = compareStaged(ctx, tx, b)
	}
	if err != nil {
		return a, err
	}
	a = before.Applied
	if a.Generation, err = raiseGeneration(ctx, tx); err != nil {
		return a, err
	}
	if err := noteChanges(ctx, tx, a.Generation, `SELECT ?2, ref FROM (SELECT ref FROM temp.fresh UNION SELECT ref FROM temp.dropped)`,
		b.Clinic); err != nil {
		return a, err
	}
	if err := replaceTags(ctx, tx, b); err != nil {
		return a, err
	}
	if a.Erased, err = s.eraseDeleted(ctx, tx, b, a.Generation); err != nil {
		return a, err
	}
	if err := s.noteBundle(ctx, tx, b, a); err != nil {
		return a, err
	}
	return a, s.matchLate(ctx, tx, b.Clinic, staged)
}

// eraseDeleted erases the persons of whom the bundle deleted every row: that is how a clinic says that somebody is to be
// forgotten. Who is only missing in a full bundle is no longer looked for, and stays in past finds.
func (s *Store) eraseDeleted(ctx context.Context, tx *txn, b BundleApply, generation int64) (e Erased, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT s.ref FROM temp.deleted s
		WHERE NOT EXISTS (SELECT 1 FROM tags t WHERE t.clinic = ? AND t.ref = s.ref)`, b.Clinic)
	if err != nil {
		return e, err
	}
	refs, err := scanAll[string](rows)
	if err != nil || len(refs) == 0 {
		return e, err
	}
	entry := leak.AuditEntry{Actor: b.By, Action: "erase persons", Object: b.Clinic, Outcome: fmt.Sprintf("%d refs, bundle %d", len(refs), b.Sequence)}
	if err := s.audit(ctx, tx, entry); err != nil {
		return e, err
	}
	if e, err = s.erasePersons(ctx, tx, b.Clinic, refs, generation); err != nil {
		return e, err
	}
	return e, s.forget(ctx, tx)
}

func (s *Store) noteBundle(ctx context.Context, tx *txn, b BundleApply, a Applied) error {
	var counts []any
	for _, m := range []map[leak.Kind]int64{a.Added, a.Kept, a.Removed} {
		j, err := json.Marshal(m)
		if err != nil {
			return err
		}
		counts = append(counts, string(j))
	}
	args := append([]any{b.Clinic, b.Sequence, b.Mode, b.RK, micros(b.Now), a.Generation}, counts...)
	if _, err := tx.ExecContext(ctx, `INSERT INTO bundles (clinic, sequence, mode, rk, applied, generation, added, kept, removed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, args...); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE clinics SET sequence = ?, signer = ?, ring = ?,
		recipient = CASE WHEN ?4 = '' THEN recipient ELSE ?4 END WHERE id = ?5`, b.Sequence, b.Signer, b.RK, b.Recipient, b.Clinic)
	return err
}

func byKind(ctx context.Context, tx queryer, query string, args ...any) (map[leak.Kind]int64, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	m := map[leak.Kind]int64{}
	for rows.Next() {
		var k leak.Kind
		var n int64
		if err := rows.Scan(&k, &n); err != nil {
			return nil, err
		}
		m[k] = n
	}
	return m, rows.Err()
}
