package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"leakwatch/leak"
)

// changesKept is how many changes of people the store remembers. Who is further behind loads the whole registry.
const changesKept = 500_000

// rowsOf is all rows of a person as one value, to be read by people.tags: a value a person costs a third of a row each.
const rowsOf = `CAST(group_concat(t.w || t.kind || x'00' || t.rk || x'00' || t.pk || x'00', '') AS BLOB)`

// Registry is the whole registry, as it was when the store was asked, or newer.
type Registry struct {
	Generation int64 // that it is of, or newer than: what changes while it is read is in Changes since this one
	Rows       int64 // about how many there are
	// Parts are read once each, by a goroutine of its own each, by person. A Registration's Tags are used again for the
	// next one. An error comes as the last one of a part. Each part holds a connection of its own, to its end.
	Parts []iter.Seq2[leak.Registration, error]
}

// Registry gives the registry, in so many parts of about the same size.
func (s *Store) Registry(ctx context.Context, parts int) (r Registry, err error) {
	if r.Generation, err = s.Generation(ctx); err != nil {
		return r, err
	}
	// What the last bundle of each clinic left; who was erased since is too few to matter.
	err = s.read().QueryRowContext(ctx, `SELECT CAST(total((SELECT total(value) FROM json_each(added)) + (SELECT total(value) FROM json_each(kept))) AS INTEGER)
		FROM bundles WHERE id IN (SELECT max(id) FROM bundles GROUP BY clinic)`).Scan(&r.Rows)
	if err != nil {
		return r, fmt.Errorf("registry: %w", err)
	}
	rows, err := s.read().QueryContext(ctx, `SELECT id FROM clinics ORDER BY id`)
	if err != nil {
		return r, fmt.Errorf("registry: %w", err)
	}
	clinics, err := scanAll[string](rows)
	if err != nil {
		return r, fmt.Errorf("registry: %w", err)
	}
	for i := range parts {
		r.Parts = append(r.Parts, s.part(ctx, clinics, refBorder(i, parts), refBorder(i+1, parts)))
	}
	return r, nil
}

// refBorder is where a part of the references begins: they are base32 of random bytes, so their first letters are even.
func refBorder(i, parts int) any {
	const letters = "234567ABCDEFGHIJKLMNOPQRSTUVWXYZ" // in the order of the table
	switch i {
	case 0:
		return ""
	case parts:
		return []byte{0} // any text is less than any blob
	}
	n := i * len(letters) * len(letters) / parts
	return letters[n/len(letters):][:1] + letters[n%len(letters):][:1]
}

// part gives those people of each clinic whose references lie in a range.
func (s *Store) part(ctx context.Context, clinics []string, from, to any) iter.Seq2[leak.Registration, error] {
	return func(yield func(leak.Registration, error) bool) {
		// Its own, and small: what is read once is not worth the readers' memory.
		db, err := sql.Open("sqlite", dsn(s.path, smallCache, "_pragma=query_only(1)"))
		if err != nil {
			yield(leak.Registration{}, fmt.Errorf("registry: %w", err))
			return
		}
		defer db.Close()
		p := people{words: map[string]rowWords{}}
		for _, clinic := range clinics {
			if !p.each(ctx, db, yield, `SELECT ?1, t.ref, `+rowsOf+` FROM tags t WHERE t.clinic = ?1 AND t.ref >= ?2 AND t.ref < ?3 GROUP BY t.ref`,
				clinic, from, to) {
				return
			}
		}
	}
}

// Changes gives the people whose rows changed since a generation, with all rows that they have now, none for those who
// have none any more. A registration without a reference says that the whole clinic was removed; these come first. known is
// false when the store does not know any more what changed.
func (s *Store) Changes(ctx context.Context, since int64) (changed iter.Seq2[leak.Registration, error], known bool, err error) {
	var from, generation int64
	err = s.read().QueryRowContext(ctx, `SELECT (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'generation'),
		(SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'changes_since')`).Scan(&generation, &from)
	if err != nil {
		return nil, false, fmt.Errorf("registry changes: %w", err)
	}
	if since < from || since > generation {
		return nil, false, nil
	}
	return func(yield func(leak.Registration, error) bool) {
		p := people{words: map[string]rowWords{}}
		p.each(ctx, s.read(), yield, `SELECT c.clinic, c.ref, (SELECT `+rowsOf+` FROM tags t WHERE t.clinic = c.clinic AND t.ref = c.ref)
			FROM (SELECT DISTINCT clinic, ref FROM tag_changes WHERE generation > ?) c ORDER BY c.ref <> '', c.clinic, c.ref`, since)
	}, true, nil
}

// people reads registrations.
type people struct {
	words map[string]rowWords // by how they stand in rowsOf
	tags  []leak.Tag
}

// rowWords is what many rows have in common.
type rowWords struct {
	kind   leak.Kind
	rk, pk string
}

// each hands out what a query gives, and says whether there may be more.
func (p *people) each(ctx context.Context, q queryer, yield func(leak.Registration, error) bool, query string, args ...any) bool {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		yield(leak.Registration{}, fmt.Errorf("registry: %w", err))
		return false
	}
	defer rows.Close()
	for rows.Next() {
		var packed sql.RawBytes
		var r leak.Registration
		if err = rows.Scan(&r.Person.Clinic, &r.Person.Ref, &packed); err == nil {
			err = p.unpack(r.Person, packed)
		}
		if err != nil {
			yield(leak.Registration{}, fmt.Errorf("registry: %w", err))
			return false
		}
		r.Tags = p.tags
		if !yield(r, nil) {
			return false
		}
	}
	if err := rows.Err(); err != nil {
		yield(leak.Registration{}, fmt.Errorf("registry: %w", err))
		return false
	}
	return true
}

var errPacked = errors.New("a row that is damaged")

// unpack reads rowsOf.
func (p *people) unpack(who leak.Person, packed []byte) error {
	p.tags = p.tags[:0]
	for len(packed) > 0 {
		t := leak.Tag{Clinic: who.Clinic, Ref: who.Ref}
		if len(packed) < len(t.W) {
			return errPacked
		}
		copy(t.W[:], packed)
		packed = packed[len(t.W):]
		end := 0
		for range 3 {
			i := bytes.IndexByte(packed[end:], 0)
			if i < 0 {
				return errPacked
			}
			end += i + 1
		}
		w, ok := p.words[string(packed[:end])]
		if !ok {
			text := strings.Split(string(packed[:end]), "\x00")
			w = rowWords{leak.Kind(text[0]), text[1], text[2]}
			p.words[string(packed[:end])] = w
		}
		t.Kind, t.RK, t.PK = w.kind, w.rk, w.pk
		p.tags, packed = append(p.tags, t), packed[end:]
	}
	return nil
}

// noteChanges remembers whose rows change with a generation: query gives a clinic and a reference, its arguments count
// from ?2 on. It goes before the change where the query reads what will be gone.
func noteChanges(ctx context.Context, tx *txn, generation int64, query string, args ...any) error {
	res, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO tag_changes (generation, clinic, ref) SELECT ?1, * FROM (`+query+`)`,
		append([]any{generation}, args...)...)
	if err != nil {
		return wrap(err, "registry changes")
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return wrap(err, "registry changes")
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO tag_generations (generation, people) VALUES (?1, ?2)
		ON CONFLICT DO UPDATE SET people = people + excluded.people`, generation, n); err != nil {
		return wrap(err, "registry changes")
	}
	return trimChanges(ctx, tx)
}

// trimChanges drops the oldest generations of more changes than are kept.
func trimChanges(ctx context.Context, tx *txn) error {
	var last int64
	err := tx.QueryRowContext(ctx, `SELECT coalesce(max(generation), 0) FROM
		(SELECT generation, sum(people) OVER (ORDER BY generation DESC) total FROM tag_generations) WHERE total > ?`, changesKept).Scan(&last)
	if err != nil || last == 0 {
		return wrap(err, "registry changes")
	}
	for _, query := range []string{
		`DELETE FROM tag_changes WHERE generation <= ?`,
		`DELETE FROM tag_generations WHERE generation <= ?`,
		`UPDATE meta SET value = CAST(max(CAST(value AS INTEGER), ?) AS TEXT) WHERE name = 'changes_since'`,
	} {
		if _, err := tx.ExecContext(ctx, query, last); err != nil {
			return wrap(err, "registry changes")
		}
	}
	return nil
}
