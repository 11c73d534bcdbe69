package leak

import "time"

// Network says how a source is reached.
type Network string

// The networks. Tor means SOCKS5 with names resolved by the proxy, one stream-isolation user per source.
const (
	Direct Network = "direct"
	Tor    Network = "tor"
)

// Legal is the switch that says how much of a source may be read. Each level contains the ones before it.
type Legal string

// The legal levels, least first.
const (
	LegalMetadata Legal = "metadata" // list only; names are not matched
	LegalListing  Legal = "listing"  // names, titles and sizes of the listing are matched
	LegalHead     Legal = "head"     // and the first bytes of a body
	LegalFull     Legal = "full"     // and whole bodies
)

// Source is a configured place to look, as the store and the pipeline know it. How to read its listings is the
// crawler's business and stays in the configuration.
type Source struct {
	ID       string // unique, ^[a-z0-9][a-z0-9-]{0,63}$
	Kind     string // directory-index, json-listing, html-listing
	URL      string // as configured: clear everywhere
	Schedule string // five fields, or "@every 15m"
	Jitter   time.Duration
	Network  Network
	Legal    Legal
	Timeout  time.Duration // of one whole run
	HeadSize int64         // bytes of a body under LegalHead
	MaxBytes int64         // bytes of one body; more is cut and recorded
	MaxTime  time.Duration // of one body
	MaxItems int           // items of one run; more is cut and recorded
	MaxPages int
	RunBytes int64         // bytes of bodies per day; items past it are skipped with the rule's name
	Parallel int           // bodies at once
	Recheck  time.Duration // how often a place with a find is looked at again
}

// Run is one look at a source's listing.
type Run struct {
	Source   string
	Started  time.Time
	Ended    time.Time
	Pages    int
	Listed   int    // items the listing named
	Due      int    // of them new or changed, so fetched
	Complete bool   // the whole listing was read: what is missing from it is gone
	Cut      string // which limit cut it, if one did
	Err      string // why it failed, places in shown form; "" when it did not
}
