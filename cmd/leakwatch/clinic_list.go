package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"leakwatch/leak"
	"leakwatch/matcher/enroll"
	"leakwatch/store"
)

func newClinicList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "All clinics",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.listClinics(cmd.Context()) },
	}
}

func (a *app) listClinics(ctx context.Context) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	clinics, err := s.Clinics(ctx)
	if err != nil {
		return err
	}
	if len(clinics) == 0 {
		return errNothing
	}
	if a.json {
		for _, c := range clinics {
			if err := a.writeJSON(clinicJSON(c)); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "CLINIC\tNAME\tREGION\tRING\tEXPECTED PATIENTS\tLAST BUNDLE\tCONTACTS\tWARNING")
	for _, c := range clinics {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%d\t%s\n", c.ID, c.Name, c.Region, c.Ring, c.Patients, bundleWord(c), len(c.Contacts), enroll.ContactsWanting(c.Contacts))
	}
	return w.Flush()
}

func bundleWord(c store.Clinic) string {
	if c.Sequence == 0 {
		return "none yet"
	}
	return fmt.Sprint(c.Sequence)
}

// clinicJSON is a clinic to a program, fields in snake case as everywhere in our output.
func clinicJSON(c store.Clinic) map[string]any {
	contacts := []map[string]any{}
	for _, k := range c.Contacts {
		contacts = append(contacts, contactJSON(k))
	}
	return map[string]any{"clinic": c.ID, "name": c.Name, "region": c.Region, "regions": c.Regions, "patients": c.Patients, "ring": c.Ring,
		"recipient": c.Recipient, "fingerprint": enroll.Fingerprint(c.Signer), "sequence": c.Sequence, "contacts": contacts, "created": c.Created,
		"record_numbers": c.RecordNumbers,
		"warning":        enroll.ContactsWanting(c.Contacts)}
}

func contactJSON(k leak.Contact) map[string]any {
	return map[string]any{"name": k.Name, "role": k.Role, "channel": k.Channel, "address": k.Address, "verified": k.Verified}
}

func newClinicShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "One clinic whole",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.showClinic(cmd.Context(), args[0]) },
	}
}

func (a *app) showClinic(ctx context.Context, id string) error {
	c, err := a.clinic(ctx, id)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(clinicJSON(c))
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", args...) }
	row("clinic", "%s, %s", c.ID, c.Name)
	row("regions", "%s", strings.Join(append([]string{c.Region}, c.Regions...), ", "))
	row("ring", "%s", c.Ring)
	row("record numbers", "%s", orNone(c.RecordNumbers))
	row("expected patients", "%d", c.Patients)
	row("last bundle", "%s", bundleWord(c))
	row("signing key", "%s", orNone(enroll.Fingerprint(c.Signer)))
	row("recipient", "%s", orNone(c.Recipient))
	row("added", "%s", stamp(c.Created))
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	if err := a.writeContacts(c.Contacts); err != nil {
		return err
	}
	if wanting := enroll.ContactsWanting(c.Contacts); wanting != "" {
		fmt.Fprintf(a.err, "warning: clinic %s: %s\n", id, wanting)
	}
	return nil
}

func newClinicRewrap(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "rewrap [ID]",
		Short: "Put a clinic's rows, or all, under the current index pepper",
		Long:  "After the last row the old pepper may be destroyed. It may be run again, and goes on where it was stopped.",
		Args:  cobra.MaximumNArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.rewrap(cmd.Context(), args) },
	}
}

func (a *app) rewrap(ctx context.Context, ids []string) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		clinics, err := s.Clinics(ctx)
		if err != nil {
			return err
		}
		for _, c := range clinics {
			ids = append(ids, c.ID)
		}
	}
	for _, id := range ids {
		if _, err := a.clinic(ctx, id); err != nil {
			return err
		}
		var moved int64
		err := s.RewrapTags(ctx, id, func(t leak.Tag) (leak.Tag, error) {
			w, err := a.match.Rewrap(t)
			if err == nil && w.PK != t.PK {
				moved++
			}
			return w, err
		})
		if err != nil {
			return err
		}
		if a.json {
			err = a.writeJSON(map[string]any{"clinic": id, "rewrapped": moved})
		} else {
			_, err = fmt.Fprintf(a.out, "clinic %s: %d rows rewrapped\n", id, moved)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func newClinicRemove(a *app) *cobra.Command {
	var yes, purpose string
	cmd := &cobra.Command{
		Use:   "remove ID --yes ID --purpose TEXT",
		Short: "Erase a clinic: its registry, its people in finds, its alerts, itself",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if yes != args[0] {
				return usageError("this erases everything of clinic %s: say --yes %s", args[0], args[0])
			}
			return a.removeClinic(cmd.Context(), args[0], purpose)
		},
	}
	cmd.Flags().StringVar(&yes, "yes", "", "the clinic's id once more")
	cmd.Flags().StringVar(&purpose, "purpose", "", "reason or case number, for the audit row")
	return cmd
}

// removeClinic erases in the store, and then what hung on it: documents of the index, bodies kept as evidence.
func (a *app) removeClinic(ctx context.Context, id, purpose string) error {
	if strings.TrimSpace(purpose) == "" {
		return usageError("clinic remove needs --purpose: a reason or case number, for the audit row")
	}
	if _, err := a.clinic(ctx, id); err != nil {
		return err
	}
	index, err := a.index(ctx)
	if err != nil {
		return err
	}
	vault, err := a.vault(ctx)
	if err != nil {
		return err
	}
	erased, err := a.opened.RemoveClinic(ctx, a.principal(purpose), id)
	if err != nil {
		return err
	}
	if len(erased.Finds) > 0 {
		if err := index.Delete(ctx, erased.Finds); err != nil {
			return fmt.Errorf("%w: the search index still holds %d finds of the clinic; run leakwatch reindex: %w", errUnfinished, len(erased.Finds), err)
		}
	}
	for _, v := range erased.Versions {
		if err := vault.Drop(v); err != nil {
			return fmt.Errorf("%w: evidence of the clinic is still kept: %w", errUnfinished, err)
		}
	}
	if a.json {
		return a.writeJSON(map[string]any{"clinic": id, "rows": erased.Tags, "persons": erased.Persons, "tokens": erased.Tokens, "alerts": erased.Alerts,
			"deliveries": erased.Deliveries, "finds": len(erased.Finds), "evidence": len(erased.Versions)})
	}
	fmt.Fprintf(a.out, "clinic %s is erased: %d registered identifiers, %d persons in finds, %d tokens, %d alerts, %d messages; %d finds went whole, with %d bodies\n",
		id, erased.Tags, erased.Persons, erased.Tokens, erased.Alerts, erased.Deliveries, len(erased.Finds), len(erased.Versions))
	return nil
}
