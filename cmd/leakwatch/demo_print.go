package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/leak"
	"leakwatch/pipeline"
)

// isShown says whose mails are shown; the second contact gets the same.
func isShown(address string) bool { return strings.HasPrefix(address, "security@") }

// show prints a mail: the first whole, of the others what is new in them.
func (d *demoRun) show(m demo.Mail) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := strings.TrimSpace(m.Text)
	if before, _, found := strings.Cut(text, "\nTHE CLOCK\n"); found && d.told > 0 {
		text = before + "\n… the clock, and what to do next"
	}
	d.told++
	fmt.Fprintf(d.a.out, "\n    ┌─ mail to %s\n    │ Subject: %s\n    │\n", m.To, m.Subject)
	for l := range strings.SplitSeq(text, "\n") {
		fmt.Fprintln(d.a.out, strings.TrimRight("    │ "+l, " "))
	}
	fmt.Fprint(d.a.out, "    └─\n\n")
}

// happened prints the service's steps as they happen.
func (d *demoRun) happened(h pipeline.Happening) {
	switch h.What {
	case "listed":
		if h.Run.Due > 0 {
			d.few("listed    %-14s  %s, %d new or changed", h.Source, plural(h.Run.Listed, "item"), h.Run.Due)
		}
	case "read":
		if h.Outcome.Result != leak.Matched { // a find was said when it was one
			d.few("read      %-14s  %s: %s, %s", h.Source, h.Place, h.Outcome.Result, h.Outcome.Completeness)
		}
	case "find":
		for _, n := range h.News.Clinics {
			if n.Event != leak.NoEvent {
				d.few("find      %-14s  %s: %s, %s, %s", h.Source, h.Place, plural(n.Persons, "person"), n.Verdict.Confidence, n.Event)
			}
		}
	case "gone":
		d.few("gone      %-14s  %s", h.Source, h.Place)
	case "sent":
		if isShown(h.Message.Contact.Address) {
			return // here is the mail itself
		}
		d.few("told      %s by %s", h.Message.Contact.Name, h.Message.Contact.Channel)
	}
}

const fewLines = 5

// few says a line, unless a step of the story has had enough of its sort from its source: then it is counted.
func (d *demoRun) few(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	sort := line[:10]
	if what := strings.Fields(line); what[0] != "told" {
		sort += what[1]
	}
	d.mu.Lock()
	if d.lines == nil {
		d.lines = map[string]int{}
	}
	d.lines[sort]++
	enough := d.silent || d.lines[sort] > fewLines
	d.mu.Unlock()
	if !enough {
		d.say("%s", line)
	}
}

// rest says how many lines of each sort were left out of a step. The caller holds the lock.
func (d *demoRun) rest() {
	for _, sort := range slices.Sorted(maps.Keys(d.lines)) {
		if n := d.lines[sort] - fewLines; n > 0 {
			fmt.Fprintf(d.a.out, "          %s  … and %d more\n", sort, n)
		}
	}
	d.lines = nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprint(n, " ", what, "s")
}

func (d *demoRun) headline(s string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rest()
	fmt.Fprintf(d.a.out, "\n%s\n", s)
}

func (d *demoRun) say(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	clock := 0.0
	if !d.began.IsZero() {
		clock = time.Since(d.began).Seconds()
	}
	fmt.Fprintf(d.a.out, "%6.1f s  %s\n", clock, fmt.Sprintf(format, args...))
}
