package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxSecret bounds a file with a secret.
const maxSecret = 64 * kib

// WriteSecret writes a new file that only its owner can read, and sees it onto the disk. A file that is there already
// is left alone, with an error that wraps fs.ErrExist.
func WriteSecret(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write secret: %w", err)
	}
	err = restrict(f)
	if err == nil {
		_, err = f.Write(b)
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("write secret: %w", errors.Join(err, os.Remove(path)))
	}
	return nil
}

// ReadSecret reads a file with a secret, without the white space around it. It refuses what CheckMode refuses, empty
// files and files of more than 64 KiB. No error holds what the file holds.
func ReadSecret(path string) ([]byte, error) {
	f, err := openSecret(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, path)
}

// CheckMode refuses a file of secrets that others can read: by its mode and owner on Unix, by its access list on
// Windows. It refuses what is no file, too.
func CheckMode(path string) error {
	f, err := openSecret(path)
	if err != nil {
		return err
	}
	return f.Close()
}

// openSecret opens a file and checks what it opened, so that nobody can change it in between.
func openSecret(path string) (*os.File, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	if err := checkAccess(f); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return f, nil
}

// openRegular opens a file. Symbolic links are followed, as orchestrators mount secrets by them.
func openRegular(path string) (*os.File, error) {
	fi, err := os.Stat(path) // before opening: opening a pipe would wait
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("open secret: %w", err)
	case !fi.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open secret: %w", err)
	}
	return f, nil
}

// readBounded reads a file that is no secret, under the same limits.
func readBounded(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, path)
}

func readAll(f *os.File, path string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	if len(b) > maxSecret {
		return nil, fmt.Errorf("%s is too long for a secret", path)
	}
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return nil, fmt.Errorf("%s is empty", path)
	}
	return b, nil
}
