package message

import (
	"fmt"
	"maps"
	"slices"

	"leakwatch/leak"
)

// facts is the table of what is known.
func facts(w *writer, d leak.Delivery) {
	a := d.Alert
	w.head("What is known")
	w.fact("event", "%s", a.Event)
	if a.Event == leak.EventMention {
		terms(w, a)
		places(w, a)
		times(w, a)
		w.fact("ids", "alert %s", line(a.ID))
		return
	}
	w.fact("confidence", "%s: %s", a.Confidence, meaning(a.Confidence))
	for _, r := range a.Reasons {
		w.fact("", "- %s", line(r))
	}
	people(w, a)
	switch a.Nature {
	case leak.OwnRegister:
		w.fact("nature", "your register: most people in this data are your patients")
	case leak.OthersData:
		w.fact("nature", "others' data: your patients are among many people who are not")
	}
	kinds(w, a)
	terms(w, a)
	places(w, a)
	times(w, a)
	w.fact("ids", "alert %s, leak %s", line(a.ID), line(a.Leak))
}

func meaning(c leak.Confidence) string {
	switch c {
	case leak.Confirmed:
		return "two kinds of one person together, or many people far above chance"
	case leak.Probable:
		return "an identifier that proves itself, or several that nearly do"
	case leak.Possible:
		return "it could be chance, a list of addresses, or names alone; check it"
	}
	return "not enough to tell"
}

func people(w *writer, a leak.Alert) {
	if a.Patients > 0 {
		w.fact("people", "%s, who are %s of the %d registered", patients(a.Persons), percent(int64(a.Persons), a.Patients), a.Patients)
	} else {
		w.fact("people", "%s", patients(a.Persons))
	}
	switch {
	case a.SeenBefore > 0 && a.FirstPlace != "":
		w.fact("", "%d of them were seen before, first at", a.SeenBefore)
		w.fact("", "%s on %s", line(a.FirstPlace), when(a.FirstAt))
	case a.SeenBefore > 0:
		w.fact("", "%d of them were seen before", a.SeenBefore)
	default:
		w.fact("", "none of them was seen in this leak before")
	}
	w.fact("", "%d are new", a.NewPersons())
}

// kinds says what sorts of identifiers, of how many people, and how many of all that the data holds they are.
func kinds(w *writer, a leak.Alert) {
	name := "kinds"
	for _, k := range slices.Sorted(maps.Keys(a.Kinds)) {
		n := a.Kinds[k]
		if all := a.Candidates[k]; all >= int64(n) && all > 0 {
			w.fact(name, "%s: of %d patients; the data holds %d (hit rate %s)", line(string(k)), n, all, percent(int64(n), all))
		} else {
			w.fact(name, "%s: of %d patients", line(string(k)), n)
		}
		name = ""
	}
}

// terms says which of the words that are watched for the clinic were found.
func terms(w *writer, a leak.Alert) {
	name := "watch terms"
	for _, t := range slices.Sorted(maps.Keys(a.Terms)) {
		w.fact(name, "%q in %s", line(t), count(a.Terms[t], "place", "places"))
		name = ""
	}
}

func places(w *writer, a leak.Alert) {
	if a.Event != leak.EventMention {
		w.fact("copies", "%d live when last looked at, in %s", a.LiveCopies, count(a.Finds, "find", "finds"))
	}
	name := "places"
	for _, p := range a.Places {
		w.fact(name, "%s", line(p))
		name = ""
	}
	if more := a.Finds - len(a.Places); more > 0 && len(a.Places) > 0 {
		w.fact("", "and %d more", more)
	}
	name = "sources"
	for _, s := range a.Sources {
		w.fact(name, "%s", line(s))
		name = ""
	}
	if a.Complete {
		w.fact("read", "whole: every find was read to its end")
	} else {
		w.fact("read", "partial: not all was read, or it is still being read; the numbers may grow")
	}
}

func times(w *writer, a leak.Alert) {
	name := "times"
	add := func(format string, args ...any) {
		w.fact(name, format, args...)
		name = ""
	}
	if !a.Published.IsZero() {
		add("published %s", published(a.Published))
	}
	if !a.ListedAt.IsZero() {
		add("listed    %s", when(a.ListedAt))
	}
	if !a.FetchedAt.IsZero() {
		add("fetched   %s", when(a.FetchedAt))
	}
	if !a.MatchedAt.IsZero() {
		add("matched   %s", when(a.MatchedAt))
	}
}

// published shows what the source said, as an interval where it is one. The source's own words are left out.
func published(s leak.Stamp) string {
	if s.To.Equal(s.From) {
		return when(s.From)
	}
	return "between " + when(s.From) + " and " + when(s.To)
}

// percent never says 0 % of some, nor 100 % of not all.
func percent(n, all int64) string {
	switch p := float64(n) * 100 / float64(all); {
	case n > 0 && p < 0.1:
		return "under 0.1 %"
	case n < all && p > 99.9:
		return "over 99.9 %"
	case p < 10 && n > 0 && n < all:
		return fmt.Sprintf("%.1f %%", p)
	case n < all && p > 99:
		return fmt.Sprintf("%.1f %%", p)
	default:
		return fmt.Sprintf("%.0f %%", p)
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// changes says what is not as the message before told it.
func changes(w *writer, d leak.Delivery) {
	w.head("What changed since the message before")
	if d.Told == nil {
		w.line("  The figures below replace those of the messages before this one.")
		return
	}
	was, is := *d.Told, d.Alert
	before := w.Len()
	number := func(name string, was, is int) {
		if was != is {
			w.fact(name, "%d -> %d", was, is)
		}
	}
	number("people", was.Persons, is.Persons)
	number("seen before", was.SeenBefore, is.SeenBefore)
	number("new", was.NewPersons(), is.NewPersons())
	if was.Confidence != is.Confidence {
		w.fact("confidence", "%s -> %s", was.Confidence, is.Confidence)
	}
	number("finds", was.Finds, is.Finds)
	number("live copies", was.LiveCopies, is.LiveCopies)
	for _, t := range slices.Sorted(maps.Keys(is.Terms)) {
		number(fmt.Sprintf("%q", line(t)), was.Terms[t], is.Terms[t])
	}
	all := maps.Clone(was.Kinds)
	if all == nil {
		all = map[leak.Kind]int{}
	}
	maps.Copy(all, is.Kinds)
	for _, k := range slices.Sorted(maps.Keys(all)) {
		number(line(string(k)), was.Kinds[k], is.Kinds[k])
	}
	for _, p := range is.Places {
		if !slices.Contains(was.Places, p) {
			w.fact("new place", "%s", line(p))
		}
	}
	if was.Complete != is.Complete {
		w.fact("read", "%s -> %s", completeness(was), completeness(is))
	}
	if was.AwareAt.IsZero() != is.AwareAt.IsZero() {
		w.fact("aware", "since %s, as a named person has said", when(is.AwareAt))
	}
	if w.Len() == before {
		w.line("  Nothing that this message tells.")
	}
}

func completeness(a leak.Alert) string {
	if a.Complete {
		return "whole"
	}
	return "partial"
}
