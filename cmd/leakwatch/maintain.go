package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"leakwatch/finds"
	"leakwatch/store"
)

func newReindexCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "reindex",
		Short: "Rebuild the search index from the store, while serve goes on",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.reindex(cmd.Context()) },
	}
}

// reindex fills a new index behind the one that serves, and swaps them once every find is in it.
func (a *app) reindex(ctx context.Context) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	index, err := a.index(ctx)
	if err != nil {
		return err
	}
	if err := index.Reset(ctx); err != nil {
		return fmt.Errorf("reindex: %w", err)
	}
	n, err := s.ReindexAll(ctx)
	if err != nil {
		return err
	}
	if err := fill(ctx, s, index); err != nil {
		return fmt.Errorf("reindex: %w", err)
	}
	if err := index.Commit(ctx); err != nil {
		return fmt.Errorf("reindex: %w", err)
	}
	if a.json {
		return a.writeJSON(map[string]int64{"finds": n})
	}
	fmt.Fprintf(a.out, "%d finds indexed\n", n)
	return nil
}

// fill indexes what is due until nothing is, beside a service that does the same: what either writes reaches both indexes.
func fill(ctx context.Context, s *store.Store, index finds.Index) error {
	for {
		docs, err := s.LeaseUnindexed(ctx, "reindex", 500, time.Minute)
		if err != nil {
			return err
		}
		if len(docs) > 0 {
			if err := index.Put(ctx, docs); err != nil {
				return err
			}
			if err := s.FinishIndexed(ctx, docs); err != nil {
				return err
			}
			continue
		}
		stats, err := s.Stats(ctx)
		if err != nil || stats["due/finds"] == 0 {
			return err
		}
		select { // a running service has the last of them
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func newPurgeCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "purge",
		Short: "Apply retention now: what is past its time and under no legal hold goes",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.purge(cmd.Context()) },
	}
}

func (a *app) purge(ctx context.Context) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	vault, err := a.vault(ctx)
	if err != nil {
		return err
	}
	if err := a.audit(ctx, a.principal("retention"), "purge", "everything past its time"); err != nil {
		return err
	}
	gone, evidence, err := s.Purge(ctx)
	if err != nil {
		return err
	}
	for _, version := range evidence {
		if err := vault.Drop(version); err != nil {
			return err
		}
	}
	if a.json {
		return a.writeJSON(map[string]any{"rows": gone, "evidence": len(evidence)})
	}
	for _, table := range slices.Sorted(maps.Keys(gone)) {
		fmt.Fprintf(a.out, "%s\t%d\n", table, gone[table])
	}
	fmt.Fprintf(a.out, "evidence\t%d\n", len(evidence))
	return nil
}

// day reads a day or a time that a person typed, UTC.
func day(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02 15:04:05Z", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usageError("that is no time: write 2026-11-22 or 2026-11-22T15:04, UTC")
}
