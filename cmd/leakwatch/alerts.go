package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"leakwatch/leak"
	"leakwatch/store"
)

func newAlertsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "alerts", Short: "What was told to whom, and how each message fared"}
	cmd.AddCommand(newAlertsList(a), newAlertsShow(a), newAlertsAck(a), newAlertsExport(a), newAlertsTest(a), newAlertsRetry(a))
	return cmd
}

func newAlertsList(a *app) *cobra.Command {
	var f store.AlertFilter
	var from, to, event string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Alerts, newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if f.From, err = day(from); err != nil {
				return err
			}
			if f.To, err = day(to); err != nil {
				return err
			}
			f.Event = leak.Event(event)
			return a.listAlerts(cmd.Context(), f)
		},
	}
	cmd.Flags().StringVar(&f.Clinic, "clinic", "", "id of a clinic")
	cmd.Flags().StringVar(&f.Leak, "leak", "", "id of a leak")
	cmd.Flags().StringVar(&event, "event", "", "new, back, resurfaced, spread, grown, late or gone")
	cmd.Flags().StringVar(&from, "from", "", "opened at or after this day or time, UTC")
	cmd.Flags().StringVar(&to, "to", "", "opened before this day or time, UTC")
	cmd.Flags().BoolVar(&f.Unread, "open", false, "only those that nobody acknowledged")
	cmd.Flags().IntVar(&f.Limit, "limit", 100, "alerts to show, at most 1000")
	return cmd
}

func (a *app) listAlerts(ctx context.Context, f store.AlertFilter) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	list, err := s.Alerts(ctx, a.principal(""), f)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errNothing
	}
	if a.json {
		for _, alert := range list {
			if err := a.writeJSON(alertJSON(alert)); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "OPENED\tALERT\tCLINIC\tEVENT\tCONFIDENCE\tPERSONS\tSEEN BEFORE\tFINDS\tACKNOWLEDGED\tLEAK")
	for _, l := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\n", stamp(l.Opened), l.ID, l.Clinic, l.Event, l.Confidence,
			l.Persons, l.SeenBefore, l.Finds, stamp(l.Acknowledged), l.Leak)
	}
	return w.Flush()
}

// alertJSON is an alert to a program, fields in snake case as everywhere in our output.
func alertJSON(l leak.Alert) map[string]any {
	m := map[string]any{"alert": l.ID, "clinic": l.Clinic, "leak": l.Leak, "event": l.Event, "confidence": l.Confidence,
		"reasons": l.Reasons, "nature": l.Nature, "opened": l.Opened, "window_ends": l.WindowEnds, "revision": l.Revision,
		"persons": l.Persons, "seen_before": l.SeenBefore, "new_persons": l.NewPersons(), "first_place": l.FirstPlace,
		"first_at": l.FirstAt, "patients": l.Patients, "kinds": l.Kinds, "candidates": l.Candidates, "finds": l.Finds,
		"places": l.Places, "sources": l.Sources, "live_copies": l.LiveCopies, "listed_at": l.ListedAt, "fetched_at": l.FetchedAt,
		"matched_at": l.MatchedAt, "complete": l.Complete, "test": l.Test, "acknowledged": l.Acknowledged, "acked_by": l.AckedBy,
		"aware_at": l.AwareAt, "aware_why": l.AwareWhy}
	maps.DeleteFunc(m, func(_ string, v any) bool { // what has not happened has no time
		t, ok := v.(time.Time)
		return ok && t.IsZero()
	})
	return m
}

func newAlertsShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "One alert, its finds, and each message with its attempts",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.showAlert(cmd.Context(), args[0]) },
	}
}

func (a *app) showAlert(ctx context.Context, id string) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	d, err := s.Alert(ctx, a.principal(""), id)
	if err != nil {
		return notFound(err, "alert", id)
	}
	if a.json {
		m := alertJSON(d.Alert)
		m["find_ids"], m["deliveries"] = d.FindIDs, d.Deliveries
		return a.writeJSON(m)
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", args...) }
	row("alert", "%s, revision %d", d.ID, d.Revision)
	row("clinic", "%s", d.Clinic)
	row("event", "%s, %s (%s)", d.Event, d.Confidence, strings.Join(d.Reasons, "; "))
	row("leak", "%s", d.Leak)
	row("persons", "%d of %d patients; %d seen before, %d new", d.Persons, d.Patients, d.SeenBefore, d.NewPersons())
	if d.FirstPlace != "" {
		row("first seen", "%s, %s", stamp(d.FirstAt), d.FirstPlace)
	}
	row("kinds", "%s", counts(d.Kinds))
	row("candidates", "%s", counts(d.Candidates))
	row("places", "%s", strings.Join(d.Places, ", "))
	row("copies", "%d still there", d.LiveCopies)
	row("opened", "%s, updates until %s", stamp(d.Opened), stamp(d.WindowEnds))
	row("listed", "%s; fetched %s; matched %s", stamp(d.ListedAt), stamp(d.FetchedAt), stamp(d.MatchedAt))
	if d.Acknowledged.IsZero() {
		row("acknowledged", "by nobody yet: leakwatch alerts ack %s --by NAME", d.ID)
	} else {
		row("acknowledged", "%s %s; aware since %s %s", stamp(d.Acknowledged), d.AckedBy, stamp(d.AwareAt), d.AwareWhy)
	}
	row("finds", "%d: %s", d.Finds, strings.Join(d.FindIDs[:min(10, len(d.FindIDs))], ", "))
	for _, m := range d.Deliveries {
		row("message", "%s, %s to %s by %s: %s", m.ID, m.Kind, m.Contact.Name, m.Contact.Channel, m.State)
		for _, t := range m.Attempts {
			row("", "attempt %d, %s: %s", t.Number, stamp(t.At), t.Outcome)
		}
	}
	return w.Flush()
}

func newAlertsAck(a *app) *cobra.Command {
	var by, aware, why string
	cmd := &cobra.Command{
		Use:   "ack ID --by NAME [--aware-since TIME --why TEXT]",
		Short: "Say that a named person took an alert, and since when the clinic is aware",
		Long: `Being aware of a breach starts the 72 hours of article 33 of the GDPR. That is no machine's time: a named person sets
it, with a reason, and may set it again; each setting stays in the audit chain.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ackAlert(cmd.Context(), args[0], by, aware, why)
		},
	}
	cmd.Flags().StringVar(&by, "by", "", "name of the person who acknowledges (required)")
	cmd.Flags().StringVar(&aware, "aware-since", "", "since when the clinic is aware, UTC")
	cmd.Flags().StringVar(&why, "why", "", "why since then (required with --aware-since)")
	return cmd
}

func (a *app) ackAlert(ctx context.Context, id, by, aware, why string) error {
	since, err := day(aware)
	switch {
	case err != nil:
		return err
	case strings.TrimSpace(by) == "":
		return usageError("alerts ack needs --by: the name of the person who acknowledges")
	case !since.IsZero() && strings.TrimSpace(why) == "":
		return usageError("--aware-since needs --why")
	case since.After(a.now()):
		return usageError("--aware-since is in the future")
	}
	p := a.principal("acknowledge")
	if err := a.audit(ctx, p, "ack", id); err != nil {
		return err
	}
	return notFound(a.opened.AckAlert(ctx, p, id, by, since, why), "alert", id)
}

func newAlertsTest(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "test CLINIC",
		Short: "Send a clinic a message that is marked as a test",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.testAlert(cmd.Context(), args[0]) },
	}
}

func (a *app) testAlert(ctx context.Context, clinic string) error {
	svc, err := a.newService(ctx, changes{})
	if err != nil {
		return err
	}
	p := a.principal("test message")
	if err := a.audit(ctx, p, "test alert", clinic); err != nil {
		return err
	}
	id, err := a.opened.TestAlert(ctx, p, clinic)
	if err != nil {
		return notFound(err, "clinic", clinic)
	}
	if err := svc.Deliver(ctx, time.Minute); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	d, err := a.opened.Alert(ctx, p, id)
	if err != nil {
		return err
	}
	unsent := 0
	for _, m := range d.Deliveries {
		outcome := string(m.State)
		if n := len(m.Attempts); n > 0 && m.State != leak.DeliverySent {
			outcome += ": " + m.Attempts[n-1].Outcome
		}
		if m.State != leak.DeliverySent {
			unsent++
		}
		fmt.Fprintf(a.out, "%s by %s: %s\n", m.Contact.Name, m.Contact.Channel, outcome)
	}
	switch {
	case len(d.Deliveries) == 0:
		return fmt.Errorf("%w: clinic %s has no contact", errNothing, clinic)
	case unsent > 0:
		return fmt.Errorf("%w: %d of %d messages were not accepted", errUnfinished, unsent, len(d.Deliveries))
	}
	return nil
}

func newAlertsRetry(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "retry [MESSAGE…]",
		Short: "Send messages again that were given up; all of them when none is named",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.audit(cmd.Context(), a.principal("retry"), "retry", strings.Join(args, " ")); err != nil {
				return err
			}
			n, err := a.opened.RetryDead(cmd.Context(), args...)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%d messages are due again\n", n)
			if n == 0 {
				return errNothing
			}
			return nil
		},
	}
}
