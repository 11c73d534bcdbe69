//go:build unix

package configs

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// checkAccess refuses a file that its group or others may touch, or that belongs to another user than us and root.
func checkAccess(f *os.File) error {
	fi, err := f.Stat()
	if err != nil {
		return fmt.Errorf("check access: %w", err)
	}
	if mode := fi.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("others can read it (mode %#o): chmod 600 it", mode)
	}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok && st.Uid != 0 && int(st.Uid) != os.Geteuid() {
		return errors.New("it belongs to another user, who can read it")
	}
	return nil
}

// restrict has nothing to do: the file was made with mode 0600.
func restrict(*os.File) error { return nil }

// syncFolder sees a new file's name onto the disk.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
