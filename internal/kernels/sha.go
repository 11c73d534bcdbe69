package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// shaLane are the registers of one of the two messages of hmacTwo.
type shaLane struct {
	abef, cdgh reg.VecPhysical    // the state, in the order of the SHA instructions
	words      [4]reg.VecPhysical // sixteen words of message
	temp       reg.VecPhysical
	sums       operand.Mem // abef and cdgh before the block
	message    reg.GPVirtual
}

var xmm = [16]reg.VecPhysical{reg.X0, reg.X1, reg.X2, reg.X3, reg.X4, reg.X5, reg.X6, reg.X7, reg.X8, reg.X9, reg.X10, reg.X11, reg.X12,
	reg.X13, reg.X14, reg.X15}

// two writes hmacTwo: two HMAC-SHA-256 side by side by the SHA instructions, which take long for one answer and can give
// several at a time.
func two(swap, constants operand.Mem) {
	build.TEXT("hmacTwo", build.NOSPLIT, "func(sums *[2][16]byte, messages *byte, stride, blocks int, inner, outer *[8]uint32)")
	build.Doc("hmacTwo makes the first halves of two HMAC-SHA-256 of messages of as many padded blocks each, from the states behind",
		"the padded key. It needs SHA, SSSE3 and SSE4.1.")
	blocks, outer := build.Load(build.Param("blocks"), build.GP64()), build.Load(build.Param("outer"), build.GP64())
	k := build.GP64()
	build.LEAQ(constants, k)
	lanes := [2]shaLane{}
	for i := range lanes {
		l := &lanes[i]
		x := xmm[1+7*i:]
		l.abef, l.cdgh, l.words, l.temp = x[0], x[1], [4]reg.VecPhysical(x[2:6]), x[6]
		l.sums, l.message = build.AllocLocal(32), build.GP64()
	}
	build.Load(build.Param("messages"), lanes[0].message)
	build.Load(build.Param("stride"), lanes[1].message)
	build.ADDQ(lanes[0].message, lanes[1].message)
	each := func(do func(l *shaLane)) {
		do(&lanes[0])
		do(&lanes[1])
	}
	inner := build.Load(build.Param("inner"), build.GP64())
	each(func(l *shaLane) { l.begin(inner) })

	build.Label("message")
	each(func(l *shaLane) {
		for i, w := range l.words {
			build.MOVOU(operand.Mem{Base: l.message, Disp: 16 * i}, w)
		}
		build.ADDQ(operand.U8(64), l.message)
	})
	build.MOVOU(swap, reg.X0)
	each(func(l *shaLane) {
		for _, w := range l.words {
			build.PSHUFB(reg.X0, w)
		}
	})
	build.Label("compress")
	each(func(l *shaLane) {
		build.MOVOU(l.abef, l.sums)
		build.MOVOU(l.cdgh, l.sums.Offset(16))
	})
	for i := range 16 {
		each(func(l *shaLane) { l.rounds(i, k) })
	}
	each(func(l *shaLane) {
		build.MOVOU(l.sums, reg.X0)
		build.PADDD(reg.X0, l.abef)
		build.MOVOU(l.sums.Offset(16), reg.X0)
		build.PADDD(reg.X0, l.cdgh)
	})
	build.DECQ(blocks)
	build.JG(operand.LabelRef("message"))
	build.JL(operand.LabelRef("done"))

	build.Comment("The inner sum is the message of the outer hash.")
	each(func(l *shaLane) {
		l.ordered()
		build.MOVO(l.abef, l.words[0])
		build.MOVO(l.cdgh, l.words[1])
		l.begin(outer)
	})
	constant := func(v uint32, order uint8, i int) {
		r := build.GP32()
		build.MOVL(operand.U32(v), r)
		each(func(l *shaLane) {
			build.MOVD(r, l.words[i])
			if order != 0 {
				build.PSHUFD(operand.U8(order), l.words[i], l.words[i])
			}
		})
	}
	constant(0x80000000, 0, 2)
	constant((64+32)*8, 0x15, 3) // the last of four
	build.JMP(operand.LabelRef("compress"))

	build.Label("done")
	sums := build.Load(build.Param("sums"), build.GP64())
	build.MOVOU(swap, reg.X0)
	for i := range lanes {
		lanes[i].ordered()
		build.PSHUFB(reg.X0, lanes[i].abef)
		build.MOVOU(lanes[i].abef, operand.Mem{Base: sums, Disp: 16 * i})
	}
	build.RET()
}

// begin loads a state of eight words, and brings it into the order of the SHA instructions.
func (l *shaLane) begin(state reg.Register) {
	build.MOVOU(operand.Mem{Base: state}, l.abef)
	build.MOVOU(operand.Mem{Base: state, Disp: 16}, l.cdgh)
	build.PSHUFD(operand.U8(0xb1), l.abef, l.abef)
	build.PSHUFD(operand.U8(0x1b), l.cdgh, l.cdgh)
	build.MOVO(l.abef, l.temp)
	build.PALIGNR(operand.U8(8), l.cdgh, l.abef)
	build.PBLENDW(operand.U8(0xf0), l.temp, l.cdgh)
}

// ordered brings the state into the order of its words again: the first four in abef, the others in cdgh.
func (l *shaLane) ordered() {
	build.PSHUFD(operand.U8(0x1b), l.abef, l.abef)
	build.PSHUFD(operand.U8(0xb1), l.cdgh, l.cdgh)
	build.MOVO(l.abef, l.temp)
	build.PBLENDW(operand.U8(0xf0), l.cdgh, l.abef)
	build.PALIGNR(operand.U8(8), l.temp, l.cdgh)
}

// rounds are four rounds, with what they need of the message.
func (l *shaLane) rounds(i int, k reg.Register) {
	now, next, before := l.words[i%4], l.words[(i+1)%4], l.words[(i+3)%4]
	build.MOVOU(operand.Mem{Base: k, Disp: 16 * i}, reg.X0)
	build.PADDD(now, reg.X0)
	build.SHA256RNDS2(reg.X0, l.abef, l.cdgh)
	if i >= 3 && i < 15 {
		build.MOVO(now, l.temp)
		build.PALIGNR(operand.U8(4), before, l.temp)
		build.PADDD(l.temp, next)
		build.SHA256MSG2(now, next)
	}
	build.PSHUFD(operand.U8(0x0e), reg.X0, reg.X0)
	build.SHA256RNDS2(reg.X0, l.cdgh, l.abef)
	if i >= 1 && i < 13 {
		build.SHA256MSG1(now, before)
	}
}

// hasSHA writes the question whether the processor has the SHA instructions, which golang.org/x/sys/cpu does not answer.
func hasSHA() {
	build.TEXT("hasSHA", build.NOSPLIT, "func() bool")
	build.Doc("hasSHA says whether the processor has the SHA instructions.")
	build.XORL(reg.EAX, reg.EAX)
	build.CPUID()
	build.CMPL(reg.EAX, operand.U32(7))
	build.JL(operand.LabelRef("none"))
	build.MOVL(operand.U32(7), reg.EAX)
	build.XORL(reg.ECX, reg.ECX)
	build.CPUID()
	build.SHRL(operand.U8(29), reg.EBX)
	build.ANDL(operand.U8(1), reg.EBX)
	build.Store(reg.BL, build.ReturnIndex(0))
	build.RET()
	build.Label("none")
	none := build.GP8()
	build.XORB(none, none)
	build.Store(none, build.ReturnIndex(0))
	build.RET()
}
