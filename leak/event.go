package leak

// Event is the sort of news for a clinic. One find makes at most one of them.
type Event string

// The events in order of precedence, then those that stand alone.
const (
	NoEvent         Event = ""
	EventNew        Event = "new"        // the clinic's people for the first time in this leak
	EventBack       Event = "back"       // the same place after it was gone
	EventResurfaced Event = "resurfaced" // known people in a new shape, or in a new place when no copy was live
	EventSpread     Event = "spread"     // the same shape in another place, while a copy is live
	EventGrown      Event = "grown"      // none of these, more people
	EventLate       Event = "late"       // the clinic registered after the find
	EventGone       Event = "gone"       // a copy is no longer there
	EventMention    Event = "mention"    // the clinic is named, and no patient of it was found: no leak
)

// Above says whether an event goes before another. late, gone and mention stand alone: they are above nothing.
func (e Event) Above(other Event) bool { return precedence[e] > precedence[other] }

var precedence = map[Event]int{EventNew: 5, EventBack: 4, EventResurfaced: 3, EventSpread: 2, EventGrown: 1}
