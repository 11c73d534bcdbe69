package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"leakwatch/leak"
	"leakwatch/matcher"
	"leakwatch/store"
)

func newLookupCommand(a *app) *cobra.Command {
	var purpose string
	cmd := &cobra.Command{
		Use:   "lookup KIND --purpose TEXT",
		Short: "Say where and when one identifier was found",
		Long: `Reads one identifier from the terminal, without echo, or from standard input; never from the command line, where
others on the machine can see it. Each look-up is written into the audit chain before it is answered.

A name is "given family", a name-dob "given family 1994-05-01", an mrn "clinic/NUMBER".`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.lookup(cmd.Context(), leak.Kind(args[0]), purpose)
		},
	}
	cmd.Flags().StringVar(&purpose, "purpose", "", "reason or case number, for the audit row (required)")
	return cmd
}

func (a *app) lookup(ctx context.Context, kind leak.Kind, purpose string) error {
	switch {
	case !kind.Known():
		return usageError("that is no kind of identifier: write email, phone, name, name-dob, mrn or a national number such as fi-hetu (docs/kinds.md has them all); the value itself never goes on the command line")
	case strings.TrimSpace(purpose) == "":
		return usageError("lookup needs --purpose: a reason or case number, for the audit row")
	}
	if _, err := a.store(ctx); err != nil {
		return err
	}
	value, err := a.readLine()
	if err != nil {
		return err
	}
	tokens, err := a.match.Tokens(kind, value)
	var bad *matcher.BadIdentifier
	if errors.As(err, &bad) {
		return badUsage{err}
	} else if err != nil {
		return err
	}
	p := a.principal(purpose)
	if err := a.audit(ctx, p, "lookup", string(kind)); err != nil {
		return err
	}
	sightings, err := a.opened.FindsByTokens(ctx, p, tokens)
	if err != nil {
		return err
	}
	if err := a.writeSightings(sightings); err != nil {
		return err
	}
	if len(sightings) == 0 {
		return errNothing
	}
	return nil
}

func (a *app) writeSightings(sightings []store.Sighting) error {
	if a.json {
		for _, s := range sightings {
			err := a.writeJSON(map[string]any{"find": s.Find, "leak": s.Leak, "source": s.Source, "place": s.Place, "kind": s.Kind,
				"listed_at": s.ListedAt, "matched_at": s.MatchedAt, "live": s.Live, "clinics": s.Clinics})
			if err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	for _, s := range sightings {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", stamp(s.MatchedAt), s.Find, s.Kind, s.Place, liveWord(s.Live), strings.Join(s.Clinics, ", "))
	}
	return w.Flush()
}

// notFound turns the store's answer into the exit status for nothing found.
func notFound(err error, what, id string) error {
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%w: no %s %s", errNothing, what, id)
	}
	return err
}
