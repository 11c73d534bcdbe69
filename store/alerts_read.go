package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"leakwatch/leak"
)

// scope is what a principal may see.
type scope struct {
	all    bool
	clinic string // when not all; "" sees nothing
}

// scopeOf reads a principal: a clinic's people see their clinic, others all or the clinic that they ask for; who has
// no role sees nothing.
func scopeOf(p leak.Principal) scope {
	switch p.Role {
	case leak.RoleOperator, leak.RoleInvestigator, leak.RoleSystem:
		return scope{all: p.Clinic == "", clinic: p.Clinic}
	case leak.RoleClinic:
		return scope{clinic: p.Clinic}
	}
	return scope{}
}

// sees says whether a clinic is in the scope. Queries ask the same by seesSQL.
func (sc scope) sees(clinic string) bool { return sc.all || clinic == sc.clinic && clinic != "" }

// seesSQL narrows a query to the clinics of a scope, by two arguments: all, clinic.
func seesSQL(column string) string { return fmt.Sprintf(` (? OR %s = ?) `, column) }

func (sc scope) args(more ...any) []any { return append(more, sc.all, sc.clinic) }

// alert reads an alert as it stands now. facts says whether they were counted for it, or are those that are stored.
func (s *Store) alert(ctx context.Context, q queryer, where string, args ...any) (a leak.Alert, row alertRow, facts alertFacts, err error) {
	var factsOf int64
	var firstAt, acked, aware sql.NullInt64
	var leakID sql.NullString
	err = row.scan(func(to ...any) error {
		to = append(to, &leakID, &a.FirstPlace, &firstAt, jsonTo(&facts), &factsOf, &acked, &a.AckedBy, &aware, &a.AwareWhy)
		return q.QueryRowContext(ctx, `SELECT `+alertColumns+`, l.id, a.first_place, a.first_at, a.facts, a.facts_changes,
			a.acked_at, a.acked_by, a.aware_at, a.aware_why FROM alerts a LEFT JOIN leaks l ON l.num = a.leak WHERE `+where, args...).Scan(to...)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return a, row, facts, wrap(err, "read alert")
	}
	if factsOf != row.changes && !row.test {
		if facts, err = s.countAlert(ctx, q, row.num); err != nil {
			return a, row, facts, err
		}
	}
	a.Leak, a.FirstAt, a.Acknowledged, a.AwareAt = leakID.String, fromMicros(firstAt), fromMicros(acked), fromMicros(aware)
	row.fill(&a)
	facts.fill(&a, row)
	a.LiveCopies, err = s.liveCopies(ctx, q, row.num)
	return a, row, facts, err
}

func (row alertRow) fill(a *leak.Alert) {
	a.ID, a.Clinic, a.Event, a.Test = row.id, row.clinic, row.event, row.test
	a.Opened, a.WindowEnds, a.Revision = row.opened, row.windowEnds, int(max(row.revision, 1))
}

func (f alertFacts) fill(a *leak.Alert, row alertRow) {
	a.Confidence, a.Reasons, a.Nature = max(f.Confidence, row.confidence), f.Reasons, f.Nature
	a.Persons, a.SeenBefore, a.Patients, a.Kinds, a.Candidates = f.Persons, f.SeenBefore, f.Patients, f.Kinds, f.Candidates
	a.Terms = f.Terms
	a.Finds, a.Places, a.Sources, a.Complete = f.Finds, f.Places, f.Sources, f.Complete
	a.Published, a.ListedAt, a.FetchedAt, a.MatchedAt = f.Published, f.ListedAt, f.FetchedAt, f.MatchedAt
}
