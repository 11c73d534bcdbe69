package message

import (
	"time"

	"leakwatch/leak"
)

// clock says what the deadline is if somebody is aware. It never says that somebody is: a named person does.
func clock(w *writer, d leak.Delivery, s Settings) {
	a := d.Alert
	w.head("The clock")
	switch a.Event {
	case leak.EventGone:
		w.line("  This message starts none. Those of the messages before it still run.")
		return
	case leak.EventMention:
		w.line("  This message starts none by itself: being named is no breach. What you find out may start it.")
		return
	}
	term := time.Duration(s.DeadlineHours) * time.Hour
	if !a.AwareAt.IsZero() {
		w.line("  A named person has said that you have been aware since %s:", when(a.AwareAt))
		w.line("  the deadline is %s (%d hours).", when(a.AwareAt.Add(term)), s.DeadlineHours)
		return
	}
	since := a.Opened
	if since.IsZero() {
		since = d.Created
	}
	w.line("  If you have been aware since %s, the deadline is %s", when(since), when(since.Add(term)))
	w.line("  (%d hours). Since when you are aware is yours to say: a named person sets it.", s.DeadlineHours)
	if a.Confidence <= leak.Possible {
		w.line("  A short check of whether this is a breach at all may come before.")
	}
}

// next says what to do, in order.
func next(w *writer, d leak.Delivery, s Settings) {
	id := line(d.Alert.ID)
	w.head("What to do next")
	switch d.Alert.Event {
	case leak.EventGone:
		w.line("  Nothing new. What is gone may come back: leakwatch keeps looking.")
	case leak.EventMention:
		w.line("  1. Ask an investigator what is said there: leakwatch find show opens the place for a purpose.")
		w.line("  2. If it offers or announces data of yours, treat it as a breach that may be under way: call your")
		w.line("     data protection officer, preserve logs, look for the way out.")
		w.line("  3. If it means nothing, acknowledge it. A term that keeps coming up for nothing can be taken off:")
		w.line("     leakwatch clinic watch CLINIC --remove TERM")
	default:
		steps(w, d.Alert)
	}
	w.line("")
	w.line("  Acknowledge:   leakwatch alerts ack %s --by NAME --aware-since TIME --why TEXT", id)
	w.line("  All that is known, and how messages fared:")
	w.line("                 leakwatch alerts show %s", id)
	if d.Alert.Event != leak.EventMention {
		w.line("  Which patients, on a machine of the clinic:")
		w.line("                 leakwatch alerts export %s --out EXPORT", id)
		w.line("                 leakwatch resolve EXPORT --map MAPPING")
	}
	if s.PublicURL != "" {
		w.line("  Look:          %s (alert %s)", line(s.PublicURL), id)
	}
	w.line("")
	w.line("  This message holds no patient's data. Do not answer it with any.")
}

func steps(w *writer, a leak.Alert) {
	w.line("  1. Call your data protection officer and your management by telephone. Do not forward this by mail.")
	w.line("  2. Acknowledge the alert, and say since when you are aware.")
	w.line("  3. Export the people, and resolve them to patients on your own machine.")
	if a.Nature == leak.OthersData {
		w.line("  4. Find out whether the data can be yours: your patients may be in somebody else's.")
	} else {
		w.line("  4. Find the way out: isolate what may be open still, change keys and passwords.")
	}
	w.line("  5. Preserve logs, images and backups as they are. Do not clean up first.")
	w.line("  6. Report to the police, and ask before a take-down is demanded: it may warn whoever did this.")
	w.line("  7. Notify the supervisory authority within the deadline, and your national CSIRT.")
	w.line("  8. Tell the people concerned where the risk to them is high, as it is with health data.")
}
