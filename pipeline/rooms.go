package pipeline

import (
	"context"
	"time"

	"leakwatch/leak"
)

// What the pipeline needs of the other rooms. cmd/leakwatch fits them together.

// Crawler is where documents come from. Its methods may run at the same time.
type Crawler interface {
	// List reads one source's listing, a page at a time. It stops at the first error of yield. Run says what came of it
	// even when err is not nil.
	List(ctx context.Context, source string, yield func(leak.Page) error) (leak.Run, error)
	// Open starts a download.
	Open(ctx context.Context, f leak.Fetch) (*leak.Body, error)
	// Look asks whether what was at a place is still there, without reading it.
	Look(ctx context.Context, w leak.Watch) (leak.Liveness, leak.Exchange, error)
}

// Sources are due runs.
type Sources interface {
	// LeaseSource takes the source that is longest due, or gives ok false. A lease that runs out is another's.
	LeaseSource(ctx context.Context, worker string, ttl time.Duration) (s leak.Source, ok bool, err error)
	// FinishRun writes the run down, sets the next one, and gives how many runs in a row have failed. Items that a
	// complete listing no longer names are gone: their watches are due at once.
	FinishRun(ctx context.Context, r leak.Run, next time.Time) (failures int, err error)
	// ExtendSource keeps a lease; it fails when the lease was lost to another worker.
	ExtendSource(ctx context.Context, source, worker string, ttl time.Duration) error
	// HandBackSource makes a leased source due again at once.
	HandBackSource(ctx context.Context, source string) error
}

// Items are what listings name.
type Items interface {
	// PutItems writes a page's items, and a due version for each that is new or has another mark. Items that may not be
	// fetched get a version with the outcome skipped. Writing the same items again changes nothing but when they were
	// last seen. due counts the versions made.
	PutItems(ctx context.Context, listed time.Time, items []leak.Item) (due int, err error)
}

// Versions are due bodies.
type Versions interface {
	// LeaseVersions takes up to n due versions, at most parallel of one source at a time.
	LeaseVersions(ctx context.Context, worker string, n int, ttl time.Duration) ([]leak.Version, error)
	// ExtendVersion keeps a lease; it fails with an error when the lease was lost to another worker.
	ExtendVersion(ctx context.Context, id, worker string, ttl time.Duration) error
	// FinishVersion writes the outcome; RetryVersion sets the next attempt, or the dead-letter state when next is zero.
	FinishVersion(ctx context.Context, id, worker string, o leak.Outcome) error
	RetryVersion(ctx context.Context, id, worker string, o leak.Outcome, next time.Time) error
	// HandBackVersions makes all versions that this worker leased due again at once.
	HandBackVersions(ctx context.Context, worker string) error
}

// Evidence is the record of what was asked and answered.
type Evidence interface {
	// PutExchanges appends; sealed is each exchange under the place key, in order.
	PutExchanges(ctx context.Context, version string, exchanges []leak.Exchange, config string) error
	// PutListing keeps the page that led to its items, sealed.
	PutListing(ctx context.Context, source string, p leak.Page) error
}

// Published are passwords that were published in a collection. They are secrets of the source.
type Published interface {
	// Passwords gives those of an item's collection.
	Passwords(ctx context.Context, i leak.Item) ([]string, error)
	// PutPasswords keeps more of them, and gives how many are new. What lies there and could not be opened is due again
	// when one is.
	PutPasswords(ctx context.Context, i leak.Item, words []string) (fresh int, err error)
}

// Finds records finds.
type Finds interface {
	// Record writes one revision of a find with what was newly seen since the one before, whatever follows from it, the
	// find's need to be indexed, its alerts and their deliveries, in one transaction. decide is called inside it and
	// must be pure. More than a few thousand rows are staged before and become true in the last transaction.
	Record(ctx context.Context, f leak.Find, seen []leak.Seen, tokens []leak.Token,
		decide func(leak.Known) leak.News) (leak.News, error)
}

// Watches are places with a find, looked at again.
type Watches interface {
	LeaseWatches(ctx context.Context, worker string, n int, ttl time.Duration) ([]leak.Watch, error)
	// FinishWatch writes what was seen and the next look. A copy that is gone makes the event gone; one that changed
	// makes its item due.
	FinishWatch(ctx context.Context, version string, l leak.Liveness, next time.Time) error
}

// Outbox is deliveries that are due.
type Outbox interface {
	LeaseDeliveries(ctx context.Context, worker string, n int, ttl time.Duration) ([]leak.Delivery, error)
	// FinishDelivery says that it was accepted; RetryDelivery sets the next attempt, or gives up when next is zero.
	FinishDelivery(ctx context.Context, id string, at time.Time) error
	RetryDelivery(ctx context.Context, id, reason string, next time.Time) error
}

// Operator is told what whoever runs leakwatch must know. The same key is told once a day at most.
type Operator interface {
	TellOperator(ctx context.Context, key, subject, text string) error
}

// Unindexed are finds whose index document is older than they are.
type Unindexed interface {
	LeaseUnindexed(ctx context.Context, worker string, n int, ttl time.Duration) ([]leak.IndexDoc, error)
	FinishIndexed(ctx context.Context, docs []leak.IndexDoc) error
	RetryIndexed(ctx context.Context, docs []leak.IndexDoc, reason string, next time.Time) error
	// RemovedFinds gives up to n finds that were purged or erased and may still be in the index; FinishRemoved says that
	// they are not.
	RemovedFinds(ctx context.Context, n int) ([]string, error)
	FinishRemoved(ctx context.Context, ids []string) error
}

// Index makes finds searchable.
type Index interface {
	// Put writes documents by id; the same document twice is one. It returns when they can be searched.
	Put(ctx context.Context, docs []leak.IndexDoc) error
	// Delete takes documents out; ids that are not there are no error.
	Delete(ctx context.Context, ids []string) error
}

// Sender tells one message. An error that wraps leak.ErrPermanent is not tried again.
type Sender interface {
	Send(ctx context.Context, d leak.Delivery) error
}

// Housekeeping is what is done once a day.
type Housekeeping interface {
	// Purge applies retention, and gives how many rows of each sort went, and the versions whose evidence may go.
	Purge(ctx context.Context) (gone map[string]int64, evidence []string, err error)
	// Daily tells the operator what is amiss: clinics without two contacts, and the like.
	Daily(ctx context.Context) error
}

// Narrow are the ways to work on one thing now, for the commands that do.
type Narrow interface {
	// LeaseSourceNow takes a source whether it is due or not; ok is false when another worker has it.
	LeaseSourceNow(ctx context.Context, source, worker string, ttl time.Duration) (s leak.Source, ok bool, err error)
	// LeaseVersionsOf is LeaseVersions for one source.
	LeaseVersionsOf(ctx context.Context, source, worker string, n int, ttl time.Duration) ([]leak.Version, error)
	// LeaseVersion takes one version if it has no outcome yet.
	LeaseVersion(ctx context.Context, id, worker string, ttl time.Duration) (v leak.Version, ok bool, err error)
	// ListingItems gives the items of a listing's collection with their clear names, for matching.
	ListingItems(ctx context.Context, listing leak.Item, yield func(leak.Item) error) error
}
