//go:build linux || darwin

package matcher

import (
	"syscall"
	"unsafe"
)

// noCoreDumps keeps keys and registry out of core files. Failure is no error: the system may not allow it.
func noCoreDumps() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}

// lock keeps memory from being swapped out, as far as the system lets this process.
func lock[T any](s []T) {
	if len(s) > 0 {
		_ = syscall.Mlock(unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0]))))
	}
}

func (t *table) lock() {
	lock(t.prints)
	lock(t.rests)
}
