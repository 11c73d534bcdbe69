package child

import (
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// confine gives up every right that Linux lets a process give up. The order matters: what reads /proc comes first, the filter last.
func confine(s settings) Enforced {
	var e Enforced
	e.Orphans = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0) == nil
	// The address space that is there holds what Go's runtime reserves for later and may never use.
	e.Memory = limit(unix.RLIMIT_AS, addressSpace()+uint64(s.Memory))
	e.CPU = limit(unix.RLIMIT_CPU, uint64(s.CPU))
	e.Files = noFiles()
	if unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == nil {
		e.Calls = filterCalls()
	}
	return e
}

// addressSpace is how much address space is in use. Where it cannot be told it is guessed well above what it is.
func addressSpace() uint64 {
	b, _ := os.ReadFile("/proc/self/statm")
	pages, _, _ := strings.Cut(string(b), " ")
	n, err := strconv.ParseUint(pages, 10, 40)
	if err != nil {
		return 4 << 30
	}
	return n * uint64(os.Getpagesize())
}

// attributes have a child end with its parent, and keep signals from a terminal away: the parent decides when it ends.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
