package matcher_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"leakwatch/matcher"
)

func TestProtectForbidsCoreDumps(t *testing.T) {
	matcher.Protect()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != 0 {
		t.Errorf("limit of core files %+v, error %v", limit, err)
	}
	const prGetDumpable = 3
	if dumpable, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prGetDumpable, 0, 0); errno != 0 || dumpable != 0 {
		t.Errorf("dumpable %d, error %v", dumpable, errno)
	}
	// what metrics read of their own process can still be read
	if _, err := os.ReadDir("/proc/self/fd"); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile("/proc/self/stat"); err != nil || !strings.Contains(string(b), " ") {
		t.Error(err)
	}
}
