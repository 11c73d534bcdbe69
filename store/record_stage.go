package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"leakwatch/leak"
)

// stage writes the rows of a large recording in chunks, each in a transaction of its own, under the revision that is
// not true yet. A crash leaves rows that the next recording of the find takes over. They go in by the order of their
// keys, so that a chunk touches few pages of the file.
func (r *recording) stage(ctx context.Context) error {
	r.staged, r.added = true, map[string]int64{}
	seen, tokens := slices.Clone(r.seen), slices.Clone(r.tokens)
	slices.SortFunc(seen, func(a, b leak.Seen) int {
		return cmp.Or(strings.Compare(a.Person.Clinic, b.Person.Clinic), strings.Compare(a.Person.Ref, b.Person.Ref))
	})
	slices.SortFunc(tokens, func(a, b leak.Token) int { return bytes.Compare(a.F[:], b.F[:]) })
	for len(seen)+len(tokens) > 0 {
		n := min(len(seen), stageChunk)
		m := min(len(tokens), stageChunk-n)
		var added map[string]int64
		err := r.s.write(ctx, func(tx *txn) error {
			row, err := r.s.ensureFind(ctx, tx, r.find)
			if err != nil {
				return err
			}
			added, err = r.put(ctx, tx, row, seen[:n], tokens[:m])
			return err
		})
		if err != nil {
			return wrap(err, "stage")
		}
		for clinic, n := range added {
			r.added[clinic] += n
		}
		seen, tokens = seen[n:], tokens[m:]
	}
	return nil
}

// put writes persons and tokens under the pending revision of a find, and says how many rows of persons that made.
func (r *recording) put(ctx context.Context, tx *txn, row findRow, seen []leak.Seen, tokens []leak.Token) (map[string]int64, error) {
	added := map[string]int64{}
	groups := map[[2]string][]string{} // clinic and kinds: refs
	for _, p := range seen {
		k := [2]string{p.Person.Clinic, kindWords(p.Kinds)}
		groups[k] = append(groups[k], p.Person.Ref)
	}
	for _, k := range slices.SortedFunc(maps.Keys(groups), comparePairs) {
		n, err := putPersons(ctx, tx, row, k[0], k[1], asJSON(groups[k]))
		if err != nil {
			return nil, err
		}
		added[k[0]] += n
	}
	return added, putTokens(ctx, tx, row, tokens)
}

func comparePairs(a, b [2]string) int { return slices.Compare(a[:], b[:]) }

// kindWords is a set of kinds as it is stored.
func kindWords(kinds []leak.Kind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// putPersons writes refs, a JSON array, as seen with these kinds. Erased ones are left out, and those who have the very
// same kinds in an earlier revision.
func putPersons(ctx context.Context, tx *txn, row findRow, clinic, kinds, refs string) (int64, error) {
	if err := ensurePersons(ctx, tx, clinic, refs); err != nil {
		return 0, err
	}
	set, err := ensureKindset(ctx, tx, kinds)
	if err != nil {
		return 0, err
	}
	part, err := ensurePart(ctx, tx, row.num, clinic)
	if err != nil || part == 0 {
		return 0, err
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO find_persons (part, person, rev, kindset)
		SELECT ?1, p.id, ?2, ?3 FROM json_each(?4) j CROSS JOIN persons p ON p.clinic = ?5 AND p.ref = j.value
		WHERE NOT EXISTS (SELECT 1 FROM find_persons e WHERE e.part = ?1 AND e.person = p.id AND e.rev < ?2 AND e.kindset = ?3)
		ON CONFLICT (part, person, rev) DO UPDATE SET kindset = excluded.kindset`,
		part, row.pending(), set, refs, clinic)
	if err != nil {
		return 0, wrap(err, "its persons")
	}
	return res.RowsAffected()
}

// clinicErased are clinics that were removed and not added again.
const clinicErased = `erasures e WHERE e.ref = '*' AND NOT EXISTS (SELECT 1 FROM clinics c WHERE c.id = e.clinic)`

// ensurePersons makes the persons that are not there. Who was erased stays away.
func ensurePersons(ctx context.Context, tx *txn, clinic, refs string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO persons (clinic, ref) SELECT ?1, j.value FROM json_each(?2) j
		WHERE NOT EXISTS (SELECT 1 FROM erasures e WHERE e.clinic = ?1 AND e.ref = j.value
			AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.clinic = e.clinic AND t.ref = e.ref))
		AND NOT EXISTS (SELECT 1 FROM `+clinicErased+` AND e.clinic = ?1)
		ON CONFLICT DO NOTHING`, clinic, refs)
	return wrap(err, "persons")
}

// ensurePart gives the number of a clinic's part of a find, 0 when the clinic was erased.
func ensurePart(ctx context.Context, tx *txn, find int64, clinic string) (num int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT num FROM find_clinics WHERE find = ? AND clinic = ?`, find, clinic).Scan(&num)
	if err != sql.ErrNoRows {
		return num, wrap(err, "its part of a clinic")
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO find_clinics (find, clinic)
		SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM `+clinicErased+` AND e.clinic = ?2) RETURNING num`, find, clinic).Scan(&num)
	if err == sql.ErrNoRows {
		return 0, nil
	}
	return num, wrap(err, "its part of a clinic")
}

func ensureKindset(ctx context.Context, tx *txn, kinds string) (num int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT num FROM kindsets WHERE kinds = ?`, kinds).Scan(&num)
	if err != sql.ErrNoRows {
		return num, wrap(err, "kinds")
	}
	if err = tx.QueryRowContext(ctx, `INSERT INTO kindsets (kinds) VALUES (?) RETURNING num`, kinds).Scan(&num); err != nil {
		return 0, wrap(err, "kinds")
	}
	for _, k := range strings.Fields(kinds) {
		if _, err := tx.ExecContext(ctx, `INSERT INTO kindset_kinds (kindset, kind) VALUES (?, ?)`, num, k); err != nil {
			return 0, wrap(err, "kinds")
		}
	}
	return num, nil
}

// tokenGroup is tokens that go into one statement.
type tokenGroup struct {
	key    leak.Token // kind and keys of it
	clinic string     // of the persons; "" for tokens of nobody
}

func putTokens(ctx context.Context, tx *txn, row findRow, tokens []leak.Token) error {
	groups := map[tokenGroup][][2]string{}
	refs := map[string][]string{}
	for _, t := range tokens {
		g := tokenGroup{key: leak.Token{Kind: t.Kind, RK: t.RK, PK: t.PK}, clinic: t.Person.Clinic}
		groups[g] = append(groups[g], [2]string{hex.EncodeToString(t.F[:]), t.Person.Ref})
		if g.clinic != "" {
			refs[g.clinic] = append(refs[g.clinic], t.Person.Ref)
		}
	}
	for clinic, of := range refs {
		if err := ensurePersons(ctx, tx, clinic, asJSON(of)); err != nil {
			return err
		}
	}
	for g, rows := range groups {
		if err := putTokenGroup(ctx, tx, row, g, asJSON(rows)); err != nil {
			return err
		}
	}
	return nil
}

func putTokenGroup(ctx context.Context, tx *txn, row findRow, g tokenGroup, rows string) error {
	key, err := ensureTokenKey(ctx, tx, g.key)
	if err != nil {
		return err
	}
	query := `INSERT INTO tokens (find, f, person, key, rev)
		SELECT ?1, unhex(j.value ->> 0), 0, ?2, ?3 FROM json_each(?4) j WHERE ?5 = '' ON CONFLICT DO NOTHING`
	if g.clinic != "" {
		query = `INSERT INTO tokens (find, f, person, key, rev)
		SELECT ?1, unhex(j.value ->> 0), p.id, ?2, ?3
		FROM json_each(?4) j CROSS JOIN persons p ON p.clinic = ?5 AND p.ref = j.value ->> 1 WHERE true ON CONFLICT DO NOTHING`
	}
	_, err = tx.ExecContext(ctx, query, row.num, key, row.pending(), rows, g.clinic)
	return wrap(err, "its tokens")
}

func ensureTokenKey(ctx context.Context, tx *txn, t leak.Token) (num int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT num FROM token_keys WHERE kind = ? AND rk = ? AND pk = ?`,
		string(t.Kind), t.RK, t.PK).Scan(&num)
	if err == sql.ErrNoRows {
		err = tx.QueryRowContext(ctx, `INSERT INTO token_keys (kind, rk, pk) VALUES (?, ?, ?) RETURNING num`,
			string(t.Kind), t.RK, t.PK).Scan(&num)
	}
	return num, wrap(err, "keys of its tokens")
}
