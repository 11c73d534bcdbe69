package leak

import (
	"slices"
	"time"
)

// Rules are the settings of Decide. Channels and recipients are not its business.
type Rules struct {
	JoinShare float64       // share of people, or of tokens, from which on a find joins a leak; less is "related"
	Minimum   Confidence    // from which on a clinic is told
	Window    time.Duration // in which what follows an alert is folded into one update of it
}

// DefaultRules are the settings of a new installation.
func DefaultRules() Rules {
	return Rules{JoinShare: 0.1, Minimum: Possible, Window: time.Hour}
}

// Known is what the store knows, inside the transaction that records a find, before this revision of it.
type Known struct {
	Now     time.Time
	Leak    string      // the leak that the find already belongs to, "" at its first recording
	Persons int         // distinct persons of this find, all clinics
	Tokens  int         // tokens of this find that were compared
	Leaks   []KnownLeak // leaks that share the collection, persons or tokens with the find, or are its own
	// Mentioned are the watch terms, by clinic, that earlier versions at the same place named already.
	Mentioned map[string][]string
}

// KnownLeak is one leak that has to do with the find. Counts leave the find itself out.
type KnownLeak struct {
	ID             string
	Since          time.Time
	SameCollection bool // another find of the find's collection belongs to it
	SharedPersons  int  // persons of the find that are in it
	SharedTokens   int
	Persons        int                    // persons in it, counted no further than those of the find: shares are of the smaller side
	Tokens         int                    // tokens in it, counted likewise
	Clinics        map[string]KnownClinic // for each clinic in the find
}

// KnownClinic is one clinic's past in one leak, the find itself left out.
type KnownClinic struct {
	Finds      int       // finds with this clinic's people that were sure enough to be told; ten or more is as good as ten
	Seen       int       // persons of this find that the leak already had
	FirstPlace string    // shown form of where the first of those were first found
	FirstAt    time.Time // and when
	LiveCopies int       // other places with this clinic's people that are still there; ten or more is as good as ten
	Elsewhere  bool      // some of those were found in another collection than the find's
	Shapes     []string  // shapes of the other finds that hold persons of this find
	SamePlace  bool      // an earlier version at the same place was a find of this leak
	WasGone    bool      // and the place was gone since
	Prior      Event     // what this find was told as at an earlier revision
	Told       Event     // what another place of the same collection was told as, in a window that still runs
}

// Join says how a find came into a leak.
type Join struct {
	Leak    string
	Reason  string  // "new", "same collection", "persons", "tokens"
	Overlap float64 // the share that decided
}

// News is what follows from recording a find.
type News struct {
	Join    Join     // zero for a find with nobody's patients in it, which is in no leak
	Merge   []string // leaks that turn out to be the same one: their members move to Join.Leak
	Related []Join   // leaks that share less than joins
	Clinics []ClinicNews
}

// ClinicNews is the news for one clinic. Event is NoEvent when the find is no news, or not sure enough to be told.
type ClinicNews struct {
	Clinic     string
	Event      Event
	Verdict    Verdict
	Persons    int
	Seen       int // of them in the leak before
	FirstPlace string
	FirstAt    time.Time
}

// Decide turns what is known into the news that follows. It is pure: the same arguments give the same news, however
// often a crash makes it run.
func Decide(r Rules, k Known, f Find) News {
	leaks := slices.Clone(k.Leaks)
	slices.SortFunc(leaks, func(a, b KnownLeak) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return compareStrings(a.ID, b.ID)
	})
	var news News
	if f.Best() == None && k.Leak == "" && f.Named() > 0 {
		return News{Clinics: mentions(r, k, f, nil)}
	}
	var joined []KnownLeak
	chance := byChance(f)
	for _, l := range leaks {
		j, ok := joins(r, k, l, chance)
		switch {
		case ok && news.Join.Leak == "":
			news.Join, joined = j, append(joined, l)
		case ok:
			news.Merge, joined = append(news.Merge, l.ID), append(joined, l)
		case j.Overlap > 0:
			news.Related = append(news.Related, j)
		}
	}
	if news.Join.Leak == "" {
		news.Join = Join{Leak: LeakID(f.ID), Reason: "new"}
	}
	for _, id := range slices.Sorted(mapKeys(f.Verdicts)) {
		if n, ok := clinicNews(r, f, id, joined); ok {
			news.Clinics = append(news.Clinics, n)
		}
	}
	news.Clinics = append(news.Clinics, mentions(r, k, f, news.Clinics)...)
	return news
}

// mentions is the news for clinics that a find names and of whose patients it holds too few to be told as a leak. A page
// that goes on naming the same terms in later versions is told once.
func mentions(r Rules, k Known, f Find, told []ClinicNews) []ClinicNews {
	var all []ClinicNews
	for _, id := range slices.Sorted(mapKeys(f.Tally.Clinics)) {
		terms := f.Tally.Clinics[id].Terms
		fresh := false
		for t := range terms {
			fresh = fresh || !slices.Contains(k.Mentioned[id], t)
		}
		leaks := slices.ContainsFunc(told, func(n ClinicNews) bool { return n.Clinic == id && n.Event != NoEvent })
		if fresh && !leaks && f.Verdicts[id].Confidence < max(r.Minimum, Possible) {
			all = append(all, ClinicNews{Clinic: id, Event: EventMention})
		}
	}
	return all
}

// LeakID is the id of the leak that a find begins.
func LeakID(find string) string { return "l-" + find[min(2, len(find)):] }

// byChance says that a find is most likely somebody else's data that a few of a clinic's people are in as well, such as
// a list of addresses. Sharing those people with a leak does not make it a copy of that leak.
func byChance(f Find) bool {
	for _, v := range f.Verdicts {
		if v.Confidence >= Probable || v.Confidence == Possible && v.Nature == OwnRegister {
			return false
		}
	}
	return true
}

func joins(r Rules, k Known, l KnownLeak, chance bool) (Join, bool) {
	persons := share(l.SharedPersons, k.Persons, l.Persons)
	tokens := share(l.SharedTokens, k.Tokens, l.Tokens)
	switch {
	case l.ID == k.Leak:
		return Join{l.ID, "member", max(persons, tokens)}, true
	case l.SameCollection:
		return Join{l.ID, "same collection", max(persons, tokens)}, true
	case chance:
	case persons >= r.JoinShare:
		return Join{l.ID, "persons", persons}, true
	case tokens >= r.JoinShare:
		return Join{l.ID, "tokens", tokens}, true
	}
	return Join{l.ID, "related", max(persons, tokens)}, false
}

// share is the part of the smaller side that is shared: a sample of a register, and a register whose sample was seen,
// both belong to it.
func share(shared, a, b int) float64 {
	if n := min(a, b); n > 0 {
		return float64(shared) / float64(n)
	}
	return 0
}

func clinicNews(r Rules, f Find, clinic string, joined []KnownLeak) (ClinicNews, bool) {
	t := f.Tally.Clinics[clinic]
	v := f.Verdicts[clinic]
	if t == nil || v.Confidence == None {
		return ClinicNews{}, false
	}
	k := combine(clinic, joined)
	n := ClinicNews{Clinic: clinic, Verdict: v, Persons: int(PersonsOf(f.Tally, t)), Seen: k.Seen,
		FirstPlace: k.FirstPlace, FirstAt: k.FirstAt}
	if v.Confidence >= r.Minimum {
		n.Event = event(f.Shape, k, n.Persons-n.Seen)
	}
	return n, true
}

// PersonsOf is how many of a clinic's people a find has: those by counted identifiers, and those by name alone when
// names suffice.
func PersonsOf(t Tally, c *ClinicTally) int64 {
	if NamesSuffice(t, c) {
		return max(c.Persons, c.Kinds[Name])
	}
	return c.Persons
}

// event is the precedence rule. A find keeps the event of its earlier revision, and a find in a collection that was
// just told is folded into what was told, unless it is more than that. People who are known from elsewhere are more
// than "new", however the first of the collection was told.
func event(shape string, k KnownClinic, fresh int) Event {
	if k.Prior != NoEvent {
		return k.Prior
	}
	e := NoEvent
	switch known := k.Seen > 0; {
	case k.Finds == 0:
		e = EventNew
	case k.SamePlace && k.WasGone:
		e = EventBack
	case known && !slices.Contains(k.Shapes, shape), known && !k.SamePlace && k.LiveCopies == 0:
		e = EventResurfaced
	case known && !k.SamePlace:
		e = EventSpread
	case fresh > 0:
		e = EventGrown
	}
	if e == NoEvent && fresh > 0 {
		e = EventGrown
	}
	if k.SamePlace || k.Told == NoEvent || e.Above(k.Told) || e == EventResurfaced && k.Elsewhere {
		return e
	}
	return k.Told
}

// combine sums one clinic's past over the leaks that a find joins: usually one, more when it merges them.
func combine(clinic string, leaks []KnownLeak) KnownClinic {
	var sum KnownClinic
	for _, l := range leaks {
		k, ok := l.Clinics[clinic]
		if !ok {
			continue
		}
		sum.Finds += k.Finds
		sum.Seen += k.Seen
		sum.LiveCopies += k.LiveCopies
		sum.Shapes = append(sum.Shapes, k.Shapes...)
		sum.Elsewhere = sum.Elsewhere || k.Elsewhere
		sum.SamePlace = sum.SamePlace || k.SamePlace
		sum.WasGone = sum.WasGone || k.WasGone
		if sum.FirstAt.IsZero() || !k.FirstAt.IsZero() && k.FirstAt.Before(sum.FirstAt) {
			sum.FirstAt, sum.FirstPlace = k.FirstAt, k.FirstPlace
		}
		if sum.Prior == NoEvent || k.Prior.Above(sum.Prior) { // late is a prior, too
			sum.Prior = k.Prior
		}
		if k.Told.Above(sum.Told) {
			sum.Told = k.Told
		}
	}
	return sum
}

func compareStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
