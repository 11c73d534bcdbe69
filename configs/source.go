package configs

import (
	"time"

	"leakwatch/leak"
)

// The kinds of sources.
const (
	DirectoryIndex = "directory-index" // an open directory: nginx, Apache, lighttpd, Caddy
	JSONListing    = "json-listing"    // a JSON document, fields by gjson paths
	HTMLListing    = "html-listing"    // pages, fields by CSS selectors
)

// What the items of a source belong to.
const (
	ByFolder  = "folder"
	ByPoster  = "poster"
	ByItem    = "item"
	ByListing = "listing"
)

// Source is a configured place to look. Load gives it complete: the defaults of its kind, then its preset, then what
// the file says. Elsewhere WithDefaults fills it.
type Source struct {
	ID           string `yaml:"id"`
	Kind         string
	Preset       string
	URL          string        `yaml:"url"`
	Schedule     string        // five fields, or "@every 15m"; UTC
	Jitter       time.Duration // up to so much later, at random; a fifth of the interval where the file says nothing
	Network      leak.Network
	Legal        leak.Legal
	AllowPrivate bool          // lets private and loopback addresses be dialled
	Robots       string        // obey or ignore
	Pace         time.Duration // least time between two requests to its host; 0 means the crawler's
	Limits       SourceLimits
	Recheck      time.Duration // how often a place with a find is looked at again; 0 means the pipeline's
	Collection   string        // folder, poster, item or listing: what one message speaks of

	MonthFirst bool // its documents write dates with the month first, as the United States do: 05/01/1994 is 1 May

	TZ string `yaml:"tz"` // zone of the server's clock, where its dates say none: Europe/Helsinki

	// directory-index
	Depth  int    // levels of folders below the URL
	Server string // auto, nginx, apache, lighttpd or caddy

	// json-listing and html-listing
	Headers    map[string]string
	AuthFile   string // file with the token
	AuthAs     string // bearer, basic, or the name of a header that carries the token as it is
	RejectText string // an answer with this text is an error, whatever its status
	Items      string // json: gjson path of the array
	Item       string // html: CSS selector of one item
	Fields     map[string]Field
	Body       Body
	Page       Page
	Next       Field // html: the link to the next page
}

// SourceLimits bound one source. What they cut is recorded.
type SourceLimits struct {
	MaxBytes  int64         `yaml:",size"` // of one body
	HeadBytes int64         `yaml:",size"` // of one body where legal says head
	RunBytes  int64         `yaml:",size"` // of all bodies in one day
	MaxItems  int           // of one run
	MaxPages  int           // of one run
	Parallel  int           // bodies at once
	Timeout   time.Duration // of one whole run
	BodyTime  time.Duration // of one body
}

// Field says where in an item a value stands. A plain string in the file is Path in a json-listing and CSS in an
// html-listing.
type Field struct {
	Path    string // gjson
	CSS     string `yaml:"css"` // selector inside the item; & is the item itself
	Attr    string // attribute; "" means the text
	Re      string // RE2; its first group is the value
	Resolve bool   // the value is a link, relative to the page
	Unix    string // the value is a time, in s or ms since 1970
	Date    string // the value is a time in this layout of Go's package time
	Zero    string // never: 0 means that there is none
	Size    string // bytes, or human (3.0 GiB)
}

// Body is how a body is fetched where the listing's url is not it.
type Body struct {
	URL  string        `yaml:"url"` // template: {id} is the field id
	Pace time.Duration // least time between two bodies
}

// Page is how a listing goes on.
type Page struct {
	LinkHeader string // the relation in the Link header: next
	Next       string // gjson path of the next page's URL
	Max        int    // pages of one run; 0 means limits.max_pages
}

// WithDefaults fills what is zero with the defaults of the source's kind. Jitter, Depth, Pace and AllowPrivate stay: their
// zero has a meaning.
func (s Source) WithDefaults() Source {
	d := sourceDefaults(s.Kind)
	setZero(&s.Network, d.Network)
	setZero(&s.Legal, d.Legal)
	setZero(&s.Robots, d.Robots)
	setZero(&s.Server, d.Server)
	setZero(&s.Collection, d.Collection)
	setZero(&s.Limits.MaxBytes, d.Limits.MaxBytes)
	setZero(&s.Limits.HeadBytes, d.Limits.HeadBytes)
	setZero(&s.Limits.RunBytes, d.Limits.RunBytes)
	setZero(&s.Limits.MaxItems, d.Limits.MaxItems)
	setZero(&s.Limits.MaxPages, d.Limits.MaxPages)
	setZero(&s.Limits.Parallel, d.Limits.Parallel)
	setZero(&s.Limits.Timeout, d.Limits.Timeout)
	setZero(&s.Limits.BodyTime, d.Limits.BodyTime)
	return s
}

func setZero[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// Leak gives the source to the store and the pipeline, with defaults applied.
func (s Source) Leak() leak.Source {
	s = s.WithDefaults()
	return leak.Source{
		ID: s.ID, Kind: s.Kind, URL: s.URL, Schedule: s.Schedule, Jitter: s.Jitter, Network: s.Network, Legal: s.Legal,
		Timeout: s.Limits.Timeout, HeadSize: s.Limits.HeadBytes, MaxBytes: s.Limits.MaxBytes, MaxTime: s.Limits.BodyTime,
		MaxItems: s.Limits.MaxItems, MaxPages: s.Limits.MaxPages, RunBytes: s.Limits.RunBytes, Parallel: s.Limits.Parallel,
		Recheck: s.Recheck,
	}
}
