package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"leakwatch/matcher/enroll"
)

func newAlertsExport(a *app) *cobra.Command {
	var out, purpose string
	cmd := &cobra.Command{
		Use:   "export ID --out FILE",
		Short: "Write whose records an alert is about, sealed to the clinic",
		Long:  "The file holds the clinic's own handles of its patients, and opens on the clinic's machine only, with `leakwatch resolve`.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.exportAlert(cmd.Context(), args[0], out, purpose)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write (required)")
	cmd.Flags().StringVar(&purpose, "purpose", "clinic's patient list", "reason, for the audit row")
	return cmd
}

func (a *app) exportAlert(ctx context.Context, id, out, purpose string) error {
	if out == "" {
		return usageError("alerts export needs --out: a file to write")
	}
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	p := a.principal(purpose)
	alert, err := s.Alert(ctx, p, id)
	if err != nil {
		return notFound(err, "alert", id)
	}
	clinic, err := s.Clinic(ctx, alert.Clinic)
	if err != nil {
		return err
	}
	if clinic.Recipient == "" {
		return usageError("clinic %s has sent no bundle yet, so there is no key to seal the export to", clinic.ID)
	}
	refs, err := s.AlertRefs(ctx, p, id)
	if err != nil {
		return err
	}
	if err := a.audit(ctx, p, "export", id); err != nil {
		return err
	}
	export := enroll.Export{Alert: alert.ID, Clinic: alert.Clinic, Event: alert.Event, Confidence: alert.Confidence,
		ListedAt: alert.ListedAt, FetchedAt: alert.FetchedAt, MatchedAt: alert.MatchedAt, Created: a.now().UTC(), Test: alert.Test}
	for _, r := range refs {
		export.Persons = append(export.Persons, enroll.ExportPerson{Ref: r.Person.Ref, Kinds: r.Kinds, Told: r.ToldBefore})
	}
	if err := writeExport(out, clinic.Recipient, export); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%d persons of alert %s, sealed to %s: %s\n", len(export.Persons), id, clinic.ID, out)
	return nil
}

func writeExport(path, recipient string, export enroll.Export) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return usageError("%s is already there; nothing was written", path)
	} else if err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	err = errors.Join(enroll.SealExport(f, recipient, export), f.Sync(), f.Close())
	if err != nil {
		return errors.Join(fmt.Errorf("write export: %w", err), os.Remove(path))
	}
	return nil
}
