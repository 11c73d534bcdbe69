//go:build !amd64 || purego || portable

package matcher

func otherKernels() map[string]kernels { return map[string]kernels{} }
