//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const lockFile = "tornet.lock" // a folder without it that holds other things is never touched

// lockFolder makes the folder if it is not there, and keeps others out until the file is closed.
func lockFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, lockFile)
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil && len(names) > 0 {
		return nil, fmt.Errorf("%s holds other things", dir)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), f.Close())
	}
	return f, nil
}

// emptyFolder removes all but the lock.
func emptyFolder(dir string) error {
	names, err := os.ReadDir(dir)
	for _, n := range names {
		if n.Name() != lockFile {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, n.Name())))
		}
	}
	return err
}

// processes lists the living nodes of the network in dir. They are known by their command line, which names a file in
// dir, so that a process id that was given out again is never taken for one of ours.
func processes(dir string) []int {
	entries, _ := os.ReadDir("/proc")
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		b, err := os.ReadFile("/proc/" + e.Name() + "/cmdline")
		if err != nil {
			continue // it has ended since
		}
		args := strings.Split(string(b), "\x00")
		if len(args) > 2 && args[1] == "-f" && strings.HasPrefix(args[2], dir+"/nodes/") {
			pids = append(pids, pid)
		}
	}
	return pids
}

// stopProcesses ends all nodes of the network in dir, at last by force, and waits for it.
func stopProcesses(dir string) error {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		told := map[int]bool{}
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			pids := processes(dir)
			if len(pids) == 0 {
				return nil
			}
			for _, pid := range pids {
				if !told[pid] {
					told[pid] = true
					_ = syscall.Kill(pid, sig) // it may have ended since: the next round sees
				}
			}
		}
	}
	return fmt.Errorf("processes %v do not end", processes(dir))
}

// start runs a node in a session of its own, so that it outlives us.
func (w *network) start(n *node, torrc string) error {
	path := filepath.Join(n.dir, "torrc")
	if err := os.WriteFile(path, []byte(torrc), 0o600); err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(n.dir, "stdout"))
	if err != nil {
		return err
	}
	defer out.Close()
	w.ports.release(n.control, n.orPort, n.dirPort, n.socks)
	cmd := exec.Command("tor", "-f", path, "--defaults-torrc", w.noDefaults())
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	n.ended = make(chan struct{})
	go func() { // ends with the node; the program does not wait for it, as the node is to outlive it
		n.err = errors.Join(errors.New("ended"), cmd.Wait())
		close(n.ended)
	}()
	w.started = append(w.started, n)
	return nil
}

// lastWords is the end of the log of each node that has died, or else of the authority.
func (w *network) lastWords() string {
	var out strings.Builder
	for _, n := range w.started {
		select {
		case <-n.ended:
		default:
			if n != w.auth {
				continue
			}
		}
		for _, name := range []string{"stdout", "log"} {
			b, _ := os.ReadFile(filepath.Join(n.dir, name))
			lines := strings.Split(strings.TrimSpace(string(b)), "\n")
			for _, l := range lines[max(0, len(lines)-8):] {
				fmt.Fprintf(&out, "  %s: %.200s\n", n.name, l)
			}
		}
	}
	return out.String()
}
