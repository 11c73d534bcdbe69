package leak

import "time"

// IndexDoc is a find as the search index holds it: nothing in clear but what the configuration says, no identifier, no
// leaked text, no token.
type IndexDoc struct {
	ID           string           `json:"id"` // of the find
	Revision     int              `json:"revision"`
	Leak         string           `json:"leak"`
	Collection   string           `json:"collection"`
	Source       string           `json:"source"`
	SourceKind   string           `json:"source_kind"`
	Network      Network          `json:"network"`
	Host         string           `json:"host"`            // shown form
	Place        string           `json:"place"`           // shown form
	Title        string           `json:"title,omitempty"` // masked
	Poster       string           `json:"poster,omitempty"`
	Shape        string           `json:"shape"`
	MediaType    string           `json:"media_type,omitempty"`
	Size         int64            `json:"size"`
	Confidence   string           `json:"confidence"` // the best of its clinics
	Result       string           `json:"result"`
	Completeness string           `json:"completeness"`
	Clinics      []IndexClinic    `json:"clinics"`
	Kinds        []string         `json:"kinds"`
	Indicators   []string         `json:"indicators"` // values
	Candidates   map[string]int64 `json:"candidates"`
	Live         bool             `json:"live"`
	PublishedAt  *time.Time       `json:"published_at,omitempty"` // start of the interval
	ListedAt     time.Time        `json:"listed_at"`
	FetchedAt    time.Time        `json:"fetched_at"`
	MatchedAt    time.Time        `json:"matched_at"`
	ExpiresAt    *time.Time       `json:"expires_at,omitempty"`
}

// IndexClinic is one clinic's part of an IndexDoc.
type IndexClinic struct {
	Clinic     string           `json:"clinic"`
	Event      Event            `json:"event,omitempty"`
	Confidence string           `json:"confidence"`
	Persons    int64            `json:"persons"`
	Kinds      map[string]int64 `json:"kinds"`
}

// Query is what an investigator asks of the index. Zero fields do not narrow. Words are masked by PlaceKey.Title first.
type Query struct {
	Words      string
	Source     string
	Host       string // shown form
	Indicator  string
	From, To   time.Time // of MatchedAt
	Clinic     string
	Kind       Kind
	Confidence Confidence // at least
	Leak       string
	Limit      int    // at most 1000; 0 means 50
	After      string // cursor from the answer before
}

// Answer is a page of a search, newest first.
type Answer struct {
	Docs  []IndexDoc
	Total int64
	After string // "" at the end
}
