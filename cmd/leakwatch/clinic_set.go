package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"leakwatch/matcher"
	"leakwatch/store"
)

// recordNumbersHelp says what a pattern may be.
const recordNumbersHelp = "what its own record numbers look like, a regular expression such as '[A-Z]{2}-?\\d{6}'"

func newClinicSet(a *app) *cobra.Command {
	var pattern string
	cmd := &cobra.Command{
		Use:   "set ID --record-numbers PATTERN",
		Short: "Change what a clinic's own record numbers look like",
		Long: `The pattern is a regular expression (RE2) that a whole number matches: capital letters, digits, spaces and - . / only, 32 characters
at most, at least three digits in each, no endless repetitions, and not so open that its table had more than 2000 states. Small letters
are found as well. With an empty pattern numbers are registered and not looked for. A number is never matched alone: it is looked for
near something else of the same clinic.

The clinic's tool checks its column by the pattern too, so give it a new kit.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("record-numbers") {
				return usageError("clinic set needs --record-numbers: a pattern, or \"\" for none")
			}
			return a.setRecordNumbers(cmd.Context(), args[0], pattern)
		},
	}
	cmd.Flags().StringVar(&pattern, "record-numbers", "", recordNumbersHelp)
	return cmd
}

// checkRecordNumbers refuses a pattern that the matcher would refuse; none is fine.
func checkRecordNumbers(pattern string) error {
	if err := refused(pattern); err != nil {
		return badUsage{fmt.Errorf("--record-numbers: %w", err)}
	}
	return nil
}

// refused says why the matcher refuses a pattern, or nil.
func refused(pattern string) error {
	if pattern == "" {
		return nil
	}
	_, err := matcher.ParseNumberPattern(pattern)
	return err
}

func (a *app) setRecordNumbers(ctx context.Context, id, pattern string) error {
	if err := checkRecordNumbers(pattern); err != nil {
		return err
	}
	c, err := a.clinic(ctx, id)
	if err != nil {
		return err
	}
	if err := a.audit(ctx, a.principal(""), "record numbers", id); err != nil {
		return err
	}
	if err := a.opened.SetRecordNumbers(ctx, id, pattern); err != nil {
		return err
	}
	if c.RecordNumbers = pattern; a.json {
		return a.writeJSON(clinicJSON(c))
	}
	_, err = fmt.Fprintf(a.out, "clinic %s: record numbers %s\nnext: leakwatch clinic kit %s --out FILE, and the new kit to the clinic\n", id, orNone(pattern), id)
	return err
}

// recordNumbers has the matcher look for the clinics' own record numbers. A pattern that this version refuses, though an
// earlier one took it, is said and left out, for nothing of it may keep people from being looked for.
func (a *app) recordNumbers(ctx context.Context, m *matcher.Matcher, s *store.Store) error {
	clinics, err := s.Clinics(ctx)
	if err != nil {
		return err
	}
	patterns := map[string]string{}
	for _, c := range clinics {
		if c.RecordNumbers == "" {
			continue
		}
		if err := refused(c.RecordNumbers); err != nil {
			a.log().Error("record numbers of a clinic are not looked for; "+mendRecordNumbers, "clinic", c.ID, "err", err)
			continue
		}
		patterns[c.ID] = c.RecordNumbers
	}
	return m.SetPatterns(patterns)
}

// mendRecordNumbers says what to do about a pattern that is refused.
const mendRecordNumbers = "leakwatch clinic set ID --record-numbers PATTERN, then clinic kit"
