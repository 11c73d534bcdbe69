//go:build unix && !linux

package ocr

import (
	"os/exec"
	"syscall"
)

// ownGroup has what the command starts end with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// limit can do nothing here: limits of another process are for Linux to set.
func limit(int, Options) {}
