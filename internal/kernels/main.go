// Command kernels writes the assembly of the matcher for amd64, with avo:
//
//	go run . -out ../../matcher/kernels_amd64.s -stubs ../../matcher/kernels_amd64.go -pkg matcher
//
// It is a module of its own, so that avo is not among what the program needs. Every kernel has a portable twin in Go in
// the matcher, and a fuzz test there says that the two agree.
package main

import "github.com/mmcloughlin/avo/build"

func main() {
	build.ConstraintExpr("!purego,!portable")
	swap, constants := swapWords(), roundConstants()
	lanes(swap, constants)
	two(swap, constants)
	hasSHA()
	threeBytes()
	low, high := classTables()
	masks512(low, high)
	masks256(low, high)
	build.Generate()
}
