package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// threeBytes writes findThree, the way of Teddy, which Hyperscan made known: by shuffles as tables of sixteen, it says
// for 64 places at once in which of eight buckets the three bytes there may begin a word.
func threeBytes() {
	build.TEXT("findThree", build.NOSPLIT, "func(b *byte, from, n int, tables *[6][32]byte) int")
	build.Doc("findThree gives the first place in b[from:n] at which three bytes may be those of a bucket, or a place from which on",
		"fewer than 66 bytes are left. It needs AVX2.")
	b, i := build.Load(build.Param("b"), build.GP64()), build.Load(build.Param("from"), build.GP64())
	last := build.Load(build.Param("n"), build.GP64())
	tables := build.Load(build.Param("tables"), build.GP64())
	var table [6]reg.VecVirtual
	for t := range table {
		table[t] = build.YMM()
		build.VMOVDQU(operand.Mem{Base: tables, Disp: 32 * t}, table[t])
	}
	low := build.YMM()
	nibble := build.GP32()
	build.MOVL(operand.U32(0x0f0f0f0f), nibble)
	x := build.XMM()
	build.MOVD(nibble, x)
	build.VPBROADCASTD(x, low)
	build.SUBQ(operand.U8(66), last)

	build.Label("places")
	build.CMPQ(i, last)
	build.JG(operand.LabelRef("left"))
	first, second := places(b, i, 0, table, low), places(b, i, 32, table, low)
	any := build.YMM()
	build.VPOR(first, second, any)
	build.VPTEST(any, any)
	build.JNZ(operand.LabelRef("found"))
	build.ADDQ(operand.U8(64), i)
	build.JMP(operand.LabelRef("places"))

	build.Label("found")
	zero := build.YMM()
	build.VPXOR(zero, zero, zero)
	a, c := bits(first, zero), bits(second, zero)
	build.SHLQ(operand.U8(32), c)
	build.ORQ(c, a)
	build.NOTQ(a)
	build.TZCNTQ(a, a)
	build.ADDQ(a, i)
	build.Label("left")
	build.Store(i, build.ReturnIndex(0))
	build.VZEROUPPER()
	build.RET()
}

// places gives the buckets of 32 places.
func places(b, i reg.Register, at int, table [6]reg.VecVirtual, low reg.VecVirtual) reg.VecVirtual {
	all := build.YMM()
	for k := range 3 {
		v, hi := build.YMM(), build.YMM()
		build.VMOVDQU(operand.Mem{Base: b, Index: i, Scale: 1, Disp: at + k}, v)
		build.VPSRLW(operand.U8(4), v, hi)
		build.VPAND(v, low, v)
		build.VPAND(hi, low, hi)
		build.VPSHUFB(v, table[2*k], v)
		build.VPSHUFB(hi, table[2*k+1], hi)
		build.VPAND(v, hi, v)
		if k == 0 {
			all = v
		} else {
			build.VPAND(v, all, all)
		}
	}
	return all
}

// bits has a bit for each byte that is zero.
func bits(v, zero reg.VecVirtual) reg.GPVirtual {
	is, m := build.YMM(), build.GP64()
	build.VPCMPEQB(v, zero, is)
	build.VPMOVMSKB(is, m.As32())
	return m
}
