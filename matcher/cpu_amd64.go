//go:build !purego

package matcher

import "golang.org/x/sys/cpu"

// pickKernels gives what this processor can run.
func pickKernels() (k kernels) {
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW {
		k.lanes = hmacLanes
	}
	return k
}
