package leak

import (
	"log/slog"
	"time"
)

// Stamp is a time as a source said it. A time without a zone, or rounded, is an interval.
type Stamp struct {
	From, To time.Time // both zero when the source said nothing; equal when exact
	Said     string    // as the source wrote it, at most 64 bytes
}

// IsZero says whether the source said nothing.
func (s Stamp) IsZero() bool { return s.From.IsZero() }

// Size is a size as a source said it: rounded sizes (3.0G) are intervals.
type Size struct {
	Min, Max int64 // -1 when unknown
}

// UnknownSize is the size that a listing did not give.
var UnknownSize = Size{-1, -1}

// Exact says whether the size is known to the byte.
func (s Size) Exact() bool { return s.Min >= 0 && s.Min == s.Max }

// Item is a place that a listing names, with what the listing said of it.
type Item struct {
	Source     string
	Key        Digest // identity: keyed digest of the place's URL in NFC
	Place      Place  // what to fetch
	Name       string // clear file name or title, for matching only; sealed by the store, never shown
	Title      string // masked
	Collection Digest // identity of the folder, thread or poster that this belongs to
	Group      Place  // that folder, thread or poster
	Published  Stamp
	Size       Size
	Poster     string // masked, or ""
	Listing    bool   // the item is the listing itself: its names are the text
	Mark       string // what the listing says of the version (validators, size, time); another mark is another version
	Fetch      bool   // the legal switch and the rules let the body be fetched
	Skip       string // the rule that forbids it, when not
}

// LogValue shows an item without its clear name.
func (i Item) LogValue() slog.Value {
	return slog.GroupValue(slog.String("source", i.Source), slog.Any("place", i.Place), slog.String("key", i.Key.String()))
}

// Result is what came of a version.
type Result string

// The results. A version without one is still to be read.
const (
	Matched   Result = "matched"
	Mentioned Result = "mentioned" // no patient, but a watch term of a clinic
	Clean     Result = "clean"
	Skipped   Result = "skipped" // Reason says by which rule
	Failed    Result = "failed"  // Reason says after what
)

// Completeness says how much of a version was read. Matched and partial is the normal dump.
type Completeness string

// The degrees of completeness.
const (
	Whole      Completeness = "whole"
	Partial    Completeness = "partial"    // Reason says which limit or break, and what was left
	Unreadable Completeness = "unreadable" // Reason says why, by format
	Unread     Completeness = "unread"     // skipped or failed before the first byte
)

// Outcome is what is written down for every version: none ends without one.
type Outcome struct {
	Result       Result
	Completeness Completeness
	Reasons      []string // fixed words and counts, never a name: "depth limit 8: 3 members left"
	Bytes        int64    // of the body, as fetched
	Texts        int64
	SHA256       string // hex, of the whole body; "" when it was not read to its end
	MediaType    string
	Generation   int64  // of the registry that it was read with
	Matcher      string // version of the matcher that it was read with
	Passwords    int    `json:"-"` // published beside it, that were known when it was read
	FetchedAt    time.Time
}

// Validators are what a server said a version is by.
type Validators struct {
	ETag         string
	LastModified string
}

// Version is what was at a place once.
type Version struct {
	ID         string
	Item       Item
	Seq        int // 1 for the first version at the place
	Validators Validators
	Attempt    int // 1 for the first try
	ListedAt   time.Time
	Again      bool // read before, and due again for a newer registry or matcher, or for a password that was published beside it
}
