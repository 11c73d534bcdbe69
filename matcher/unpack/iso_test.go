package unpack_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// isoEntry is a record of a directory: ECMA-119 section 9.1.
func isoEntry(name string, sector, size int, flags byte) []byte {
	b := make([]byte, 33, 256)
	binary.LittleEndian.PutUint32(b[2:], uint32(sector))
	binary.BigEndian.PutUint32(b[6:], uint32(sector))
	binary.LittleEndian.PutUint32(b[10:], uint32(size))
	binary.BigEndian.PutUint32(b[14:], uint32(size))
	b[25], b[32] = flags, byte(len(name))
	b = append(b, name...)
	b = append(b, make([]byte, len(b)%2)...)
	b[0] = byte(len(b))
	return b
}

// isoOf is an image with a root directory of these entries, at sector 18, and what lies behind it.
func isoOf(body string, entries ...[]byte) []byte {
	const sector = 2048
	b := make([]byte, 19*sector)
	root := isoEntry("\x00", 18, sector, 2)
	copy(b[16*sector:], "\x01CD001\x01")
	copy(b[16*sector+156:], root)
	copy(b[17*sector:], "\xffCD001\x01")
	copy(b[18*sector:], slices.Concat(append([][]byte{root, isoEntry("\x01", 18, sector, 2)}, entries...)...))
	return append(b, body...)
}

// TestISONamesOfOneFile reads every name of a file that has several, and as much of it as any of them gives.
func TestISONamesOfOneFile(t *testing.T) {
	t.Parallel()
	body := "hidden " + notes
	doc := isoOf(body, isoEntry("A.TXT;1", 19, 6, 0), isoEntry("B.TXT;1", 19, len(body), 0), isoEntry("C.TXT;1", 19, len(body), 0), isoEntry("D", 19, 2048, 2))
	r, rep := walk(t, "a.iso", doc, unpack.Limits{})
	g, ok := r.find(notes)
	if names := strings.Join(r.names(), " "); !ok || !strings.HasSuffix(g.place, "!B.TXT") || names != "A.TXT B.TXT C.TXT D" {
		t.Errorf("%v %q %q %+v", ok, g.place, names, rep)
	}
	if i := slices.IndexFunc(r.members, func(m leak.Member) bool { return strings.HasSuffix(m.Place.Reveal(), "!C.TXT") }); i < 0 || r.members[i].Format != "link" {
		t.Errorf("%+v", r.members)
	}
}
