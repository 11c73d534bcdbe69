package matcher

import (
	"math"
	"math/bits"
	"slices"
)

// idSet is a set of 64-bit ids that are random already.
type idSet struct {
	slots []uint64 // 0 is empty
	n     int
	near  uint64 // what touch read, which means nothing
}

// touchAhead is how many places in memory are touched before the first of them is needed.
const touchAhead = 256

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

// addAll adds many ids, and brings near what the next of them will read before it is needed: side by side that takes
// hardly longer than once.
func (s *idSet) addAll(ids []uint64) {
	for some := range slices.Chunk(ids, touchAhead) {
		for _, id := range some {
			s.near ^= s.touch(id)
		}
		for _, id := range some {
			s.add(id)
		}
	}
}

// counter counts distinct ids, exactly up to a limit and by estimate past it (Flajolet and others, HyperLogLog, 2007).
//
// Ids are written down first, few at a time while they come again and again; when most of a list were new, the next is as
// long as the limit and a quarter. Where that alone is surely more than the limit, as in a dump, it is never looked up;
// else it goes into the set.
type counter struct {
	limit     int
	fresh     []uint64 // neither in the set nor in the registers yet
	room      int      // for them
	set       idSet
	registers []uint8 // nil while the count is exact
}

// freshRoom is the length of a short list.
const freshRoom = 512

func newCounter(limit int) counter { return counter{limit: limit, room: freshRoom} }

func (c *counter) addAll(ids []uint64) {
	for len(ids) > 0 && c.registers == nil {
		n := min(c.room-len(c.fresh), len(ids))
		c.fresh, ids = append(c.fresh, ids[:n]...), ids[n:]
		if len(c.fresh) == c.room {
			c.turn()
		}
	}
	if len(ids) > 0 {
		c.noteAll(ids)
	}
}

// turn settles a full list, and begins the next.
func (c *counter) turn() {
	before, n := c.set.n, len(c.fresh)
	c.settle()
	if c.room = freshRoom; c.registers == nil && (c.set.n-before)*2 > n {
		c.room += c.limit + c.limit/4
		c.fresh = slices.Grow(c.fresh, c.room)
	}
}

// settle takes what was written down into the set, or goes over to an estimate. That is within one per cent, so what it
// says to be an eighth past the limit is past it.
func (c *counter) settle() {
	if len(c.fresh) > c.limit {
		c.noteAll(c.fresh)
		if c.estimate() <= c.limit+c.limit/8+64 {
			c.registers = nil
		}
	}
	if c.registers == nil {
		c.set.addAll(c.fresh)
		c.fresh = c.fresh[:0]
		if c.set.n <= c.limit {
			return
		}
	}
	c.noteAll(c.set.slots)
	c.set, c.fresh = idSet{}, nil
}

// noteAll takes ids into the registers; 0 is none.
func (c *counter) noteAll(ids []uint64) {
	if c.registers == nil {
		c.registers = make([]uint8, 1<<registerBits)
	}
	for _, id := range ids {
		if id != 0 {
			c.note(id)
		}
	}
}

func (c *counter) note(id uint64) {
	r := &c.registers[id>>(64-registerBits)]
	*r = max(*r, uint8(bits.LeadingZeros64(id<<registerBits|1<<(registerBits-1)))+1)
}

// count gives the number, and whether it is an estimate.
func (c *counter) count() (int64, bool) {
	if c.settle(); c.registers == nil {
		return int64(c.set.n), false
	}
	return int64(c.estimate()), true
}

// estimate says how many ids the registers have seen.
func (c *counter) estimate() int {
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
	return int(e + 0.5)
}
