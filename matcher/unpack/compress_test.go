package unpack_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zlib"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz/lzma"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// packedBy packs b with a writer that takes its options from open.
func packedBy(t testing.TB, b []byte, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := open(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func lz4Of(t testing.TB, b []byte, options ...lz4.Option) []byte {
	return packedBy(t, b, func(w io.Writer) (io.WriteCloser, error) {
		z := lz4.NewWriter(w)
		return z, z.Apply(options...)
	})
}

func snappyOf(t testing.TB, b []byte) []byte {
	return packedBy(t, b, func(w io.Writer) (io.WriteCloser, error) { return s2.NewWriter(w, s2.WriterSnappyCompat()), nil })
}

func s2Of(t testing.TB, b []byte) []byte {
	return packedBy(t, b, func(w io.Writer) (io.WriteCloser, error) { return s2.NewWriter(w), nil })
}

func brotliOf(t testing.TB, b []byte) []byte {
	return packedBy(t, b, func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriter(w), nil })
}

func zlibOf(t testing.TB, b []byte) []byte {
	return packedBy(t, b, func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil })
}

func lzmaOf(t testing.TB, b []byte) []byte {
	return packedBy(t, b, func(w io.Writer) (io.WriteCloser, error) { return lzma.WriterConfig{DictCap: 1 << 20}.NewWriter(w) })
}

// lzipOf is LZMA with an end mark between lzip's head and trailer.
func lzipOf(t testing.TB, b []byte) []byte {
	packed := packedBy(t, b, func(w io.Writer) (io.WriteCloser, error) {
		return lzma.WriterConfig{DictCap: 1 << 20, EOSMarker: true}.NewWriter(w)
	})
	out := append([]byte("LZIP\x01\x14"), packed[13:]...)
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(b))
	out = binary.LittleEndian.AppendUint64(out, uint64(len(b)))
	return binary.LittleEndian.AppendUint64(out, uint64(len(out)+8))
}

// lzwOf writes what compress(1) would, with codes of at most most bits; a table that is full is cleared.
func lzwOf(b []byte, most uint) []byte {
	out := []byte{0x1f, 0x9d, 0x80 | byte(most)}
	var acc uint64
	var have, width, used uint = 0, 9, 0
	put := func(code int) {
		acc |= uint64(code) << have
		for have += width; have >= 8; have -= 8 {
			out, acc = append(out, byte(acc)), acc>>8
		}
		used += width
	}
	pad := func() {
		for used%(width*8) != 0 {
			put(0)
		}
		used = 0
	}
	table, free, from := map[string]int{}, 257, 0
	code := func(s []byte) int {
		if len(s) == 1 {
			return int(s[0])
		}
		return table[string(s)]
	}
	for i := range b {
		s := b[from : i+1]
		if _, ok := table[string(s)]; ok || len(s) == 1 {
			continue
		}
		put(code(b[from:i]))
		from = i
		if free < 1<<most {
			table[string(s)] = free
			if free++; free > 1<<width && width < most {
				pad()
				width++
			}
			continue
		}
		put(256)
		pad()
		table, free, width = map[string]int{}, 257, 9
	}
	if from < len(b) {
		put(code(b[from:]))
	}
	if have > 0 {
		out = append(out, byte(acc))
	}
	return out
}

// compressions gives b in every compression that can be written here.
func compressions(t testing.TB, b []byte) map[string][]byte {
	return map[string][]byte{
		"gz": gzipOf(t, b), "zst": zstdOf(t, b), "lz4": lz4Of(t, b),
		"sz": snappyOf(t, b), "s2.sz": s2Of(t, b), "br": brotliOf(t, b), "zlib": zlibOf(t, b), "lzma": lzmaOf(t, b), "lzip": lzipOf(t, b),
		"z": lzwOf(b, 16),
	}
}

func TestCompressions(t *testing.T) {
	t.Parallel()
	body := []byte(records(3000))
	docs := compressions(t, body)
	for name, doc := range map[string][]byte{
		"blocks.lz4": lz4Of(t, body, lz4.BlockSizeOption(lz4.Block64Kb), lz4.BlockChecksumOption(true)),
		"legacy.lz4": lz4Of(t, body, lz4.LegacyOption(true)),
		"twice.lz4":  append(lz4Of(t, []byte(records(3))), lz4Of(t, body)...),
		"frame.lz4":  append([]byte("\x50\x2a\x4d\x18\x04\x00\x00\x00skip"), lz4Of(t, body)...),
		"frame.zst":  append([]byte("\x51\x2a\x4d\x18\x04\x00\x00\x00skip"), zstdOf(t, body)...),
		"12.z":       lzwOf(body, 12), "9.z": lzwOf(body, 9), "13.z": lzwOf(body, 13),
		"twice.lzip": append(lzipOf(t, []byte(records(3))), lzipOf(t, body)...),
		"blocks.bz2": sample(t, "blocks.txt.bz2"), "real.z": sample(t, "notes.txt.Z"),
	} {
		docs[name] = doc
	}
	for name, doc := range docs {
		format := name[strings.LastIndex(name, ".")+1:]
		r, rep := walk(t, "notes."+format, doc, unpack.Limits{})
		g, ok := r.find("line 2999: " + notes)
		if !ok || rep.Completeness != leak.Whole || !strings.HasSuffix(g.text, string(body[len(body)-200_000:])) || rep.Shape != format+"/txt" {
			t.Errorf("%s: %v %d bytes %+v", name, ok, len(g.text), rep)
		}
		// In an archive, without its extension; only brotli needs it.
		r, rep = walk(t, "n.tar", tarOf(t, file{"x", string(doc)}, file{"after", notes}), unpack.Limits{})
		if _, ok := r.find("line 2999: " + notes); ok != (format != "br") {
			t.Errorf("%s in a tar: %v %+v", name, ok, rep)
		}
	}
}

// TestCompressionsCut cuts off and breaks what is packed: what lies before is read, and it is never called whole.
func TestCompressionsCut(t *testing.T) {
	t.Parallel()
	body := []byte(csvOf(3 << 20))
	docs := compressions(t, body)
	docs["blocks.bz2"] = sample(t, "blocks.txt.bz2")
	docs["lz4"] = lz4Of(t, body, lz4.BlockSizeOption(lz4.Block256Kb))
	for name, doc := range docs {
		cut := slices.Clone(doc[:len(doc)*2/3])
		r, rep := walk(t, "x."+name, cut, unpack.Limits{})
		if _, ok := r.find("@example.com"); !ok || rep.Completeness == leak.Whole && name != "z" {
			t.Errorf("%s cut: %v %+v", name, ok, rep)
		}
		for i := range 40 {
			doc[len(doc)/2+i] ^= 0x5a
		}
		r, rep = walk(t, "x."+name, doc, unpack.Limits{})
		if _, ok := r.find("@example.com"); !ok || rep.Completeness == leak.Whole && name != "z" && name != "br" && name != "lzma" {
			t.Errorf("%s broken: %v %+v", name, ok, rep)
		}
	}
}

// TestLZWCut cuts what compress wrote at every place: a cut within a code is seen, one between two codes cannot be.
func TestLZWCut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		doc  []byte
		seen int // of ten cuts, at least
	}{
		"9.z": {lzwOf([]byte(records(20)), 9), 6}, "12.z": {lzwOf([]byte(records(200)), 12), 7}, "real.z": {sample(t, "notes.txt.Z"), 7},
	} {
		seen, cuts := 0, 0
		for n := 600; n < len(c.doc); n += 1 + len(c.doc)/400 {
			r, rep := walk(t, name, c.doc[:n], unpack.Limits{})
			if _, ok := r.find("line 0: Potilas Matti"); !ok {
				t.Fatalf("%s cut after %d: what lies before was not read", name, n)
			}
			cuts++
			if rep.Completeness != leak.Whole {
				seen++
			}
		}
		t.Logf("%s: %d of %d cuts were seen", name, seen, cuts)
		if seen*10 < cuts*c.seen {
			t.Errorf("%s: %d of %d cuts were seen", name, seen, cuts)
		}
	}
}

// TestBzip2GoesOn reads the blocks after a damaged one, and what lies before bytes of something else.
func TestBzip2GoesOn(t *testing.T) {
	t.Parallel()
	whole := sample(t, "blocks.txt.bz2")
	broken := slices.Clone(whole)
	for i := range 40 {
		broken[len(broken)/2+i] ^= 0x5a
	}
	for _, c := range []struct {
		name, reason string
		doc          []byte
	}{
		{"broken", "bz2: damaged in 1 places", broken},
		{"followed", "bz2: 1 with other data after the end", append(slices.Clone(whole), "more to come"...)},
		{"padded", "", append(slices.Clone(whole), make([]byte, 5000)...)},
		{"twice", "", append(slices.Clone(whole), whole...)},
		{"cut", "bz2: truncated", whole[:len(whole)-5]},
	} {
		r, rep := walk(t, "x", c.doc, unpack.Limits{})
		g, ok := r.find("line 2999: " + notes)
		if ok != (c.name != "cut") || c.reason != "" && !has(rep, c.reason) || c.reason == "" && rep.Completeness != leak.Whole {
			t.Errorf("%s: %v, %d bytes, %s %q", c.name, ok, len(g.text), rep.Completeness, rep.Reasons)
		}
		if c.name == "twice" && strings.Count(g.text, "line 2999: ") != 2 {
			t.Error("the second stream was not read")
		}
	}
	if _, rep := walk(t, "x", whole, unpack.Limits{MaxMemory: 9 << 20}); rep.Completeness != leak.Whole {
		t.Errorf("with memory for one block: %+v", rep)
	}
	if _, rep := walk(t, "x", whole, unpack.Limits{MaxMemory: 4 << 20}); !has(rep, "memory limit 4 MiB: 1 members left") {
		t.Errorf("with memory for none: %+v", rep)
	}
}

func TestZlibInBase64(t *testing.T) {
	t.Parallel()
	for _, n := range []int{3, 3000} {
		r, rep := walk(t, "x.json", []byte(`{"body":"`+base64.StdEncoding.EncodeToString(zlibOf(t, []byte(records(n))))+`"}`), unpack.Limits{})
		if _, ok := r.find("line 2: " + notes); !ok {
			t.Errorf("%d records: %+v", n, rep)
		}
	}
}
