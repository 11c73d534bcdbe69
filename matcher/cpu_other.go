//go:build !amd64 || purego || portable

package matcher

// pickKernels gives nothing: the portable code runs.
func pickKernels() (k kernels) { return k }
