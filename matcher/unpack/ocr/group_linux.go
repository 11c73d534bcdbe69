package ocr

import (
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ownGroup has what the command starts end with it, and the command with this program.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// limit sets what the kernel keeps the command to, and whatever it starts from now on.
func limit(pid int, o Options) {
	for _, l := range []struct {
		resource int
		most     uint64
	}{
		{unix.RLIMIT_AS, uint64(o.Memory)}, {unix.RLIMIT_CPU, uint64(o.Time/time.Second) + 1}, {unix.RLIMIT_CORE, 0}, {unix.RLIMIT_FSIZE, mostFile},
	} {
		// It may have ended, or have less already.
		_ = unix.Prlimit(pid, l.resource, &unix.Rlimit{Cur: l.most, Max: l.most}, nil)
	}
}
