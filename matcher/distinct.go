package matcher

import (
	"math"
	"math/bits"
)

// idSet is a set of 64-bit ids that are random already.
type idSet struct {
	slots []uint64 // 0 is empty
	n     int
}

// touch reads where an id would be, so that adding it finds the place near. Its answer means nothing.
func (s *idSet) touch(id uint64) uint64 {
	if len(s.slots) == 0 {
		return 0
	}
	return s.slots[bits.RotateLeft64(id, 17)&uint64(len(s.slots)-1)]
}

// add says whether id was new.
func (s *idSet) add(id uint64) bool {
	if id == 0 {
		id = 1
	}
	if s.n*4 >= len(s.slots)*3 {
		s.grow()
	}
	mask := uint64(len(s.slots) - 1)
	for i := bits.RotateLeft64(id, 17) & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case id:
			return false
		case 0:
			s.slots[i] = id
			s.n++
			return true
		}
	}
}

func (s *idSet) grow() {
	old, size := s.slots, max(64, 2*len(s.slots))
	if len(old) < 1<<15 {
		size *= 2 // while it is cheap: each time all are added anew
	}
	s.slots, s.n = make([]uint64, size), 0
	for _, id := range old {
		if id != 0 {
			s.add(id)
		}
	}
}

// registers of the estimate: 2^14 keep its error under one per cent.
const registerBits = 14

// counter counts distinct ids, exactly up to a limit and by estimate past it (Flajolet and others, HyperLogLog, 2007).
type counter struct {
	set       idSet
	registers []uint8 // nil while the count is exact
}

// touch is idSet's.
func (c *counter) touch(id uint64) uint64 { return c.set.touch(id) }

func (c *counter) add(id uint64, limit int) {
	if c.registers != nil {
		c.note(id)
		return
	}
	c.set.add(id)
	if c.set.n > limit {
		c.registers = make([]uint8, 1<<registerBits)
		for _, id := range c.set.slots {
			if id != 0 {
				c.note(id)
			}
		}
		c.set = idSet{}
	}
}

func (c *counter) note(id uint64) {
	r := &c.registers[id>>(64-registerBits)]
	*r = max(*r, uint8(bits.LeadingZeros64(id<<registerBits|1<<(registerBits-1)))+1)
}

// count gives the number, and whether it is an estimate.
func (c *counter) count() (int64, bool) {
	if c.registers == nil {
		return int64(c.set.n), false
	}
	m, sum, zeros := float64(len(c.registers)), 0.0, 0
	for _, r := range c.registers {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			zeros++
		}
	}
	e := 0.7213 / (1 + 1.079/m) * m * m / sum
	if e <= 2.5*m && zeros > 0 {
		e = m * math.Log(m/float64(zeros))
	}
	return int64(e + 0.5), true
}
