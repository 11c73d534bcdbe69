//go:build unix

package child

import (
	"time"

	"golang.org/x/sys/unix"
)

// limit lowers a limit for good.
func limit(resource int, n uint64) bool {
	var r unix.Rlimit
	set(&r.Cur, n)
	set(&r.Max, n)
	return unix.Setrlimit(resource, &r) == nil
}

// set sets a limit, whose type differs among systems.
func set[T int64 | uint64](to *T, n uint64) { *to = T(n) }

// noFiles lets nothing be opened or written from now on, and no core file be left.
func noFiles() bool {
	time.AfterFunc(time.Hour, func() {}).Stop() // has the runtime open what it needs for timers
	highest := 2
	for fd := range 256 {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
			highest = fd
		}
	}
	core := limit(unix.RLIMIT_CORE, 0)
	size := limit(unix.RLIMIT_FSIZE, 0)
	return limit(unix.RLIMIT_NOFILE, uint64(highest+1)) && size && core
}
