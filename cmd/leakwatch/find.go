package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"leakwatch/leak"
	"leakwatch/store"
)

func newFindCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "find", Short: "Show a find whole, or hold it back from the purge"}
	var reveal bool
	var purpose string
	show := &cobra.Command{
		Use:   "show ID",
		Short: "One find with its times, versions, copies and reasons",
		Long:  "Places are shown as codes; --reveal shows them in clear, needs --purpose, and writes an audit row first.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.showFind(cmd.Context(), args[0], reveal, purpose)
		},
	}
	show.Flags().BoolVar(&reveal, "reveal", false, "show places in clear (needs --purpose)")
	show.Flags().StringVar(&purpose, "purpose", "", "reason or case number, for the audit row")
	var off bool
	hold := &cobra.Command{
		Use:   "hold ID --purpose TEXT",
		Short: "Put a legal hold on a find and its evidence, or take it off with --off",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.holdFind(cmd.Context(), args[0], !off, purpose)
		},
	}
	hold.Flags().BoolVar(&off, "off", false, "take the hold off")
	hold.Flags().StringVar(&purpose, "purpose", "", "reason or case number, for the audit row")
	cmd.AddCommand(show, hold)
	return cmd
}

func (a *app) holdFind(ctx context.Context, id string, hold bool, purpose string) error {
	if strings.TrimSpace(purpose) == "" {
		return usageError("find hold needs --purpose: a reason or case number, for the audit row")
	}
	action := "hold"
	if !hold {
		action = "release"
	}
	if err := a.audit(ctx, a.principal(purpose), action, id); err != nil {
		return err
	}
	return notFound(a.opened.HoldFind(ctx, id, hold), "find", id)
}

func (a *app) showFind(ctx context.Context, id string, reveal bool, purpose string) error {
	if reveal && strings.TrimSpace(purpose) == "" {
		return usageError("--reveal needs --purpose: a reason or case number, for the audit row")
	}
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	p := a.principal(purpose)
	d, err := s.Find(ctx, p, id)
	if err != nil {
		return notFound(err, "find", id)
	}
	where := leak.Place.Shown
	if reveal {
		if err := a.audit(ctx, p, "reveal", id); err != nil {
			return err
		}
		where = func(p leak.Place) string { return printable(p.Reveal()) }
	}
	if a.json {
		return a.writeJSON(findJSON(d, where))
	}
	return a.writeFind(d, where)
}

// findJSON is what a find is to a program: the same facts as people are shown.
func findJSON(d store.FindDetail, where func(leak.Place) string) map[string]any {
	copies := make([]map[string]any, len(d.Copies))
	for i, c := range d.Copies {
		copies[i] = map[string]any{"find": c.Find, "source": c.Source, "place": where(c.Place), "shape": c.Shape,
			"matched_at": c.MatchedAt, "live": c.Live, "same_place": c.SamePlace}
	}
	return map[string]any{
		"find": d.Find.ID, "leak": d.Leak, "aliases": d.Aliases, "joins": d.Joins, "related": d.Related,
		"source": d.Find.Item.Source, "place": where(d.Find.Item.Place), "group": where(d.Group), "group_finds": d.GroupFinds,
		"title": d.Find.Item.Title, "poster": d.Find.Item.Poster, "published": d.Find.Item.Published, "size": d.Find.Item.Size,
		"shape": d.Find.Shape, "revision": d.Find.Revision, "outcome": d.Find.Outcome, "candidates": d.Find.Tally.Candidates,
		"indicators": d.Find.Indicators, "clinics": d.Clinics, "versions": d.Versions, "copies": copies, "copies_total": d.CopiesTotal,
		"live": d.Live, "gone_at": d.GoneAt, "changed_at": d.ChangedAt, "looked_at": d.LookedAt, "next_look": d.NextLook,
		"listed_at": d.Find.ListedAt, "matched_at": d.Find.MatchedAt, "recorded_at": d.RecordedAt, "read_by": d.Find.Config,
		"exchanges": d.Exchanges, "evidence": d.Evidence, "tokens": d.Tokens, "expires_at": d.ExpiresAt, "hold": d.Hold,
	}
}

func (a *app) writeFind(d store.FindDetail, where func(leak.Place) string) error {
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", args...) }
	f := d.Find
	row("find", "%s, revision %d", f.ID, f.Revision)
	row("leak", "%s%s", d.Leak, aliases(d.Aliases))
	row("place", "%s", where(f.Item.Place))
	row("source", "%s, of %d finds in %s", f.Item.Source, d.GroupFinds, where(d.Group))
	if f.Item.Title != "" {
		row("title", "%s", f.Item.Title)
	}
	if f.Item.Poster != "" {
		row("poster", "%s", f.Item.Poster)
	}
	row("published", "%s", published(f.Item.Published))
	row("listed", "%s", stamp(f.ListedAt))
	row("fetched", "%s", stamp(f.Outcome.FetchedAt))
	row("matched", "%s", stamp(f.MatchedAt))
	row("state", "%s", state(d))
	row("shape", "%s, %s, %s", f.Shape, size(f.Outcome.Bytes), f.Outcome.MediaType)
	row("read", "%s, %s", f.Outcome.Result, f.Outcome.Completeness)
	for _, r := range f.Outcome.Reasons {
		row("", "%s", r)
	}
	row("candidates", "%s", counts(f.Tally.Candidates))
	for _, i := range f.Indicators {
		row(i.Type, "%s", i.Value)
	}
	for _, c := range d.Clinics {
		row("clinic "+c.Clinic, "%s, %s: %d persons (%s)", c.Verdict.Confidence, eventWord(c.Event), c.Persons, counts(c.Kinds))
		for _, r := range c.Verdict.Reasons {
			row("", "%s", r)
		}
		if len(c.Tally.Terms) > 0 {
			row("", "named: %s", counts(c.Tally.Terms))
		}
		row("", "alerts: %s", strings.Join(c.Alerts, ", "))
	}
	for _, j := range d.Joins {
		row("joined", "%s by %s, %.0f %% shared", j.Leak, j.Reason, 100*j.Overlap)
	}
	for _, j := range d.Related {
		row("related", "%s, %.1f %% shared", j.Leak, 100*j.Overlap)
	}
	for _, v := range d.Versions {
		row("version", "%d, listed %s: %s, %s %s", v.Seq, stamp(v.ListedAt), v.Outcome.Result, v.Outcome.Completeness, v.Find)
	}
	row("copies", "%d", d.CopiesTotal)
	for _, c := range d.Copies {
		row("", "%s  %s  %s, %s", stamp(c.MatchedAt), c.Find, where(c.Place), liveWord(c.Live))
	}
	row("evidence", "%s, %d requests; expires %s%s", d.Evidence, d.Exchanges, stamp(d.ExpiresAt), holdWord(d.Hold))
	row("read by", "%s", f.Config)
	return w.Flush()
}

func aliases(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return " (was " + strings.Join(ids, ", ") + ")"
}

func published(s leak.Stamp) string {
	switch {
	case s.IsZero():
		return "the source does not say"
	case s.From.Equal(s.To):
		return stamp(s.From)
	}
	return stamp(s.From) + " to " + stamp(s.To)
}

func state(d store.FindDetail) string {
	switch {
	case d.Live:
		if d.LookedAt.IsZero() {
			return "there when it was fetched"
		}
		return "there when last looked at, " + stamp(d.LookedAt)
	case !d.GoneAt.IsZero():
		return "gone since " + stamp(d.GoneAt)
	case !d.ChangedAt.IsZero():
		return "something else is there since " + stamp(d.ChangedAt)
	}
	return "not known"
}

func liveWord(live bool) string {
	if live {
		return "there"
	}
	return "gone"
}

func holdWord(hold bool) string {
	if hold {
		return ", held"
	}
	return ""
}

func eventWord(e leak.Event) string {
	if e == leak.NoEvent {
		return "not told"
	}
	return string(e)
}
