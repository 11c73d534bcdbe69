package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"leakwatch/leak"
)

// itemSecret is what the listing said of an item in words that may name a patient.
type itemSecret struct {
	Name string `json:",omitempty"`
	Said string `json:",omitempty"`
}

func (s *Store) sealItem(i leak.Item) ([]byte, error) {
	b, err := json.Marshal(itemSecret{Name: i.Name, Said: i.Published.Said})
	if err != nil {
		return nil, err
	}
	return s.places.SealBytes("item", b), nil
}

// itemColumns are what scanItem reads: of items i, left joined with item_groups c and item_sightings g.
const (
	itemColumns = `i.source, i.key, i.place_sealed, i.secret, i.title, i.poster, i.collection, c.place_sealed,
		i.published_from, i.published_to, i.size_min, i.size_max, i.listing, coalesce(g.held, 0)`
	itemJoins = `LEFT JOIN item_groups c ON c.key = i.collection LEFT JOIN item_sightings g ON g.item = i.id`
)

// itemRow receives itemColumns.
type itemRow struct {
	i                      leak.Item
	key, collection        []byte
	place, secret, grouped []byte
	from, to               sql.NullInt64
	held                   bool
}

func (r *itemRow) dest() []any {
	return []any{&r.i.Source, &r.key, &r.place, &r.secret, &r.i.Title, &r.i.Poster, &r.collection, &r.grouped,
		&r.from, &r.to, &r.i.Size.Min, &r.i.Size.Max, &r.i.Listing, &r.held}
}

// item opens what was sealed. Mark and Skip are not kept, and empty.
func (s *Store) item(r *itemRow) (i leak.Item, err error) {
	i = r.i
	i.Key, i.Collection, i.Fetch = digest(r.key), digest(r.collection), !r.held
	i.Published.From, i.Published.To = fromMicros(r.from), fromMicros(r.to)
	if i.Place, err = s.openPlace(r.place); err != nil {
		return i, err
	}
	if i.Group, err = s.openPlace(r.grouped); err != nil {
		return i, err
	}
	b, err := s.openSecret("item", r.secret)
	if err != nil {
		return i, err
	}
	var secret itemSecret
	if err := json.Unmarshal(b, &secret); err != nil {
		return i, fmt.Errorf("item %s: %w", i.Key, err)
	}
	i.Name, i.Published.Said = secret.Name, secret.Said
	return i, nil
}

// itemsPage is how many items are read at once; no connection is held while they are worked on.
const itemsPage = 500

// ListingItems gives the items of a listing's collection that it still names, with their clear names, for matching. The
// listing itself is not among them. It stops at the first error of yield, which may use the store.
func (s *Store) ListingItems(ctx context.Context, listing leak.Item, yield func(leak.Item) error) error {
	var last int64
	for {
		items, next, err := s.listingPage(ctx, listing, last)
		if err != nil {
			return fmt.Errorf("items of a listing: %w", err)
		}
		for _, i := range items {
			if err := yield(i); err != nil {
				return err
			}
		}
		if len(items) < itemsPage {
			return nil
		}
		last = next
	}
}

func (s *Store) listingPage(ctx context.Context, listing leak.Item, after int64) (items []leak.Item, last int64, err error) {
	rows, err := s.read().QueryContext(ctx, `SELECT i.id, `+itemColumns+` FROM items i `+itemJoins+`
		WHERE i.collection = ? AND i.source = ? AND i.id > ? AND i.listing = 0 AND coalesce(g.missing, 0) = 0
		ORDER BY i.id LIMIT ?`, listing.Collection[:], listing.Source, after, itemsPage)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var r itemRow
		if err := rows.Scan(append([]any{&last}, r.dest()...)...); err != nil {
			return nil, 0, err
		}
		i, err := s.item(&r)
		if err != nil {
			return nil, 0, err
		}
		items = append(items, i)
	}
	return items, last, rows.Err()
}
