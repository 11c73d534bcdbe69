package matcher

import "encoding/binary"

// What a record is, in its last byte but one. The other values are those of a row: its kind, and 1.
const (
	freeMark   = 0
	deadMark   = 252 // a row of a crowd that was removed
	crowdMark  = 253
	personMark = 254
)

// rowRecord is a registered row: whose identifier it is.
type rowRecord struct {
	tag    tag
	person uint32
	next   uint32 // another row of the identifier, 0 ends the chain
	mate   uint32 // another row of the person
	clinic uint16
	ring   uint8
	kind   kindID
	dead   bool
}

func (r *rowRecord) encode(b []byte) {
	binary.LittleEndian.PutUint64(b, r.tag.a)
	binary.LittleEndian.PutUint64(b[8:], r.tag.b)
	binary.LittleEndian.PutUint32(b[16:], r.person)
	binary.LittleEndian.PutUint32(b[20:], r.next)
	binary.LittleEndian.PutUint32(b[24:], r.mate)
	binary.LittleEndian.PutUint16(b[28:], r.clinic)
	b[30], b[31] = byte(r.kind)+1, r.ring
	if r.dead {
		b[30] = deadMark
	}
}

func rowOf(b []byte) rowRecord {
	return rowRecord{tag: tagIn(b), person: binary.LittleEndian.Uint32(b[16:]), next: binary.LittleEndian.Uint32(b[20:]),
		mate: binary.LittleEndian.Uint32(b[24:]), clinic: binary.LittleEndian.Uint16(b[28:]), ring: b[31],
		kind: kindID(b[30]) - 1, dead: b[30] == deadMark}
}

// tagIn is the tag of a row or a crowd.
func tagIn(b []byte) tag {
	return tag{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
}

// crowdRecord stands before the rows of an identifier that too many share. They are not looked at for a match.
type crowdRecord struct {
	tag   tag
	rows  uint32
	first uint32
	dead  uint32 // removed ones in the chain
}

func (c *crowdRecord) encode(b []byte) {
	clear(b)
	binary.LittleEndian.PutUint64(b, c.tag.a)
	binary.LittleEndian.PutUint64(b[8:], c.tag.b)
	binary.LittleEndian.PutUint32(b[16:], c.rows)
	binary.LittleEndian.PutUint32(b[20:], c.first)
	binary.LittleEndian.PutUint32(b[24:], c.dead)
	b[30] = crowdMark
}

func crowdOf(b []byte) crowdRecord {
	return crowdRecord{tagIn(b), binary.LittleEndian.Uint32(b[16:]), binary.LittleEndian.Uint32(b[20:]), binary.LittleEndian.Uint32(b[24:])}
}

// personRecord is one patient of one clinic.
type personRecord struct {
	personKey
	first uint32 // of the person's rows, by mate
	rows  uint32
}

func (p *personRecord) encode(b []byte) {
	clear(b)
	copy(b, p.ref[:])
	binary.LittleEndian.PutUint32(b[16:], p.first)
	binary.LittleEndian.PutUint32(b[20:], p.rows)
	binary.LittleEndian.PutUint16(b[28:], p.clinic)
	if b[30] = personMark; p.odd {
		b[31] = 1
	}
}

func personIn(b []byte) personRecord {
	return personRecord{personKey{binary.LittleEndian.Uint16(b[28:]), b[31] != 0, [16]byte(b)},
		binary.LittleEndian.Uint32(b[16:]), binary.LittleEndian.Uint32(b[20:])}
}

// viewPages is how many pages a view remembers. People's rows lie beside them, so one page answers most of what a line
// of a dump asks.
const viewPages = 256

// view reads records. It remembers pages that came from the file, for as long as nothing is written. It is for one
// goroutine at a time.
type view struct {
	pages  *pages
	writes uint64
	kept   [viewPages]struct {
		of   pageNumber // and 1
		data page
	}
	buf    [pageSize]byte
	broken bool // some record could not be read
}

// record gives a record, until the next question. Of one that cannot be had it gives zeros, and is broken.
func (v *view) record(i uint32, writes uint64) []byte {
	n, from := at(i)
	if own := v.pages.here(n); own != nil {
		return own[from : from+recordSize]
	}
	if v.writes != writes {
		v.forget()
		v.writes = writes
	}
	k := &v.kept[n%viewPages]
	if k.of != n+1 {
		k.of = n + 1
		if err := v.pages.read(n, &k.data, &v.buf); err != nil {
			v.broken, k.of = true, 0
			clear(k.data[:])
		}
	}
	return k.data[from : from+recordSize]
}

func (v *view) forget() {
	for i := range v.kept {
		v.kept[i].of = 0
	}
}

func newView(p *pages) *view {
	v := &view{pages: p}
	lock(v.kept[:])
	return v
}
