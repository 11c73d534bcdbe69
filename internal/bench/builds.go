package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// build is this program again, built in one of two ways, with a registry in memory, waiting for orders.
type build struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
}

// startBuilds makes both builds and starts them.
func startBuilds(ctx context.Context, dir string, o options) ([]*build, error) {
	var all []*build
	for _, b := range []struct{ name, tags string }{{"portable", "portable"}, {"kernels", ""}} {
		path := filepath.Join(dir, "bench-"+b.name)
		compile := exec.CommandContext(ctx, "go", "build", "-tags", b.tags, "-o", path, "./internal/bench")
		compile.Stderr = os.Stderr
		if err := compile.Run(); err != nil {
			return nil, errors.Join(fmt.Errorf("build %s: %w", b.name, err), stopBuilds(all))
		}
		args := []string{"-serve", dir, "-registered", strconv.Itoa(o.registered), "-seed", strconv.FormatUint(o.seed, 10)}
		if o.profile != "" {
			args = append(args, "-profile", o.profile+b.name)
		}
		one := &build{name: b.name, cmd: exec.CommandContext(ctx, path, args...)}
		one.cmd.Stderr = os.Stderr
		var err error
		if one.in, err = one.cmd.StdinPipe(); err != nil {
			return nil, err
		}
		out, err := one.cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		one.out = bufio.NewScanner(out)
		if err := one.cmd.Start(); err != nil {
			return nil, errors.Join(fmt.Errorf("start %s: %w", b.name, err), stopBuilds(all))
		}
		all = append(all, one)
		if _, err := one.answer(); err != nil {
			return nil, errors.Join(err, stopBuilds(all))
		}
	}
	return all, nil
}

// stopBuilds ends them and waits.
func stopBuilds(all []*build) error {
	var errs []error
	for _, b := range all {
		errs = append(errs, b.in.Close(), b.cmd.Wait())
	}
	return errors.Join(errs...)
}

// tell gives an order and waits for what came of it.
func (b *build) tell(o order) (answer, error) {
	if err := json.NewEncoder(b.in).Encode(o); err != nil {
		return answer{}, fmt.Errorf("%s: %w", b.name, err)
	}
	return b.answer()
}

func (b *build) answer() (a answer, err error) {
	if !b.out.Scan() {
		return a, errors.Join(fmt.Errorf("%s ended", b.name), b.out.Err())
	}
	if err := json.Unmarshal(b.out.Bytes(), &a); err != nil {
		return a, fmt.Errorf("%s: %w", b.name, err)
	}
	if a.Err != "" {
		err = fmt.Errorf("%s: %s", b.name, a.Err)
	}
	return a, err
}

// check has a text compared with its truth.
func (b *build) check(t *text) error {
	for workers := 1; workers <= 2; workers++ {
		if _, err := b.tell(order{Do: "check", Path: t.path, Workers: workers}); err != nil {
			return fmt.Errorf("text %s: %w", t.name, err)
		}
	}
	return nil
}
