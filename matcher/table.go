package matcher

import "encoding/binary"

const (
	shards = 256
	bucket = 8 // slots in a cache line
)

// table maps keys of 64 uniform bits to records. It compares forty bits of a key, so whoever asks confirms what it gives
// by the record itself; several records may be under one key.
//
// It is made of shards that grow one at a time, by a fifteenth: adding never stops for the whole, and no half of the
// memory lies idle. In a shard eight slots share a cache line, and each holds the key's print and the record's number, so
// that looking up costs one miss; a filter before them answers most questions for what is not there. Writing wants a lock
// that keeps all others out; reading, one that keeps writers out.
type table struct {
	shards   [shards]shard
	filtered bool
	loose    bool // while it is filled: shards grow by more at a time, until fit
	size     int
	bytes    int64 // of memory
}

// shard holds the keys that begin with its number. A slot is a print above a record's number; 0 marks one that is empty,
// and gone one that was used: a search goes on past it.
type shard struct {
	small   []uint64 // two bits of one word for a key: a filter that stays near while much is asked
	filter  []uint64 // five bits of one
	slots   area
	filters area // both
	used    int  // slots that are not empty
	size    int
}

const gone uint64 = 1 << 32

// newTable makes an empty table, with filters or without.
func newTable(filtered bool) *table {
	t := &table{filtered: filtered}
	if filtered {
		none := make([]uint64, 1) // until a shard has anything
		for i := range t.shards {
			t.shards[i].small, t.shards[i].filter = none, none
		}
	}
	return t
}

// printOf gives what a slot keeps of a key, beside the shard that it is in.
func printOf(key uint64) uint32 { return uint32(key >> 24) }

func (t *table) shard(key uint64) *shard { return &t.shards[key>>56] }

// home is the first slot in which a print may be.
func (s *shard) home(p uint32) int {
	return int(uint64(p)*uint64(len(s.slots.all)/bucket)>>32) * bucket
}

// word gives the one word of a filter that is read for a print.
func word(filter []uint64, p uint32) *uint64 { return &filter[uint64(p)*uint64(len(filter))>>32] }

// twoBits and fiveBits are a print's bits in its words of the two filters.
func twoBits(p uint32) uint64 { return 1<<(p&63) | 1<<(p>>6&63) }

func fiveBits(p uint32) uint64 {
	x := (uint64(p) + 1) * 0x9E3779B97F4A7C15
	x ^= x >> 29
	return 1<<(x&63) | 1<<(x>>6&63) | 1<<(x>>12&63) | 1<<(x>>18&63) | 1<<(x>>24&63)
}

// perhaps asks the small filter, of a table that has one: false is sure, true is wrong once in five.
func (t *table) perhaps(key uint64) bool {
	p := printOf(key)
	two := twoBits(p)
	return *word(t.shard(key).small, p)&two == two
}

// maybe says whether a key that is perhaps there may be: false is sure; of what is not there both let one in a hundred and
// twenty pass.
func (t *table) maybe(key uint64) bool {
	p := printOf(key)
	five := fiveBits(p)
	return *word(t.shard(key).filter, p)&five == five
}

func (s *shard) mark(p uint32) {
	*word(s.small, p) |= twoBits(p)
	*word(s.filter, p) |= fiveBits(p)
}

// touch reads what a question for a key will read, so that a later one finds it near. Its answer means nothing; whoever
// asks keeps it, so that the read is not left out.
func (t *table) touch(key uint64) (near uint64) {
	s, p := t.shard(key), printOf(key)
	if t.filtered {
		near = *word(s.small, p) ^ *word(s.filter, p)
	}
	if len(s.slots.all) > 0 {
		near ^= s.slots.all[s.home(p)]
	}
	return near
}

// next gives the slot of a key from slot i on, or -1. The first question begins at -1, a later one behind the last answer.
func (s *shard) next(p uint32, i int) int {
	n := len(s.slots.all)
	if n == 0 {
		return -1
	}
	from := s.home(p)
	if i >= 0 {
		from = i + 1
	}
	for steps := 0; steps < 2*n; steps += bucket {
		if from >= n {
			from = 0
		}
		empty := false
		for _, slot := range s.slots.all[from&^(bucket-1) : from] {
			empty = empty || slot == 0
		}
		for j := from; j < from&^(bucket-1)+bucket; j++ {
			slot := s.slots.all[j]
			if uint32(slot>>32) == p && uint32(slot) != 0 {
				return j
			}
			empty = empty || slot == 0
		}
		if empty {
			return -1
		}
		from = from&^(bucket-1) + bucket
	}
	return -1
}

func (s *shard) record(slot int) uint32 { return uint32(s.slots.all[slot]) }

// set gives a slot another record.
func (s *shard) set(slot int, record uint32) {
	s.slots.all[slot] = s.slots.all[slot]&^(1<<32-1) | uint64(record)
}

// put adds a record under a key. It does not look whether there is one already. A record's number is not 0. It fails
// when there is no memory.
func (t *table) put(key uint64, record uint32) error {
	s := t.shard(key)
	if room := len(s.slots.all); (s.used+1)*16 > room*15 || t.loose && (s.used+1)*6 > room*5 {
		slots := s.size * 8 / 7
		if t.loose || s.size < 1024 {
			slots = s.size * 3 / 2
		}
		if err := t.resize(s, slots); err != nil {
			return err
		}
	}
	s.insert(printOf(key), record)
	if t.filtered {
		s.mark(printOf(key))
	}
	t.size++
	return nil
}

func (s *shard) insert(p uint32, record uint32) { s.insertFrom(s.home(p), p, record) }

// insertFrom puts a print into the first free slot from one on, and gives that.
func (s *shard) insertFrom(i int, p uint32, record uint32) int {
	n := len(s.slots.all)
	for i < n && uint32(s.slots.all[i]) != 0 {
		i++
	}
	if i == n {
		for i = 0; uint32(s.slots.all[i]) != 0; {
			i++
		}
	}
	if s.slots.all[i] == 0 {
		s.used++
	}
	s.slots.all[i] = uint64(p)<<32 | uint64(record)
	s.size++
	return i
}

// remove empties a slot of the key's shard. The key's bits stay in the filter until the shard next grows.
func (t *table) remove(s *shard, slot int) {
	line := s.slots.all[slot&^(bucket-1):][:bucket]
	s.slots.all[slot] = gone
	for _, other := range line {
		if other == 0 { // so nothing was ever put past this line
			s.slots.all[slot] = 0
			s.used--
			break
		}
	}
	s.size--
	t.size--
}

// reserve makes room for so many keys in a table that is empty.
func (t *table) reserve(n int64) error {
	for i := range t.shards {
		if err := t.resize(&t.shards[i], int(n/shards)*12/11); err != nil {
			return err
		}
	}
	return nil
}

// fit takes from each shard what it does not need, after the table was filled.
func (t *table) fit() error {
	t.loose = false
	for i := range t.shards {
		s := &t.shards[i]
		if err := t.resize(s, s.size*12/11); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) resize(s *shard, slots int) error {
	t.bytes -= s.bytes()
	err := s.resize((slots/bucket+1)*bucket, t.filtered)
	t.bytes += s.bytes()
	return err
}

// resize makes a shard anew, and forgets what was removed. The prints come and go in order, so it is a walk through memory.
func (s *shard) resize(slots int, filtered bool) error {
	old := *s
	*s = shard{}
	var err error
	if s.slots, err = newArea(slots); err == nil && filtered {
		few, five := max(1, slots*3/64), max(1, slots*12/64)
		if s.filters, err = newArea(few + five); err == nil {
			s.small, s.filter = s.filters.all[:few], s.filters.all[few:]
		}
	}
	if err != nil {
		s.slots.free()
		*s = old
		return err
	}
	home, last := 0, -1 // of the print before: from its home to where it went all is full
	for _, slot := range old.slots.all {
		if uint32(slot) == 0 {
			continue
		}
		p := uint32(slot >> 32)
		at := s.home(p)
		from := at
		if home <= at && at <= last {
			from = last + 1
		}
		home, last = at, s.insertFrom(from, p, uint32(slot))
		if filtered {
			s.mark(p)
		}
	}
	old.slots.free()
	old.filters.free()
	return nil
}

func (s *shard) bytes() int64 { return int64(len(s.slots.all)+len(s.filters.all)) * 8 }

// free gives the memory back. Nobody may use the table any more.
func (t *table) free() {
	for i := range t.shards {
		t.shards[i].slots.free()
		t.shards[i].filters.free()
		t.shards[i] = shard{}
	}
}

// tag is T1[0:16] as two words. A table's key of it is the first.
type tag struct{ a, b uint64 }

func tagOf(t1 []byte) tag {
	return tag{binary.LittleEndian.Uint64(t1), binary.LittleEndian.Uint64(t1[8:])}
}
