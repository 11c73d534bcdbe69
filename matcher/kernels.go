package matcher

//go:generate go -C ../internal/kernels run . -out ../../matcher/kernels_amd64.s -stubs ../../matcher/kernels_amd64.go -pkg matcher

// kernels are the parts of the hot path that exist in assembly, as this processor can run them; nil is the portable
// code, which gives the same answers. The build tag portable leaves all of it out; purego does too, and takes the
// assembly of Go's own SHA-256 away as well.
type kernels struct {
	lanes laneKernel
	two   twoKernel
	three threeKernel
	masks maskKernel
}

// laneKernel makes the first halves of the HMACs of laneCount padded messages under one key.
type laneKernel func(sums *[laneCount]half, messages *byte, stride, blocks int, inner, outer *[8]uint32)

// threeKernel gives the first place in b[from:n] at which three bytes may be those of a bucket, or a place from which on
// fewer than past bytes are left.
type threeKernel func(b *byte, from, n int, tables *[6][32]byte) int

// maskKernel makes the masks of as many blocks of text; all are the words of a row of masks.
type maskKernel func(all *uint64, text *byte, blocks int)

// twoKernel is laneKernel of two messages.
type twoKernel func(sums *[2]half, messages *byte, stride, blocks int, inner, outer *[8]uint32)

// laneCount is how many hashes go side by side. So many are hashed faster two by two, or one by one.
const (
	laneCount   = 16
	fewLanes    = 6
	fewestLanes = 2
)
