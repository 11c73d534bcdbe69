package store

import (
	"time"

	"leakwatch/leak"
)

// Sighting is a find that holds an identifier which was looked up.
type Sighting struct {
	Find      string
	Leak      string
	Source    string
	Place     leak.Place
	Kind      leak.Kind
	ListedAt  time.Time
	MatchedAt time.Time // when the find was first enough
	Live      bool      // still there when last looked at
	Clinics   []string  // whose registered patient it is; none for an identifier that nobody registered
}

// FindDetail is one find whole, as far as the asker may see it.
type FindDetail struct {
	Find        leak.Find // Tally, Verdicts for the clinics that the asker may see
	Leak        string
	Aliases     []string    // older ids that lead to the same leak
	Joins       []leak.Join // how it came into leaks, the last one is where it is
	Related     []leak.Join // leaks that share less than joins
	Collection  leak.Digest
	Group       leak.Place // the folder, thread or poster; zero when there is none
	GroupFinds  int64      // finds in it
	Clinics     []FindClinic
	Versions    []FindVersion // at the same place, oldest first
	Copies      []FindCopy    // other members of its leak, newest first; at most a thousand
	CopiesTotal int64
	Live        bool
	GoneAt      time.Time // zero unless the place is gone
	ChangedAt   time.Time // when something else was seen at the place
	LookedAt    time.Time // last look at the place
	NextLook    time.Time // zero when it is not looked at any more
	Exchanges   int64     // requests that are kept as evidence
	Evidence    string    // version id under which the evidence is kept
	Tokens      int64
	ExpiresAt   time.Time
	Hold        bool
	RecordedAt  time.Time
}

// FindClinic is one clinic's part of a find. Persons and Kinds are counted from what is kept, so they shrink when a
// person is erased; Tally is what was counted when it was read.
type FindClinic struct {
	Clinic  string
	Event   leak.Event // what the clinic was told it as
	Verdict leak.Verdict
	Tally   leak.ClinicTally
	Persons int64
	Late    int64 // of them registered after the find
	Kinds   map[leak.Kind]int64
	Alerts  []string
}

// FindVersion is one version at the find's place.
type FindVersion struct {
	ID        string
	Seq       int
	ListedAt  time.Time
	FetchedAt time.Time
	Outcome   leak.Outcome
	Find      string // "" when nothing was found in it
}

// FindCopy is another member of a find's leak.
type FindCopy struct {
	Find      string
	Source    string
	Place     leak.Place
	Shape     string
	MatchedAt time.Time
	Live      bool
	SamePlace bool
}

// AlertFilter narrows a list of alerts. Zero fields do not narrow.
type AlertFilter struct {
	Clinic string
	Leak   string // its id, or an older id that leads to it
	Event  leak.Event
	From   time.Time // of Opened
	To     time.Time
	Unread bool // not acknowledged yet
	Limit  int  // at most 1000; 0 means 100
}

// AlertDetail is one alert with what became of its messages.
type AlertDetail struct {
	leak.Alert
	FindIDs    []string // at most a thousand, oldest first
	Deliveries []DeliveryDetail
}

// DeliveryDetail is one message and how it fared.
type DeliveryDetail struct {
	ID       string
	Kind     leak.NoticeKind
	Revision int
	Contact  leak.Contact
	State    leak.DeliveryState
	Created  time.Time
	Due      time.Time // of the next attempt
	Sent     time.Time
	Attempts []DeliveryAttempt
}

// DeliveryAttempt is one try to deliver.
type DeliveryAttempt struct {
	Number  int
	At      time.Time
	Outcome string // "accepted", or why it was not
}

// AlertRef is one person of an alert.
type AlertRef struct {
	leak.Seen
	ToldBefore bool // in an earlier alert about the same leak
}

// Erased says what an erasure took. Finds in which nobody is left went whole.
type Erased struct {
	Refs       int64 // persons that were named, in finds or not
	Tags       int64
	Persons    int64
	Tokens     int64
	Alerts     int64
	Deliveries int64
	Finds      []string // ids of the finds that went whole, to be taken out of the index
	Versions   []string // of those, whose evidence may go
}
