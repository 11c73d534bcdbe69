package store

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"time"

	"leakwatch/leak"
)

// never is when what is kept for ever expires.
const never = int64(1) << 62

// expiry is when something of now expires; a length of zero or less keeps it for ever.
func (s *Store) expiry(keep time.Duration) int64 {
	if keep <= 0 {
		return never
	}
	return micros(s.now().Add(keep))
}

// PutExchanges appends what was asked and answered for a version, each sealed, in order. config is the digest of the
// software and configuration that asked.
func (s *Store) PutExchanges(ctx context.Context, version string, exchanges []leak.Exchange, config string) error {
	if len(exchanges) == 0 {
		return nil
	}
	sealed := make([][]byte, len(exchanges))
	var val leak.Validators
	for i, e := range exchanges {
		var err error
		if sealed[i], err = s.sealExchange(e); err != nil {
			return fmt.Errorf("put exchanges: %w", err)
		}
		if e.Method == "GET" && (e.Status == 200 || e.Status == 206) {
			val = validators(e)
		}
	}
	err := s.write(ctx, func(tx *txn) error {
		for i, e := range exchanges {
			if _, err := tx.ExecContext(ctx, insertExchange, version, micros(e.At), config, sealed[i], s.expiry(s.retention.Evidence)); err != nil {
				return err
			}
		}
		return s.putValidators(ctx, tx, version, val)
	})
	if err != nil {
		return fmt.Errorf("put exchanges: %w", err)
	}
	return nil
}

// putValidators keeps what a version that is being read is known by. A later look at the place does not change it.
func (s *Store) putValidators(ctx context.Context, tx *txn, version string, v leak.Validators) error {
	if v == (leak.Validators{}) {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE versions SET validators = ? WHERE id = ? AND lease_owner IS NOT NULL`,
		s.places.SealBytes("validators", b), version)
	return err
}

// validators reads them from the headers as received.
func validators(e leak.Exchange) leak.Validators {
	_, head, _ := bytes.Cut(e.Response, []byte("\n"))
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(head, "\r\n\r\n"...))))
	h, err := r.ReadMIMEHeader()
	if err != nil && len(h) == 0 {
		return leak.Validators{}
	}
	return leak.Validators{ETag: h.Get("Etag"), LastModified: h.Get("Last-Modified")}
}

func (s *Store) sealExchange(e leak.Exchange) ([]byte, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	return s.places.SealBytes("exchange", b), nil
}

// Exchanges gives what was asked and answered for a version, oldest first. It is evidence in clear: whoever shows it
// writes an audit row first.
func (s *Store) Exchanges(ctx context.Context, version string) ([]leak.Exchange, error) {
	rows, err := s.read().QueryContext(ctx, `SELECT sealed FROM exchanges WHERE version = ? ORDER BY id`, version)
	if err != nil {
		return nil, fmt.Errorf("exchanges of %s: %w", version, err)
	}
	all, err := scanAll[[]byte](rows)
	if err != nil {
		return nil, fmt.Errorf("exchanges of %s: %w", version, err)
	}
	var out []leak.Exchange
	for _, sealed := range all {
		b, err := s.places.OpenBytes("exchange", sealed)
		if err != nil {
			return nil, fmt.Errorf("exchanges of %s: %w", version, err)
		}
		var e leak.Exchange
		if err := json.Unmarshal(b, &e); err != nil {
			return nil, fmt.Errorf("exchanges of %s: %w", version, err)
		}
		out = append(out, e)
	}
	return out, nil
}

// Listing is one page of a listing as it was received.
type Listing struct {
	Place   leak.Place
	Raw     []byte
	FirstAt time.Time // when it was first received with these bytes
	LastAt  time.Time
	Times   int64
}

// listingSecret is what of a page is sealed as a whole.
type listingSecret struct{ Place, Raw []byte }

// PutListing keeps the page that led to its items, sealed. A page with the very bytes that the place had last is not
// kept twice: it is noted when it was seen again. The exchange is kept each time.
func (s *Store) PutListing(ctx context.Context, source string, p leak.Page) error {
	sealed, err := s.sealListing(p)
	if err != nil {
		return fmt.Errorf("put listing: %w", err)
	}
	exchange, err := s.sealExchange(p.Exchange)
	if err != nil {
		return fmt.Errorf("put listing: %w", err)
	}
	place, page := s.placeDigest(p.Place), s.places.Digest(string(p.Raw))
	seen, expires := p.Exchange.At, s.expiry(s.retention.Evidence)
	if seen.IsZero() {
		seen = s.now()
	}
	err = s.write(ctx, func(tx *txn) error {
		var id int64
		err := tx.QueryRowContext(ctx, `UPDATE listings SET times = times + 1, last_at = ?, expires_at = max(expires_at, ?)
			WHERE id = (SELECT id FROM listings WHERE source = ? AND place = ? ORDER BY last_at DESC, id DESC LIMIT 1) AND page = ?
			RETURNING id`, micros(seen), expires, source, place, page[:]).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			err = tx.QueryRowContext(ctx, `INSERT INTO listings (source, place, page, first_at, last_at, sealed, expires_at)
				VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`, source, place, page[:], micros(seen), micros(seen), sealed, expires).Scan(&id)
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO exchanges (listing, at, config, sealed, expires_at) VALUES (?, ?, '', ?, ?)`,
			id, micros(seen), exchange, expires)
		return err
	})
	if err != nil {
		return fmt.Errorf("put listing: %w", err)
	}
	return nil
}

func (s *Store) sealListing(p leak.Page) ([]byte, error) {
	var place []byte
	if !p.Place.IsZero() {
		place = s.places.Seal(p.Place)
	}
	b, err := json.Marshal(listingSecret{Place: place, Raw: p.Raw})
	if err != nil {
		return nil, err
	}
	var small bytes.Buffer
	z := gzip.NewWriter(&small)
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return s.places.SealBytes("listing", small.Bytes()), nil
}

// ListingsOf gives the pages of the source's listing as they were when a version was listed: for each place of a page
// the bytes that it had then. It is evidence in clear: whoever shows it writes an audit row first.
func (s *Store) ListingsOf(ctx context.Context, version string) ([]Listing, error) {
	rows, err := s.read().QueryContext(ctx, `SELECT l.sealed, l.first_at, l.last_at, l.times FROM versions v
		JOIN runs r ON r.source = v.source AND r.started <= v.listed_at AND coalesce(r.ended, v.listed_at) >= v.listed_at
		JOIN listings l ON l.source = v.source AND l.first_at <= v.listed_at AND l.last_at >= r.started
		WHERE v.id = ? GROUP BY l.id ORDER BY l.id`, version)
	if err != nil {
		return nil, fmt.Errorf("listings of %s: %w", version, err)
	}
	defer rows.Close()
	var all []Listing
	for rows.Next() {
		var sealed []byte
		var first, last, times int64
		if err := rows.Scan(&sealed, &first, &last, &times); err != nil {
			return nil, fmt.Errorf("listings of %s: %w", version, err)
		}
		l, err := s.openListing(sealed)
		if err != nil {
			return nil, fmt.Errorf("listings of %s: %w", version, err)
		}
		l.FirstAt, l.LastAt, l.Times = at(first), at(last), times
		all = append(all, l)
	}
	return all, rows.Err()
}

func (s *Store) openListing(sealed []byte) (l Listing, err error) {
	b, err := s.places.OpenBytes("listing", sealed)
	if err != nil {
		return l, err
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return l, err
	}
	var secret listingSecret
	if err := json.NewDecoder(io.Reader(z)).Decode(&secret); err != nil {
		return l, err
	}
	l.Raw = secret.Raw
	l.Place, err = s.openPlace(secret.Place)
	return l, cmp.Or(err, z.Close())
}
