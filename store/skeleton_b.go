package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"leakwatch/leak"
)

var errNotYet = errors.New("not built yet")

func (s *Store) Record(ctx context.Context, f leak.Find, seen []leak.Seen, tokens []leak.Token, decide func(leak.Known) leak.News) (leak.News, error) {
	return leak.News{}, errNotYet
}
func (s *Store) LeaseWatches(ctx context.Context, worker string, n int, ttl time.Duration) ([]leak.Watch, error) {
	return nil, errNotYet
}
func (s *Store) FinishWatch(ctx context.Context, version string, l leak.Liveness, next time.Time) error {
	return errNotYet
}
func (s *Store) LeaseDeliveries(ctx context.Context, worker string, n int, ttl time.Duration) ([]leak.Delivery, error) {
	return nil, errNotYet
}
func (s *Store) FinishDelivery(ctx context.Context, id string, at time.Time) error { return errNotYet }
func (s *Store) RetryDelivery(ctx context.Context, id, reason string, next time.Time) error {
	return errNotYet
}
func (s *Store) RetryDead(ctx context.Context, ids ...string) (int64, error)       { return 0, errNotYet }
func (s *Store) TellOperator(ctx context.Context, key, subject, text string) error { return errNotYet }
func (s *Store) LeaseUnindexed(ctx context.Context, worker string, n int, ttl time.Duration) ([]leak.IndexDoc, error) {
	return nil, errNotYet
}
func (s *Store) FinishIndexed(ctx context.Context, docs []leak.IndexDoc) error { return errNotYet }
func (s *Store) RetryIndexed(ctx context.Context, docs []leak.IndexDoc, reason string, next time.Time) error {
	return errNotYet
}
func (s *Store) ReindexAll(ctx context.Context) (int64, error) { return 0, errNotYet }
func (s *Store) Purge(ctx context.Context) (gone map[string]int64, evidence []string, err error) {
	return nil, nil, errNotYet
}
func (s *Store) Daily(ctx context.Context) error                          { return errNotYet }
func (s *Store) HoldFind(ctx context.Context, id string, hold bool) error { return errNotYet }
func (s *Store) FindsByTokens(ctx context.Context, p leak.Principal, tokens []leak.Token) ([]Sighting, error) {
	return nil, errNotYet
}
func (s *Store) Find(ctx context.Context, p leak.Principal, id string) (FindDetail, error) {
	return FindDetail{}, errNotYet
}
func (s *Store) Alerts(ctx context.Context, p leak.Principal, f AlertFilter) ([]leak.Alert, error) {
	return nil, errNotYet
}
func (s *Store) Alert(ctx context.Context, p leak.Principal, id string) (AlertDetail, error) {
	return AlertDetail{}, errNotYet
}
func (s *Store) AckAlert(ctx context.Context, p leak.Principal, id, by string, awareAt time.Time, why string) error {
	return errNotYet
}
func (s *Store) AlertRefs(ctx context.Context, p leak.Principal, id string) ([]AlertRef, error) {
	return nil, errNotYet
}
func (s *Store) TestAlert(ctx context.Context, p leak.Principal, clinic string) (id string, err error) {
	return "", errNotYet
}
func (s *Store) Erase(ctx context.Context, p leak.Principal, clinic string, refs []string) (Erased, error) {
	return Erased{}, errNotYet
}

func (s *Store) eraseClinic(ctx context.Context, tx *sql.Tx, clinic string) (Erased, error) {
	return Erased{}, errNotYet
}
func (s *Store) lateMatches(ctx context.Context, tx *sql.Tx, clinic, ref string, kind leak.Kind, tokens []leak.Token) error {
	return errNotYet
}
func (s *Store) lateDone(ctx context.Context, tx *sql.Tx, clinic string) error { return errNotYet }
func (s *Store) watchesDue(ctx context.Context, tx *sql.Tx, source string, before time.Time) error {
	return errNotYet
}
