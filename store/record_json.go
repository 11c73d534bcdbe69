package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"leakwatch/leak"
)

// asJSON is how small structures are stored. The types that it is given cannot fail.
func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("store: %T cannot be written as JSON: %v", v, err))
	}
	return string(b)
}

// jsonColumn reads a column that asJSON wrote.
type jsonColumn struct{ to any }

func jsonTo(v any) jsonColumn { return jsonColumn{v} }

// Scan reads a text; NULL and the empty text leave the zero value.
func (c jsonColumn) Scan(src any) error {
	var b []byte
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		b = []byte(v)
	case []byte:
		b = v
	default:
		return fmt.Errorf("JSON column: %T", src)
	}
	if len(b) == 0 {
		return nil
	}
	return json.Unmarshal(b, c.to)
}

// weigher reads a stored tally as its weight.
type weigher struct{ to *int64 }

// UnmarshalJSON reads the tally.
func (w *weigher) UnmarshalJSON(b []byte) error {
	var t leak.Tally
	if err := json.Unmarshal(b, &t); err != nil {
		return err
	}
	*w.to = weight(t)
	return nil
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func orEmpty[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return m
}

func orNone[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func orTime(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}

// forever is how long a record is kept when the settings say nothing.
const forever = 100 * 365 * 24 * time.Hour

func keep(d time.Duration) time.Duration {
	if d <= 0 {
		return forever
	}
	return d
}

// shownHost is the host part of a place's shown form, "" when it has none.
func shownHost(shown string) string {
	_, rest, ok := strings.Cut(shown, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#!"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}
