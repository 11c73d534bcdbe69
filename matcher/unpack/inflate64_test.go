package unpack_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math/bits"
	"slices"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

func TestDeflate64(t *testing.T) {
	t.Parallel()
	doc := sample(t, "deflate64.zip")
	r, rep := walk(t, "a.zip", doc, unpack.Limits{})
	g, ok := r.find("line 2999: " + notes)
	if !ok || g.text != records(3000) || rep.Completeness != leak.Whole {
		t.Errorf("%v, %d bytes, %+v", ok, len(g.text), rep)
	}
	for at := 60; at < len(doc)-120; at += 97 {
		b := slices.Clone(doc)
		b[at] ^= 0x10
		if _, rep := walk(t, "a.zip", b, unpack.Limits{}); rep.Completeness == leak.Whole {
			t.Errorf("broken at %d: %+v", at, rep)
		}
	}
}

// TestDeflate64OfDeflate reads what deflate packs as Deflate64: without a match of 258 bytes, which means another length there, it is the
// same. Codes are of all lengths, and blocks of all sorts.
func TestDeflate64OfDeflate(t *testing.T) {
	t.Parallel()
	r, lots := random(7, 30_000), random(8, 1<<19)
	skewed := make([]byte, 0, 1<<17) // each letter is half as frequent as the one before
	for ; len(lots) >= 4; lots = lots[4:] {
		skewed = append(skewed, 'a'+byte(bits.TrailingZeros32(binary.LittleEndian.Uint32(lots)|1<<20)))
	}
	for i, body := range [][]byte{skewed, []byte(csvOf(1 << 20)), r, slices.Concat(r[:20_000], []byte(csvOf(50_000)), r[:9]), []byte("a"), nil} {
		for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, flate.BestSpeed, flate.DefaultCompression} {
			packed := packedBy(t, body, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, level) })
			var doc bytes.Buffer
			z := zip.NewWriter(&doc)
			e, err := z.CreateRaw(&zip.FileHeader{Name: "a", Method: 9, CRC32: crc32.ChecksumIEEE(body), CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(len(body))})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = e.Write(packed)
			_ = z.Close()
			r, rep := walk(t, "a.zip", doc.Bytes(), unpack.Limits{})
			if len(r.members) != 1 || r.members[0].SHA256 != sum(string(body)) || has(rep, "zip: ") {
				t.Errorf("body %d, level %d: %+v %+v", i, level, r.members, rep)
			}
		}
	}
}

// TestDeflate64OfManyBlocks reads blocks of nothing in ten bits each, in as many steps as there are.
func TestDeflate64OfManyBlocks(t *testing.T) {
	t.Parallel()
	var packed []byte
	for n := 0; n < 8*200_000; n += 10 {
		for i := range 10 {
			if (n+i)%8 == 0 {
				packed = append(packed, 0)
			}
		}
		packed[(n+1)/8] |= 1 << ((n + 1) % 8)
	}
	var doc bytes.Buffer
	z := zip.NewWriter(&doc)
	e, err := z.CreateRaw(&zip.FileHeader{Name: "a", Method: 9, CompressedSize64: uint64(len(packed)), UncompressedSize64: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = e.Write(packed)
	_ = z.Close()
	if _, rep := walk(t, "a.zip", doc.Bytes(), unpack.Limits{}); !has(rep, "zip: truncated") {
		t.Errorf("%+v", rep)
	}
}
