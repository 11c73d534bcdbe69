package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"leakwatch/leak"
	"leakwatch/pipeline"
	"leakwatch/store"
)

func newCrawlCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "crawl SOURCE",
		Short: "Run one source now, and show its coverage",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.crawl(cmd.Context(), args[0]) },
	}
}

func (a *app) crawl(ctx context.Context, source string) error {
	if _, err := a.config(ctx); err != nil {
		return err
	}
	ids := make([]string, len(a.loaded.Sources))
	for i, s := range a.loaded.Sources {
		ids[i] = s.ID
	}
	if !slices.Contains(ids, source) {
		return usageError("there is no source %q in %s; it has: %s", source, a.configPath, strings.Join(ids, ", "))
	}
	line := a.progress()
	svc, err := a.newService(ctx, changes{happened: line.step})
	if err != nil {
		return err
	}
	if err := a.readAgain(ctx); err != nil {
		return err
	}
	started := a.now()
	run, err := svc.Crawl(ctx, source)
	line.done()
	if err != nil {
		return err
	}
	if err := svc.Deliver(ctx, time.Minute); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	rows, err := a.opened.Coverage(ctx, store.CoverageFilter{From: started.Add(-24 * time.Hour), To: a.now().Add(time.Minute), Source: source})
	if err != nil {
		return err
	}
	if err := a.writeCoverage(rows); err != nil {
		return err
	}
	switch {
	case run.Err != "":
		return fmt.Errorf("%w: the run of %s failed: %s", errUnfinished, source, run.Err)
	case openVersions(rows) > 0:
		return fmt.Errorf("%w: %d versions are open still; they are tried again when they are due", errUnfinished, openVersions(rows))
	case run.Cut != "" || line.unread.Load() > 0:
		return errUnfinished
	}
	return nil
}

// openVersions counts what has no outcome yet: left by a process that died, or waiting for another attempt.
func openVersions(rows []store.CoverageRow) (n int64) {
	for _, r := range rows {
		n += r.Open
	}
	return n
}

// progress is one line on a terminal that says how far a crawl is. Without a terminal it says nothing.
type progress struct {
	a                          *app
	listed, read, finds, bytes atomic.Int64
	unread                     atomic.Int64
}

func (a *app) progress() *progress { return &progress{a: a} }

func (l *progress) step(h pipeline.Happening) {
	switch h.What {
	case "listed":
		l.listed.Add(int64(h.Run.Listed))
	case "read":
		l.read.Add(1)
		l.bytes.Add(h.Outcome.Bytes)
		if h.Outcome.Completeness != leak.Whole {
			l.unread.Add(1)
		}
	case "find":
		if h.Find.Final {
			l.finds.Add(1)
		}
	}
	if l.a.terminal() {
		fmt.Fprintf(l.a.err, "\r%d listed, %d read, %s, %d finds ", l.listed.Load(), l.read.Load(), size(l.bytes.Load()), l.finds.Load())
	}
}

func (l *progress) done() {
	if l.a.terminal() {
		fmt.Fprintln(l.a.err)
	}
}

// size shows bytes for people.
func size(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	f := float64(n)
	for i, u := range units {
		if f < 1024 || i == len(units)-1 {
			if i == 0 {
				return fmt.Sprintf("%d %s", n, u)
			}
			return fmt.Sprintf("%.1f %s", f, u)
		}
		f /= 1024
	}
	return ""
}
