package unpack_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// has says whether a reason begins so.
func has(rep unpack.Report, reason string) bool {
	return slices.ContainsFunc(rep.Reasons, func(s string) bool { return strings.HasPrefix(s, reason) })
}

func TestLimits(t *testing.T) {
	t.Parallel()
	var many []file
	for i := range 50 {
		many = append(many, file{fmt.Sprintf("%d.txt", i), notes})
	}
	deep := []byte(notes)
	for range 12 {
		deep = zipOf(t, file{"matti.zip", string(deep)}, file{"x.txt", notes})
	}
	zeros := make([]byte, 32<<20)
	for _, c := range []struct {
		name, reason string
		doc          []byte
		limits       unpack.Limits
	}{
		{"bytes", "bytes limit 64 KiB: rest left", []byte(records(5000)), unpack.Limits{MaxBytes: 64 << 10}},
		{"bytes unpacked", "bytes limit 256 KiB: rest left", gzipOf(t, []byte(records(9000))), unpack.Limits{MaxBytes: 256 << 10}},
		{"ratio", "ratio limit 200: rest of 1 members left", gzipOf(t, zeros), unpack.Limits{}},
		{"ratio of one", "ratio limit 200: rest of 1 members left",
			zipOf(t, file{"r.bin", string(random(1, 1<<20))}, file{"z.txt", string(zeros)}, file{"after.txt", notes}), unpack.Limits{}},
		{"members", "members limit 20: rest left", tarOf(t, many...), unpack.Limits{MaxMembers: 20}},
		{"depth", "depth limit 8: 1 members left", deep, unpack.Limits{}},
		{"depth of runs", "depth limit 1: 1 members left",
			zipOf(t, file{"a.txt", base64.StdEncoding.EncodeToString([]byte(records(100)))}), unpack.Limits{MaxDepth: 1}},
		{"temp", "temp limit 1 MiB: rest of 1 containers left",
			zipOf(t, file{"a.txt", notes}, file{"r.bin", string(random(1, 12<<20))}), unpack.Limits{MaxTemp: 1 << 20}},
		{"zstd window", "zst: window limit 128 MiB: 1 members left", zstdWindowBomb(), unpack.Limits{}},
		{"twice the window", "lzip: window limit 128 MiB: 1 members left", append([]byte("LZIP\x01\x1c"), make([]byte, 40)...), unpack.Limits{}},
		{"memory", "memory limit 4 MiB: 1 members left", zstdOf(t, []byte(records(100))), unpack.Limits{MaxMemory: 4 << 20}},
		{"sparse", "ratio limit 200: rest of 1 members left", sparseBomb(t), unpack.Limits{}},
		{"overlap", "ratio limit 200: rest left", overlapBomb(), unpack.Limits{}},
		{"quine", "depth limit 8: 1 members left", gzipQuine(), unpack.Limits{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, rep := walk(t, "matti.bin", c.doc, c.limits)
			if !has(rep, c.reason) || rep.Completeness == leak.Whole {
				t.Fatalf("%s %q after %d bytes out; want %q", rep.Completeness, rep.Reasons, rep.BytesOut, c.reason)
			}
			for _, s := range rep.Reasons {
				if strings.Contains(s, "matti") {
					t.Errorf("reason %q has a name in it", s)
				}
			}
			if c.name == "ratio of one" || c.name == "sparse" {
				if _, ok := r.find(markers[0]); !ok {
					t.Error("the member after the bomb was not read")
				}
			}
		})
	}
}

func zstdOf(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

// zstdWindowBomb is a frame that asks for a window of 2 GiB.
func zstdWindowBomb() []byte {
	return []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00}
}

// sparseBomb is a tar with a member of a hundred gigabytes that are all hole.
func sparseBomb(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	blk := make([]byte, 512)
	copy(blk, "hole")
	copy(blk[100:], "0000600\x000000000\x000000000\x0000000001000\x0000000000000\x00")
	blk[156] = 'S'
	copy(blk[257:], "ustar  \x00")
	copy(blk[386:], "24000000000\x0000000001000\x00") // one piece of 512 bytes, far out
	copy(blk[483:], "30000000000\x00")
	copy(blk[148:], "        ")
	sum := 0
	for _, c := range blk {
		sum += int(c)
	}
	copy(blk[148:], fmt.Sprintf("%06o\x00 ", sum))
	b.Write(blk)
	b.Write(make([]byte, 512))
	if err := w.WriteHeader(&tar.Header{Name: "after.txt", Size: int64(len(notes))}); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, notes)
	_ = w.Close()
	return b.Bytes()
}

// overlapBomb is a zip whose many directory entries all point at one member that unpacks well.
func overlapBomb() []byte {
	var packed bytes.Buffer
	f, _ := flate.NewWriter(&packed, 9)
	body := []byte(strings.Repeat(string(random(9, 1000))+strings.Repeat("x", 80000), 20))
	_, _ = f.Write(body)
	_ = f.Close()
	var b, dir bytes.Buffer
	header := func(w io.Writer, mark string, more int) {
		_, _ = io.WriteString(w, mark)
		h := make([]byte, 26+more)
		o := 0
		if more > 0 {
			o = 2
		}
		binary.LittleEndian.PutUint16(h[o:], 20)
		binary.LittleEndian.PutUint16(h[o+4:], 8)
		binary.LittleEndian.PutUint32(h[o+10:], crc32.ChecksumIEEE(body))
		binary.LittleEndian.PutUint32(h[o+14:], uint32(packed.Len()))
		binary.LittleEndian.PutUint32(h[o+18:], uint32(len(body)))
		binary.LittleEndian.PutUint16(h[o+22:], 1)
		_, _ = w.Write(h)
		_, _ = io.WriteString(w, "a")
	}
	header(&b, "PK\x03\x04", 0)
	b.Write(packed.Bytes())
	const n = 5000
	for range n {
		header(&dir, "PK\x01\x02", 16)
	}
	start := b.Len()
	b.Write(dir.Bytes())
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[8:], n)
	binary.LittleEndian.PutUint16(end[10:], n)
	binary.LittleEndian.PutUint32(end[12:], uint32(dir.Len()))
	binary.LittleEndian.PutUint32(end[16:], uint32(start))
	b.Write(end)
	return b.Bytes()
}

// gzipQuine is layers enough to stand for a file that unpacks to itself.
func gzipQuine() []byte {
	b := []byte("nothing but layers")
	for range 200 {
		var out bytes.Buffer
		w, _ := flate.NewWriter(&out, flate.NoCompression)
		_, _ = w.Write(b)
		_ = w.Close()
		head := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}
		tail := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(b))
		tail = binary.LittleEndian.AppendUint32(tail, uint32(len(b)))
		b = slices.Concat(head, out.Bytes(), tail)
	}
	return b
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestTimeLimitAndContext(t *testing.T) {
	t.Parallel()
	in := unpack.Input{Reader: endless{}}
	rep, err := unpack.Walk(context.Background(), in, unpack.Limits{MaxTime: 20 * time.Millisecond}, discard())
	if err != nil || !has(rep, "time limit 20ms: rest left") {
		t.Errorf("%v, %q", err, rep.Reasons)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err = unpack.Walk(ctx, in, unpack.Limits{}, discard()); err != context.DeadlineExceeded {
		t.Errorf("err %v, want the context's", err)
	}
}

func TestEncryptedZip(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range []string{"Matti Meikäläinen.txt", "Liisa.txt"} {
		e, err := w.CreateRaw(&zip.FileHeader{Name: n, Flags: 1, CompressedSize64: 12, UncompressedSize64: 1})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = e.Write(make([]byte, 12))
	}
	_ = w.Close()
	r, rep := walk(t, "x.zip", b.Bytes(), unpack.Limits{})
	if rep.Completeness != leak.Unreadable || !has(rep, "zip: 2 encrypted members") {
		t.Errorf("%s %q", rep.Completeness, rep.Reasons)
	}
	if n := r.names(); len(n) != 2 || n[0] != "Matti Meikäläinen.txt" {
		t.Errorf("names %q", n)
	}
	if len(r.members) != 2 || r.members[0].Format != "encrypted" {
		t.Errorf("members %v", r.members)
	}
}
