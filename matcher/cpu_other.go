//go:build !amd64 || purego

package matcher

// pickKernels gives nothing: the portable code runs.
func pickKernels() (k kernels) { return k }
