package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"leakwatch/leak"
)

const (
	stageFrom  = 4000 // rows of one recording from which on they are staged before, and of a find to be surveyed before
	stageChunk = 8000 // rows in one transaction of the staging, and of the purge
	surveys    = 3    // surveys outside the transaction before one is made inside it
)

// errStale says that a survey no longer holds: what it counted has changed since.
var errStale = errors.New("the survey is stale")

// recording is one call of Record.
type recording struct {
	s      *Store
	find   leak.Find
	seen   []leak.Seen
	tokens []leak.Token
	decide func(leak.Known) leak.News
	staged bool
	added  map[string]int64 // by clinic, the rows of persons and the watch terms that this recording brought
}

// Record writes one revision of a find with what was newly seen since the one before, and what follows from it: its
// place in a leak, its need to be indexed, alerts and deliveries, the watch on its place. All of that becomes true in
// one transaction. Doing it again is harmless: the same find, the same alert, no second message. More than a few
// thousand rows are staged before, and so is the counting of a large find, so that other writers wait for neither.
// Persons of a clinic that was erased while the document was read are left out.
func (s *Store) Record(ctx context.Context, f leak.Find, seen []leak.Seen, tokens []leak.Token,
	decide func(leak.Known) leak.News) (leak.News, error) {
	if f.ID == "" || f.VersionID == "" || f.Item.Place.IsZero() {
		return leak.News{}, errors.New("record find: no id, version or place")
	}
	r := &recording{s: s, find: f, seen: seen, tokens: tokens, decide: decide}
	large, err := s.large(ctx, s.read(), f.ID)
	if err == nil && (large || len(seen)+len(tokens) > stageFrom) {
		err = r.stage(ctx)
	}
	if err != nil {
		return leak.News{}, fmt.Errorf("record find %s: %w", f.ID, err)
	}
	news, err := r.run(ctx)
	if err != nil {
		return leak.News{}, fmt.Errorf("record find %s: %w", f.ID, err)
	}
	return news, nil
}

// run makes the recording true. A survey that went stale is made again; the last one is made inside the transaction,
// where nothing can change.
func (r *recording) run(ctx context.Context) (news leak.News, err error) {
	for try := 0; ; try++ {
		var before *survey
		if try < surveys {
			if before, err = r.surveyBefore(ctx); err != nil {
				return leak.News{}, err
			}
		}
		last := try == surveys
		err = r.s.write(ctx, func(tx *txn) error {
			news, err = r.commit(ctx, tx, before, last)
			return err
		})
		if !errors.Is(err, errStale) {
			return news, err
		}
	}
}

// commit is the last transaction of a recording.
func (r *recording) commit(ctx context.Context, tx *txn, before *survey, last bool) (leak.News, error) {
	row, err := r.s.ensureFind(ctx, tx, r.find)
	if err != nil {
		return leak.News{}, err
	}
	if !r.staged {
		if r.added, err = r.put(ctx, tx, row, r.seen, r.tokens); err != nil {
			return leak.News{}, err
		}
	}
	if err := r.s.putFacts(ctx, tx, row, r.find, r.added); err != nil {
		return leak.News{}, err
	}
	sv, err := r.fresh(ctx, tx, row, before, last)
	if err != nil {
		return leak.News{}, err
	}
	known, err := r.s.known(ctx, tx, row, sv)
	if err != nil {
		return leak.News{}, err
	}
	news := r.decide(known)
	if err := r.s.publish(ctx, tx, row, sv); err != nil {
		return leak.News{}, err
	}
	if news.Join.Leak != "" { // else it names a clinic, and holds nobody
		if err := r.s.putLineage(ctx, tx, row, known, news); err != nil {
			return leak.News{}, err
		}
	}
	if err := r.s.putNews(ctx, tx, row, news, r.added); err != nil {
		return leak.News{}, err
	}
	if err := r.s.putWatch(ctx, tx, row, r.find); err != nil {
		return leak.News{}, err
	}
	return news, r.s.lateUnderWay(ctx, tx, row)
}

// findRow is what a recording knows of its find's row.
type findRow struct {
	num        int64
	id         string
	revision   int64 // 0 while nothing of it can be seen
	item       []byte
	collection int64
	final      bool
	weight     int64 // of the tally that is stored
	now        time.Time
}

// pending is the revision that this recording makes true.
func (f findRow) pending() int64 { return f.revision + 1 }

// ensureFind gives the find's row, which is made, invisible, at the first sight of the find.
func (s *Store) ensureFind(ctx context.Context, tx *txn, f leak.Find) (findRow, error) {
	row := findRow{id: f.ID, now: s.now().Truncate(time.Microsecond)}
	err := tx.QueryRowContext(ctx, `SELECT num, revision, item, collection, final, tally FROM finds WHERE id = ?`, f.ID).
		Scan(&row.num, &row.revision, &row.item, &row.collection, &row.final, jsonTo(&weigher{&row.weight}))
	if errors.Is(err, sql.ErrNoRows) {
		return s.insertFind(ctx, tx, row, f)
	}
	return row, wrap(err, "read its row")
}

func (s *Store) insertFind(ctx context.Context, tx *txn, row findRow, f leak.Find) (findRow, error) {
	var err error
	if row.collection, err = s.ensureCollection(ctx, tx, f.Item); err != nil {
		return row, err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM removed_finds WHERE id = ?`, f.ID); err != nil {
		return row, wrap(err, "insert its row")
	}
	row.item = f.Item.Key[:]
	sealed, shown := s.sealPlace(f.Item.Place)
	err = tx.QueryRowContext(ctx, `INSERT INTO finds (id, version, source, item, collection, place_sealed, place_shown,
			host_shown, title, poster, listing, published_from, published_to, size_min, size_max, recorded_at, expires_at,
			tokens_expire_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING num`,
		f.ID, f.VersionID, f.Item.Source, row.item, row.collection, sealed, shown,
		shownHost(shown), f.Item.Title, f.Item.Poster, f.Item.Listing, nullMicros(f.Item.Published.From),
		nullMicros(f.Item.Published.To), f.Item.Size.Min, f.Item.Size.Max, micros(row.now),
		micros(row.now.Add(keep(s.retention.Finds))), micros(row.now.Add(keep(s.retention.Tokens)))).Scan(&row.num)
	return row, wrap(err, "insert its row")
}

// ensureCollection gives the number of an item's collection. An item of none is one of its own.
func (s *Store) ensureCollection(ctx context.Context, tx *txn, i leak.Item) (num int64, err error) {
	key := i.Collection
	if key == (leak.Digest{}) {
		key = i.Key
	}
	err = tx.QueryRowContext(ctx, `SELECT num FROM collections WHERE key = ?`, key[:]).Scan(&num)
	if errors.Is(err, sql.ErrNoRows) {
		sealed, shown := s.sealPlace(i.Group)
		err = tx.QueryRowContext(ctx, `INSERT INTO collections (key, place_sealed, place_shown) VALUES (?, ?, ?) RETURNING num`,
			key[:], sealed, shown).Scan(&num)
	}
	return num, wrap(err, "its collection")
}

// putFacts writes what was counted. A reading that began anew after a crash counts from zero: until it has caught up,
// what was counted before stays. Watch terms that it did not name before are counted as added.
func (s *Store) putFacts(ctx context.Context, tx *txn, row findRow, f leak.Find, added map[string]int64) error {
	if !f.Final && (row.final || weight(f.Tally) < row.weight) {
		return nil
	}
	total := f.Tally
	total.Clinics = nil
	fetched := f.Outcome.FetchedAt
	f.Outcome.MediaType = mediaType(f.Outcome.MediaType)
	_, err := tx.ExecContext(ctx, `UPDATE finds SET final = ?, shape = ?, media_type = ?, tally = ?, candidates = ?,
			outcome = ?, result = ?, completeness = ?, indicators = ?, config = ?, listed_at = ?, fetched_at = ?,
			matched_at = coalesce(matched_at, ?)
		WHERE num = ?`,
		f.Final, f.Shape, f.Outcome.MediaType, asJSON(total), asJSON(orEmpty(f.Tally.Candidates)),
		asJSON(f.Outcome), string(resultOf(f)), string(f.Outcome.Completeness), asJSON(s.indicators(f.Indicators)), f.Config,
		nullMicros(f.ListedAt), nullMicros(fetched), micros(orTime(f.MatchedAt, row.now)), row.num)
	if err != nil {
		return wrap(err, "its facts")
	}
	for _, clinic := range slices.Sorted(maps.Keys(f.Tally.Clinics)) {
		t, v := f.Tally.Clinics[clinic], f.Verdicts[clinic]
		if t == nil || v.Confidence == leak.None && t.Persons == 0 && len(t.Terms) == 0 {
			continue
		}
		if len(t.Terms) > 0 {
			var before int64
			if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(terms), 0) FROM find_clinics WHERE find = ? AND clinic = ?`, row.num, clinic).Scan(&before); err != nil {
				return wrap(err, "its terms")
			}
			added[clinic] += max(0, int64(len(t.Terms))-before)
		}
		if err := s.putPart(ctx, tx, row.num, clinic, *t, v); err != nil {
			return err
		}
	}
	return nil
}

// resultOf is what a find is of: patients, or only the name of a clinic.
func resultOf(f leak.Find) leak.Result {
	if f.Best() == leak.None && f.Named() > 0 {
		return leak.Mentioned
	}
	return leak.Matched
}

// indicators lets through what can be nobody's name. A server may put anything into an ETag: one that is not plainly a
// number is kept as its keyed digest, by which the same one is found again.
func (s *Store) indicators(in []leak.Indicator) []leak.Indicator {
	out := []leak.Indicator{}
	for _, i := range in {
		if strings.Trim(i.Value, `0123456789abcdefABCDEF-:."/W`) != "" {
			i.Value = "k-" + s.places.Digest(i.Value).String()
		}
		out = append(out, i)
	}
	return out
}

// putPart writes one clinic's part of a find, unless the clinic was erased.
func (s *Store) putPart(ctx context.Context, tx *txn, find int64, clinic string, t leak.ClinicTally, v leak.Verdict) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO find_clinics (find, clinic, confidence, nature, reasons, tally, patients, terms)
		SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM `+clinicErased+` AND e.clinic = ?)
		ON CONFLICT (find, clinic) DO UPDATE SET confidence = excluded.confidence, nature = excluded.nature,
			reasons = excluded.reasons, tally = excluded.tally, patients = excluded.patients, terms = excluded.terms`,
		find, clinic, v.Confidence, string(v.Nature), asJSON(orNone(v.Reasons)), asJSON(t), t.Patients, len(t.Terms), clinic)
	return wrap(err, "its part of a clinic")
}

// publish makes the pending revision true.
func (s *Store) publish(ctx context.Context, tx *txn, row findRow, sv *survey) error {
	for part, n := range sv.persons {
		if _, err := tx.ExecContext(ctx, `UPDATE find_clinics SET persons = ? WHERE num = ?`, n, part); err != nil {
			return wrap(err, "count its persons")
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE lineage SET seq = seq + 1`); err != nil {
		return wrap(err, "count the lineage")
	}
	_, err := tx.ExecContext(ctx, `UPDATE finds SET revision = ?, seq = (SELECT seq FROM lineage) WHERE num = ?`,
		row.pending(), row.num)
	if err != nil {
		return wrap(err, "its revision")
	}
	return s.indexDue(ctx, tx, row.num)
}

// weight is how much a tally has counted. It only grows while a document is read.
func weight(t leak.Tally) int64 {
	n := t.Names
	for _, c := range t.Candidates {
		n += c
	}
	return n
}
