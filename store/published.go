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

// PutPasswords keeps passwords that were published in an item's collection, sealed, for as long as finds are kept, and
// gives how many of them are new. What lies there encrypted, and could not be opened before, is due again when one is;
// what is being read is so when it ends.
func (s *Store) PutPasswords(ctx context.Context, i leak.Item, words []string) (fresh int, err error) {
	err = s.write(ctx, func(tx *txn) (err error) {
		if fresh, err = s.putPublished(ctx, tx, i, words); err != nil || fresh == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, dueAgain+sealed+` AND item IN (SELECT id FROM items
			WHERE source = ?2 AND (collection = ?3 OR key = ?3 AND collection = zeroblob(16)))`, micros(s.now()), i.Source, collectionKey(i))
		return err
	})
	return fresh, wrap(err, "published passwords")
}

// putPublished gives how many of the words were not known.
func (s *Store) putPublished(ctx context.Context, tx *txn, i leak.Item, words []string) (fresh int, err error) {
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
		fresh += int(n)
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
