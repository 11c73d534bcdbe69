package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ErrWrongKey says that a key is another one than the store was made with. Matching with it would find nothing for ever.
var ErrWrongKey = errors.New("wrong key")

// CheckKeys compares check values of keys, by key id, with those that the store has seen before, and pins the ones that
// it sees for the first time. The error wraps ErrWrongKey and names every key that differs; then nothing is pinned.
func (s *Store) CheckKeys(ctx context.Context, checks map[string]string) error {
	return s.write(ctx, func(tx *txn) error {
		var wrong []error
		for _, id := range slices.Sorted(maps.Keys(checks)) {
			if _, err := tx.ExecContext(ctx, `INSERT INTO key_checks (id, value, first_seen) VALUES (?, ?, ?)
				ON CONFLICT DO NOTHING`, id, checks[id], micros(s.now())); err != nil {
				return fmt.Errorf("check key %s: %w", id, err)
			}
			var pinned string
			if err := tx.QueryRowContext(ctx, `SELECT value FROM key_checks WHERE id = ?`, id).Scan(&pinned); err != nil {
				return fmt.Errorf("check key %s: %w", id, err)
			}
			if pinned != checks[id] {
				wrong = append(wrong, fmt.Errorf("%w: %s is not the one that this store was made with", ErrWrongKey, id))
			}
		}
		return errors.Join(wrong...)
	})
}
