//go:build !unix

package ocr

import "os/exec"

// ownGroup has nothing to do: the command alone is ended.
func ownGroup(*exec.Cmd) {}

// limit has nothing to do.
func limit(int, Options) {}
