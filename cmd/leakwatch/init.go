package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"leakwatch/configs"
)

func newInitCommand(a *app) *cobra.Command {
	var ring string
	cmd := &cobra.Command{
		Use:   "init DIR",
		Short: "Write a commented configuration, the keys and an empty store",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.initialise(cmd.Context(), args[0], ring) },
	}
	cmd.Flags().StringVar(&ring, "ring", "", `id of the registration key; one that begins with "test-" accepts test numbers`)
	return cmd
}

// initialise never writes over anything: a key that is lost cannot be made again.
func (a *app) initialise(ctx context.Context, dir, ring string) error {
	path := filepath.Join(dir, "leakwatch.yaml")
	if _, err := os.Lstat(path); err == nil {
		return usageError("%s is already there; nothing was changed", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("init: %w", err)
	}
	if ring == "" {
		ring = fmt.Sprintf("clinics-%da", a.now().UTC().Year())
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	keys := filepath.Join(dir, "keys")
	if _, err := configs.WriteKeys(keys, ring); err != nil {
		return badUsage{fmt.Errorf("init: %w", err)}
	}
	if err := os.WriteFile(path, configs.Example, 0o600); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	a.configPath = path
	if _, err := a.store(ctx); err != nil {
		return err
	}
	fmt.Fprintf(a.out, `Written to %s:
  leakwatch.yaml          the settings, with a comment for each
  keys/                   the keys; nobody else may read them
  %-22s  the empty store

Now:
  1. Move keys/investigator.age-identity to the investigators' machine, and delete it here. What is kept as evidence is
     sealed to it: without it nobody can open it, with it here anybody who takes this machine can.
  2. Back up keys/ (without the investigator's identity) on its own, apart from the data, on paper or a stick in a safe:
     without the place key nothing stored can be shown, without the peppers nothing registered is ever found.
     Test it: restore it into a folder, and run leakwatch doctor --backup FOLDER. Until then doctor is not content.
  3. Back up the data folder daily. A copy of it without the keys says nothing about anybody.
  4. Write a source and a mail server into leakwatch.yaml, then: leakwatch --config %s doctor
  5. leakwatch clinic add, leakwatch clinic kit: see docs/operator-guide.md and docs/clinic-guide.md.
`, dir, a.loaded.Data, path)
	return nil
}
