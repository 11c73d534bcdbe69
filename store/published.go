package store

import (
	"context"
	"database/sql"
	"fmt"

	"leakwatch/leak"
)

// maxPublished is how many passwords are kept of one collection. The first ones stay.
const maxPublished = 256

// Passwords gives the passwords that were published in an item's collection, in no order.
func (s *Store) Passwords(ctx context.Context, i leak.Item) (all []string, err error) {
	var sealed [][]byte
	err = each(ctx, s.read(), func(rows *sql.Rows) error {
		var b []byte
		err := rows.Scan(&b)
		sealed = append(sealed, b)
		return err
	}, `SELECT sealed FROM published WHERE collection = ?`, collectionKey(i))
	if err != nil {
		return nil, fmt.Errorf("published passwords: %w", err)
	}
	for _, b := range sealed {
		word, err := s.openSecret("published", b)
		if err != nil {
			return nil, err
		}
		all = append(all, string(word))
	}
	return all, nil
}

// PutPasswords keeps passwords that were published in an item's collection, sealed, for as long as finds are kept. What
// lies there encrypted, and could not be opened before, is due again when one of them is new; due counts that.
func (s *Store) PutPasswords(ctx context.Context, i leak.Item, words []string) (due int64, err error) {
	err = s.write(ctx, func(tx *txn) error {
		fresh, err := s.putPublished(ctx, tx, i, words)
		if err != nil || fresh == 0 {
			return err
		}
		res, err := tx.ExecContext(ctx, `UPDATE versions SET due_at = ?1, again = 1, attempts = 0, dead_at = NULL
			WHERE due_at IS NULL AND gone_at IS NULL AND (reasons LIKE '%no password published%' OR reasons LIKE '%no published password%')
			AND (item, seq) IN (SELECT g.item, g.seq FROM items i JOIN item_sightings g ON g.item = i.id
				WHERE g.missing = 0 AND i.source = ?2 AND (i.collection = ?3 OR i.key = ?3))
			AND source IN (SELECT id FROM sources WHERE enabled = 1)`, micros(s.now()), i.Source, collectionKey(i))
		if err != nil {
			return err
		}
		due, err = res.RowsAffected()
		return err
	})
	return due, wrap(err, "published passwords")
}

// putPublished gives how many of the words were not known.
func (s *Store) putPublished(ctx context.Context, tx *txn, i leak.Item, words []string) (fresh int64, err error) {
	now := s.now()
	for _, w := range words {
		d := s.places.Digest("published\n" + w)
		res, err := tx.ExecContext(ctx, `INSERT INTO published (collection, digest, sealed, at, expires_at) SELECT ?1, ?2, ?3, ?4, ?5
			WHERE (SELECT count(*) FROM published WHERE collection = ?1) < ?6 ON CONFLICT DO NOTHING`,
			collectionKey(i), d[:], s.places.SealBytes("published", []byte(w)), micros(now), micros(now.Add(keep(s.retention.Finds))), maxPublished)
		if err != nil {
			return fresh, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return fresh, err
		}
		fresh += n
	}
	return fresh, nil
}

// collectionKey is what an item lies beside others under: its collection, or itself.
func collectionKey(i leak.Item) []byte {
	if i.Collection == (leak.Digest{}) {
		return i.Key[:]
	}
	return i.Collection[:]
}
