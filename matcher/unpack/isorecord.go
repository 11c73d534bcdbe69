package unpack

import (
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf16"
)

// isoRecord is an entry of a directory.
type isoRecord struct {
	at    uint32
	size  int64
	flags byte
	time  time.Time
	name  string
	link  string
	owner string
}

func (r isoRecord) dir() bool  { return r.flags&2 != 0 }
func (r isoRecord) more() bool { return r.flags&0x80 != 0 }

// record reads an entry of a directory. It is not ok for the directory itself and the one above.
func (i *isos) record(b []byte) (r *isoRecord, ok bool) {
	n := int(b[32])
	r = &isoRecord{at: binary.LittleEndian.Uint32(b[2:]) + uint32(b[1]), size: int64(binary.LittleEndian.Uint32(b[10:])), flags: b[25],
		time: isoTime(b[18:25])}
	if 33+n > len(b) || n == 1 && b[33] < 2 {
		return r, false
	}
	raw := b[33 : 33+n]
	if i.wide {
		r.name = fromUTF16BE(raw)
	} else {
		r.name = fileName(raw)
	}
	r.name, _, _ = strings.Cut(r.name, ";")
	if i.rock && !i.wide {
		i.system(r, b[min(33+n+(n+1)%2+i.skip, len(b)):])
	}
	return r, r.name != ""
}

func fromUTF16BE(b []byte) string {
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = binary.BigEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(u))
}

// isoTime is a date of seven bytes, the last of them the zone in quarters of an hour.
func isoTime(b []byte) time.Time {
	if b[1] < 1 || b[1] > 12 || b[2] < 1 || b[2] > 31 {
		return time.Time{}
	}
	zone := time.Duration(int8(b[6])) * 15 * time.Minute
	return time.Date(1900+int(b[0]), time.Month(b[1]), int(b[2]), int(b[3]), int(b[4]), int(b[5]), 0, time.UTC).Add(-zone)
}
