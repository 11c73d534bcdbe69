package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"leakwatch/leak"
	"leakwatch/store"
)

func newCoverageCommand(a *app) *cobra.Command {
	var from, to, source string
	cmd := &cobra.Command{
		Use:   "coverage",
		Short: "Say what was looked at, and what of it was read: per source and day",
		Long: `Result and completeness are two things: what came of a version, and how much of it was read. Where nothing was read,
"no alert" means "not looked". By default the last seven days.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.store(cmd.Context())
			if err != nil {
				return err
			}
			f := store.CoverageFilter{Source: source}
			if f.From, err = day(from); err != nil {
				return err
			}
			if f.To, err = day(to); err != nil {
				return err
			}
			if f.From.IsZero() {
				f.From = a.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -6)
			}
			if f.To.IsZero() {
				f.To = a.now().Add(time.Minute)
			}
			rows, err := s.Coverage(cmd.Context(), f)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				return fmt.Errorf("%w: no run of any source in that time", errNothing)
			}
			return a.writeCoverage(rows)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "first day, UTC")
	cmd.Flags().StringVar(&to, "to", "", "up to this day or time, UTC")
	cmd.Flags().StringVar(&source, "source", "", "id of a source")
	return cmd
}

func (a *app) writeCoverage(rows []store.CoverageRow) error {
	if a.json {
		for _, r := range rows {
			if err := a.writeJSON(map[string]any{"day": dayOf(r.Day), "source": r.Source, "runs": r.Runs, "failed_runs": r.FailedRuns,
				"listed": r.Listed, "due": r.Due, "results": r.Results, "completeness": r.Completeness, "open": r.Open,
				"bytes": r.Bytes, "last_complete": r.LastComplete, "reasons": r.Reasons}); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "DAY\tSOURCE\tRUNS\tFAILED\tLISTED\tDUE\tMATCHED\tMENTIONED\tCLEAN\tSKIPPED\tFAILED\tWHOLE\tPARTIAL\tUNREADABLE\tOPEN\tBYTES\tLAST WHOLE LISTING")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", dayOf(r.Day), r.Source, r.Runs, r.FailedRuns,
			r.Listed, r.Due, r.Results[leak.Matched], r.Results[leak.Mentioned], r.Results[leak.Clean], r.Results[leak.Skipped], r.Results[leak.Failed],
			r.Completeness[leak.Whole], r.Completeness[leak.Partial], r.Completeness[leak.Unreadable], r.Open, size(r.Bytes), stamp(r.LastComplete))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range rows {
		if len(r.Reasons) > 0 {
			fmt.Fprintf(a.out, "%s %s: %s\n", dayOf(r.Day), r.Source, counts(r.Reasons))
		}
	}
	return nil
}

func dayOf(t time.Time) string { return t.UTC().Format("2006-01-02") }
