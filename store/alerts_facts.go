package store

import (
	"context"
	"database/sql"
	"maps"
	"math"
	"math/bits"
	"slices"
	"time"

	"leakwatch/leak"
)

// alertFacts are what is counted over the finds of an alert. They are counted when somebody asks, not with every find
// that is folded in: a folder of 30,000 files would be counted 30,000 times.
type alertFacts struct {
	Confidence leak.Confidence
	Reasons    []string
	Nature     leak.Nature
	Persons    int
	SeenBefore int
	Patients   int64
	Kinds      map[leak.Kind]int
	Candidates map[leak.Kind]int64
	Terms      map[string]int `json:",omitempty"`
	Finds      int
	Places     []string
	Sources    []string
	Published  leak.Stamp
	ListedAt   time.Time
	FetchedAt  time.Time
	MatchedAt  time.Time
	Complete   bool
}

// Whose persons an alert is about: c is its clinic's part of one of its finds (af, o), p a person of it. A late alert is
// about those who were registered late, a look about all, any other about those who were seen when the find was read.
const alertPersons = ` FROM alerts a
	CROSS JOIN alert_finds af ON af.alert = a.num
	CROSS JOIN finds o ON o.num = af.find
	CROSS JOIN find_clinics c ON c.find = o.num AND c.clinic = a.clinic
	CROSS JOIN find_persons p ON p.part = c.num AND p.rev <= o.revision
	 AND (p.late = 0 AND (a.event <> 'late' OR c.event = 'late') OR a.event IN ('gone', 'back') OR p.late = a.num)
	WHERE a.num = ?1 `

// toldBefore asks whether a person of an alert was in a find of the same leak that the clinic was told of before, by an
// earlier alert.
const toldBefore = `EXISTS (SELECT 1 FROM find_persons q
	CROSS JOIN find_clinics qc ON qc.num = q.part AND qc.event <> '' AND qc.told_at <= a.opened_at
	CROSS JOIN finds g ON g.num = qc.find AND q.rev <= g.revision
	CROSS JOIN memberships m ON m.find = g.num AND m.to_at IS NULL AND m.leak = a.leak
	WHERE q.person = p.person AND (q.late = 0 OR q.late BETWEEN 1 AND a.num - 1)
	AND EXISTS (SELECT 1 FROM alert_finds x CROSS JOIN alerts b ON b.num = x.alert AND b.clinic = a.clinic AND b.num < a.num WHERE x.find = g.num))`

// countAlert counts an alert's facts afresh.
func (s *Store) countAlert(ctx context.Context, q queryer, num int64) (alertFacts, error) {
	f := alertFacts{Kinds: map[leak.Kind]int{}, Candidates: map[leak.Kind]int64{}}
	for _, count := range []func(context.Context, queryer, int64, *alertFacts) error{
		s.countAlertPersons, s.countAlertKinds, s.countAlertFinds, s.alertPlaces, s.alertTerms, s.alertVerdict,
	} {
		if err := count(ctx, q, num, &f); err != nil {
			return f, wrap(err, "count an alert")
		}
	}
	return f, nil
}

func (s *Store) countAlertPersons(ctx context.Context, q queryer, num int64, f *alertFacts) error {
	return q.QueryRowContext(ctx, `SELECT count(DISTINCT p.person), count(DISTINCT CASE WHEN `+toldBefore+` THEN p.person END)`+
		alertPersons, num).Scan(&f.Persons, &f.SeenBefore)
}

func (s *Store) countAlertKinds(ctx context.Context, q queryer, num int64, f *alertFacts) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		var k leak.Kind
		var n int
		err := rows.Scan(&k, &n)
		f.Kinds[k] = n
		return err
	}, `SELECT k.kind, count(DISTINCT x.person) FROM (SELECT DISTINCT p.person, p.kindset`+alertPersons+`) x
		CROSS JOIN kindset_kinds k ON k.kindset = x.kindset GROUP BY k.kind`, num)
}

func (s *Store) countAlertFinds(ctx context.Context, q queryer, num int64, f *alertFacts) error {
	var from, to, listed, fetched, matched sql.NullInt64
	err := q.QueryRowContext(ctx, `SELECT count(*), min(o.published_from), min(CASE WHEN o.published_from IS NOT NULL THEN o.published_to END),
			min(o.listed_at), min(o.fetched_at), min(o.matched_at), coalesce(min(o.final AND o.completeness = 'whole'), 0)
		FROM alert_finds af CROSS JOIN finds o ON o.num = af.find WHERE af.alert = ?`, num).
		Scan(&f.Finds, &from, &to, &listed, &fetched, &matched, &f.Complete)
	if err != nil {
		return err
	}
	f.Published = leak.Stamp{From: fromMicros(from), To: fromMicros(to)}
	f.ListedAt, f.FetchedAt, f.MatchedAt = fromMicros(listed), fromMicros(fetched), fromMicros(matched)
	return s.countAlertCandidates(ctx, q, num, f)
}

// countAlertCandidates says how many identifiers of a kind the data of all finds holds together. Copies hold the same
// ones, and a find keeps no list of its strangers: they are taken to be repeated as often as the clinic's own people
// are. So two copies of 40 patients and 5 others hold 45, and a thousand files of one patient each hold a thousand.
// There are never fewer than in one find.
func (s *Store) countAlertCandidates(ctx context.Context, q queryer, num int64, f *alertFacts) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		var k leak.Kind
		var sum, most, persons int64
		if err := rows.Scan(&k, &sum, &most, &persons); err != nil {
			return err
		}
		f.Candidates[k] = distinct(sum, most, persons, int64(f.Kinds[k]))
		return nil
	}, `SELECT j.key, sum(j.value), max(j.value), coalesce(sum(c.tally -> 'Kinds' ->> j.key), 0)
		FROM alerts a CROSS JOIN alert_finds af ON af.alert = a.num CROSS JOIN finds o ON o.num = af.find
		CROSS JOIN json_each(o.candidates) j LEFT JOIN find_clinics c ON c.find = o.num AND c.clinic = a.clinic
		WHERE a.num = ? GROUP BY j.key`, num)
}

// distinct estimates how many there are, when all finds have sum of them, one has the most, and the persons that the
// finds have one by one are only so many people. Where the finds have nobody of the kind, nothing says what is repeated.
func distinct(sum, most, persons, people int64) int64 {
	if persons <= people || people == 0 {
		return sum
	}
	return max(most, int64(math.Round(float64(sum)*float64(people)/float64(persons))))
}

const placesTold = 10

// alertPlaces names the places: of several finds in one folder, the folder.
func (s *Store) alertPlaces(ctx context.Context, q queryer, num int64, f *alertFacts) error {
	err := each(ctx, q, func(rows *sql.Rows) error {
		var p string
		err := rows.Scan(&p)
		f.Places = append(f.Places, p)
		return err
	}, `SELECT CASE WHEN count(*) > 1 AND l.place_shown <> '' THEN l.place_shown ELSE min(o.place_shown) END
		FROM alert_finds af CROSS JOIN finds o ON o.num = af.find CROSS JOIN collections l ON l.num = o.collection
		WHERE af.alert = ? GROUP BY l.num, CASE WHEN l.place_shown = '' THEN o.item END ORDER BY min(o.num) LIMIT ?`, num, placesTold)
	if err != nil {
		return err
	}
	return each(ctx, q, func(rows *sql.Rows) error {
		var p string
		err := rows.Scan(&p)
		f.Sources = append(f.Sources, p)
		return err
	}, `SELECT DISTINCT o.source FROM alert_finds af CROSS JOIN finds o ON o.num = af.find WHERE af.alert = ? ORDER BY 1`, num)
}

// alertVerdict is that of the surest find, or of all finds together when that says as much: 2,000 files with one
// person each say more than one of them does.
func (s *Store) alertVerdict(ctx context.Context, q queryer, num int64, f *alertFacts) error {
	var best leak.ClinicTally
	var clinic string
	var names, most, persons int64
	err := q.QueryRowContext(ctx, `SELECT c.clinic, c.confidence, c.reasons, c.nature, c.tally, c.patients
		FROM alerts a CROSS JOIN alert_finds af ON af.alert = a.num CROSS JOIN find_clinics c ON c.find = af.find AND c.clinic = a.clinic
		WHERE a.num = ? ORDER BY c.confidence DESC, c.persons DESC, c.num LIMIT 1`, num).
		Scan(&clinic, &f.Confidence, jsonTo(&f.Reasons), &f.Nature, jsonTo(&best), &f.Patients)
	if err == sql.ErrNoRows || err != nil || f.Finds < 2 {
		return ignoreNoRows(err)
	}
	err = q.QueryRowContext(ctx, `SELECT coalesce(sum(o.tally ->> 'Names'), 0), coalesce(max(o.tally ->> 'Names'), 0),
			coalesce(sum(c.tally -> 'Kinds' ->> 'name'), 0)
		FROM alerts a CROSS JOIN alert_finds af ON af.alert = a.num CROSS JOIN finds o ON o.num = af.find
		LEFT JOIN find_clinics c ON c.find = o.num AND c.clinic = a.clinic WHERE a.num = ?`, num).Scan(&names, &most, &persons)
	if err != nil {
		return err
	}
	names = distinct(names, most, persons, int64(f.Kinds[leak.Name]))
	all := leak.ClinicTally{Registered: best.Registered, Patients: best.Patients, Persons: int64(f.Persons),
		Kinds: map[leak.Kind]int64{}, Hits: map[leak.Kind]int64{}, Lesser: map[leak.Kind]int64{}}
	for k, n := range f.Kinds { // distinct persons: an identifier in ten copies is one hit
		all.Kinds[k], all.Hits[k] = int64(n), int64(n)
	}
	err = each(ctx, q, func(rows *sql.Rows) error {
		var k leak.Kind
		var n int64
		err := rows.Scan(&k, &n)
		all.Lesser[k] = min(n, all.Hits[k])
		return err
	}, `SELECT j.key, sum(j.value) FROM alerts a CROSS JOIN alert_finds af ON af.alert = a.num
		CROSS JOIN find_clinics c ON c.find = af.find AND c.clinic = a.clinic CROSS JOIN json_each(c.tally -> 'Lesser') j
		WHERE a.num = ? GROUP BY j.key`, num)
	if err != nil {
		return err
	}
	v := leak.Judge(leak.Tally{Candidates: f.Candidates, Names: names, Clinics: map[string]*leak.ClinicTally{clinic: &all}}, clinic)
	if v.Confidence >= f.Confidence {
		f.Confidence, f.Reasons, f.Nature = v.Confidence, v.Reasons, v.Nature
	}
	return nil
}

func ignoreNoRows(err error) error {
	if err == sql.ErrNoRows {
		return nil
	}
	return err
}

// together is the confidence of an alert with all its finds taken together. That is counted now and then: at the 16th
// change, the 32nd, the 64th and so on.
func (s *Store) together(ctx context.Context, tx *txn, a alertRow) (leak.Confidence, error) {
	if a.changes < 16 || bits.OnesCount64(uint64(a.changes)) != 1 || a.confidence == leak.Confirmed {
		return a.confidence, nil
	}
	f, err := s.countAlert(ctx, tx, a.num)
	return max(a.confidence, f.Confidence), err
}

// liveCopies counts the places with the clinic's people that are still there, over the whole leak.
func (s *Store) liveCopies(ctx context.Context, q queryer, num int64) (n int, err error) {
	err = q.QueryRowContext(ctx, `SELECT count(DISTINCT o.item) FROM alerts a
		CROSS JOIN memberships m ON m.leak = a.leak AND m.to_at IS NULL
		CROSS JOIN finds o ON o.num = m.find AND o.live = 1 AND o.revision > 0
		CROSS JOIN find_clinics c ON c.find = o.num AND c.clinic = a.clinic AND c.confidence >= ?
		WHERE a.num = ?`, s.rules.Minimum, num).Scan(&n)
	return n, wrap(err, "live copies")
}

// sameCounts says that there is nothing to tell beyond what was told.
func sameCounts(a, b leak.Alert) bool {
	return a.Persons == b.Persons && a.SeenBefore == b.SeenBefore && a.Finds == b.Finds && a.Confidence == b.Confidence &&
		maps.Equal(a.Kinds, b.Kinds) && maps.Equal(a.Terms, b.Terms) && slices.Equal(a.Sources, b.Sources)
}
