package unpack

import (
	"archive/zip"
	"bufio"
	"compress/bzip2"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/mikelolasagasti/xz"
)

// The ways in which a zip packs its members, of those that are read. APPNOTE.TXT section 4.4.5
const (
	methodStore     = 0
	methodDeflate   = 8
	methodDeflate64 = 9
	methodBzip2     = 12
	methodLZMA      = 14
	methodZstd      = 93
	methodXz        = 95
)

// zipEntry is what a directory or a local header says of a member.
type zipEntry struct {
	flags, method uint16
	crc           uint32
	time          uint16
	packed, size  int64 // -1 when it does not say
	extra         []byte
}

// encrypted says whether it needs a password.
func (e zipEntry) encrypted() bool { return e.flags&1 != 0 }

// openEntry reads the packed bytes r of an entry, to its checksum. Members are decoded by the same decoders as other files,
// and by more than the standard library has.
func (w *walker) openEntry(e zipEntry, r io.Reader, password []byte) (io.ReadCloser, error) {
	method := e.method
	if e.encrypted() {
		var err error
		if r, method, err = e.decrypt(r, password); err != nil {
			return nil, err
		}
	}
	z, err := w.unpackEntry(method, e, r)
	switch {
	case err != nil:
		return nil, err
	case e.method == methodAES: // whose code lies behind the contents; it may have no checksum
		return &drained{z, r}, nil
	case e.size < 0:
		return z, nil
	}
	return &summed{z, e.crc, crc32.NewIEEE()}, nil
}

// drained reads what lies behind a decoder's end, too.
type drained struct {
	io.ReadCloser
	below io.Reader
}

func (d *drained) Read(p []byte) (int, error) {
	n, err := d.ReadCloser.Read(p)
	if err == io.EOF {
		if _, berr := io.Copy(io.Discard, d.below); berr != nil {
			err = berr
		}
	}
	return n, err
}

func (w *walker) unpackEntry(method uint16, e zipEntry, r io.Reader) (io.ReadCloser, error) {
	switch method {
	case methodStore:
		return io.NopCloser(r), nil
	case methodDeflate:
		return w.inflate(r), nil
	case methodDeflate64:
		return io.NopCloser(newInflate64(bufio.NewReader(r))), nil
	case methodBzip2:
		return io.NopCloser(bzip2.NewReader(r)), nil
	case methodLZMA:
		return lazily(r, func(r io.Reader) (io.Reader, func(), error) { return w.openLZMAIn(r, e) }), nil
	case methodZstd:
		return lazily(r, w.openZstdIn), nil
	case methodXz:
		return lazily(r, w.openXzIn), nil
	}
	return nil, zip.ErrAlgorithm
}

// summed compares a checksum at the end.
type summed struct {
	io.ReadCloser
	want uint32
	sum  hash.Hash32
}

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.sum.Write(p[:n])
	if err == io.EOF && s.sum.Sum32() != s.want {
		err = errSum
	}
	return n, err
}

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

// lazyReader opens a decoder at the first read, since what lies before the contents may be no password's.
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
	n := max(min(most, w.l.MaxWindow, w.l.MaxMemory-w.mem), 0)
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

// xzDict is what xz -9 uses.
const xzDict = 64 << 20

func (w *walker) openXzIn(r io.Reader) (io.Reader, func(), error) {
	n, free := w.room(xzDict)
	x, err := xz.NewReader(r, uint32(max(n, smallMemory)))
	if err != nil {
		free()
		return nil, nil, err
	}
	return x, free, nil
}

// openLZMAIn reads LZMA as a zip has it: its version, the length of its properties, and them. APPNOTE.TXT section 5.8
func (w *walker) openLZMAIn(r io.Reader, e zipEntry) (io.Reader, func(), error) {
	b := bufio.NewReader(r)
	var head [9]byte
	if _, err := io.ReadFull(b, head[:]); err != nil || head[2] != 5 || head[3] != 0 {
		return nil, nil, errLzip
	}
	h := append(head[4:9:9], bytes8(1<<64-1)...)
	if e.flags&2 == 0 && e.size >= 0 { // no end mark
		h = append(head[4:9:9], bytes8(uint64(e.size))...)
	}
	window := lzmaWindow(fLZMA, h)
	n, free := w.room(window)
	if n < window {
		free()
		return nil, nil, errWindow
	}
	z, err := newLZMA(&headed{h, b})
	if err != nil {
		free()
		return nil, nil, err
	}
	return z, free, nil
}

func bytes8(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }
