//go:build linux || darwin

package matcher

import (
	"syscall"
	"unsafe"
)

// Protect keeps keys, registry and registers of patients out of core files for as long as the process lives, and, where
// the system knows how, out of the reach of debuggers of the same user. New calls it; a program that reads secrets before
// calls it first. Failure is no error: the system may not allow it.
func Protect() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	undumpable()
}

// lock keeps memory from being swapped out, as far as the system lets this process.
func lock[T any](s []T) {
	if len(s) > 0 {
		_ = syscall.Mlock(unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0]))))
	}
}

// lockTable keeps a table of the registry from being swapped out where locked memory has no limit. Where it has one it is
// far smaller than a table, and the keys, which are locked before, need it.
func lockTable(b []byte) {
	var limit syscall.Rlimit
	if syscall.Getrlimit(rlimitMemlock, &limit) == nil && limit.Cur == rlimitInfinity {
		_ = syscall.Mlock(b)
	}
}
