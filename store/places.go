package store

import (
	"database/sql"
	"fmt"
	"time"

	"leakwatch/leak"
)

// sealPlace gives the two columns of a place: sealed (NULL for nowhere) and shown.
func (s *Store) sealPlace(p leak.Place) (sealed any, shown string) {
	if p.IsZero() {
		return nil, ""
	}
	return s.places.Seal(p), p.Shown()
}

// openPlace gives back what sealPlace sealed.
func (s *Store) openPlace(sealed []byte) (leak.Place, error) {
	if len(sealed) == 0 {
		return leak.Place{}, nil
	}
	return s.places.Open(sealed)
}

// placeDigest is what a place is found by again.
func (s *Store) placeDigest(p leak.Place) []byte {
	d := s.places.Digest(p.Reveal())
	return d[:]
}

// digest reads a digest column; NULL and anything of another length is the zero digest.
func digest(b []byte) leak.Digest {
	if len(b) != len(leak.Digest{}) {
		return leak.Digest{}
	}
	return leak.Digest(b)
}

// micros is how a time is stored: microseconds since 1970, UTC.
func micros(t time.Time) int64 { return t.UnixMicro() }

// nullMicros stores the zero time as NULL.
func nullMicros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// fromMicros is the time of a column, zero for NULL.
func fromMicros(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}

// at is the time of a column that is never NULL.
func at(n int64) time.Time { return time.UnixMicro(n).UTC() }

// openSecret opens a small secret that is no place: a name, validators. NULL gives nil.
func (s *Store) openSecret(label string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	b, err := s.places.OpenBytes(label, sealed)
	if err != nil {
		return nil, fmt.Errorf("read the store: %w", err)
	}
	return b, nil
}
