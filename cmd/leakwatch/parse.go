package main

import (
	"context"
	"os"
	"runtime"
	"strings"

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
		Total: u.ParserTotal, Confined: u.RequireConfinement, Processes: u.Parsers, OCR: u.OCR, OCRTime: u.OCRTime})
	a.closers = append(a.closers, p.Close)
	return p
}

// warnUnconfined says in the log what the system does not keep a child process from, if anything. The child that it starts for that
// waits for the first document.
func (a *app) warnUnconfined(ctx context.Context, p *unpack.Parsers) {
	kept, err := p.Probe(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		a.log().Warn("no reader of documents can be started: PDF, Office, mail, 7z and rar are not read")
	case a.loaded.Unpack.RequireConfinement && !(kept.Memory && kept.Calls):
		a.log().Warn("this system does not confine the readers of documents, and unpack.require_confinement is set: PDF, Office, mail, 7z and rar are not read",
			"without", strings.Join(unlimited(kept), ", "))
	case len(unlimited(kept)) > 0:
		a.log().Warn("this system does not limit all that the readers of documents may do", "without", strings.Join(unlimited(kept), ", "))
	}
}

// unlimited says in words what the system keeps no limit on.
func unlimited(kept unpack.Enforced) (without []string) {
	for _, l := range []struct {
		kept bool
		what string
	}{{kept.Memory, "memory"}, {kept.CPU, "time on a processor"}, {kept.Files, "files"}, {kept.Calls, "calls of the system"}, {kept.Orphans, "end with its parent"}} {
		if !l.kept {
			without = append(without, l.what)
		}
	}
	return without
}

// checkReaders starts a child process, and asks it what the system keeps it from.
func (d *doctor) checkReaders(ctx context.Context) {
	const name = "reader of documents"
	kept, err := d.a.parsers().Probe(ctx)
	if err != nil {
		d.check(name, "", "the program must be able to start itself: PDF, Office, mail, 7z and rar are not read", err)
		return
	}
	without := unlimited(kept)
	if len(without) > 0 {
		d.say(checkLine{name, warn, "this system does not limit its " + strings.Join(without, ", "), "see docs/operator-guide.md, Documents that are not simple"})
		return
	}
	d.say(checkLine{name, well, "starts, and has no rights", ""})
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
