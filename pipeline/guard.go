package pipeline

import (
	"fmt"
	"runtime/debug"

	"leakwatch/leak"
)

// errPanicked ends a document on which a reader of ours failed: it would fail again, and must not take the others with it.
var errPanicked = fmt.Errorf("a reader failed on it: rest left: %w", leak.ErrPermanent)

// guarded turns a panic into errPanicked. Its value may hold what was being read, so only where it came from is said.
func guarded(read func() error, say func(stack string)) (err error) {
	defer func() {
		if recover() != nil {
			say(string(debug.Stack()))
			err = errPanicked
		}
	}()
	return read()
}
