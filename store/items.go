package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"leakwatch/leak"
)

const replaced = "replaced before it was read" // reason of a version that a newer one overtook

// PutItems writes a page's items in one transaction, and a due version for each that is new, has another mark, or comes
// back after a find at it was gone. Items that may not be fetched get a version with the outcome skipped; when the rule
// falls later, that version is due. Writing the same items again changes nothing but when they were last seen. due counts
// the versions that became due. All items of a call may be of several sources.
func (s *Store) PutItems(ctx context.Context, listed time.Time, items []leak.Item) (due int, err error) {
	err = s.write(ctx, func(tx *txn) error {
		p := s.newPutter(tx, listed)
		for _, i := range items {
			if err := p.put(ctx, i); err != nil {
				return fmt.Errorf("item %s: %w", i.Key, err)
			}
		}
		due = p.due
		return p.flush(ctx)
	})
	if err != nil {
		return 0, fmt.Errorf("put items: %w", err)
	}
	return due, nil
}

// putter writes the items of one page.
type putter struct {
	s      *Store
	tx     *txn
	listed time.Time
	runs   map[string]int64  // of the sources
	seen   map[int64][]int64 // unchanged items, by the run that they are seen in
	due    int
}

// sighting is what is known of an item.
type sighting struct {
	item    int64
	mark    leak.Digest
	run     int64
	seq     int
	held    bool
	missing bool
}

func (s *Store) newPutter(tx *txn, listed time.Time) *putter {
	return &putter{s: s, tx: tx, listed: listed, runs: map[string]int64{}, seen: map[int64][]int64{}}
}

// exec runs a statement in the transaction.
func (p *putter) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return p.tx.ExecContext(ctx, query, args...)
}

func (p *putter) put(ctx context.Context, i leak.Item) error {
	run, err := p.run(ctx, i.Source)
	if err != nil {
		return err
	}
	mark := p.s.places.Digest(i.Mark)
	var g sighting
	var m []byte
	err = p.tx.QueryRowContext(ctx, findSighting, i.Key[:], i.Source).Scan(&g.item, &m, &g.run, &g.seq, &g.held, &g.missing)
	g.mark = digest(m)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return p.add(ctx, i, mark, run)
	case err != nil:
		return err
	case g.mark != mark:
		return p.change(ctx, i, mark, run, g)
	case g.missing:
		return p.comeBack(ctx, i, mark, run, g)
	case i.Fetch == g.held:
		if err := p.hold(ctx, i, g); err != nil {
			return err
		}
	}
	if g.run != run {
		p.seen[run] = append(p.seen[run], g.item)
	}
	return nil
}

// run is the run that items of a source are seen in.
func (p *putter) run(ctx context.Context, source string) (int64, error) {
	if run, ok := p.runs[source]; ok {
		return run, nil
	}
	var run int64
	err := p.tx.QueryRowContext(ctx, `SELECT run FROM sources WHERE id = ?`, source).Scan(&run)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("source %s: %w", source, ErrNotFound)
	}
	p.runs[source] = run
	return run, err
}

// add writes an item that was never seen.
func (p *putter) add(ctx context.Context, i leak.Item, mark leak.Digest, run int64) error {
	sealed, shown := p.s.sealPlace(i.Place)
	secret, err := p.s.sealItem(i)
	if err != nil {
		return err
	}
	if err := p.group(ctx, i); err != nil {
		return err
	}
	res, err := p.exec(ctx, insertItem, i.Source, i.Key[:], sealed, shown, secret, i.Title, i.Poster, i.Collection[:], nullMicros(i.Published.From),
		nullMicros(i.Published.To), i.Size.Min, i.Size.Max, i.Listing, micros(p.listed))
	if err != nil {
		return err
	}
	item, err := res.LastInsertId()
	if err != nil {
		return err
	}
	if _, err := p.exec(ctx, insertSighting, item, i.Source, mark[:], run, !i.Fetch); err != nil {
		return err
	}
	return p.version(ctx, i, item, 1)
}

// change writes what the listing says now, and a new version. One that nobody has read or is reading is overtaken.
func (p *putter) change(ctx context.Context, i leak.Item, mark leak.Digest, run int64, g sighting) error {
	secret, err := p.s.sealItem(i)
	if err != nil {
		return err
	}
	if err := p.group(ctx, i); err != nil {
		return err
	}
	if _, err := p.tx.ExecContext(ctx, `UPDATE items SET secret = ?, title = ?, poster = ?, collection = ?, published_from = ?,
		published_to = ?, size_min = ?, size_max = ? WHERE id = ?`, secret, i.Title, i.Poster, i.Collection[:],
		nullMicros(i.Published.From), nullMicros(i.Published.To), i.Size.Min, i.Size.Max, g.item); err != nil {
		return err
	}
	if err := p.s.overtake(ctx, p.tx, g.item); err != nil {
		return err
	}
	if _, err := p.tx.ExecContext(ctx, `UPDATE item_sightings SET mark = ?, run = ?, seq = ?, held = ?, missing = 0 WHERE item = ?`,
		mark[:], run, g.seq+1, !i.Fetch, g.item); err != nil {
		return err
	}
	return p.version(ctx, i, g.item, g.seq+1)
}

// comeBack is for an item that was missing and is named again with the same mark. Where there was a find, it is read
// again: that a copy is back is news. Anything else was never gone, as far as anybody cares.
func (p *putter) comeBack(ctx context.Context, i leak.Item, mark leak.Digest, run int64, g sighting) error {
	var found bool
	err := p.tx.QueryRowContext(ctx, `SELECT coalesce(result = 'matched', 0) AND gone_at IS NOT NULL FROM versions
		WHERE item = ? AND seq = ?`, g.item, g.seq).Scan(&found)
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // a clean version may have been purged
		return err
	}
	if found {
		return p.change(ctx, i, mark, run, g)
	}
	if _, err := p.tx.ExecContext(ctx, `UPDATE versions SET gone_at = NULL WHERE item = ? AND seq = ?`, g.item, g.seq); err != nil {
		return err
	}
	_, err = p.tx.ExecContext(ctx, `UPDATE item_sightings SET run = ?, missing = 0 WHERE item = ?`, run, g.item)
	return err
}

// hold is for an item whose rule changed: one that may be fetched now is due, one that no longer may is skipped if it
// was not read yet.
func (p *putter) hold(ctx context.Context, i leak.Item, g sighting) error {
	if _, err := p.tx.ExecContext(ctx, `UPDATE item_sightings SET held = ? WHERE item = ?`, !i.Fetch, g.item); err != nil {
		return err
	}
	if i.Fetch {
		res, err := p.tx.ExecContext(ctx, `UPDATE versions SET due_at = ?, result = NULL, completeness = NULL, reasons = '[]',
			ended_at = NULL WHERE item = ? AND seq = ? AND result = 'skipped'`, micros(p.s.now()), g.item, g.seq)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		p.due += int(n)
		return err
	}
	_, err := p.tx.ExecContext(ctx, `UPDATE versions SET due_at = NULL, result = 'skipped', completeness = 'unread',
		reasons = json_array(?1), ended_at = ?2 WHERE item = ?3 AND seq = ?4 AND result IS NULL
		AND (lease_until IS NULL OR lease_until <= ?2)`, i.Skip, micros(p.s.now()), g.item, g.seq)
	return err
}

func (p *putter) version(ctx context.Context, i leak.Item, item int64, seq int) error {
	if !i.Fetch {
		return p.s.addVersion(ctx, p.tx, i.Source, i.Key, item, seq, p.listed, i.Skip)
	}
	p.due++
	return p.s.addVersion(ctx, p.tx, i.Source, i.Key, item, seq, p.listed, "")
}

// group writes the place of a collection once, however many items are in it.
func (p *putter) group(ctx context.Context, i leak.Item) error {
	if i.Group.IsZero() {
		return nil
	}
	var there bool
	if err := p.tx.QueryRowContext(ctx, findGroup, i.Collection[:]).Scan(&there); err != nil || there {
		return err
	}
	sealed, shown := p.s.sealPlace(i.Group)
	_, err := p.tx.ExecContext(ctx, `INSERT INTO item_groups (key, place_sealed, place_shown) VALUES (?, ?, ?)`, i.Collection[:], sealed, shown)
	return err
}

// flush notes in bulk that the unchanged items were seen.
func (p *putter) flush(ctx context.Context) error {
	for run, items := range p.seen {
		list, err := json.Marshal(items)
		if err != nil {
			return err
		}
		if _, err := p.tx.ExecContext(ctx, `UPDATE item_sightings SET run = ? WHERE item IN (SELECT value FROM json_each(?))`,
			run, string(list)); err != nil {
			return err
		}
	}
	return nil
}
