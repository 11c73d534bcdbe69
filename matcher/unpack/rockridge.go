package unpack

import (
	"encoding/binary"
	"strings"
)

// system reads what Rock Ridge says of a file: its name, its owner, where a link leads. It may go on elsewhere.
func (i *isos) system(r *isoRecord, b []byte) {
	var name, link strings.Builder
	for range 32 {
		var next []byte
		for len(b) >= 5 && int(b[2]) >= 4 && int(b[2]) <= len(b) {
			field := b[4:b[2]]
			switch string(b[:2]) {
			case "NM":
				name.Write(field[1:])
			case "SL":
				link.WriteString(slLink(field[1:]))
			case "PX":
				if len(field) >= 32 {
					r.owner = itoa(int64(binary.LittleEndian.Uint32(field[16:]))) + ":" + itoa(int64(binary.LittleEndian.Uint32(field[24:])))
				}
			case "CE":
				if len(field) >= 24 {
					next = i.area(binary.LittleEndian.Uint32(field), binary.LittleEndian.Uint32(field[8:]), binary.LittleEndian.Uint32(field[16:]))
				}
			}
			b = b[b[2]:]
		}
		if b = next; b == nil {
			break
		}
	}
	if name.Len() > 0 {
		r.name = fileName([]byte(name.String()))
	}
	r.link = fileName([]byte(strings.TrimSuffix(link.String(), "/")))
}

// area reads what goes on elsewhere, within its sector.
func (i *isos) area(sector, at, size uint32) []byte {
	b := make([]byte, isoSector)
	if at > isoSector || size > isoSector-at || !i.read(b, int64(sector)*isoSector) {
		return nil
	}
	return b[at : at+size]
}

// slLink puts the parts of a link's target together.
func slLink(b []byte) string {
	var s strings.Builder
	for len(b) >= 2 && int(b[1])+2 <= len(b) {
		switch {
		case b[0]&2 != 0:
			s.WriteString("./")
		case b[0]&4 != 0:
			s.WriteString("../")
		case b[0]&8 != 0:
			s.WriteString("/")
		default:
			s.Write(b[2 : 2+b[1]])
			if b[0]&1 == 0 {
				s.WriteString("/")
			}
		}
		b = b[2+b[1]:]
	}
	return s.String()
}
