package matcher

import "syscall"

// prSetDumpable is PR_SET_DUMPABLE of prctl(2).
const prSetDumpable = 4

// RLIMIT_MEMLOCK, and no limit, of setrlimit(2).
const (
	rlimitMemlock  = 8
	rlimitInfinity = 1<<64 - 1
)

// undumpable forbids core dumps to a program too: the kernel gives those to a handler such as systemd-coredump or apport
// whatever the limit on core files says.
func undumpable() {
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0)
}
