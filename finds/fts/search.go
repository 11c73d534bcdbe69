package fts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"leakwatch/finds"
	"leakwatch/leak"
)

// where is the condition of a search, grown piece by piece.
type where struct {
	parts []string
	args  []any
}

func (w *where) and(part string, args ...any) {
	w.parts = append(w.parts, part)
	w.args = append(w.args, args...)
}

func (w *where) String() string { return strings.Join(w.parts, " AND ") }

// Search gives a page; see finds.Index.
func (x *Index) Search(ctx context.Context, q leak.Query) (leak.Answer, error) {
	cursor, ok, err := finds.ParseCursor(q.After)
	if err != nil {
		return leak.Answer{}, err
	}
	tx, err := x.read.BeginTx(ctx, nil) // one view for the count and the page
	if err != nil {
		return leak.Answer{}, fmt.Errorf("search finds: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	w := condition(q)
	var a leak.Answer
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM docs WHERE `+w.String(), w.args...).Scan(&a.Total); err != nil {
		return leak.Answer{}, fmt.Errorf("count finds: %w", err)
	}
	if ok {
		w.and(`(ord < ? OR ord = ? AND id > ?)`, cursor.Order, cursor.Order, cursor.ID)
	}
	if err := page(ctx, tx, w, q, &a); err != nil {
		return leak.Answer{}, fmt.Errorf("search finds: %w", err)
	}
	return a, nil
}

func condition(q leak.Query) *where {
	w := &where{}
	w.and(`gen = (SELECT value FROM meta WHERE key = 'serving')`)
	equal := func(column, value string) {
		if value != "" {
			w.and(column+` = ?`, value)
		}
	}
	equal("source", q.Source)
	equal("host", strings.ToLower(q.Host))
	equal("leak", q.Leak)
	if !q.From.IsZero() {
		w.and(`ord >= ?`, finds.Order(q.From))
	}
	if !q.To.IsZero() {
		w.and(`ord < ?`, finds.Order(q.To))
	}
	if q.Indicator != "" {
		w.and(`seq IN (SELECT seq FROM indicators WHERE value = ?)`, q.Indicator)
	}
	if q.Clinic != "" {
		w.and(`seq IN (SELECT seq FROM clinics WHERE clinic = ? AND rank >= ?)`, q.Clinic, int(q.Confidence))
	} else if q.Confidence > leak.None {
		w.and(`rank >= ?`, int(q.Confidence))
	}
	if q.Kind != "" {
		w.and(`seq IN (SELECT seq FROM kinds WHERE kind = ? AND clinic = ?)`, string(q.Kind), q.Clinic)
	}
	if m := match(q.Words); m != "" {
		w.and(`seq IN (SELECT rowid FROM words WHERE words MATCH ?)`, m)
	}
	return w
}

// match writes the words as an FTS5 query. Each is quoted, so that nothing in it is syntax.
func match(words string) string {
	var b strings.Builder
	for _, t := range finds.Terms(words) {
		b.WriteString(` "` + t.Word + `"`)
		if t.Prefix {
			b.WriteString(`*`)
		}
	}
	return strings.TrimSpace(b.String())
}

// page reads one document more than a page has, to know whether there is another page.
func page(ctx context.Context, tx *sql.Tx, w *where, q leak.Query, a *leak.Answer) (err error) {
	limit := finds.Limit(q)
	rows, err := tx.QueryContext(ctx, `SELECT doc, ord FROM docs WHERE `+w.String()+` ORDER BY ord DESC, id LIMIT ?`,
		append(w.args, limit+1)...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var last finds.Cursor
	for rows.Next() {
		if len(a.Docs) == limit {
			a.After = last.String()
			break
		}
		var body []byte
		if err := rows.Scan(&body, &last.Order); err != nil {
			return err
		}
		var d leak.IndexDoc
		if err := json.Unmarshal(body, &d); err != nil {
			return fmt.Errorf("decode a find: %w", err)
		}
		last.ID = d.ID
		a.Docs = append(a.Docs, finds.Narrow(d, q.Clinic))
	}
	return rows.Err()
}
