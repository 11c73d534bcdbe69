package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"leakwatch/matcher/enroll"
)

func newResolveCommand(a *app) *cobra.Command {
	var o enroll.ResolveOptions
	var out string
	cmd := &cobra.Command{
		Use:   "resolve EXPORT --map MAPPING",
		Short: "On the clinic's machine: turn an alert's export into the list of patients",
		Long: `Opens an export that was sealed to this clinic and writes the list of patients: who, which kinds of identifier are
exposed, and whether an earlier list had them. It needs the mapping and the keys beside it, no configuration and no
network. The mapping remembers who was listed. The list is as secret as the register: --out writes it to a file that
only you can read.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Export, o.Now = args[0], a.now
			return a.resolve(cmd.Context(), o, out)
		},
	}
	cmd.Flags().StringVar(&o.Mapping, "map", "", "your mapping file; its keys lie beside it")
	cmd.Flags().StringVar(&out, "out", "", "file for the list (default: standard output)")
	return cmd
}

func (a *app) resolve(ctx context.Context, o enroll.ResolveOptions, out string) error {
	if o.Mapping == "" {
		return usageError("resolve needs --map: the clinic's mapping file")
	}
	r, err := enroll.Resolve(ctx, o)
	if err != nil {
		return err
	}
	if out == "" {
		err = a.writePatients(a.out, r)
	} else {
		err = writeFile(out, func(w io.Writer) error { return a.writePatients(w, r) })
	}
	if err != nil {
		return err
	}
	test := ""
	if r.Test {
		test = " (a test)"
	}
	n := r.Standings()
	fmt.Fprintf(a.err, "alert %s%s, %s, %s: %d patients: %d new, %d listed before with fewer kinds, %d listed before\n", r.Alert, test,
		r.Event, r.Confidence, len(r.Patients), n[enroll.StandingNew], n[enroll.StandingMore], n[enroll.StandingTold])
	switch {
	case r.Unknown > 0:
		return fmt.Errorf("%w: %d persons of the export are not in this mapping: is it the newest one?", errUnfinished, r.Unknown)
	case len(r.Patients) == 0:
		return errNothing
	}
	return nil
}

func (a *app) writePatients(w io.Writer, r enroll.Resolved) error {
	if !a.json {
		return r.WriteCSV(w)
	}
	return r.WriteJSON(w)
}
