// Command bench measures how fast the matcher reads, beside ripgrep with patterns for the same identifiers, and checks
// that what was planted in the texts is found where it was planted, and nothing else.
//
//	go run ./internal/bench [-mib 64] [-rounds 5] [-registered 1000000] [-write]
//
// It prints a table in Markdown; with -write it also puts the table into docs/performance.md, between its markers.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

func main() {
	var o options
	flag.IntVar(&o.mib, "mib", 64, "size of each text in MiB")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds; the table shows medians")
	flag.IntVar(&o.registered, "registered", 1_000_000, "rows in the registry")
	flag.Int64Var(&o.seed, "seed", 1, "seed of the texts")
	flag.StringVar(&o.only, "only", "", "one text only")
	flag.StringVar(&o.profile, "profile", "", "write a CPU profile of our rounds to this file")
	flag.BoolVar(&o.write, "write", false, "write the table into docs/performance.md")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	mib, rounds, registered int
	seed                    int64
	only, profile           string
	write                   bool
}

// run makes the texts, measures, prints, and writes.
func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "leakwatch-bench-")
	if err != nil {
		return fmt.Errorf("make a folder for the texts: %w", err)
	}
	defer os.RemoveAll(dir)
	corpora, err := makeCorpora(dir, o)
	if err != nil {
		return err
	}
	ours, err := newOurs(o, corpora)
	if err != nil {
		return err
	}
	rg, _ := exec.LookPath("rg") // "" leaves its column empty
	rows, err := measure(ctx, o, ours, rg, corpora)
	if err != nil {
		return err
	}
	table := report(o, rows, rg)
	fmt.Print(table)
	if o.write {
		return writeTable(filepath.Join("docs", "performance.md"), table)
	}
	return nil
}
