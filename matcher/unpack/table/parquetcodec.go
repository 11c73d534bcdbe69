package table

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"

	"leakwatch/matcher/unpack/child"
)

var errLonger = errors.New("a page is longer than it says")

// unpackParquet unpacks a page from in into dst, as far as that goes, and gives how much it was. The error says that there is more, or
// that the rest is damaged, or child.ErrUnsupported.
func unpackParquet(codec format.CompressionCodec, dst []byte, in *io.SectionReader) (int, error) {
	var r io.Reader
	var err error
	switch codec {
	case format.Uncompressed:
		r = in
	case format.Gzip:
		r, err = gzip.NewReader(in)
	case format.Brotli:
		r = brotli.NewReader(in)
	case format.Zstd:
		var z *zstd.Decoder
		if z, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(64<<20)); err == nil {
			defer z.Close()
			r = z
		}
	case format.Snappy, format.Lz4Raw, format.Lz4:
		return unpackBlock(codec, dst, in)
	default:
		return 0, child.ErrUnsupported
	}
	if err != nil {
		return 0, err
	}
	n, err := io.ReadFull(r, dst)
	if err != nil {
		return n, err
	}
	if k, _ := r.Read(make([]byte, 1)); k > 0 {
		return n, errLonger
	}
	return n, nil
}

// unpackBlock unpacks what is packed as one block, which is in memory as a whole.
func unpackBlock(codec format.CompressionCodec, dst []byte, in *io.SectionReader) (int, error) {
	b := make([]byte, in.Size()) // a page's, which is less than there is memory for
	if _, err := io.ReadFull(in, b); err != nil {
		return 0, err
	}
	if codec == format.Snappy {
		n, err := snappy.DecodedLen(b)
		if err != nil || n > len(dst) {
			return 0, errors.Join(err, errLonger)
		}
		out, err := snappy.Decode(dst, b)
		return len(out), err
	}
	if codec == format.Lz4 {
		if n, err := unpackHadoop(dst, b); err == nil {
			return n, nil
		}
	}
	return lz4.UncompressBlock(b, dst)
}

// unpackHadoop unpacks blocks of LZ4 as Hadoop frames them: how long each is unpacked and packed stands before it.
func unpackHadoop(dst, b []byte) (n int, err error) {
	for len(b) > 8 {
		whole, size := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
		if b = b[8:]; uint64(size) > uint64(len(b)) || uint64(whole) > uint64(len(dst)-n) {
			return n, errLonger
		}
		k, err := lz4.UncompressBlock(b[:size], dst[n:n+int(whole)])
		if n += k; err != nil {
			return n, err
		}
		b = b[size:]
	}
	if n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return n, nil
}
