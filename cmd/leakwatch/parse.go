package main

import (
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"leakwatch/matcher/unpack"
)

// newParseCommand is what the program starts itself as, to read what is not simple: see matcher/unpack/child.
func newParseCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    "parse",
		Short:  "Read documents for another process of this program, without any right",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(*cobra.Command, []string) error { return unpack.ServeChild(a.in, a.out) },
	}
}

// parsers starts child processes as they are needed; they end with the app.
func (a *app) parsers() *unpack.Parsers {
	u := a.loaded.Unpack
	p := unpack.NewParsers(unpack.ParsersOptions{Command: []string{self(), "parse"}, Memory: u.ParserMemory, Time: u.ParserTime,
		Processes: u.Parsers, OCR: u.OCR})
	a.closers = append(a.closers, p.Close)
	return p
}

// self is the program that runs, even if a newer one was installed in its place meanwhile.
func self() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe"
	}
	if path, err := os.Executable(); err == nil {
		return path
	}
	return os.Args[0]
}
