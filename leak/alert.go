package leak

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Contact is somebody at a clinic who is told.
type Contact struct {
	Name     string
	Role     string // "security", "dpo", "management": the clinic's words
	Channel  string // "email" or "webhook"
	Address  string // mailbox or URL
	Verified bool
}

// AlertID is the id of an alert: its key is clinic, leak, event and the start of its window, so that however often a
// crash makes it be written, it is one.
func AlertID(clinic, leakID string, e Event, window time.Time) string {
	h := sha256.Sum256([]byte(clinic + "\n" + leakID + "\n" + string(e) + "\n" + window.UTC().Format(time.RFC3339Nano)))
	return "a-" + hex.EncodeToString(h[:8])
}

// Alert is news about a leak for one clinic, as it stands now: what follows within its window is folded into it.
type Alert struct {
	ID           string
	Clinic       string
	Leak         string
	Event        Event
	Confidence   Confidence
	Reasons      []string
	Nature       Nature
	Opened       time.Time
	WindowEnds   time.Time
	Revision     int // 1 is the first message; one more for each update told
	Persons      int // distinct, over its finds
	SeenBefore   int // of them known from earlier finds of the leak
	FirstPlace   string
	FirstAt      time.Time
	Patients     int64 // registered by the clinic
	Kinds        map[Kind]int
	Candidates   map[Kind]int64 // in its finds, registered or not
	Terms        map[string]int // finds that name each of the clinic's watch terms
	Finds        int
	Places       []string // shown forms, at most ten
	Sources      []string
	LiveCopies   int
	Published    Stamp // earliest
	ListedAt     time.Time
	FetchedAt    time.Time
	MatchedAt    time.Time
	Complete     bool // every find was read to its end
	Test         bool
	Acknowledged time.Time
	AckedBy      string
	AwareAt      time.Time // set by a named person, never by a machine
	AwareWhy     string
}

// NewPersons is how many of the alert's people were in no earlier find of the leak.
func (a Alert) NewPersons() int { return max(0, a.Persons-a.SeenBefore) }

// NoticeKind says what a message is.
type NoticeKind string

// The kinds of messages.
const (
	NoticeAlert    NoticeKind = "alert"    // the first message of an alert
	NoticeUpdate   NoticeKind = "update"   // what was folded into it since, on the same thread
	NoticeTest     NoticeKind = "test"     // marked as a test
	NoticeOperator NoticeKind = "operator" // to whoever runs leakwatch: a source fails, a contact is missing
)

// Delivery is one message to one recipient on one channel. Its id is the Message-ID and the webhook-id, the same over
// all attempts.
type Delivery struct {
	ID       string
	Kind     NoticeKind
	Alert    Alert  // zero for NoticeOperator
	Told     *Alert // for NoticeUpdate: the alert as the message before it told it, so that it can say what changed; may be nil
	Revision int    // of the alert that this message tells
	Thread   string // delivery id of the first message to this contact about the alert; its own id for the first
	Clinic   string // display name
	Contact  Contact
	Subject  string // for NoticeOperator; content-free
	Text     string // for NoticeOperator; content-free
	Attempt  int    // 1 for the first
	Created  time.Time
}

// DeliveryState is how a delivery fares.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryDue  DeliveryState = "due"
	DeliverySent DeliveryState = "sent"
	DeliveryDead DeliveryState = "dead" // given up; people see it and may retry it
)
