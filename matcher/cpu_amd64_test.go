//go:build !purego && !portable

package matcher

import "golang.org/x/sys/cpu"

// otherKernels are those that this processor can run and would not pick.
func otherKernels() map[string]kernels {
	all := map[string]kernels{}
	if cpu.X86.HasAVX2 {
		all["AVX2"] = kernels{masks: masks256}
	}
	if picked := pickKernels(); picked.two != nil {
		all["SHA"] = kernels{two: picked.two}
		all["without SHA"] = kernels{lanes: picked.lanes, masks: picked.masks}
	}
	return all
}
