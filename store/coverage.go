package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"leakwatch/leak"
)

// CoverageFilter narrows a report to days and a source. Zero fields do not narrow, but for From: without it the report
// begins thirty days before To, or before now.
type CoverageFilter struct {
	From, To time.Time // days that these are in, both inclusive, in UTC
	Source   string
}

// CoverageRow is what was looked at of one source on one day: runs that began, and versions that were listed on it, with
// what came of them since. Due is the versions that the listings made; each of them has a result or is open, so that "no
// alert" can be told from "not looked".
type CoverageRow struct {
	Source       string
	Day          time.Time // its start, UTC
	Runs         int64
	FailedRuns   int64
	Listed       int64 // items that the runs named, every time they did
	Due          int64
	Results      map[leak.Result]int64
	Completeness map[leak.Completeness]int64
	Open         int64 // to be read, for the first time or again
	Bytes        int64
	LastComplete time.Time        // end of the last run up to this day that read the whole listing; zero when none did
	Reasons      map[string]int64 // why versions were skipped, failed or cut, and runs cut; without the counts in them
}

// Coverage gives a row for every source and day, by day and source. Days on which a configured source was not looked at
// have a row without runs.
func (s *Store) Coverage(ctx context.Context, f CoverageFilter) ([]CoverageRow, error) {
	if f.To.IsZero() {
		f.To = s.now()
	}
	f.To = day(f.To)
	if f.From.IsZero() {
		f.From = f.To.AddDate(0, 0, -30)
	}
	f.From = day(f.From)
	c := coverage{f: f, rows: map[coverKey]*CoverageRow{}, end: f.To.AddDate(0, 0, 1)}
	tx, err := s.reads.begin(ctx, &sql.TxOptions{ReadOnly: true}) // all of one moment
	if err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	for _, part := range []func(context.Context, queryer) error{c.empty, c.runs, c.versions, c.reasons} {
		if err := part(ctx, tx); err != nil {
			return nil, fmt.Errorf("coverage: %w", err)
		}
	}
	if err := c.lastComplete(ctx, tx); err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	return c.sorted(), nil
}

type coverKey struct {
	source string
	day    int64
}

// coverage gathers a report.
type coverage struct {
	f    CoverageFilter
	end  time.Time // of the last day
	rows map[coverKey]*CoverageRow
}

const dayMicros = int64(24 * time.Hour / time.Microsecond)

func (c *coverage) row(source string, n int64) *CoverageRow {
	k := coverKey{source, n}
	if c.rows[k] == nil {
		c.rows[k] = &CoverageRow{Source: source, Day: time.UnixMicro(n * dayMicros).UTC(), Results: map[leak.Result]int64{},
			Completeness: map[leak.Completeness]int64{}, Reasons: map[string]int64{}}
	}
	return c.rows[k]
}

// each runs a query whose first two columns are source and day.
func (c *coverage) each(ctx context.Context, q queryer, query string, args []any, dest []any, add func(*CoverageRow)) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var source string
		var n int64
		if err := rows.Scan(append([]any{&source, &n}, dest...)...); err != nil {
			return err
		}
		add(c.row(source, n))
	}
	return rows.Err()
}

// empty makes the rows of days on which a configured source was there to be looked at.
func (c *coverage) empty(ctx context.Context, q queryer) error {
	var created int64
	return c.each(ctx, q, `SELECT id, created / ?1, created FROM sources WHERE enabled = 1 AND kind <> 'tip' AND ?2 IN ('', id) AND created < ?3`,
		[]any{dayMicros, c.f.Source, micros(c.end)}, []any{&created}, func(r *CoverageRow) {
			first := r.Day
			if first.Before(c.f.From) {
				delete(c.rows, coverKey{r.Source, created / dayMicros})
				first = c.f.From
			}
			for d := first; d.Before(c.end); d = d.AddDate(0, 0, 1) {
				c.row(r.Source, micros(d)/dayMicros)
			}
		})
}

func (c *coverage) runs(ctx context.Context, q queryer) error {
	var runs, failed, listed int64
	var cut string
	args := []any{dayMicros, micros(c.f.From), micros(c.end), c.f.Source}
	err := c.each(ctx, q, `SELECT source, started / ?1, count(*), sum(err <> ''), sum(listed) FROM runs
		WHERE started >= ?2 AND started < ?3 AND ?4 IN ('', source) GROUP BY 1, 2`,
		args, []any{&runs, &failed, &listed}, func(r *CoverageRow) { r.Runs, r.FailedRuns, r.Listed = runs, failed, listed })
	if err != nil {
		return err
	}
	return c.each(ctx, q, `SELECT source, started / ?1, count(*), cut FROM runs
		WHERE started >= ?2 AND started < ?3 AND ?4 IN ('', source) AND cut <> '' GROUP BY 1, 2, 4`,
		args, []any{&runs, &cut}, func(r *CoverageRow) { r.Reasons[withoutCounts(cut)] += runs })
}

// span narrows versions to the report's days by their ids, which begin with when they were listed.
const span = `v.id >= ?2 AND v.id < ?3 AND ?4 IN ('', v.source)`

func (c *coverage) args() []any {
	return []any{dayMicros, versionFrom(c.f.From), versionFrom(c.end), c.f.Source}
}

func (c *coverage) versions(ctx context.Context, q queryer) error {
	var n, bytes int64
	var open bool
	var result, completeness sql.NullString
	return c.each(ctx, q, `SELECT v.source, v.listed_at / ?1, count(*), sum(v.bytes), v.due_at IS NOT NULL, v.result, v.completeness
		FROM versions v WHERE `+span+` GROUP BY 1, 2, 5, 6, 7`,
		c.args(), []any{&n, &bytes, &open, &result, &completeness}, func(r *CoverageRow) {
			r.Due += n
			r.Bytes += bytes
			if open {
				r.Open += n
				return
			}
			r.Results[leak.Result(result.String)] += n
			r.Completeness[leak.Completeness(completeness.String)] += n
		})
}

func (c *coverage) reasons(ctx context.Context, q queryer) error {
	var n int64
	var reason string
	return c.each(ctx, q, `SELECT v.source, v.listed_at / ?1, count(*), r.value FROM versions v, json_each(v.reasons) r
		WHERE `+span+` AND v.reasons <> '[]' AND v.due_at IS NULL GROUP BY 1, 2, 4`,
		c.args(), []any{&n, &reason}, func(r *CoverageRow) { r.Reasons[withoutCounts(reason)] += n })
}

func (c *coverage) lastComplete(ctx context.Context, q queryer) error {
	for _, r := range c.rows {
		var ended sql.NullInt64
		err := q.QueryRowContext(ctx, `SELECT max(ended) FROM runs WHERE source = ? AND started < ? AND complete = 1 AND err = ''`,
			r.Source, micros(r.Day.AddDate(0, 0, 1))).Scan(&ended)
		if err != nil {
			return err
		}
		r.LastComplete = fromMicros(ended)
	}
	return nil
}

func (c *coverage) sorted() []CoverageRow {
	var all []CoverageRow
	for _, r := range c.rows {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b CoverageRow) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Source, b.Source))
	})
	return all
}

// withoutCounts is the part of a reason before its figures, so that equal ones can be counted: of
// "depth limit 8: 3 members left" it is "depth limit 8".
func withoutCounts(reason string) string {
	for i := range len(reason) - 1 {
		if reason[i] == ':' && reason[i+1] == ' ' {
			return reason[:i]
		}
	}
	return reason
}
