//go:build !purego && !portable

package matcher

import "golang.org/x/sys/cpu"

// pickKernels gives what this processor can run.
func pickKernels() (k kernels) {
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW {
		k.lanes, k.masks = hmacLanes, masks512
	} else if cpu.X86.HasAVX2 {
		k.masks = masks256
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasBMI1 {
		k.three = findThree
	}
	if cpu.X86.HasSSSE3 && cpu.X86.HasSSE41 && hasSHA() {
		k.two = hmacTwo
	}
	return k
}
