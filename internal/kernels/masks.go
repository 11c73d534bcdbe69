package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Where the masks lie in the matcher's masks.
const (
	digitAt  = 0
	atAt     = 8
	oddAt    = 16
	letterAt = 24
	escapeAt = 32
	maskSize = 40
)

// masks512 writes the kernel of masks for AVX-512, which compares 64 bytes at once and gives a mask.
func masks512() {
	build.TEXT("masks512", build.NOSPLIT, "func(all *uint64, text *byte, blocks int)")
	build.Doc("masks512 makes the masks of as many blocks of text, five words a block. It needs AVX-512 F and BW.")
	all, text, blocks := build.Load(build.Param("all"), build.GP64()), build.Load(build.Param("text"), build.GP64()), build.Load(build.Param("blocks"), build.GP64())
	fill := func(c byte) reg.VecVirtual {
		r, z := build.GP32(), build.ZMM()
		build.MOVL(operand.U32(c), r)
		build.VPBROADCASTB(r, z)
		return z
	}
	zero, ten, at := fill('0'), fill(10), fill('@')
	c2, d6 := fill(0xc2), fill(0xd6)
	lower, a, letters := fill(0x20), fill('a'), fill(26)
	backslash, percent := fill('\\'), fill('%')
	const below, notBelow = operand.U8(1), operand.U8(5)
	put := func(k reg.Register, disp int) { build.KMOVQ(k, operand.Mem{Base: all.(reg.Register), Disp: disp}) }

	build.Label("block")
	b, x := build.ZMM(), build.ZMM()
	build.VMOVDQU64(operand.Mem{Base: text.(reg.Register)}, b)
	k1, k2 := build.K(), build.K()
	digits := build.GP64()
	build.VPSUBB(zero, b, x)
	build.VPCMPUB(below, ten, x, k1)
	put(k1, digitAt)
	build.KMOVQ(k1, digits)
	build.VPCMPEQB(at, b, k1)
	put(k1, atAt)
	build.VPCMPUB(notBelow, d6, b, k1)
	build.VPCMPEQB(c2, b, k2)
	build.KORQ(k1, k2, k1)
	put(k1, oddAt)
	build.KXORQ(k1, k1, k1)
	build.KXORQ(k2, k2, k2)
	build.TESTQ(digits, digits)
	build.JZ(operand.LabelRef("put"))
	build.VPORQ(lower, b, x)
	build.VPSUBB(a, x, x)
	build.VPCMPUB(below, letters, x, k1)
	k3 := build.K()
	build.VPCMPEQB(backslash, b, k2)
	build.VPCMPEQB(percent, b, k3)
	build.KORQ(k2, k3, k2)
	build.Label("put")
	put(k1, letterAt)
	put(k2, escapeAt)
	build.ADDQ(operand.U8(maskSize), all)
	build.ADDQ(operand.U8(64), text)
	build.DECQ(blocks)
	build.JNZ(operand.LabelRef("block"))
	build.VZEROUPPER()
	build.RET()
}

// masks256 writes the same for AVX2, in two halves of a block.
func masks256() {
	build.TEXT("masks256", build.NOSPLIT, "func(all *uint64, text *byte, blocks int)")
	build.Doc("masks256 makes the masks of as many blocks of text, five words a block. It needs AVX2.")
	all, text, blocks := build.Load(build.Param("all"), build.GP64()), build.Load(build.Param("text"), build.GP64()), build.Load(build.Param("blocks"), build.GP64())
	fill := func(c byte) reg.VecVirtual {
		r, x, y := build.GP32(), build.XMM(), build.YMM()
		build.MOVL(operand.U32(c), r)
		build.VMOVD(r, x)
		build.VPBROADCASTB(x, y)
		return y
	}
	lo, hi, t, u := build.YMM(), build.YMM(), build.YMM(), build.YMM()
	m, n := build.GP64(), build.GP64()
	// collect writes one bit for each byte of both halves of which test leaves 0xff in its first argument.
	collect := func(disp int, test func(into, b reg.VecVirtual)) {
		test(t, lo)
		test(u, hi)
		build.VPMOVMSKB(t, m.As32())
		build.VPMOVMSKB(u, n.As32())
		build.SHLQ(operand.U8(32), n)
		build.ORQ(n, m)
		build.MOVQ(m, operand.Mem{Base: all.(reg.Register), Disp: disp})
	}
	v := build.YMM()
	below := func(from byte, n byte) func(into, b reg.VecVirtual) {
		first, last := fill(from), fill(n-1)
		return func(into, b reg.VecVirtual) {
			build.VPSUBB(first, b, into)
			build.VPMINUB(last, into, v)
			build.VPCMPEQB(v, into, into)
		}
	}
	either := func(c byte, test func(into, b reg.VecVirtual)) func(into, b reg.VecVirtual) {
		other := fill(c)
		return func(into, b reg.VecVirtual) {
			test(into, b)
			build.VPCMPEQB(other, b, v)
			build.VPOR(v, into, into)
		}
	}
	equal := func(c byte) func(into, b reg.VecVirtual) {
		other := fill(c)
		return func(into, b reg.VecVirtual) { build.VPCMPEQB(other, b, into) }
	}
	lower := fill(0x20)
	letter := below('a', 26)
	digit, at, odd, escape := below('0', 10), equal('@'), either(0xc2, below(0xd6, 0x2a)), either('%', equal('\\'))

	build.Label("block")
	build.VMOVDQU(operand.Mem{Base: text.(reg.Register)}, lo)
	build.VMOVDQU(operand.Mem{Base: text.(reg.Register), Disp: 32}, hi)
	collect(atAt, at)
	collect(oddAt, odd)
	collect(digitAt, digit)
	build.TESTQ(m, m)
	build.JZ(operand.LabelRef("none"))
	collect(escapeAt, escape)
	collect(letterAt, func(into, b reg.VecVirtual) {
		build.VPOR(lower, b, b)
		letter(into, b)
	})
	build.Label("next")
	build.ADDQ(operand.U8(maskSize), all)
	build.ADDQ(operand.U8(64), text)
	build.DECQ(blocks)
	build.JNZ(operand.LabelRef("block"))
	build.VZEROUPPER()
	build.RET()
	build.Label("none")
	build.MOVQ(m, operand.Mem{Base: all.(reg.Register), Disp: escapeAt})
	build.MOVQ(m, operand.Mem{Base: all.(reg.Register), Disp: letterAt})
	build.JMP(operand.LabelRef("next"))
}
