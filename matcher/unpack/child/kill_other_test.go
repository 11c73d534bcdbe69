//go:build !unix

package child_test

import "errors"

// killParent asks nothing: the filter of calls is Linux's.
func killParent() error { return errors.ErrUnsupported }
