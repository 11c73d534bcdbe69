// Package finds makes finds searchable. Index is the contract; fts is the engine inside the program (SQLite FTS5, a
// file of its own), elastic the one for a cluster. findstest holds the suite that both pass.
//
// An index holds nothing that the store cannot give again, and nothing in clear but what the configuration says.
package finds

import (
	"context"
	"errors"

	"leakwatch/leak"
)

// ErrNotRebuilding is given by Commit when this Index has no rebuild under way: Reset was not called, or another
// process called it since and took the rebuild over.
var ErrNotRebuilding = errors.New("no rebuild of the search index is under way here")

// ErrCursor is given by Search for a Query.After that no answer gave.
var ErrCursor = errors.New("cursor is not one that a search gave")

// Index is where finds are searched. Its methods may run at the same time, in several processes.
//
// Every method ends when ctx does. Errors hold ids, counts and status codes, never a document. Whoever opened the Index
// closes it.
type Index interface {
	// Put writes documents by id, and returns when they can be searched. The same document twice is one, and an older
	// revision never replaces a newer one. While a rebuild is under way, started by any process, it writes to the index
	// that serves and to the one that is being filled.
	Put(ctx context.Context, docs []leak.IndexDoc) error
	// Delete takes documents out, from a rebuild under way too. Ids that are not there are no error.
	Delete(ctx context.Context, ids []string) error
	// Search gives a page, newest MatchedAt first, ids in order where it is the same. From is included, To is not. All
	// words must be in the title, poster, place, host, indicators or ids of a document; a word that ends in * is the
	// beginning of one. With a Clinic, confidence and kind are asked of that clinic's part, and the answer holds no other
	// clinic's. Total is exact.
	Search(ctx context.Context, q leak.Query) (leak.Answer, error)
	// Reset begins a rebuild: an empty index that is filled behind the one that serves. It drops a rebuild that somebody
	// began and never committed.
	Reset(ctx context.Context) error
	// Commit lets the index that Reset began serve, in one step, and drops the old one.
	Commit(ctx context.Context) error
	// Check says why the index cannot be used, or nil.
	Check(ctx context.Context) error
	// Close lets go of the engine.
	Close() error
}
