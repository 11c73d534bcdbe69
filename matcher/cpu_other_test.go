//go:build !amd64 || purego

package matcher

func otherKernels() map[string]kernels { return map[string]kernels{} }
