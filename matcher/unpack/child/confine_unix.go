//go:build unix && !linux

package child

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// confine sets what limits every Unix has. Of memory many keep none, so none is claimed.
func confine(s settings) Enforced {
	var e Enforced
	e.CPU = limit(unix.RLIMIT_CPU, uint64(s.CPU))
	e.Files = noFiles()
	return e
}

// attributes keep signals from a terminal away: the parent decides when a child ends.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
