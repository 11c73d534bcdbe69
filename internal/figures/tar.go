//go:build unix

package main

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"leakwatch/cmd/leakwatch/demo"
)

const (
	memberSize = 128 << 10
	plantEvery = 512 // members for one registered record
)

// measureTar registers a clinic, pipes a tar into `scan -`, and says what that took.
func measureTar(ctx context.Context, dir string, size int64, clients int) error {
	program := filepath.Join(dir, "leakwatch")
	if err := build(ctx, program); err != nil {
		return err
	}
	people := demo.People(71, clients)
	home := filepath.Join(dir, "home")
	if err := enrol(ctx, program, home, people); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, "--config", filepath.Join(home, "leakwatch.yaml"), "--json", "scan", "-")
	in, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	planted, writeErr := writeTar(in, size, people)
	writeErr = errors.Join(writeErr, in.Close())
	if err := errors.Join(writeErr, cmd.Wait()); err != nil {
		return fmt.Errorf("scan: %w: %s", err, said.Bytes())
	}
	return sayTar(cmd.ProcessState, time.Since(began), size, planted, out.Bytes())
}

// sayTar prints the figures, if everybody who was planted was found.
func sayTar(state *os.ProcessState, took time.Duration, size int64, planted int, out []byte) error {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	var total struct{ Persons int }
	if err := json.Unmarshal(bytes.ToLower(lines[len(lines)-1]), &total); err != nil {
		return fmt.Errorf("read the summary: %w", err)
	}
	if total.Persons != planted {
		return fmt.Errorf("%d people were found, %d were planted: %s", total.Persons, planted, lines[len(lines)-1])
	}
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("the system says nothing of memory")
	}
	peak := float64(usage.Maxrss)
	if runtime.GOOS != "darwin" { // there it is in bytes
		peak *= 1024
	}
	cpu := state.UserTime() + state.SystemTime()
	fmt.Printf("scan - of a tar of %.1f GiB: peak memory %.0f MiB, %.2f GB/s, %.2f GB a CPU second; %d people planted, all found\n",
		float64(size)/(1<<30), peak/(1<<20), float64(size)/1e9/took.Seconds(), float64(size)/1e9/cpu.Seconds(), planted)
	return nil
}

// enrol makes an installation with one clinic, by the commands that people use.
func enrol(ctx context.Context, program, home string, people []demo.Person) error {
	table, kit, bundle := filepath.Join(home, "a.csv"), filepath.Join(home, "a.kit"), filepath.Join(home, "a.bundle")
	config := []string{"--config", filepath.Join(home, "leakwatch.yaml")}
	for _, args := range [][]string{
		{"init", home, "--ring", "test-a"},
		append(config, "clinic", "add", "a", "--name", "A", "--region", "FI", "--patients", fmt.Sprint(len(people))),
		append(config, "clinic", "kit", "a", "--out", kit),
		{"hash", table, "--kit", kit, "--id", "asiakasnumero", "--mapping", filepath.Join(home, "a.mapping"),
			"--map", "fi-hetu=henkilötunnus", "--map", "email=sähköposti", "--map", "given=etunimi", "--map", "family=sukunimi",
			"--map", "dob=syntymäaika", "--out", bundle},
		append(config, "register", bundle, "--confirm", "--signer-ok"),
	} {
		if args[0] == "hash" {
			var b bytes.Buffer
			if err := demo.WriteTable(&b, people); err != nil {
				return fmt.Errorf("write table: %w", err)
			}
			if err := os.WriteFile(table, b.Bytes(), 0o600); err != nil {
				return fmt.Errorf("write table: %w", err)
			}
		}
		if said, err := exec.CommandContext(ctx, program, args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, said)
		}
	}
	return nil
}

// writeTar writes members of prose with addresses of strangers, each of them new, and one registered record in every
// 512th. The first member is an eighth of the whole.
func writeTar(w io.Writer, size int64, people []demo.Person) (planted int, err error) {
	rnd := rand.New(rand.NewPCG(71, 71))
	t := tar.NewWriter(w)
	block := make([]byte, 0, memberSize)
	stranger := 0
	fill := func(first string) []byte {
		block = append(block[:0], first...)
		for len(block) < memberSize-4096 {
			block = append(block, proseOf(rnd)...)
			stranger++
			block = fmt.Appendf(block, "nobody%d@example.org\n", stranger)
		}
		for len(block) < memberSize {
			block = append(block, '.')
		}
		return block
	}
	header := func(name string, n int64) error {
		return t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: n, ModTime: time.Unix(1e9, 0)})
	}
	large := size / 8 / memberSize * memberSize
	if err := header("large.txt", large); err != nil {
		return 0, err
	}
	for n := int64(0); n < large; n += memberSize {
		if _, err := t.Write(fill("")); err != nil {
			return 0, err
		}
	}
	for i, n := 0, large; n < size; i, n = i+1, n+memberSize+512 {
		first := ""
		if i%plantEvery == 0 && planted < len(people) {
			first = people[planted].Notes(rnd)
			planted++
		}
		if err := header(fmt.Sprintf("notes/%07d.txt", i), memberSize); err != nil {
			return planted, err
		}
		if _, err := t.Write(fill(first)); err != nil {
			return planted, err
		}
	}
	return planted, t.Close()
}

// proseOf is about 2 KB of one client's notes, without who it is.
func proseOf(rnd *rand.Rand) string {
	return notes[rnd.IntN(len(notes))]
}

var notes = func() (all []string) {
	rnd := rand.New(rand.NewPCG(72, 72))
	for range 64 {
		var b strings.Builder
		for b.Len() < 2048 {
			_, text, _ := strings.Cut(demo.Person{}.Notes(rnd), "\n\n")
			b.WriteString(text)
		}
		all = append(all, b.String())
	}
	return all
}()
