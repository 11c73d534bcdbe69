// Command bench measures how fast texts are read, beside the programs that only look for candidates, and checks that what
// was planted in the texts is found where it is, and nothing else; then it reads documents of every shape with every kind in
// them, and clean text in which nobody may be told of.
//
//	go run ./internal/bench [-write]     everything, and the tables of docs/performance.md
//	go run ./internal/bench -quick       small texts, one round, an error if the truth does not hold
//
// It builds itself twice, as the portable build (tag portable) and with its kernels, and runs both and every peer that is
// installed (ripgrep, grep, hyperscan, yara) over the same files in turn. Hyperscan is driven by a small C program, which
// needs gcc and its header.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"leakwatch/matcher/unpack"
)

type options struct {
	mib, rounds, registered int
	recall                  int
	precision               int64
	seed                    uint64
	only, profile, serve    string
	write, quick            bool
}

// childCommand makes this program the child that reads what is not simple.
const childCommand = "parse"

func main() {
	if len(os.Args) == 2 && os.Args[1] == childCommand {
		if unpack.ServeChild(os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
		return
	}
	var o options
	flag.IntVar(&o.mib, "mib", 64, "size of each text in MiB")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds; the tables show medians")
	flag.IntVar(&o.registered, "registered", 1_000_000, "rows in the registry")
	flag.Int64Var(&o.precision, "precision", 1024, "MiB of clean text to read; 0 is none")
	flag.IntVar(&o.recall, "recall", 20, "documents of each shape in which every kind is planted; 0 is none")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the texts")
	flag.StringVar(&o.only, "only", "", "one text only")
	flag.StringVar(&o.profile, "profile", "", "write CPU profiles of our rounds to files that begin with this name")
	flag.BoolVar(&o.write, "write", false, "write the tables into docs/performance.md")
	flag.BoolVar(&o.quick, "quick", false, "small texts and one round: is what is found right?")
	flag.StringVar(&o.serve, "serve", "", "(inside) read the texts of a folder as told on standard input")
	flag.Parse()
	if o.quick {
		o.mib, o.rounds, o.registered, o.recall, o.precision = 4, 1, 100_000, 2, 16
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := run
	if o.serve != "" {
		run = serve
	}
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run makes the texts, measures, prints, and writes.
func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "leakwatch-bench-")
	if err != nil {
		return fmt.Errorf("make a folder for the texts: %w", err)
	}
	defer os.RemoveAll(dir)
	texts, err := makeTexts(dir, o)
	if err != nil {
		return err
	}
	ours, err := startBuilds(ctx, dir, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopBuilds(ours)) }()
	for _, t := range texts {
		for _, b := range ours {
			if err := b.check(t); err != nil {
				return err
			}
		}
	}
	m := &measured{o: o, texts: texts, ours: ours, peers: findPeers(ctx, dir)}
	if err := m.rounds(ctx); err != nil {
		return err
	}
	if err := m.archives(dir); err != nil {
		return err
	}
	if err := m.readShapes(ctx, dir); err != nil {
		return err
	}
	if err := m.clean(ctx); err != nil {
		return err
	}
	tables := m.report()
	if _, err := io.WriteString(os.Stdout, tables); err != nil || !o.write {
		return err
	}
	return writeTables(filepath.Join("docs", "performance.md"), tables)
}
