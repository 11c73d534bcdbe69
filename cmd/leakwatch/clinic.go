package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"leakwatch/configs"
	"leakwatch/leak"
	"leakwatch/matcher/enroll"
	"leakwatch/store"
)

func newClinicCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "clinic", Short: "Clinics, whom to tell there, and their kits"}
	cmd.AddCommand(newClinicAdd(a), newClinicList(a), newClinicShow(a), newClinicContact(a), newClinicWatch(a), newClinicSet(a), newClinicKit(a), newClinicRewrap(a), newClinicRemove(a))
	return cmd
}

func newClinicAdd(a *app) *cobra.Command {
	var c store.Clinic
	cmd := &cobra.Command{
		Use:   "add ID --name NAME",
		Short: "Add a clinic",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.ID = args[0]
			return a.addClinic(cmd.Context(), c)
		},
	}
	cmd.Flags().StringVar(&c.Name, "name", "", "the clinic's name, for people (default its id)")
	cmd.Flags().StringVar(&c.Region, "region", "", "two letters: its telephone numbers without a country code are of it (default the first of matcher.regions)")
	cmd.Flags().StringSliceVar(&c.Regions, "regions", nil, "other regions that its patients come from")
	cmd.Flags().Int64Var(&c.Patients, "patients", 0, "how many patients it expects to register")
	cmd.Flags().StringVar(&c.Ring, "ring", "", "its ring of clinics (default the current one)")
	cmd.Flags().StringVar(&c.RecordNumbers, "record-numbers", "", recordNumbersHelp)
	return cmd
}

func (a *app) addClinic(ctx context.Context, c store.Clinic) error {
	if err := enroll.CheckClinicID(c.ID); err != nil {
		return badUsage{err}
	}
	if err := checkRecordNumbers(c.RecordNumbers); err != nil {
		return err
	}
	settings, err := a.config(ctx)
	if err != nil {
		return err
	}
	keys, err := a.keys(ctx)
	if err != nil {
		return err
	}
	if c.Region == "" && len(settings.Matcher.Regions) > 0 {
		c.Region = settings.Matcher.Regions[0]
	}
	c.Region = strings.ToUpper(c.Region)
	for i, r := range c.Regions {
		c.Regions[i] = strings.ToUpper(r)
	}
	if c.Name == "" {
		c.Name = c.ID
	}
	ring, err := ringOf(keys, c, c.Ring)
	if err != nil {
		return err
	}
	c.Ring, c.Created = ring.ID, a.now().UTC()
	if _, err := newKit(keys, c); err != nil {
		return err
	}
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	if err := s.AddClinic(ctx, c); err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(clinicJSON(c))
	}
	fmt.Fprintf(a.out, "clinic %s added, ring %s\nnext: leakwatch clinic contact %s --name … --role … --address …, twice; then leakwatch clinic kit %s --out FILE\n", c.ID, c.Ring, c.ID, c.ID)
	return nil
}

// ringOf is the ring that a clinic's kit is made of: the one that is named; else the clinic's own while it is in use;
// else the current one.
func ringOf(keys configs.Keys, c store.Clinic, named string) (configs.Key, error) {
	want := named
	if want == "" {
		want = c.Ring
	}
	for _, r := range keys.Rings {
		if r.ID == want && !r.SearchOnly {
			return r, nil
		}
	}
	switch {
	case named != "":
		return configs.Key{}, usageError("there is no ring %q in use; see keys.rings in the configuration", named)
	case len(keys.Rings) == 0 || keys.Rings[0].SearchOnly:
		return configs.Key{}, usageError("there is no ring in use; see keys.rings in the configuration")
	}
	return keys.Rings[0], nil
}

// newKit is the kit of a clinic, of its own ring while that is in use and else of the current one.
func newKit(keys configs.Keys, c store.Clinic) (enroll.Kit, error) {
	ring, err := ringOf(keys, c, "")
	if err != nil {
		return enroll.Kit{}, err
	}
	k := enroll.Kit{Clinic: c.ID, RK: ring.ID, Secret: ring.Secret, Recipient: keys.DeploymentRecipient, Region: c.Region,
		RecordNumbers: c.RecordNumbers}
	if err := k.Check(); err != nil {
		return enroll.Kit{}, badUsage{err}
	}
	return k, nil
}

func newClinicKit(a *app) *cobra.Command {
	var out, ring string
	cmd := &cobra.Command{
		Use:   "kit ID --out FILE",
		Short: "Write the one file that a clinic needs to hash its table",
		Long: `The kit holds the ring's registration key, and is a secret of the ring: hand it over in person or encrypted, and tell its
check value by telephone.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.writeKit(cmd.Context(), args[0], out, ring) },
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	cmd.Flags().StringVar(&ring, "ring", "", "of another ring than the clinic's own, to move it there")
	return cmd
}

func (a *app) writeKit(ctx context.Context, id, out, ring string) error {
	if out == "" {
		return usageError("clinic kit needs --out: a file to write")
	}
	c, err := a.clinic(ctx, id)
	if err != nil {
		return err
	}
	keys, err := a.keys(ctx)
	if err != nil {
		return err
	}
	if ring != "" {
		if _, err := ringOf(keys, c, ring); err != nil {
			return err
		}
		c.Ring = ring
	}
	kit, err := newKit(keys, c)
	if err != nil {
		return err
	}
	if err := a.audit(ctx, a.principal(""), "kit", fmt.Sprintf("%s, ring %s", id, kit.RK)); err != nil {
		return err
	}
	if err := enroll.WriteKit(out, kit); err != nil {
		return err
	}
	if current := keys.Rings[0]; kit.RK != current.ID {
		fmt.Fprintf(a.err, "this kit is of ring %s, the clinic's own; the current ring is %s: --ring %s moves the clinic there\n", kit.RK, current.ID, current.ID)
	}
	if a.json {
		return a.writeJSON(map[string]any{"clinic": id, "rk": kit.RK, "kcv": kit.KCV(), "test": kit.Test(), "file": out})
	}
	fmt.Fprintf(a.out, "kit of clinic %s: %s\nring %s, check value %s\n", id, out, kit.RK, kit.KCV())
	return nil
}

// clinic is one clinic out of the store.
func (a *app) clinic(ctx context.Context, id string) (store.Clinic, error) {
	s, err := a.store(ctx)
	if err != nil {
		return store.Clinic{}, err
	}
	c, err := s.Clinic(ctx, id)
	if err != nil {
		return store.Clinic{}, notFound(err, "clinic", id)
	}
	return c, nil
}

func newClinicContact(a *app) *cobra.Command {
	var c leak.Contact
	var remove bool
	cmd := &cobra.Command{
		Use:   "contact ID --name NAME --role ROLE --address ADDRESS",
		Short: "Add, change or remove somebody at a clinic who is told",
		Long: `Adds a contact, or changes the one with the same channel and address. A clinic needs at least two who do not share a
mailbox, or the operator is reminded every day. --verified says that somebody answered at that address:
` + "`leakwatch alerts test`" + ` sends a marked message there.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.contact(cmd.Context(), args[0], c, remove) },
	}
	cmd.Flags().StringVar(&c.Name, "name", "", "who it is")
	cmd.Flags().StringVar(&c.Role, "role", "", "security, dpo, management: the clinic's words")
	cmd.Flags().StringVar(&c.Channel, "channel", "email", "email or webhook")
	cmd.Flags().StringVar(&c.Address, "address", "", "mailbox or URL")
	cmd.Flags().BoolVar(&c.Verified, "verified", false, "somebody answered at that address")
	cmd.Flags().BoolVar(&remove, "remove", false, "take the contact with that address out")
	return cmd
}

func (a *app) contact(ctx context.Context, id string, contact leak.Contact, remove bool) error {
	c, err := a.clinic(ctx, id)
	if err != nil {
		return err
	}
	list := enroll.DropContact(c.Contacts, contact.Channel, contact.Address)
	switch {
	case remove && len(list) == len(c.Contacts):
		return fmt.Errorf("%w: clinic %s has no such contact", errNothing, id)
	case !remove:
		if err := enroll.CheckContact(contact); err != nil {
			return badUsage{err}
		}
		list = enroll.PutContact(c.Contacts, contact)
	}
	if err := a.audit(ctx, a.principal(""), "contacts", id); err != nil {
		return err
	}
	if err := a.opened.SetContacts(ctx, id, list); err != nil {
		return err
	}
	if w := enroll.ContactsWanting(list); w != "" {
		fmt.Fprintf(a.err, "warning: clinic %s: %s\n", id, w)
	}
	c.Contacts = list
	if a.json {
		return a.writeJSON(clinicJSON(c))
	}
	return a.writeContacts(list)
}

func (a *app) writeContacts(list []leak.Contact) error {
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tCHANNEL\tADDRESS\tVERIFIED")
	for _, c := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%t\n", c.Name, c.Role, c.Channel, c.Address, c.Verified)
	}
	return w.Flush()
}
