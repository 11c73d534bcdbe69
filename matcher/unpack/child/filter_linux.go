//go:build linux && (amd64 || arm64)

package child

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// calls are what Go's runtime needs to go on, and to read and write what is open. Everything else is refused with EPERM: to open,
// connect, listen, start, trace, signal another process, change a limit.
func calls() []uint32 {
	return []uint32{
		unix.SYS_READ, unix.SYS_WRITE, unix.SYS_CLOSE, unix.SYS_FUTEX, unix.SYS_MUNMAP, unix.SYS_MADVISE, unix.SYS_MINCORE,
		unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
		unix.SYS_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_GETTIMEOFDAY, unix.SYS_SCHED_YIELD,
		unix.SYS_SCHED_GETAFFINITY, unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_CTL, unix.SYS_GETRANDOM,
		unix.SYS_RESTART_SYSCALL, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_GETRUSAGE,
	}
}

// Offsets in struct seccomp_data, see seccomp(2).
const (
	dataCall = 0
	dataArch = 4
	dataArgs = 16
)

// filterCalls installs the filter in all threads, for good.
func filterCalls() bool {
	p := program()
	f := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&f)))
	runtime.KeepAlive(p)
	return errno == 0
}

// program is the filter for Berkeley's packet machine.
func program() []unix.SockFilter {
	arch := uint32(unix.AUDIT_ARCH_X86_64)
	if runtime.GOARCH == "arm64" {
		arch = unix.AUDIT_ARCH_AARCH64
	}
	allow := ret(unix.SECCOMP_RET_ALLOW)
	refuse := ret(unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM))
	p := []unix.SockFilter{load(dataArch), jump(unix.BPF_JEQ, arch, 1, 0), refuse, load(dataCall)}
	for _, c := range calls() {
		p = append(p, jump(unix.BPF_JEQ, c, 0, 1), allow)
	}
	// A thread may be started, a process not.
	p = append(p, jump(unix.BPF_JEQ, unix.SYS_CLONE, 0, 4), load(dataArgs), jump(unix.BPF_JSET, unix.CLONE_THREAD, 0, 1), allow, refuse)
	// Only this process may be signalled: the runtime stops its own threads so.
	p = append(p, jump(unix.BPF_JEQ, unix.SYS_TGKILL, 0, 4), load(dataArgs), jump(unix.BPF_JEQ, uint32(os.Getpid()), 0, 1), allow, refuse)
	// Memory may be had, but none that can be run.
	for _, c := range []uint32{unix.SYS_MMAP, unix.SYS_MPROTECT} {
		p = append(p, jump(unix.BPF_JEQ, c, 0, 4), load(dataArgs+2*8), jump(unix.BPF_JSET, unix.PROT_EXEC, 1, 0), allow, refuse)
	}
	return append(p, refuse)
}

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func jump(test uint16, k uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, Jt: yes, Jf: no, K: k}
}

func ret(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }
