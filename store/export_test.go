package store

import "context"

// Open gives the ids of the versions that are still to be read.
func (s *Store) Open(ctx context.Context) ([]string, error) {
	rows, err := s.read().QueryContext(ctx, `SELECT id FROM versions WHERE due_at IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	return scanAll[string](rows)
}
