package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The classes of characters, as bits of what a byte's two halves have in common in the tables: see classTables. Where a
// class has two bits, its characters need more than one row of ASCII.
const (
	digit  = 1 << 0
	at     = 1 << 1
	join   = 1<<2 | 1<<3
	letter = 1<<4 | 1<<5
	escape = 1<<6 | 1<<7
)

// Where the masks lie in the matcher's masks.
const (
	digitAt  = 0
	atAt     = 8
	oddAt    = 16
	letterAt = 24
	escapeAt = 32
	joinAt   = 40
	maskSize = 48
)

// classTables give for each lower and upper half of a byte the bits of its classes.
func classTables() (low, high operand.Mem) {
	var lows, highs [16]byte
	for _, c := range []struct {
		bit   byte
		highs []byte
		lows  string
	}{
		{digit, []byte{3}, "0123456789"}, {at, []byte{4}, "@"},
		{1 << 2, []byte{2}, " -./()+"}, {1 << 3, []byte{0}, "\n\v\f\r"},
		{1 << 4, []byte{4, 6}, "ABCDEFGHIJKLMNO"}, {1 << 5, []byte{5, 7}, "PQRSTUVWXYZ"},
		{1 << 6, []byte{2}, "%"}, {1 << 7, []byte{5}, "\\"},
	} {
		for _, h := range c.highs {
			highs[h] |= c.bit
		}
		for _, l := range []byte(c.lows) {
			lows[l&15] |= c.bit
		}
	}
	table := func(name string, t [16]byte) operand.Mem {
		m := build.GLOBL(name, build.RODATA|build.NOPTR)
		for i := range 64 {
			build.DATA(i, operand.U8(t[i%16]))
		}
		return m
	}
	return table("classesLow", lows), table("classesHigh", highs)
}

// masks512 writes the kernel of masks for AVX-512, which compares 64 bytes at once and gives a mask.
func masks512(low, high operand.Mem) {
	build.TEXT("masks512", build.NOSPLIT, "func(all *uint64, text *byte, blocks int)")
	build.Doc("masks512 makes the masks of as many blocks of text, six words a block. It needs AVX-512 F and BW.")
	all, text, blocks := maskParams()
	fill := func(c byte) reg.VecVirtual {
		r, z := build.GP32(), build.ZMM()
		build.MOVL(operand.U32(c), r)
		build.VPBROADCASTB(r, z)
		return z
	}
	lows, highs := build.ZMM(), build.ZMM()
	build.VMOVDQU64(low, lows)
	build.VMOVDQU64(high, highs)
	half, c2, d6 := fill(15), fill(0xc2), fill(0xd6)
	digits, ats, letters, escapes, joins := fill(digit), fill(at), fill(letter), fill(escape), fill(join)
	const notBelow = operand.U8(5)
	b, x, y := build.ZMM(), build.ZMM(), build.ZMM()
	k := build.K()
	put := func(disp int) { build.KMOVQ(k, operand.Mem{Base: all, Disp: disp}) }
	test := func(class reg.VecVirtual, disp int) {
		build.VPTESTMB(class, x, k)
		put(disp)
	}

	build.Label("block")
	build.VMOVDQU64(operand.Mem{Base: text}, b)
	build.VPSRLW(operand.U8(4), b, y)
	build.VPANDQ(half, y, y)
	build.VPSHUFB(y, highs, y)
	build.VPSHUFB(b, lows, x)
	build.VPANDQ(x, y, x)
	test(ats, atAt)
	other := build.K()
	build.VPCMPUB(notBelow, d6, b, k)
	build.VPCMPEQB(c2, b, other)
	build.KORQ(k, other, k)
	put(oddAt)
	test(digits, digitAt)
	build.KORTESTQ(k, k)
	build.JZ(operand.LabelRef("none"))
	test(letters, letterAt)
	test(escapes, escapeAt)
	test(joins, joinAt)
	build.Label("next")
	nextBlock(all, text, blocks)
	build.Label("none")
	for _, disp := range []int{letterAt, escapeAt, joinAt} {
		put(disp)
	}
	build.JMP(operand.LabelRef("next"))
}

// masks256 writes the same for AVX2, in two halves of a block.
func masks256(low, high operand.Mem) {
	build.TEXT("masks256", build.NOSPLIT, "func(all *uint64, text *byte, blocks int)")
	build.Doc("masks256 makes the masks of as many blocks of text, six words a block. It needs AVX2.")
	all, text, blocks := maskParams()
	fill := func(c byte) reg.VecVirtual {
		r, x, y := build.GP32(), build.XMM(), build.YMM()
		build.MOVL(operand.U32(c), r)
		build.VMOVD(r, x)
		build.VPBROADCASTB(x, y)
		return y
	}
	lows, highs := build.YMM(), build.YMM()
	build.VMOVDQU(low, lows)
	build.VMOVDQU(high, highs)
	half, c2, d6 := fill(15), fill(0xc2), fill(0xd6)
	var raw, classed [2]reg.VecVirtual
	for i := range raw {
		raw[i], classed[i] = build.YMM(), build.YMM()
	}
	t, u := build.YMM(), build.YMM()
	m, n := build.GP64(), build.GP64()
	// mask writes a bit for each byte of which one leaves the high bit in t.
	mask := func(disp int, one func(part int)) {
		one(0)
		build.VPMOVMSKB(t, m.As32())
		one(1)
		build.VPMOVMSKB(t, n.As32())
		build.SHLQ(operand.U8(32), n)
		build.ORQ(n, m)
		build.MOVQ(m, operand.Mem{Base: all, Disp: disp})
	}
	// test shifts a class's bit to the top of each byte; two bits go there both.
	test := func(class byte, disp int) {
		mask(disp, func(part int) {
			first := true
			for bit := range 8 {
				if class>>bit&1 == 0 {
					continue
				}
				into := u
				if first {
					into = t
				}
				build.VPSLLW(operand.U8(7-bit), classed[part], into)
				if !first {
					build.VPOR(u, t, t)
				}
				first = false
			}
		})
	}

	build.Label("block")
	for i := range raw {
		build.VMOVDQU(operand.Mem{Base: text, Disp: 32 * i}, raw[i])
		build.VPSRLW(operand.U8(4), raw[i], t)
		build.VPAND(half, t, t)
		build.VPSHUFB(t, highs, t)
		build.VPSHUFB(raw[i], lows, classed[i])
		build.VPAND(t, classed[i], classed[i])
	}
	test(at, atAt)
	mask(oddAt, func(part int) {
		build.VPMAXUB(d6, raw[part], t)
		build.VPCMPEQB(raw[part], t, t)
		build.VPCMPEQB(c2, raw[part], u)
		build.VPOR(u, t, t)
	})
	test(digit, digitAt)
	build.TESTQ(m, m)
	build.JZ(operand.LabelRef("none"))
	test(letter, letterAt)
	test(escape, escapeAt)
	test(join, joinAt)
	build.Label("next")
	nextBlock(all, text, blocks)
	build.Label("none")
	for _, disp := range []int{letterAt, escapeAt, joinAt} {
		build.MOVQ(m, operand.Mem{Base: all, Disp: disp})
	}
	build.JMP(operand.LabelRef("next"))
}

func maskParams() (all, text, blocks reg.Register) {
	return build.Load(build.Param("all"), build.GP64()), build.Load(build.Param("text"), build.GP64()), build.Load(build.Param("blocks"), build.GP64())
}

// nextBlock goes on to the next block, or returns.
func nextBlock(all, text, blocks reg.Register) {
	build.ADDQ(operand.U8(maskSize), all)
	build.ADDQ(operand.U8(64), text)
	build.DECQ(blocks)
	build.JNZ(operand.LabelRef("block"))
	build.VZEROUPPER()
	build.RET()
}
