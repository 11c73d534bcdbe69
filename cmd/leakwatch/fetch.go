package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/unicode/norm"

	"leakwatch/leak"
	"leakwatch/pipeline"
)

func newFetchCommand(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "fetch URL --reason TEXT",
		Short: "Read one place now, as a tip or a forwarded link gives it",
		Long: `Reads one place through the same way as any item: sealed, matched, recorded, told. Onion addresses go through the
configured Tor proxy. An address "-" is read from standard input, so that it does not stay in the shell's history.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.fetch(cmd.Context(), args[0], reason) },
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the audit row (required)")
	return cmd
}

func (a *app) fetch(ctx context.Context, address, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return usageError("fetch needs --reason: who gave the tip, or a case number")
	}
	if address == "-" {
		line, err := a.readLine()
		if err != nil {
			return err
		}
		address = line
	}
	item, err := a.tip(ctx, address)
	if err != nil {
		return err
	}
	var outcome leak.Outcome
	var found []leak.Find
	svc, err := a.newService(ctx, changes{happened: func(h pipeline.Happening) {
		switch h.What {
		case "read":
			outcome = h.Outcome
		case "find":
			found = append(found, h.Find)
		}
	}})
	if err != nil {
		return err
	}
	if err := a.audit(ctx, a.principal(reason), "fetch", item.Place.Shown()); err != nil {
		return err
	}
	version, err := a.opened.AddTip(ctx, item)
	if err != nil {
		return fmt.Errorf("write down tip: %w", err)
	}
	if err := svc.Fetch(ctx, version); err != nil {
		return err
	}
	if err := svc.Deliver(ctx, time.Minute); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return a.writeOutcome(item.Place, outcome, found)
}

// tip makes an item out of an address that a person gave.
func (a *app) tip(ctx context.Context, address string) (leak.Item, error) {
	places, err := a.places(ctx)
	if err != nil {
		return leak.Item{}, err
	}
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return leak.Item{}, usageError("fetch needs a whole http or https address")
	}
	clear := u.String()
	name := norm.NFC.String(path.Base(u.Path))
	place := places.Place("", clear)
	return leak.Item{Source: pipeline.Tips, Key: places.Digest(norm.NFC.String(clear)), Place: place, Name: name,
		Title: places.Title(name), Collection: places.Digest("tip:" + clear), Group: place, Size: leak.UnknownSize,
		Mark: a.now().UTC().Format(time.RFC3339Nano), Fetch: true}, nil
}

func (a *app) writeOutcome(place leak.Place, o leak.Outcome, found []leak.Find) error {
	ids := []string{}
	confidence := leak.None
	for _, f := range found {
		if f.Final || len(ids) == 0 {
			ids = []string{f.ID}
		}
		confidence = max(confidence, f.Best())
	}
	if a.json {
		err := a.writeJSON(map[string]any{"place": place, "result": o.Result, "completeness": o.Completeness,
			"reasons": o.Reasons, "bytes": o.Bytes, "finds": ids, "confidence": confidence})
		if err != nil {
			return err
		}
	} else {
		fmt.Fprintf(a.out, "%s\n%s, %s, %s read\n", place, o.Result, o.Completeness, size(o.Bytes))
		for _, r := range o.Reasons {
			fmt.Fprintf(a.out, "  %s\n", r)
		}
		for _, id := range ids {
			fmt.Fprintf(a.out, "find %s, %s: `leakwatch find show %s`\n", id, confidence, id)
		}
	}
	switch {
	case (o.Result == leak.Matched || o.Result == leak.Mentioned) && o.Completeness == leak.Whole:
		return nil
	case o.Completeness != leak.Whole || o.Result == "":
		return errUnfinished
	}
	return errNothing
}
