//go:build linux

// Command tornet runs a private Tor network on 127.0.0.1 for the tests: a directory authority, relays, a client with a
// SOCKS port, and a node with one onion service. Nothing leaves the machine. It needs the programs tor and tor-gencert
// (Debian's package tor), and no rights.
//
//	tornet up --onion 80:18080 [--dir D] [--timeout 2m]   start, wait until all works end to end, print variables
//	tornet status [--dir D]                               print them again; fails when something has died
//	tornet down [--dir D]                                 end all of it and remove the folder
//
// Onion port 80 leads to 127.0.0.1:18080, where a test listens; nothing need listen there yet. Relays pass on to
// addresses of this machine too, but resolve no names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settings are what the command line says.
type settings struct {
	dir          string // absolute; of one network
	port, target int    // of the onion service
	timeout      time.Duration
}

const usage = "usage: tornet up --onion PORT:TARGETPORT [--dir D] [--timeout 2m], tornet status [--dir D], tornet down [--dir D]"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tornet:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	s, err := parse(args[0], args[1:])
	if err != nil {
		return err
	}
	switch args[0] {
	case "up":
		return up(ctx, s)
	case "status":
		return status(s)
	case "down":
		return down(s)
	}
	return errors.New(usage)
}

func parse(command string, args []string) (settings, error) {
	var s settings
	var onion string
	fs := flag.NewFlagSet("tornet "+command, flag.ContinueOnError)
	fs.StringVar(&s.dir, "dir", filepath.Join(os.TempDir(), fmt.Sprintf("leakwatch-tornet-%d", os.Getuid())), "folder of the network")
	fs.StringVar(&onion, "onion", "", "`PORT:TARGETPORT` of the onion service")
	fs.DurationVar(&s.timeout, "timeout", 2*time.Minute, "give up after this time")
	if err := fs.Parse(args); err != nil {
		return s, err
	}
	if command == "up" {
		port, target, _ := strings.Cut(onion, ":")
		var err1, err2 error
		s.port, err1 = portNumber(port)
		s.target, err2 = portNumber(target)
		if err1 != nil || err2 != nil || fs.NArg() > 0 {
			return s, errors.New(usage)
		}
	}
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return s, err
	}
	// Processes are found by the folder in their command line, so every spelling of it has to give the same one.
	if parent, err := filepath.EvalSymlinks(filepath.Dir(dir)); err == nil {
		dir = filepath.Join(parent, filepath.Base(dir))
	}
	if strings.ContainsAny(dir, " \t\r\n\"'\\#") {
		return s, errors.New("--dir: a torrc takes no blanks and quotes in a path")
	}
	s.dir = dir
	return s, nil
}

func portNumber(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err == nil && n == 0 {
		err = errors.New("port 0")
	}
	return int(n), err
}

// attempts is how often up starts anew: now and then a vote is missed on a busy machine.
const attempts = 3

// up ends what runs in the folder and starts a network. When it cannot, it leaves nothing running and no folder.
func up(ctx context.Context, s settings) error {
	for _, program := range []string{"tor", "tor-gencert"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is not installed (Debian: apt-get install --no-install-recommends tor)", program)
		}
	}
	lock, err := lockFolder(s.dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, fmt.Errorf("not up after %v", s.timeout))
	defer cancel()
	var failed error
	for n := 1; n <= attempts && ctx.Err() == nil; n++ {
		if err := errors.Join(stopProcesses(s.dir), emptyFolder(s.dir)); err != nil {
			return err
		}
		w := &network{settings: s, began: time.Now()}
		if failed = tryUp(ctx, w); failed == nil {
			fmt.Print(w.variables())
			return nil
		}
		fmt.Fprintf(os.Stderr, "tornet: attempt %d: %v\n%s", n, failed, w.lastWords())
	}
	return errors.Join(fmt.Errorf("the network did not come up: %w", failed), stopProcesses(s.dir), os.RemoveAll(s.dir))
}

func tryUp(ctx context.Context, w *network) error {
	limit := max(w.timeout/2, 20*time.Second)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not up after %v", limit))
	defer cancel()
	if err := w.bootstrap(ctx); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.dir, variablesFile), []byte(w.variables()), 0o600)
}

// variablesFile is written when all works: what up prints.
const variablesFile = "variables"

func status(s settings) error {
	b, err := os.ReadFile(filepath.Join(s.dir, variablesFile))
	if err != nil {
		return fmt.Errorf("no network in %s", s.dir)
	}
	if n := len(processes(s.dir)); n != nodes {
		return fmt.Errorf("%d of %d processes run", n, nodes)
	}
	fmt.Print(string(b))
	return nil
}

func down(s settings) error {
	if _, err := os.Stat(s.dir); err != nil {
		return stopProcesses(s.dir) // the folder is gone; so should be its processes
	}
	lock, err := lockFolder(s.dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	return errors.Join(stopProcesses(s.dir), os.RemoveAll(s.dir))
}
