//go:build unix

package child_test

import (
	"os"
	"syscall"
)

// killParent asks whether the parent could be sent a signal.
func killParent() error { return syscall.Kill(os.Getppid(), 0) }
