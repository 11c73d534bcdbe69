package leak

import "time"

// Seen is one person in a find, with the kinds that were found of them.
type Seen struct {
	Person Person
	Kinds  []Kind
}

// Indicator is a fact by which others find the same thing.
type Indicator struct {
	Type  string // "sha256", "size", "etag"
	Value string // never a name
}

// Find is one version and who is in it. It is revised while the document is still being read; Final says that no
// revision follows from this reading.
type Find struct {
	ID         string // FindID(version)
	VersionID  string
	Item       Item
	Revision   int // from 1, one more each time it is recorded
	Final      bool
	Shape      string // what it is made of, outermost first: "tar/txt", "zip/txt", "txt", "json/base64"
	Tally      Tally
	Verdicts   map[string]Verdict // by clinic
	Outcome    Outcome            // so far; whole only when Final
	Indicators []Indicator
	ListedAt   time.Time
	MatchedAt  time.Time // when it was first enough
	Config     string    // digest of software and configuration that read it
}

// FindID is the id of the find of a version: reading it twice gives the same find.
func FindID(version string) string { return "f-" + version }

// Best is the highest confidence of any clinic.
func (f Find) Best() Confidence {
	best := None
	for _, v := range f.Verdicts {
		best = max(best, v.Confidence)
	}
	return best
}

// Named is how many watch terms it names, over all clinics.
func (f Find) Named() (n int) {
	for _, c := range f.Tally.Clinics {
		n += len(c.Terms)
	}
	return n
}

// Watch is a place with a find that is looked at again: is it still there?
type Watch struct {
	VersionID  string
	Source     string
	Place      Place
	Validators Validators
	Gone       bool // it was gone when last looked at
}

// Liveness is what a look at a place said.
type Liveness string

// The answers.
const (
	Live    Liveness = "live"    // the same version is there
	Changed Liveness = "changed" // something else is there
	GoneNow Liveness = "gone"    // 404, 410, or missing from a complete listing
	Unknown Liveness = "unknown" // the host did not answer
)
