package unpack_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// TestFoldersThatHoldSomething reads what lies in members that are called folders, or links, and so should hold nothing.
func TestFoldersThatHoldSomething(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	hidden := "hidden " + notes
	folder := file{"folder/", hidden}
	zipped := bytes.Clone(zipOf(t, file{"folder|", hidden}))
	zipped = bytes.ReplaceAll(zipped, []byte("folder|"), []byte("folder/"))
	binary.LittleEndian.PutUint32(zipped[bytes.Index(zipped, []byte("PK\x01\x02"))+24:], 0) // it unpacks to nothing, it says
	linked := file{"a link", strings.Repeat("x", 100_000) + hidden}
	for name, doc := range map[string][]byte{
		"a.zip": zipped, "b.zip": zipped[:bytes.Index(zipped, []byte("PK\x01\x02"))], "a.rar": rar5Of(t, "", folder), "b.rar": rar5Of(t, password, folder), "a.7z": folder7z(t),
		"newc.cpio": cpioOf("newc", folder), "link.cpio": cpioOf("newc", linked), "odc.cpio": cpioOf("odc", folder),
	} {
		r, rep := walkParsed(t, p, name, doc, unpack.Limits{}, password)
		if _, ok := r.find(markers[0]); !ok || rep.Completeness != leak.Whole && !strings.HasSuffix(name, ".zip") {
			t.Errorf("%s: %v %+v", name, ok, rep)
		}
	}
	empty := zipOf(t, file{"folder/", ""}) // deflated as Java does it, to two bytes
	if r, rep := walk(t, "c.zip", empty, unpack.Limits{}); len(r.members) != 1 || r.members[0].Format != "dir" || rep.Completeness != leak.Whole {
		t.Errorf("%+v %+v", r.members, rep)
	}
}

// folder7z is an archive whose only file is called a folder.
func folder7z(t testing.TB) []byte {
	b := bytes.Clone(sample(t, "header.7z"))
	at := int(binary.LittleEndian.Uint64(b[12:])) + 32
	i := bytes.Index(b[at:], []byte("\x15\x06\x01\x00"))
	if i < 0 {
		t.Fatal("no attributes")
	}
	binary.LittleEndian.PutUint32(b[at+i+4:], 0o040700<<16|0x8010)
	binary.LittleEndian.PutUint32(b[28:], crc32.ChecksumIEEE(b[at:]))
	binary.LittleEndian.PutUint32(b[8:], crc32.ChecksumIEEE(b[12:32]))
	return b
}

// TestArTables reads names that lie far behind in the table of long ones, and tables of symbols as bytes.
func TestArTables(t *testing.T) {
	t.Parallel()
	var files []file
	for i := range 3000 {
		files = append(files, file{fmt.Sprintf("a name that is longer than sixteen %d.txt", i), "x"})
	}
	doc := arOf(false, append(files, file{"matti.meikalainen@example.com.txt", "last"})...)
	r, rep := walk(t, "a.a", doc, unpack.Limits{})
	if !slices.Contains(r.names(), "matti.meikalainen@example.com.txt") || rep.Completeness != leak.Whole {
		t.Errorf("%d names, %+v", len(r.names()), rep)
	}
	symbols := "\x00\x00\x00\x01\x00\x00\x00\x44" + notes
	table := fmt.Sprintf("%-16s%-12d%-6d%-6d%-8o%-10d`\n%s", "/", 1700000000, 0, 0, 0, len(symbols), symbols) + "\n"[:len(symbols)%2]
	r, rep = walk(t, "a.a", slices.Insert(arOf(false, file{"b.txt", "second " + notes}), 8, []byte(table)...), unpack.Limits{})
	_, two := r.find("second " + notes)
	if g, ok := r.find(markers[0]); !ok || !two || g.place != "https://files.example/a.a" || rep.Completeness != leak.Whole {
		t.Errorf("%v %v %q %+v", ok, two, g.place, rep)
	}
}
