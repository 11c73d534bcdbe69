package matcher

import (
	"crypto/sha256"
)

// How many candidates are hashed and looked up together. Side by side, the hashes fill the lanes of a processor that has
// some, and the look-ups wait for memory at the same time and not one after the other.
const (
	queueSize = 1024
	longSize  = 256 // of them may need two blocks
	giantSize = 16  // or more
)

// queued is a candidate that waits to be hashed.
type queued struct {
	start, end int32
	sum        int32 // where its T1 will be among the queue's sums
	kind       kindID
	marks      marks
	maybe      bool
}

// queue holds candidates, and the messages that their T1 are the MACs of, padded to whole blocks as SHA-256 wants them.
type queue struct {
	all    []queued
	kinds  kindSet
	short  []block1
	long   []block2
	giants int
	sums   [][]half // T1[0:16] by ring: of the short, the long and the giant
	hashed []bool   // by ring
	some   []int32  // which the small filter let pass
	maybe  []tag    // of those that may be registered
	near   uint64   // what touch read, which means nothing
	most   [2]int   // how many messages were ever in short and in long since they were wiped
}

type (
	block1 = [sha256.BlockSize]byte
	block2 = [2 * sha256.BlockSize]byte
	half   = [sha256.Size / 2]byte
)

func newQueue(rings int) *queue {
	q := &queue{all: make([]queued, 0, queueSize), some: make([]int32, queueSize), maybe: make([]tag, 0, queueSize),
		short: make([]block1, 0, queueSize), long: make([]block2, 0, longSize), hashed: make([]bool, rings)}
	for range rings {
		q.sums = append(q.sums, make([]half, queueSize+longSize+giantSize))
	}
	return q
}

func (q *queue) full() bool {
	return len(q.all) == queueSize || len(q.long) == longSize || q.giants == giantSize
}

// clear empties the queue.
func (q *queue) clear() {
	q.most = [2]int{max(q.most[0], len(q.short)), max(q.most[1], len(q.long))}
	q.all, q.kinds, q.short, q.long, q.giants = q.all[:0], 0, q.short[:0], q.long[:0], 0
}

// wipe leaves nothing of what was in it.
func (q *queue) wipe() {
	q.clear()
	clear(q.short[:q.most[0]])
	clear(q.long[:q.most[1]])
	q.most = [2]int{}
}

// slot is the beginning of a message.
type slot struct {
	block block1
	n     int
}

// slots has the beginning of a message by kind.
var slots = func() (t [kinds]slot) {
	for k := range t {
		t[k].n = copy(t[k].block[:], kindPrefixes[k])
	}
	return t
}()

// candidate takes a valid identifier in canonical form, to be looked up soon. It does not keep canon.
func (s *scanner) candidate(k kindID, canon []byte, start, end int, f marks) {
	if !s.want.has(k) || f&testMark != 0 && !s.testing {
		return
	}
	q := s.queue
	if q.full() {
		s.flush()
	}
	q.kinds = q.kinds.with(k)
	q.all = append(q.all, queued{start: int32(start), end: int32(end), sum: int32(s.message(k, canon)), kind: k, marks: f})
}

// message writes the message of a candidate, and gives the place of its sum.
func (s *scanner) message(k kindID, canon []byte) int {
	q, begin := s.queue, &slots[k]
	n := begin.n + len(canon)
	switch {
	case n <= len(block1{})-9:
		q.short = append(q.short, begin.block)
		m := &q.short[len(q.short)-1]
		if len(canon) >= 8 && len(canon) <= 16 { // as numbers are: two words that overlap
			*(*[8]byte)(m[begin.n:]) = [8]byte(canon)
			*(*[8]byte)(m[n-8:]) = [8]byte(canon[len(canon)-8:])
		} else {
			copy(m[begin.n:], canon)
		}
		endMessage(m[:], n)
		return len(q.short) - 1
	case n <= len(block2{})-9:
		q.long = append(q.long, block2{})
		m := &q.long[len(q.long)-1]
		copy(m[copy(m[:], kindPrefixes[k]):], canon)
		endMessage(m[:], n)
		return queueSize + len(q.long) - 1
	}
	at := queueSize + longSize + q.giants
	for i, m := range s.macs {
		q.sums[i][at] = half(m.of(kindPrefixes[k], canon)[:])
	}
	q.giants++
	return at
}
