//go:build unix

// Command figures measures the whole program, as it is built for release, from outside.
//
//	go run ./internal/figures tar [-size 10GiB] [-clients 2000]   peak memory and speed of `scan -` on a tar that never is on disk
//	go run ./internal/figures build                              seconds to build the release, from nothing and again; its size
//	go run ./internal/figures demo [-from DIR]                   seconds from `git clone` to the demo's alert
//
// Each prints a line in Markdown. docs/performance.md says what was seen.
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
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: figures tar [-size 10GiB] [-clients 2000] | build | demo [-from DIR]")

// run does one measurement in a folder of its own, which is removed.
func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	dir, err := os.MkdirTemp("", "leakwatch-figures-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer removeAll(dir)
	fs := flag.NewFlagSet(args[0], flag.ContinueOnError)
	switch args[0] {
	case "tar":
		size := fs.String("size", "10GiB", "bytes of the tar, in MiB or GiB")
		clients := fs.Int("clients", 2000, "registered people")
		if err := fs.Parse(args[1:]); err != nil {
			return err
		}
		n, err := bytesOf(*size)
		if err != nil {
			return err
		}
		return measureTar(ctx, dir, n, *clients)
	case "build":
		return measureBuild(ctx, dir)
	case "demo":
		from := fs.String("from", ".", "repository to clone")
		if err := fs.Parse(args[1:]); err != nil {
			return err
		}
		return measureDemo(ctx, dir, *from)
	}
	return errUsage
}

// removeAll removes a folder; the module cache of Go, if there is one in it, is read-only.
func removeAll(dir string) {
	_ = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	_ = os.RemoveAll(dir)
}

func bytesOf(s string) (int64, error) {
	var n int64
	var unit string
	if _, err := fmt.Sscanf(s, "%d%s", &n, &unit); err != nil {
		return 0, fmt.Errorf("size %q: %w", s, err)
	}
	shift, ok := map[string]int{"MiB": 20, "GiB": 30}[unit]
	if !ok || n <= 0 {
		return 0, fmt.Errorf("size %q: write it as 512MiB or 10GiB", s)
	}
	return n << shift, nil
}

// build builds the program as it is released.
func build(ctx context.Context, out string, env ...string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, "./cmd/leakwatch")
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, said)
	}
	return nil
}

// measureBuild builds with an empty build cache, and once more with what that left. Modules are there already.
func measureBuild(ctx context.Context, dir string) error {
	out := filepath.Join(dir, "leakwatch")
	var took [2]time.Duration
	for i := range took {
		began := time.Now()
		if err := build(ctx, out, "GOCACHE="+filepath.Join(dir, "cache")); err != nil {
			return err
		}
		took[i] = time.Since(began)
		if i == 0 {
			if err := os.Remove(out); err != nil {
				return fmt.Errorf("build again: %w", err)
			}
		}
	}
	st, err := os.Stat(out)
	if err != nil {
		return fmt.Errorf("size of the binary: %w", err)
	}
	fmt.Printf("release build with an empty build cache: %.1f s; linked again: %.1f s; binary: %.1f MB\n",
		took[0].Seconds(), took[1].Seconds(), float64(st.Size())/1e6)
	return nil
}

// measureDemo clones, runs the first command of README.md with an empty build cache, and waits for the alert's line.
func measureDemo(ctx context.Context, dir, from string) error {
	clone := filepath.Join(dir, "clone")
	began := time.Now()
	if said, err := exec.CommandContext(ctx, "git", "clone", "-q", from, clone).CombinedOutput(); err != nil {
		return fmt.Errorf("clone: %w: %s", err, said)
	}
	cloned := time.Since(began)
	cmd := exec.CommandContext(ctx, "go", "run", "./cmd/leakwatch", "demo")
	cmd.Dir = clone
	cmd.Env = append(os.Environ(), "GOCACHE="+filepath.Join(dir, "cache"))
	var w watcher
	cmd.Stdout, cmd.Stderr = &w, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	ended := time.Since(began)
	if w.first.IsZero() || w.mail.IsZero() {
		return errors.New("demo: it showed no alert")
	}
	fmt.Printf("from git clone: cloned %.1f s, built %.1f s, the alert's mail %.1f s, the demo's end %.1f s\n",
		cloned.Seconds(), w.first.Sub(began).Seconds(), w.mail.Sub(began).Seconds(), ended.Seconds())
	return nil
}

// watcher notes when a program said its first word, and when it showed the first mail.
type watcher struct {
	first, mail time.Time
	said        strings.Builder
}

func (w *watcher) Write(p []byte) (int, error) {
	if w.first.IsZero() {
		w.first = time.Now()
	}
	w.said.Write(p)
	if w.mail.IsZero() && strings.Contains(w.said.String(), "mail to security@") {
		w.mail = time.Now()
	}
	return len(p), nil
}
