package main

import (
	"math"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Truth tables of VPTERNLOGD, by the bits of its last, second and first source.
const (
	xor3   = operand.U8(0x96)
	choose = operand.U8(0xca)
	major  = operand.U8(0xe8)
)

// laneRegs are how the registers of hmacLanes are used. SHA-256 has eight words of state and sixteen of message; sixteen
// messages go side by side, so each word is one register.
type laneRegs struct {
	state     [8]reg.VecPhysical
	words     [16]reg.VecPhysical
	temps     [8]reg.VecPhysical
	sums      operand.Mem // the eight words before the block
	swap      operand.Mem // turns the bytes of each word round
	constants operand.Mem
	k         reg.GPVirtual
}

var zmm = [32]reg.VecPhysical{reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12,
	reg.Z13, reg.Z14, reg.Z15, reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26,
	reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}

// lanes writes hmacLanes: sixteen HMAC-SHA-256 side by side in AVX-512. The messages come padded, so they are blocks
// and nothing else; the first is 64 bytes long or a multiple of it, and the next begins stride bytes on.
func lanes(swap, constants operand.Mem) {
	build.TEXT("hmacLanes", build.NOSPLIT, "func(sums *[16][16]byte, messages *byte, stride, blocks int, inner, outer *[8]uint32)")
	build.Doc("hmacLanes makes the first halves of sixteen HMAC-SHA-256 of messages of as many padded blocks each, from the states",
		"behind the padded key. It needs AVX-512 F and BW.")
	l := laneRegs{sums: build.AllocLocal(8 * 64), swap: swap, constants: constants, k: build.GP64()}
	copy(l.state[:], zmm[:8])
	copy(l.words[:], zmm[8:24])
	copy(l.temps[:], zmm[24:])
	message, stride, blocks := build.Load(build.Param("messages"), build.GP64()), build.Load(build.Param("stride"), build.GP64()), build.Load(build.Param("blocks"), build.GP64())
	outer := build.Load(build.Param("outer"), build.GP64())
	l.broadcast(build.Load(build.Param("inner"), build.GP64()))

	build.Label("message")
	l.load(message, stride)
	build.ADDQ(operand.U8(64), message)
	build.Label("compress")
	l.compress()
	build.DECQ(blocks)
	build.JG(operand.LabelRef("message"))
	build.JL(operand.LabelRef("done"))

	build.Comment("The inner sum is the message of the outer hash.")
	for i := range 8 {
		build.VMOVDQU32(l.sums.Offset(64*i), l.words[i])
	}
	l.constant(l.words[8], 0x80000000)
	for i := 9; i < 15; i++ {
		build.VPXORD(l.words[i], l.words[i], l.words[i])
	}
	l.constant(l.words[15], (64+32)*8)
	l.broadcast(outer)
	build.JMP(operand.LabelRef("compress"))

	build.Label("done")
	l.store(build.Load(build.Param("sums"), build.GP64()))
	build.VZEROUPPER()
	build.RET()
}

// swapWords is the order of bytes that turns the bytes of each word round.
func swapWords() operand.Mem {
	m := build.GLOBL("swapWords", build.RODATA|build.NOPTR)
	for i := range 16 {
		for j := range 4 {
			build.DATA(4*i+j, operand.U8(i%4*4+3-j))
		}
	}
	return m
}

// roundConstants are those of FIPS 180-4: the fractional parts of the cube roots of the first 64 primes.
func roundConstants() operand.Mem {
	m := build.GLOBL("roundConstants", build.RODATA|build.NOPTR)
	for i, p := 0, 2; i < 64; p++ {
		if !prime(p) {
			continue
		}
		_, f := math.Modf(math.Cbrt(float64(p)))
		build.DATA(4*i, operand.U32(f*(1<<32)))
		i++
	}
	return m
}

func prime(n int) bool {
	for d := 2; d*d <= n; d++ {
		if n%d == 0 {
			return false
		}
	}
	return true
}

func (l *laneRegs) constant(z reg.VecPhysical, v uint32) {
	r := build.GP32()
	build.MOVL(operand.U32(v), r)
	build.VPBROADCASTD(r, z)
}

// broadcast puts eight words into the sums of every lane.
func (l *laneRegs) broadcast(words reg.Register) {
	for i, z := range l.state {
		build.VPBROADCASTD(operand.Mem{Base: words, Disp: 4 * i}, z)
		build.VMOVDQU32(z, l.sums.Offset(64*i))
	}
}

// load reads a block of each message and turns rows into columns: word i of all messages comes into register i.
func (l *laneRegs) load(message, stride reg.Register) {
	row := build.GP64()
	build.MOVQ(message, row)
	rows := make([]reg.VecPhysical, 16)
	free := zmm[24]
	for i := range rows {
		rows[i] = zmm[8+i]
		build.VMOVDQU32(operand.Mem{Base: row}, rows[i])
		build.ADDQ(stride, row)
	}
	// pairs takes rows i and i+d through lo and hi; the register of the second is free then.
	pairs := func(d int, lo, hi func(second, first, dst reg.VecPhysical)) {
		for i := range rows {
			if i/d%2 == 1 {
				continue
			}
			a, b := rows[i], rows[i+d]
			lo(b, a, free)
			hi(b, a, a)
			rows[i], rows[i+d], free = free, a, b
		}
	}
	pairs(1, func(b, a, t reg.VecPhysical) { build.VPUNPCKLDQ(b, a, t) }, func(b, a, t reg.VecPhysical) { build.VPUNPCKHDQ(b, a, t) })
	pairs(2, func(b, a, t reg.VecPhysical) { build.VPUNPCKLQDQ(b, a, t) }, func(b, a, t reg.VecPhysical) { build.VPUNPCKHQDQ(b, a, t) })
	low, high := operand.U8(0x88), operand.U8(0xdd)
	shuffle := func(d int) {
		pairs(d, func(b, a, t reg.VecPhysical) { build.VSHUFI32X4(low, b, a, t) }, func(b, a, t reg.VecPhysical) { build.VSHUFI32X4(high, b, a, t) })
	}
	shuffle(4)
	shuffle(8)
	// Within each four the middle two words have changed places.
	order := [4]int{0, 2, 1, 3}
	build.VMOVDQU32(l.swap, zmm[0])
	for i, r := range rows {
		build.VPSHUFB(zmm[0], r, r)
		l.words[i&^3+order[i&3]] = r
	}
	copy(l.temps[:], append([]reg.VecPhysical{free}, zmm[25:]...))
}

// compress runs the 64 rounds of SHA-256 on the block in the words, and adds the outcome to the sums.
func (l *laneRegs) compress() {
	for i, z := range l.state {
		build.VMOVDQU32(l.sums.Offset(64*i), z)
	}
	left := build.GP64()
	build.LEAQ(l.constants, l.k)
	build.MOVQ(operand.U32(3), left)
	build.Label("rounds")
	for i := range 16 {
		l.round(i)
		l.extend(i)
	}
	build.ADDQ(operand.U8(64), l.k)
	build.DECQ(left)
	build.JNZ(operand.LabelRef("rounds"))
	for i := range 16 {
		l.round(i)
	}
	for i, z := range l.state {
		build.VPADDD(l.sums.Offset(64*i), z, z)
		build.VMOVDQU32(z, l.sums.Offset(64*i))
	}
}

// round is round i of the sixteen under way. In place of moving the words of the state on, their names move.
func (l *laneRegs) round(i int) {
	var s [8]reg.VecPhysical
	for j := range s {
		s[j] = l.state[(j+16-i)%8]
	}
	a, b, c, d, e, f, g, h, t := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], l.temps
	build.VPADDD_BCST(operand.Mem{Base: l.k, Disp: 4 * i}, l.words[i], t[0])
	build.VMOVDQA32(e, t[1])
	build.VPTERNLOGD(choose, g, f, t[1])
	build.VPADDD(t[0], h, h)
	build.VPADDD(t[1], h, h)
	l.rotated(e, 6, 11, 25)
	build.VPADDD(t[2], h, h)
	build.VPADDD(h, d, d)
	build.VMOVDQA32(a, t[1])
	build.VPTERNLOGD(major, c, b, t[1])
	build.VPADDD(t[1], h, h)
	l.rotated(a, 2, 13, 22)
	build.VPADDD(t[2], h, h)
}

// rotated leaves in temps[2] what x is when rotated right by three numbers of bits and added up without carrying.
func (l *laneRegs) rotated(x reg.VecPhysical, by ...uint8) {
	for i, n := range by {
		build.VPRORD(operand.U8(n), x, l.temps[2+i])
	}
	build.VPTERNLOGD(xor3, l.temps[4], l.temps[3], l.temps[2])
}

// extend makes word i of the next sixteen.
func (l *laneRegs) extend(i int) {
	w, t := l.words[i], l.temps
	for _, s := range []struct{ word, a, b, shift int }{{1, 7, 18, 3}, {14, 17, 19, 10}} {
		x := l.words[(i+s.word)%16]
		build.VPRORD(operand.U8(s.a), x, t[5])
		build.VPRORD(operand.U8(s.b), x, t[6])
		build.VPSRLD(operand.U8(s.shift), x, t[7])
		build.VPTERNLOGD(xor3, t[7], t[6], t[5])
		build.VPADDD(t[5], w, w)
	}
	build.VPADDD(l.words[(i+9)%16], w, w)
}

// store turns the first four words of each lane's sum round and writes them.
func (l *laneRegs) store(sums reg.Register) {
	z := l.state
	build.VMOVDQU32(l.swap, z[4])
	for _, r := range z[:4] {
		build.VPSHUFB(z[4], r, r)
	}
	build.VPUNPCKLDQ(z[1], z[0], z[5])
	build.VPUNPCKHDQ(z[1], z[0], z[0])
	build.VPUNPCKLDQ(z[3], z[2], z[6])
	build.VPUNPCKHDQ(z[3], z[2], z[2])
	build.VPUNPCKLQDQ(z[6], z[5], z[1]) // lanes 0, 4, 8, 12
	build.VPUNPCKHQDQ(z[6], z[5], z[5]) // 1, 5, 9, 13
	build.VPUNPCKLQDQ(z[2], z[0], z[3])
	build.VPUNPCKHQDQ(z[2], z[0], z[0])
	for i, r := range []reg.VecPhysical{z[1], z[5], z[3], z[0]} {
		for part := range 4 {
			build.VEXTRACTI32X4(operand.U8(part), r, operand.Mem{Base: sums, Disp: 16 * (4*part + i)})
		}
	}
}
