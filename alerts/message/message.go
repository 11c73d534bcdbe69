// Package message writes what a delivery says, for channels that carry text: a subject and a plain text in English.
// It is content-free: ids, counts, times and shown places; never an excerpt, an identifier or a clear place. What a
// person wrote about an alert is left out too. It is pure: one delivery always gives the same words.
package message

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"leakwatch/leak"
)

// Settings are what a message says beside the delivery.
type Settings struct {
	DeadlineHours int    // from being aware to telling the authority
	PublicURL     string // where the alert can be seen; "" leaves the link out
	TLP           string // Traffic Light Protocol 2.0 label, without its prefix
}

// Subject is one line, such as `[leakwatch] resurfaced: 2000 of your patients, confirmed (a-1f…) TLP:AMBER+STRICT`.
// TLP 2.0 wants its label in the subject of a mail.
func Subject(d leak.Delivery, s Settings) string {
	what := fmt.Sprintf("%s: %s, %s (%s)", d.Alert.Event, patients(d.Alert.Persons), d.Alert.Confidence, d.Alert.ID)
	if d.Alert.Event == leak.EventMention {
		what = fmt.Sprintf("mention: you are named in %s, no patient found (%s)", count(d.Alert.Finds, "place", "places"), d.Alert.ID)
	}
	switch {
	case d.Kind == leak.NoticeOperator:
		what = "operator: " + d.Subject
	case hollow(d):
		what = fmt.Sprintf("does this reach you? (%s)", d.Alert.ID)
	case d.Kind == leak.NoticeUpdate:
		what = fmt.Sprintf("update %d, %s", max(1, d.Revision-1), what)
	}
	if test(d) {
		what = "TEST: " + what
	}
	return line("[leakwatch] "+what) + label(s)
}

func label(s Settings) string {
	if s.TLP == "" {
		return ""
	}
	return " TLP:" + s.TLP
}

func test(d leak.Delivery) bool { return d.Kind == leak.NoticeTest || d.Alert.Test }

// hollow says that a test message has no figures, not even invented ones.
func hollow(d leak.Delivery) bool { return test(d) && d.Alert.Event == leak.NoEvent }

// Text is the whole message.
func Text(d leak.Delivery, s Settings) string {
	w := &writer{}
	if s.TLP != "" {
		w.line("TLP:%s", s.TLP)
		w.line("")
	}
	if d.Kind == leak.NoticeOperator {
		for l := range strings.Lines(d.Text) {
			w.line("%s", line(strings.TrimRight(l, "\r\n")))
		}
	} else {
		alert(w, d, s)
	}
	w.line("")
	w.line("-- ")
	w.line("leakwatch, message %s", line(d.ID))
	return w.String()
}

func alert(w *writer, d leak.Delivery, s Settings) {
	if test(d) {
		w.line("*** TEST TEST TEST ***")
		w.line("This is a test message. Nothing was found. It shows that messages reach you; figures, if any, are invented.")
		w.line("")
	}
	w.line("To: security and data protection of %s", line(d.Clinic))
	w.line("")
	if hollow(d) {
		w.line("Please answer whoever runs leakwatch that it came, or acknowledge it:")
		w.line("  leakwatch alerts ack %s --by NAME", line(d.Alert.ID))
		return
	}
	w.line("%s", lead(d.Alert.Event))
	if d.Kind == leak.NoticeUpdate {
		changes(w, d)
	}
	facts(w, d)
	clock(w, d, s)
	next(w, d, s)
	if test(d) {
		w.line("")
		w.line("*** TEST: nothing of this has happened ***")
	}
}

// lead is the first sentence: what an event is.
func lead(e leak.Event) string {
	switch e {
	case leak.EventNew:
		return "Identifiers that you registered were found in a published place, for the first time in this leak."
	case leak.EventBack:
		return "A place with your patients that was gone is there again."
	case leak.EventResurfaced:
		return "Patients of yours who were in an earlier find are published again, in a new shape or a new place."
	case leak.EventSpread:
		return "Data with your patients is now in another place too, while an earlier copy is still there."
	case leak.EventGrown:
		return "More of your patients were found in a leak that you were told of."
	case leak.EventLate:
		return "Identifiers that you registered lately were in data that was found before."
	case leak.EventGone:
		return "A copy of data with your patients is no longer where it was found."
	case leak.EventMention:
		return "You are named in a watched place. No patients of yours were found there, or too few to be sure: this is no leak."
	}
	return "There is news about data with your patients."
}

// patients says how many, in words that fit a subject.
func patients(n int) string { return fmt.Sprintf("%d of your patients", n) }

// writer collects lines. Lines end in LF; whoever sends them makes CRLF of it.
type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

// head begins a section.
func (w *writer) head(title string) {
	w.line("")
	w.line("%s", strings.ToUpper(title))
}

// fact is a line of a table.
func (w *writer) fact(name, format string, args ...any) {
	w.line("  %-12s %s", name, fmt.Sprintf(format, args...))
}

const lineBytes = 500

// line makes one printable line of a string: no controls, nothing that turns the direction of writing, not too long.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if len(s) <= lineBytes {
		return s
	}
	n := lineBytes
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// when shows a time.
func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
