package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"leakwatch/matcher/enroll"
)

func newHashCommand(a *app) *cobra.Command {
	h := hashCommand{a: a}
	cmd := &cobra.Command{
		Use:   "hash FILE --kit KIT --id COLUMN --map kind=column …",
		Short: "On the clinic's machine: turn a patient table into keyed hashes",
		Long: `Reads a CSV, TSV or XLSX table and writes a bundle of keyed hashes, signed by the clinic and sealed to whoever runs
leakwatch. Needs the kit and nothing else: no configuration, no network. Columns are named by their header, or by number
as #3. Begin with --preview: it proposes --id and --map, and says what would be done. No value of the table is ever shown.

Kinds for --map: email, phone, given, family, name (the whole name in one column), dob, mrn (your own record number), and
the national numbers: ` + strings.Join(enroll.Fields()[7:], ", ") + `.
A kind may be mapped to several columns, and a column to several kinds.

Beside the mapping lie the clinic's keys. Back both up: without them patients cannot be told apart from strangers.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h.Table = args[0]
			return h.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringVar(&h.kit, "kit", "", "the kit that you were given")
	f.StringVar(&h.ID, "id", "", "column with your own patient id")
	f.StringArrayVar(&h.Map, "map", nil, "kind=column; once for each column")
	f.BoolVar(&h.preview, "preview", false, "propose the mapping and show what would be done; write nothing")
	f.StringVar(&h.Bundle, "out", "", "bundle to write (default CLINIC-NUMBER.bundle here)")
	f.StringVar(&h.Mapping, "mapping", "", "your mapping file, kept from month to month (default CLINIC.mapping beside the kit)")
	f.StringVar(&h.Report, "report", "refused.csv", "where refused values are listed, by row, column and reason")
	f.BoolVar(&h.Delta, "delta", false, "send only what changed since the bundle before")
	f.StringVar(&h.Erase, "erase", "", "file with patient ids, one a line, whose former identifiers are taken out")
	f.StringVar(&h.Region, "region", "", "region of telephone numbers without a country code (default the kit's)")
	f.StringVar(&h.Sheet, "sheet", "", "sheet of an XLSX file, by name or number (default the first)")
	f.StringVar(&h.Charset, "charset", "", "utf-8, utf-16le, utf-16be, latin-1 or windows-1252 (default: found out)")
	f.StringVar(&h.Delimiter, "delimiter", "", `one ASCII character, or "tab" (default: found out)`)
	f.BoolVar(&h.FamilyFirst, "family-first", false, "whole names begin with the family name")
	f.BoolVar(&h.NewMapping, "new-mapping", false, "begin a new mapping although the old one is lost: all patients get new handles")
	f.BoolVar(&h.AllNew, "all-new", false, "the table really holds nobody of the former exports")
	return cmd
}

type hashCommand struct {
	enroll.Options
	a       *app
	kit     string
	preview bool
	bar     *progressbar.ProgressBar
	stage   string
}

func (h *hashCommand) run(ctx context.Context) error {
	if h.kit == "" {
		return usageError("hash needs --kit: the file that the clinic was given")
	}
	kit, err := enroll.ReadKit(h.kit)
	if err != nil {
		return badUsage{err}
	}
	h.Kit, h.Now = kit, h.a.now
	if h.Mapping == "" {
		h.Mapping = filepath.Join(filepath.Dir(h.kit), kit.Clinic+".mapping")
	}
	if h.a.terminal() {
		h.Progress = h.progress
	}
	if kit.Test() {
		fmt.Fprintln(h.a.err, "this kit is for tests: its ring takes test numbers")
	}
	if h.preview {
		return h.propose(ctx)
	}
	s, err := enroll.HashTable(ctx, h.Options)
	h.endProgress()
	if err != nil {
		return hashError(err)
	}
	if err := h.a.writeHashed(s, h.Options); err != nil {
		return err
	}
	if s.RefusedRows > 0 {
		return errUnfinished
	}
	return nil
}

// hashError tells mistakes of the command line from those of the table.
func hashError(err error) error {
	var usage *enroll.UsageError
	if errors.As(err, &usage) {
		return badUsage{err}
	}
	return err
}

// progress draws a bar for each stage, on a terminal only.
func (h *hashCommand) progress(stage string, done, total int64) {
	if stage != h.stage {
		h.endProgress()
		h.stage = stage
		h.bar = progressbar.NewOptions64(max(total, 1), progressbar.OptionSetWriter(h.a.err), progressbar.OptionSetDescription(stage),
			progressbar.OptionShowBytes(stage == enroll.StageRead), progressbar.OptionThrottle(100*time.Millisecond))
	}
	_ = h.bar.Set64(done)
}

func (h *hashCommand) endProgress() {
	if h.bar != nil {
		_ = h.bar.Finish()
		fmt.Fprintln(h.a.err)
	}
	h.bar, h.stage = nil, ""
}

func (h *hashCommand) propose(ctx context.Context) error {
	p, err := enroll.Preview(ctx, h.Options)
	h.endProgress()
	if err != nil {
		return hashError(err)
	}
	if h.a.json {
		return h.a.writeJSON(p)
	}
	out := h.a.out
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "COLUMN\tNAME IT\tFILLED\tSEEMS TO HOLD\tWOULD PASS")
	for _, c := range p.Columns {
		held, passed := c.Field, fmt.Sprint(c.Accepted)
		if held == "" {
			held, passed = "-", ""
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", c.Column, c.Name, c.Filled, held, passed)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	header := "the first row names the columns"
	if !p.Header {
		header = "no row names the columns"
	}
	fmt.Fprintf(out, "\nlooked at %d rows; %s; %s\n", p.Sampled, header, dialect(p.Charset, p.Delimiter, p.Sheet))
	if p.Would == nil {
		fmt.Fprintln(out, "\nno column seems to hold your own patient id: name it with --id, and repeat the preview")
		return errNothing
	}
	fmt.Fprintf(out, "\n  leakwatch hash FILE --kit KIT --id %q", p.ID)
	for _, m := range p.Map {
		fmt.Fprintf(out, " --map %q", m)
	}
	fmt.Fprint(out, "\n\nwith that, of the whole table:\n")
	if p.Would.Carried > 0 && p.Would.NewPatients == p.Would.Patients {
		defer fmt.Fprintln(out, "\nNobody of the former exports is in this table: is --id the same column, and are its numbers written as before?")
	}
	return h.a.writeSummary(*p.Would)
}

func dialect(charset, delimiter string, sheet int) string {
	if sheet > 0 {
		return fmt.Sprintf("XLSX, sheet %d", sheet)
	}
	return fmt.Sprintf("%s, delimiter %q", charset, delimiter)
}

// writeHashed says what was done, and what to do next.
func (a *app) writeHashed(s enroll.Summary, o enroll.Options) error {
	if a.json {
		return a.writeJSON(s)
	}
	if err := a.writeSummary(s); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\nbundle %d (%s, %d rows): %s\n", s.Sequence, s.Mode, s.BundleRows, s.Bundle)
	if s.RefusedRows > 0 {
		fmt.Fprintf(a.out, "what was refused, by row and reason: %s\n", o.Report)
	}
	if s.FirstUse {
		fmt.Fprintf(a.out, `
Your clinic's keys were made: %s. Back them up with the mapping, where nobody else can read them.
Send the bundle. You will be called and asked for your signing key's fingerprint; read it out:

  %s

`, enroll.KeysPath(o.Mapping), s.Fingerprint)
	}
	return nil
}

func (a *app) writeSummary(s enroll.Summary) error {
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(w, name+"\t"+format+"\n", args...) }
	line("rows", "%d", s.Rows)
	line("patients", "%d, of them new %d; from former exports %d", s.Patients, s.NewPatients, s.Carried)
	line("identifiers", "%s", counts(s.Identifiers))
	line("", "%d not sent before; %d former ones carried forward; %d taken out", s.Added, s.Former, s.Removed)
	line("patients without a strong identifier", "%d", s.WithoutStrong)
	line("patients without any", "%d", s.WithoutAny)
	for _, r := range s.Refused {
		line("refused", "%d %s: %s", r.Count, r.Kind, r.Reason)
	}
	if s.Erased+s.EraseUnknown > 0 {
		line("erased", "%d patients; %d of them are still in the table, and what it says of them stays; %d ids are not known", s.Erased, s.EraseKept, s.EraseUnknown)
	}
	return w.Flush()
}
