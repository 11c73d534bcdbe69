package unpack

import (
	"archive/zip"
	"bufio"
	"compress/bzip2"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/mikelolasagasti/xz"
)

// zipMethods has a zip's members decoded by the same decoders as other files, and by more than the standard library's.
func (w *walker) zipMethods(zr *zip.Reader) {
	zr.RegisterDecompressor(zip.Deflate, w.inflate)
	zr.RegisterDecompressor(12, func(r io.Reader) io.ReadCloser { return io.NopCloser(bzip2.NewReader(r)) })
	zr.RegisterDecompressor(93, func(r io.Reader) io.ReadCloser { return lazily(r, w.openZstdIn) })
	zr.RegisterDecompressor(95, func(r io.Reader) io.ReadCloser { return lazily(r, w.openXzIn) })
}

// xzDict is what xz -9 uses.
const xzDict = 64 << 20

// inflater is a deflate decoder that goes back to the walker when it is closed: a new one costs more than a small member.
type inflater struct {
	w *walker
	b *bufio.Reader
	r io.ReadCloser
}

func (w *walker) inflate(r io.Reader) io.ReadCloser {
	n := len(w.inflaters)
	if n == 0 {
		b := bufio.NewReader(r)
		return &inflater{w, b, flate.NewReader(b)}
	}
	i := w.inflaters[n-1]
	w.inflaters = w.inflaters[:n-1]
	i.b.Reset(r)
	if z, ok := i.r.(flate.Resetter); !ok || z.Reset(i.b, nil) != nil {
		i.r = flate.NewReader(i.b)
	}
	return i
}

func (i *inflater) Read(p []byte) (int, error) { return i.r.Read(p) }

func (i *inflater) Close() error {
	i.w.inflaters = append(i.w.inflaters, i)
	return nil
}

// lazyReader opens a decoder at the first read, since a zip's decoders may not fail before.
type lazyReader struct {
	open  func(io.Reader) (io.Reader, func(), error)
	src   io.Reader
	r     io.Reader
	close func()
	err   error
}

func lazily(src io.Reader, open func(io.Reader) (io.Reader, func(), error)) *lazyReader {
	return &lazyReader{src: src, open: open}
}

func (l *lazyReader) Read(p []byte) (int, error) {
	if l.r == nil && l.err == nil {
		l.r, l.close, l.err = l.open(l.src)
	}
	if l.err != nil {
		return 0, l.err
	}
	return l.r.Read(p)
}

func (l *lazyReader) Close() error {
	if l.close != nil {
		l.close()
		l.close = nil
	}
	return nil
}

// room takes up to most bytes of memory for a decoder inside a zip.
func (w *walker) room(most int64) (int64, func()) {
	n := max(min(most, w.l.MaxMemory-w.mem), 0)
	w.mem += n
	return n, func() { w.release(n) }
}

func (w *walker) openZstdIn(r io.Reader) (io.Reader, func(), error) {
	n, free := w.room(w.l.MaxWindow)
	z, err := newZstd(r, uint64(max(n, smallMemory)))
	if err != nil {
		free()
		return nil, nil, err
	}
	return z, func() { z.Close(); free() }, nil
}

func (w *walker) openXzIn(r io.Reader) (io.Reader, func(), error) {
	n, free := w.room(min(w.l.MaxWindow, xzDict))
	x, err := xz.NewReader(r, uint32(max(n, smallMemory)))
	if err != nil {
		free()
		return nil, nil, err
	}
	return x, free, nil
}
