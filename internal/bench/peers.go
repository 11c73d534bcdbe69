package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// peer is a program that looks for the same identifiers by patterns. None checks a digit, hashes, or looks anything up.
type peer struct {
	name  string
	finds string // in words, for the table
	limit int64  // bytes of a text that it is given; 0 is all
	file  bool   // what it finds goes into a file: grep stops at the first match when that is thrown away
	args  []string
}

// The eight kinds as patterns: HETU, e-mail, telephone, personnummer, fødselsnummer, CPR, SSN, NHS.
var patterns = []string{
	`\b[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]\b`,
	`[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`,
	`(\+|\b0)[0-9][0-9 ().-]{5,16}[0-9]\b`,
	`\b([0-9]{2})?[0-9]{6}[-+]?[0-9]{4}\b`,
	`\b[0-9]{6}[ -]?[0-9]{5}\b`,
	`\b[0-9]{6}-?[0-9]{4}\b`,
	`\b[0-9]{3}-?[0-9]{2}-?[0-9]{4}\b`,
	`\b[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}\b`,
}

//go:embed peers/hyperscan.c
var hyperscan string

const slow = 4 << 20 // bytes that peers of a few megabytes a second are given

// findPeers gives those that are installed, ripgrep first.
func findPeers(ctx context.Context, dir string) []peer {
	var all []peer
	if path, err := exec.LookPath("rg"); err == nil {
		args := []string{path, "--no-config", "-ob", "-a", "-N", "--no-filename", "--no-unicode"}
		for _, p := range patterns {
			args = append(args, "-e", p)
		}
		all = append(all, peer{name: "rg -ob", finds: "candidates with offsets", args: args})
	}
	if path, err := exec.LookPath("grep"); err == nil && strings.Contains(versionOf(ctx, path), "GNU") {
		all = append(all, peer{"grep -obE", "candidates with offsets", slow, true, []string{path, "-aobE", strings.Join(patterns, "|")}})
	}
	if path, err := compileHyperscan(ctx, dir); err == nil {
		all = append(all, peer{"hyperscan", "ends of candidates", 0, false, append([]string{path}, patterns...)})
	}
	if path, err := exec.LookPath("yara"); err == nil {
		rules := filepath.Join(dir, "rules.yar")
		var b strings.Builder
		for i, p := range patterns {
			fmt.Fprintf(&b, "rule k%d { strings: $a = /%s/ condition: $a }\n", i, p)
		}
		if os.WriteFile(rules, []byte(b.String()), 0o600) == nil {
			all = append(all, peer{"yara -s", "candidates with offsets", slow, false, []string{path, "-s", "-w", rules}})
		}
	}
	return all
}

func versionOf(ctx context.Context, path string) string {
	out, _ := exec.CommandContext(ctx, path, "--version").Output() // "" is no version that is wanted
	return string(out)
}

// compileHyperscan makes the program that runs hyperscan, where its header is.
func compileHyperscan(ctx context.Context, dir string) (string, error) {
	source, path := filepath.Join(dir, "hyperscan.c"), filepath.Join(dir, "bench-hyperscan")
	if err := os.WriteFile(source, []byte(hyperscan), 0o600); err != nil {
		return "", err
	}
	return path, exec.CommandContext(ctx, "gcc", "-O2", "-o", path, source, "-lhs").Run()
}

// speed is how long something took.
type speed struct {
	bytes     int64
	wall, cpu time.Duration
}

// run runs a peer over a text.
func (p peer) run(ctx context.Context, t *text) (speed, error) {
	path, size := t.path, t.Size
	if p.limit > 0 && p.limit < size {
		var err error
		if path, err = firstPart(t.path, p.limit); err != nil {
			return speed{}, err
		}
		size = p.limit
	}
	cmd := exec.CommandContext(ctx, p.args[0], append(p.args[1:], path)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	if p.file {
		out, err := os.Create(t.path + ".out")
		if err != nil {
			return speed{}, err
		}
		defer out.Close()
		cmd.Stdout = out
	}
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return speed{}, fmt.Errorf("run %s: %w", p.name, err)
	}
	return speed{size, time.Since(start), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

// firstPart keeps the first bytes of a text beside it.
func firstPart(path string, n int64) (string, error) {
	part := path + ".part"
	if _, err := os.Stat(part); err == nil {
		return part, nil
	}
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.Create(part)
	if err != nil {
		return "", err
	}
	_, err = io.CopyN(out, in, n)
	return part, errors.Join(err, out.Close())
}
