package unpack_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// TestZipBehindItsDirectory reads what a zip's directory does not name, each member once.
func TestZipBehindItsDirectory(t *testing.T) {
	t.Parallel()
	first, second := zipOf(t, file{"a.txt", records(30)}, file{"b.txt", "hidden " + notes}), zipOf(t, file{"c.txt", "named " + notes}, file{"d.txt", "other " + records(20)})
	deleted := zipOf(t, file{"a.txt", records(30)}, file{"gone.txt", "hidden " + notes}, file{"c.txt", "named " + notes})
	deleted = withoutEntry(t, deleted, "gone.txt")
	other := slices.Clone(second)
	copy(other[30:], "Z.txt")
	for _, c := range []struct {
		name  string
		doc   []byte
		want  []string
		names string
	}{
		{"joined", slices.Concat(first, second), []string{"hidden ", "named ", "line 29: ", "other "}, "c.txt d.txt a.txt b.txt"},
		{"deleted", deleted, []string{"hidden ", "named ", "line 29: "}, "a.txt c.txt gone.txt"},
		{"another name", other, []string{"named ", "other "}, "c.txt d.txt Z.txt"},
		{"in order", second, []string{"named ", "other "}, "c.txt d.txt"},
	} {
		r, rep := walk(t, "a.zip", c.doc, unpack.Limits{})
		for _, s := range c.want {
			if n := strings.Count(contents(r), s); n != 1 {
				t.Errorf("%s: %q was read %d times", c.name, s, n)
			}
		}
		if got := strings.Join(r.names(), " "); rep.Completeness != leak.Whole || got != c.names {
			t.Errorf("%s: names %q, %s %q", c.name, got, rep.Completeness, rep.Reasons)
		}
	}
}

// contents is every text that is no name.
func contents(r *recorder) string {
	var b strings.Builder
	for _, g := range r.texts {
		if !g.name {
			b.WriteString(g.text)
		}
	}
	return b.String()
}

// withoutEntry takes one entry out of a zip's directory.
func withoutEntry(t *testing.T, b []byte, name string) []byte {
	t.Helper()
	dir := bytes.Index(b, []byte("PK\x01\x02"))
	for at := dir; ; {
		size := 46 + int(binary.LittleEndian.Uint16(b[at+28:])) + int(binary.LittleEndian.Uint16(b[at+30:])) + int(binary.LittleEndian.Uint16(b[at+32:]))
		if string(b[at+46:at+46+len(name)]) != name {
			at += size
			continue
		}
		b = slices.Delete(b, at, at+size)
		end := bytes.LastIndex(b, []byte("PK\x05\x06"))
		binary.LittleEndian.PutUint16(b[end+8:], binary.LittleEndian.Uint16(b[end+8:])-1)
		binary.LittleEndian.PutUint16(b[end+10:], binary.LittleEndian.Uint16(b[end+10:])-1)
		binary.LittleEndian.PutUint32(b[end+12:], binary.LittleEndian.Uint32(b[end+12:])-uint32(size))
		return b
	}
}

// TestZipInOrder reads members of every sort without a directory: with their length, or only behind them, in 32 bits or
// 64, packed or not.
func TestZipInOrder(t *testing.T) {
	t.Parallel()
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		for _, raw := range []bool{false, true} {
			var b bytes.Buffer
			w := zip.NewWriter(&b)
			for _, f := range []file{{"a.txt", records(30)}, {"b.txt", "second " + notes}} {
				h := &zip.FileHeader{Name: f.name, Method: method}
				create := w.CreateHeader
				if raw && method == zip.Store {
					h.CompressedSize64, h.UncompressedSize64 = uint64(len(f.body)), uint64(len(f.body))
					h.Extra = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64([]byte{1, 0, 16, 0}, uint64(len(f.body))), uint64(len(f.body)))
					h.CRC32 = crc32.ChecksumIEEE([]byte(f.body))
					create = w.CreateRaw
				}
				e, err := create(h)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.WriteString(e, f.body)
			}
			_ = w.Close()
			doc := b.Bytes()
			if raw && method == zip.Store { // as a writer of zip64 has it
				for _, at := range []int{0, bytes.LastIndex(doc, []byte("PK\x03\x04"))} {
					copy(doc[at+18:], "\xff\xff\xff\xff\xff\xff\xff\xff")
				}
			}
			doc = doc[:bytes.Index(doc, []byte("PK\x01\x02"))]
			r, rep := walk(t, "a.zip", doc, unpack.Limits{})
			_, one := r.find("line 29: " + notes)
			_, two := r.find("second " + notes)
			if !one || !two || strings.Join(r.names(), " ") != "a.txt b.txt" || len(rep.Reasons) != 1 {
				t.Errorf("method %d, zip64 %v: %v %v %q %+v", method, raw, one, two, r.names(), rep)
			}
			if i := slices.IndexFunc(r.members, func(m leak.Member) bool { return strings.HasSuffix(m.Place.Reveal(), "a.txt") }); i < 0 || r.members[i].SHA256 != sum(records(30)) {
				t.Errorf("method %d, zip64 %v: %+v", method, raw, r.members)
			}
		}
	}
}
