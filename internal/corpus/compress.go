package corpus

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// compressions pack one file.
var compressions = []stage{
	{"gz", squeeze(".gz", gzipped)}, {"gz of several members", squeeze(".gz", gzipMembers)}, {"gz with header fields", squeeze(".gz", gzipFields)},
	{"bz2", squeeze(".bz2", bzipped)}, {"bz2 of several streams", squeeze(".bz2", halves(bzipped))},
	{"xz", squeeze(".xz", xzed)}, {"xz of several streams", squeeze(".xz", halves(xzed))}, {"lzma", squeeze(".lzma", lzmaed)},
	{"zst", squeeze(".zst", zstded)}, {"zst of several frames", squeeze(".zst", halves(zstded))}, {"zst with skippable frame", squeeze(".zst", zstdSkippable)},
	{"lz4", squeeze(".lz4", lz4ed)}, {"lz4 legacy", squeeze(".lz4", lz4Legacy)}, {"br", squeeze(".br", brotlied)},
	{"sz", squeeze(".sz", snappied)}, {"Z", squeeze(".Z", lzwed)}, {"zlib", squeeze(".zz", zlibbed)},
}

func squeeze(ext string, f func([]byte) []byte) func(Document) Document {
	return func(d Document) Document {
		d.Body, d.Name = f(d.Body), d.Name+ext
		return d
	}
}

// through writes b by a writer that packs.
func through(b []byte, open func(io.Writer) io.WriteCloser) []byte {
	var out bytes.Buffer
	w := open(&out)
	_, err := w.Write(b)
	must(err)
	must(w.Close())
	return out.Bytes()
}

// must ends the program: writing to memory fails only when this package is wrong.
func must(err error) {
	if err != nil {
		panic("corpus: " + err.Error())
	}
}

// halves packs two halves after each other.
func halves(f func([]byte) []byte) func([]byte) []byte {
	return func(b []byte) []byte { return append(f(b[:len(b)/2]), f(b[len(b)/2:])...) }
}

func gzipped(b []byte) []byte {
	return through(b, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
}

func gzipMembers(b []byte) []byte {
	n := len(b) / 5
	return append(append(gzipped(b[:n]), gzipped(nil)...), gzipped(b[n:])...)
}

// gzipFields has a name, a comment and an extra field (RFC 1952, 2.3.1).
func gzipFields(b []byte) []byte {
	return through(b, func(w io.Writer) io.WriteCloser {
		z := gzip.NewWriter(w)
		z.Name, z.Comment, z.Extra = "inner.txt", "a comment", []byte{'A', 'B', 2, 0, 1, 2}
		return z
	})
}

func xzed(b []byte) []byte {
	return through(b, func(w io.Writer) io.WriteCloser {
		z, err := xz.NewWriter(w)
		must(err)
		return z
	})
}

func lzmaed(b []byte) []byte {
	return through(b, func(w io.Writer) io.WriteCloser {
		z, err := lzma.NewWriter(w)
		must(err)
		return z
	})
}

func zstded(b []byte) []byte {
	return through(b, func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w)
		must(err)
		return z
	})
}

// zstdSkippable has a frame before it that is to be passed over (RFC 8878, 3.1.2).
func zstdSkippable(b []byte) []byte {
	return append([]byte{0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'}, zstded(b)...)
}

func lz4ed(b []byte) []byte {
	return through(b, func(w io.Writer) io.WriteCloser { return lz4.NewWriter(w) })
}

func lz4Legacy(b []byte) []byte {
	return through(b, func(w io.Writer) io.WriteCloser {
		z := lz4.NewWriter(w)
		must(z.Apply(lz4.LegacyOption(true)))
		return z
	})
}

func brotlied(b []byte) []byte {
	return through(b, func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })
}

func snappied(b []byte) []byte {
	return through(b, func(w io.Writer) io.WriteCloser { return s2.NewWriter(w, s2.WriterSnappyCompat()) })
}

func zlibbed(b []byte) []byte {
	return through(b, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
}

// bits writes numbers of some bits.
type bitWriter struct {
	b     []byte
	acc   uint64
	n     uint
	lower bool // the first bit is the lowest of its byte
}

func (w *bitWriter) put(v uint64, n uint) {
	for i := range n {
		bit := v >> (n - 1 - i) & 1
		if w.lower {
			w.acc |= v >> i & 1 << w.n
		} else {
			w.acc = w.acc<<1 | bit
		}
		if w.n++; w.n == 8 {
			w.b = append(w.b, byte(w.acc))
			w.acc, w.n = 0, 0
		}
	}
}

// close fills the last byte.
func (w *bitWriter) close() []byte {
	for w.n != 0 {
		w.put(0, 1)
	}
	return w.b
}

// lzwed packs as compress(1) does, with codes of up to 12 bits and no clearing of the table.
func lzwed(b []byte) []byte {
	const most = 12
	w := &bitWriter{b: []byte{0x1f, 0x9d, 0x80 | most}, lower: true}
	if len(b) == 0 {
		return w.b
	}
	codes := map[string]int{}
	for i := range 256 {
		codes[string([]byte{byte(i)})] = i
	}
	next, width, count := 257, uint(9), 0 // 256 clears
	emit := func(code int) {
		w.put(uint64(code), width)
		if count++; count == 8 {
			count = 0
		}
	}
	grow := func() {
		for ; count != 0; emit(0) { // a group of eight codes is filled when codes grow
		}
		width++
	}
	cur := string(b[:1])
	for _, c := range b[1:] {
		if _, ok := codes[cur+string([]byte{c})]; ok {
			cur += string([]byte{c})
			continue
		}
		emit(codes[cur])
		if next < 1<<most {
			codes[cur+string([]byte{c})] = next
			if next++; next > 1<<width && width < most {
				grow()
			}
		}
		cur = string([]byte{c})
	}
	emit(codes[cur])
	return w.close()
}

func le16(n int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(n)) }
func le32(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }
func le64(n int) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(n)) }
func be16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
func be32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

// join is all parts in a row.
func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
