package unpack_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// heapPeak runs f, and gives by how much the heap grew at most, as often as it was looked at.
func heapPeak(f func()) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	now := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before, peak := now(), uint64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				peak = max(peak, now())
			}
		}
	}()
	f()
	close(stop)
	<-done
	if peak < before {
		return 0
	}
	return peak - before
}

// TestBombs reads bombs of every sort known: each ends in part, within the limits. It is not parallel, for it watches the
// heap.
func TestBombs(t *testing.T) {
	p := parsersOf(t, unpack.ParsersOptions{Memory: 256 << 20})
	zeros := make([]byte, 48<<20)
	limits := unpack.Limits{MaxBytes: 1 << 30, MaxMemory: 64 << 20, MaxMembers: 20_000, MaxTemp: 64 << 20}
	for _, c := range []struct {
		name, reason string
		doc          []byte
	}{
		{"zip in zip in zip", "depth limit 8: 1 members left", zipQuine(t)},
		{"gzip quine", "depth limit 8: 1 members left", gzipQuine()},
		{"zip that overlaps", "ratio limit 200: rest left", overlapBomb()},
		{"zip of zeros", "ratio limit 200: rest of 1 members left", zipOf(t, file{"zeros", string(zeros)})},
		{"zip of many", "members limit 20000: rest left", manyEmpty(t, 25_000)},
		{"zip of millions", "memory limit 64 MiB: zip directory left, 1 read in order", claimsMillions(t)},
		{"zip that hides its millions", "memory limit 64 MiB: zip directory left, 1 read in order", hidesMillions(t, 20)},
		{"zip that lies", "zip: damaged, rest left", lyingZip(t)},
		{"gz", "ratio limit 200: rest of 1 members left", gzipOf(t, zeros)},
		{"tar of many", "members limit 20000: rest left", gzipOf(t, manyEmptyTar(t, 25_000))},
		{"bz2", "ratio limit 200: rest", sample(t, "zeros.bz2")},
		{"xz", "ratio limit 200: rest", sample(t, "zeros.xz.xz")},
		{"zst", "ratio limit 200: rest", zstdOf(t, zeros)},
		{"zst window", "zst: window limit 128 MiB: 1 members left", zstdWindowBomb()},
		{"lzma", "ratio limit 200: rest", lzmaOf(t, zeros[:8<<20])},
		{"lzma window", "lzma: window limit 128 MiB: 1 members left", append([]byte("\x5d\x00\x00\x00\x80"), append(bytes.Repeat([]byte{255}, 8), make([]byte, 20)...)...)},
		{"lzip window", "lzip: window limit 128 MiB: 1 members left", append([]byte("LZIP\x01\x1d"), make([]byte, 40)...)},
		{"lz4", "ratio limit 200: rest of 1 members left", lz4Of(t, zeros)},
		{"br", "ratio limit 200: rest", brotliOf(t, bytes.Repeat([]byte("x"), 32<<20))},
		{"z", "ratio limit 200: rest", lzwOf(zeros[:4<<20], 16)},
		{"sparse tar", "ratio limit 200: rest of 1 members left", sparseBomb(t)},
		{"tar of terabytes", "tar: truncated", hugeTar(t)},
		{"cpio of gigabytes", "cpio: truncated", bytes.Replace(cpioOf("newc", file{"a", "x"}), []byte("00000001000000000000"), []byte("ffffffff000000000000"), 1)},
		{"ar of gigabytes", "ar: truncated", bytes.Replace(arOf(true, file{"a", strings.Repeat("x", 90)}), []byte("91        `"), []byte("9999999999`"), 1)},
		{"rpm of gigabytes", "rpm: truncated", append(append([]byte("\xed\xab\xee\xdb"), make([]byte, 92)...), "\x8e\xad\xe8\x01\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xffabc"...)},
		{"7z", "ratio limit 200: rest", sample(t, "zeros.7z")},
		{"7z window", "7z: reader's memory limit 256 MiB: rest of 1 left", window7z(t)},
		{"passwords", "zip: 1 encrypted members: no published password fits", sealedZip(t, 256, password, []file{{"a", "b"}}, file{"p.txt", strings.Repeat("password: x1 x2 x3 x4 x5 x6 x7 x8 x9\n", 400)})},
	} {
		if slowed && c.name == "7z window" { // a child with the race detector in it ends in other words
			c.reason = "7z: reader"
		}
		var rep unpack.Report
		peak := heapPeak(func() {
			var err error
			rep, err = unpack.Walk(context.Background(), unpack.Input{Reader: bytes.NewReader(c.doc), Place: place(t, "matti."+c.name), Temp: t.TempDir(), Parsers: p},
				limits, discard())
			if err != nil {
				t.Fatal(err)
			}
		})
		if !has(rep, c.reason) || rep.Completeness == leak.Whole || rep.BytesOut > limits.MaxBytes {
			t.Errorf("%s: %s %q after %d bytes out; want %q", c.name, rep.Completeness, rep.Reasons, rep.BytesOut, c.reason)
		}
		if peak > 2*uint64(limits.MaxMemory) {
			t.Errorf("%s: the heap grew by %d MiB", c.name, peak>>20)
		}
		t.Logf("%-18s %7d bytes in, %10d out, heap +%3d MiB: %s", c.name, rep.BytesIn, rep.BytesOut, peak>>20, rep.Reasons)
	}
	if _, rep := walkParsed(t, p, "long.txt", bytes.Repeat([]byte("no line ends here "), 4<<20), limits); rep.Completeness != leak.Whole {
		t.Errorf("a long line: %+v", rep)
	}
	if r, rep := walkParsed(t, p, "circle.iso", circularISO(t), limits); len(r.members) == 0 || len(r.members) > 5 {
		t.Errorf("directories in a circle: %d members, %+v", len(r.members), rep)
	}
}

// zipQuine is zips in zips, deep enough to stand for one that holds itself.
func zipQuine(t testing.TB) []byte {
	b := []byte("nothing but layers")
	for range 100 {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		e, err := w.CreateHeader(&zip.FileHeader{Name: "r/r.zip", Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = e.Write(b)
		_ = w.Close()
		b = out.Bytes()
	}
	return b
}

func manyEmpty(t testing.TB, n int) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for range n {
		if _, err := w.CreateRaw(&zip.FileHeader{Name: "same"}); err != nil {
			t.Fatal(err)
		}
	}
	_ = w.Close()
	return out.Bytes()
}

func manyEmptyTar(t testing.TB, n int) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for range n {
		if err := w.WriteHeader(&tar.Header{Name: "same"}); err != nil {
			t.Fatal(err)
		}
	}
	_ = w.Close()
	return out.Bytes()
}

// claimsMillions is a zip whose end says that its directory is as large as all of it.
func claimsMillions(t testing.TB) []byte {
	b := zipOf(t, file{"a", string(random(1, 9<<20))})
	end := bytes.LastIndex(b, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint32(b[end+12:], uint32(end))
	return b
}

// hidesMillions is a zip of 65,536 entries, so many times, whose end says that they are none.
func hidesMillions(t testing.TB, times int) []byte {
	b := zipOf(t, file{"a", records(30)})
	dir, end := bytes.Index(b, []byte("PK\x01\x02")), bytes.LastIndex(b, []byte("PK\x05\x06"))
	record := bytes.Clone(b[end:])
	copy(record[8:16], make([]byte, 8))
	return slices.Concat(b[:dir], bytes.Repeat(b[dir:end], 65536*times), record)
}

// lyingZip is a zip whose headers contradict its directory, and whose sizes are not so.
func lyingZip(t testing.TB) []byte {
	b := zipOf(t, file{"a.txt", records(50)}, file{"a.txt", "second " + notes})
	copy(b[30:], "b.exe")
	dir := bytes.Index(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[dir+16:], 1)     // checksum
	binary.LittleEndian.PutUint32(b[dir+24:], 1<<31) // size
	return b
}

func hugeTar(t testing.TB) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if err := w.WriteHeader(&tar.Header{Name: "a", Size: 1 << 42}); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, notes)
	return out.Bytes()
}

// circularISO is an image whose directories are all the root.
func circularISO(t testing.TB) []byte {
	z, err := gzip.NewReader(bytes.NewReader(sample(t, "joliet.iso.gz")))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	root := b[16*2048+156+2 : 16*2048+156+10]
	for at := 17 * 2048; at+34 < len(b) && at < 40*2048; at++ {
		if b[at] > 33 && b[at+25] == 2 && binary.LittleEndian.Uint32(b[at+2:]) == binary.BigEndian.Uint32(b[at+6:]) && b[at+5] == 0 && b[at+2] > 0 {
			copy(b[at+2:], root)
		}
	}
	return b
}

// window7z is an archive that asks for a dictionary of two gibibytes.
func window7z(t testing.TB) []byte {
	b := bytes.Clone(sample(t, "header.7z"))
	at := int(binary.LittleEndian.Uint64(b[12:])) + 32
	i := bytes.Index(b[at:], []byte("\x21\x21\x01"))
	if i < 0 {
		t.Fatal("no coder")
	}
	b[at+i+3] = 38
	binary.LittleEndian.PutUint32(b[28:], crc32.ChecksumIEEE(b[at:]))
	binary.LittleEndian.PutUint32(b[8:], crc32.ChecksumIEEE(b[12:32]))
	return b
}
