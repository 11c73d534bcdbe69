package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"leakwatch/matcher"
	"leakwatch/store"
)

func newClinicWatch(a *app) *cobra.Command {
	var add, remove []string
	cmd := &cobra.Command{
		Use:   "watch ID [--add TERM]... [--remove TERM]...",
		Short: "Words that are watched for in clear: the clinic's brand, its domain, names of managers or of files",
		Long: `Where one of these words stands in a text, a title or a file name and no patient is found, the clinic is told of a mention: the
first sign of a breach often names the clinic and nobody else. It is told as that, and never as a leak.

A word is found in capitals and small letters, with and without diacritics, with a space, a dash or a line under it between its
parts, and with an ending (from six letters on; shorter words and domains stand alone). Never give a patient's name or number:
those are registered as hashes. Without --add and --remove the words are listed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.watchFor(cmd.Context(), args[0], add, remove)
		},
	}
	cmd.Flags().StringArrayVar(&add, "add", nil, "a word or phrase to watch for; may be given again")
	cmd.Flags().StringArrayVar(&remove, "remove", nil, "one to watch for no longer; may be given again")
	return cmd
}

func (a *app) watchFor(ctx context.Context, id string, add, remove []string) error {
	for i, t := range add {
		if err := matcher.CheckTerm(t); err != nil {
			return usageError("--add, the %d.: %v", i+1, err)
		}
	}
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	if _, err := a.clinic(ctx, id); err != nil {
		return err
	}
	known, err := s.Terms(ctx, id)
	if err != nil {
		return err
	}
	terms := []string{}
	for _, t := range known {
		terms = append(terms, t.Text)
	}
	for _, t := range remove {
		i := slices.Index(terms, t)
		if i < 0 {
			return usageError("--remove: %q is not watched for", t)
		}
		terms = slices.Delete(terms, i, i+1)
	}
	for _, t := range add {
		if !slices.Contains(terms, t) {
			terms = append(terms, t)
		}
	}
	if len(terms) > store.MaxTerms {
		return usageError("more than %d words for one clinic", store.MaxTerms)
	}
	if len(add)+len(remove) > 0 {
		if err := a.audit(ctx, a.principal(""), "watch terms", id); err != nil {
			return err
		}
		if err := s.ChangeTerms(ctx, id, add, remove); err != nil {
			return err
		}
	}
	if a.json {
		return a.writeJSON(map[string]any{"clinic": id, "terms": terms})
	}
	if len(terms) == 0 {
		fmt.Fprintf(a.out, "nothing is watched for %s; add the brand and the domain: leakwatch clinic watch %s --add TERM\n", id, id)
		return nil
	}
	_, err = fmt.Fprintln(a.out, strings.Join(terms, "\n"))
	return err
}
