// Command leakwatch looks where stolen patient records turn up and tells the clinic when its patients are in them.
//
// Each command has a file of its own here; app.go alone knows every room. There is no logic in this package.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"leakwatch/matcher"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is main without the process: tests call it as the program itself.
func run(ctx context.Context, args []string, in, out, errOut *os.File) int {
	matcher.Protect() // every command may come to hold keys or a register
	a := newApp(in, out, errOut)
	defer a.close()
	root := newRoot(a)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return a.exit(ctx, err)
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "leakwatch",
		Short:         "Finds stolen patient records where they turn up, and tells the clinic",
		SilenceUsage:  true,
		SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{
			HiddenDefaultCmd: true,
		},
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.PersistentFlags().StringVar(&a.configPath, "config", "leakwatch.yaml", "configuration file")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "write data as JSON Lines")
	root.PersistentFlags().StringVar(&a.logLevel, "log-level", "", "debug, info, warn or error; overrides the configuration")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return badFlag(cmd, err) })
	root.AddCommand(commands(a)...)
	strict(root)
	return root
}

// strict makes every wrong use a usage error, on all levels: wrong arguments, and words that are no command.
func strict(cmd *cobra.Command) {
	cmd.Args = usageArgs(cmd.Args)
	for _, c := range cmd.Commands() {
		strict(c)
	}
	if cmd.HasSubCommands() && cmd.RunE == nil {
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError("that is no command of %s; see %s --help", cmd.CommandPath(), cmd.CommandPath())
			}
			return cmd.Help()
		}
	}
}

// usageArgs makes a wrong number of arguments a usage error.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	if check == nil {
		return nil
	}
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError("%s: %d arguments; it is used as: %s", cmd.CommandPath(), len(args), cmd.UseLine())
		}
		return nil
	}
}

// badFlag says what is wrong with a flag, and not what was typed: a misplaced argument may be a patient's name.
func badFlag(cmd *cobra.Command, err error) error {
	what := "there is no such flag"
	var empty *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &empty):
		what = "--" + empty.GetFlag().Name + " needs a value"
	case errors.As(err, &wrong):
		what = "--" + wrong.GetFlag().Name + " takes no such value; it wants: " + wrong.GetFlag().Value.Type()
	}
	return usageError("%s: %s; see %s --help", cmd.CommandPath(), what, cmd.CommandPath())
}

// The exit statuses.
const (
	exitDone       = 0
	exitNothing    = 1 // nothing found, or a check that failed
	exitUsage      = 2 // bad usage or configuration
	exitUnfinished = 3 // done, but something stayed unread or failed
)

var (
	errNothing    = errors.New("nothing found")
	errUnfinished = errors.New("something stayed unread or failed")
)

// badUsage is an error of whoever typed the command or wrote the configuration.
type badUsage struct{ err error }

func (e badUsage) Error() string { return e.err.Error() }
func (e badUsage) Unwrap() error { return e.err }

func usageError(format string, args ...any) error { return badUsage{fmt.Errorf(format, args...)} }

// exit turns the error of a command into the exit status, and says it once on standard error.
func (a *app) exit(ctx context.Context, err error) int {
	var usage badUsage
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(a.err, "leakwatch: interrupted")
		return exitUnfinished
	case errors.Is(err, errNothing):
		if err != errNothing {
			fmt.Fprintln(a.err, "leakwatch:", err)
		}
		return exitNothing
	case errors.Is(err, errUnfinished):
		if err != errUnfinished {
			fmt.Fprintln(a.err, "leakwatch:", err)
		}
		return exitUnfinished
	case errors.As(err, &usage):
		fmt.Fprintln(a.err, "leakwatch:", err)
		return exitUsage
	}
	fmt.Fprintln(a.err, "leakwatch:", err)
	return exitNothing
}
