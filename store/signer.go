package store

import (
	"context"
	"fmt"

	"leakwatch/leak"
)

// SetSigner pins another signing key to a clinic, in the place of the one that its first bundle pinned: the clinic lost
// its keys, and somebody compared the new one's fingerprint by telephone. An audit row says who did it. The error is
// ErrNotFound when there is no such clinic, or the principal may not change it.
func (s *Store) SetSigner(ctx context.Context, p leak.Principal, clinic, signer string) error {
	err := s.write(ctx, func(tx *txn) error {
		if p.Role == leak.RoleClinic {
			return ErrNotFound
		}
		res, err := tx.ExecContext(ctx, `UPDATE clinics SET signer = ? WHERE id = ?`, signer, clinic)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		return s.audit(ctx, tx, leak.AuditEntry{Actor: p, Action: "signer", Object: clinic, Outcome: "granted"})
	})
	if err != nil {
		return fmt.Errorf("set signer of clinic %s: %w", clinic, err)
	}
	return nil
}
