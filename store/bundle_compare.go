package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"leakwatch/leak"
)

// session is a connection, or a transaction on it, that sees a bundle's temporary tables.
type session interface {
	queryer
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// comparison is what a bundle would change, as of a moment.
type comparison struct {
	Applied
	moment string
}

// momentOf changes whenever rows of the registry do.
func momentOf(ctx context.Context, q queryer) (m string, err error) {
	err = q.QueryRowContext(ctx, `SELECT group_concat(value, '/' ORDER BY name) FROM meta WHERE name IN ('generation', 'rewraps')`).Scan(&m)
	return m, wrap(err, "registry generation")
}

// compareEarly compares before the transaction that changes the registry, so that nobody waits meanwhile: reading, and
// writing to temporary tables, locks nobody out.
func compareEarly(ctx context.Context, conn *sql.Conn, b BundleApply) (c comparison, err error) {
	if _, err := conn.ExecContext(ctx, `BEGIN DEFERRED`); err != nil {
		return c, err
	}
	if c.moment, err = momentOf(ctx, conn); err == nil {
		c.Applied, err = compareStaged(ctx, conn, b)
	}
	end := `COMMIT`
	if err != nil {
		end = `ROLLBACK`
	}
	_, e := conn.ExecContext(context.WithoutCancel(ctx), end)
	return c, errors.Join(err, e)
}

// leaving selects the tags t that the bundle takes out.
func leaving(mode string) string {
	const columns = `SELECT t.ref, t.w, t.kind, t.rk FROM `
	if mode == "full" {
		return columns + `tags t WHERE t.clinic = ? AND NOT EXISTS (SELECT 1 FROM temp.staged n WHERE n.ref = t.ref AND n.w = t.w AND NOT n.del)`
	}
	return columns + `temp.staged n CROSS JOIN tags t ON t.clinic = ? AND t.ref = n.ref AND t.w = n.w WHERE n.del`
}

// compareStaged lists in temp.fresh the rows that are new, in temp.dropped those that leave, in temp.deleted of whom the
// bundle deletes any, counts, and refuses a bundle that drops too many. It may be done again.
func compareStaged(ctx context.Context, tx session, b BundleApply) (a Applied, err error) {
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`DROP TABLE IF EXISTS temp.fresh`, nil},
		{`CREATE TEMP TABLE fresh (ref TEXT, w BLOB, kind TEXT, rk TEXT, pk TEXT, tokens BLOB, peppers BLOB, PRIMARY KEY (ref, w)) WITHOUT ROWID`, nil},
		{`INSERT INTO temp.fresh SELECT ref, w, kind, rk, pk, tokens, peppers FROM temp.staged s
			WHERE NOT del AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.clinic = ? AND t.ref = s.ref AND t.w = s.w)`, []any{b.Clinic}},
		{`DROP TABLE IF EXISTS temp.deleted`, nil},
		{`CREATE TEMP TABLE deleted AS SELECT DISTINCT ref FROM temp.staged WHERE del`, nil},
		{`DROP TABLE IF EXISTS temp.dropped`, nil},
		{`CREATE TEMP TABLE dropped (ref TEXT, w BLOB, kind TEXT, rk TEXT, PRIMARY KEY (ref, w)) WITHOUT ROWID`, nil},
		{`INSERT INTO temp.dropped ` + leaving(b.Mode), []any{b.Clinic}},
	} {
		if _, err := tx.ExecContext(ctx, step.query, step.args...); err != nil {
			return a, err
		}
	}
	if a.Added, err = byKind(ctx, tx, `SELECT kind, count(*) FROM temp.fresh GROUP BY kind`); err != nil {
		return a, err
	}
	if a.Removed, err = byKind(ctx, tx, `SELECT kind, count(*) FROM temp.dropped GROUP BY kind`); err != nil {
		return a, err
	}
	before, err := byKind(ctx, tx, `SELECT kind, count(*) FROM tags WHERE clinic = ? GROUP BY kind`, b.Clinic)
	if err != nil {
		return a, err
	}
	a.Kept = map[leak.Kind]int64{}
	var total int64
	for k, n := range before {
		total += n
		if n -= a.Removed[k]; n > 0 {
			a.Kept[k] = n
		}
	}
	if b.Confirm || len(a.Removed) == 0 {
		return a, nil
	}
	dropped, err := dropped(ctx, tx, b)
	if err == nil && dropped*10 > total {
		err = fmt.Errorf("%w: %d of %d", ErrDropTooMany, dropped, total)
	}
	return a, err
}

// dropped counts the rows that nothing replaces. Under another registration key every row is another, so there they are
// compared by person and kind.
func dropped(ctx context.Context, tx session, b BundleApply) (n int64, err error) {
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`DROP TABLE IF EXISTS temp.replacing`, nil},
		{`CREATE TEMP TABLE replacing (ref TEXT, kind TEXT, n INTEGER, PRIMARY KEY (ref, kind)) WITHOUT ROWID`, nil},
		{`INSERT INTO temp.replacing SELECT ref, kind, count(*) FROM temp.fresh
			WHERE EXISTS (SELECT 1 FROM temp.dropped WHERE rk <> ?) GROUP BY ref, kind`, []any{b.RK}},
	} {
		if _, err := tx.ExecContext(ctx, step.query, step.args...); err != nil {
			return 0, err
		}
	}
	err = tx.QueryRowContext(ctx, `SELECT coalesce(sum(max(0, d.n - coalesce(r.n, 0))), 0) FROM
		(SELECT ref, kind, rk <> ? AS old, count(*) n FROM temp.dropped GROUP BY ref, kind, old) d
		LEFT JOIN temp.replacing r ON d.old AND r.ref = d.ref AND r.kind = d.kind`, b.RK).Scan(&n)
	return n, err
}

func replaceTags(ctx context.Context, tx *txn, b BundleApply) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM tags WHERE clinic = ? AND (ref, w) IN (SELECT ref, w FROM temp.dropped)`, b.Clinic); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO tags (clinic, ref, w, kind, rk, pk, added)
		SELECT ?, ref, w, kind, rk, pk, ? FROM temp.fresh ORDER BY ref, w`, b.Clinic, micros(b.Now))
	return err
}
