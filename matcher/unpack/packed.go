package unpack

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
)

const (
	maxWindow   = 128 << 20 // of zstd
	xzDict      = 64 << 20  // what xz -9 uses
	bzip2Memory = 8 << 20
	smallMemory = 1 << 20
)

// walkPacked reads through a compression of one stream.
func (w *walker) walkPacked(n *node) error {
	r, done, err := w.open(n)
	if err != nil || r == nil {
		w.shape(n, "")
		return w.end()
	}
	defer done()
	u := &unpacked{w: w, r: r, format: string(n.format), below: n.src, packed: n.src.taken}
	src := w.newSource(u)
	defer w.done(src)
	i := n.inner(src, n.format)
	i.name = unpackedName(n.name)
	if err := w.walk(i); err != nil {
		return err
	}
	return w.drain(src)
}

// open starts a decoder. A nil reader means that it was noted why there is none.
func (w *walker) open(n *node) (r io.Reader, done func(), err error) {
	memory := int64(smallMemory)
	switch n.format {
	case fBzip2:
		memory = bzip2Memory
	case fXz:
		memory = max(smallMemory, min(xzDict, w.l.MaxMemory-w.mem))
	case fZstd:
		window := zstdWindow(n.src.head(headBytes))
		if window > maxWindow {
			w.notes.add("zst: window limit " + bytesWord(maxWindow) + ": %d members left")
			return nil, nil, nil
		}
		memory = int64(window)
	}
	if !w.reserve(memory) {
		return nil, nil, nil
	}
	done = func() { w.release(memory) }
	err = guard(func() error {
		switch n.format {
		case fGzip:
			r, err = w.openGzip(n)
		case fBzip2:
			r = bzip2.NewReader(n.src)
		case fXz:
			r, err = xz.NewReader(n.src, uint32(memory))
		case fZstd:
			var z *zstd.Decoder
			z, err = newZstd(n.src, uint64(memory))
			if err == nil {
				r, done = z, func() { z.Close(); w.release(memory) }
			}
		}
		return err
	})
	if err != nil {
		w.release(memory)
		if !n.src.failed() {
			w.notes.add(damageWord(string(n.format), err))
		}
		return nil, nil, err
	}
	return r, done, nil
}

func newZstd(r io.Reader, window uint64) (*zstd.Decoder, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(window), zstd.WithDecoderMaxMemory(window))
}

// zstdWindow is the memory that the first frame asks for, and eight MiB at least, which every decoder must have.
func zstdWindow(head []byte) uint64 {
	const least = 8 << 20
	var h zstd.Header
	if err := h.Decode(head); err != nil || h.Skippable {
		return least
	}
	return max(h.WindowSize, least)
}

// memoryError says whether a decoder ended because it was not given more memory.
func memoryError(err error) bool {
	return errors.Is(err, xz.ErrMemlimit) || errors.Is(err, zstd.ErrWindowSizeExceeded) ||
		errors.Is(err, zstd.ErrDecoderSizeExceeded)
}

// gzips reads gzip streams that follow one another, and ends without fault at padding.
type gzips struct {
	w   *walker
	n   *node
	z   *gzip.Reader
	end bool
}

func (w *walker) openGzip(n *node) (io.Reader, error) {
	z, err := gzip.NewReader(n.src)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	if err := w.nameText(n.place, fromLatin(z.Name)); err != nil {
		return nil, err
	}
	return &gzips{w: w, n: n, z: z}, nil
}

func (g *gzips) Read(p []byte) (int, error) {
	for {
		if g.end {
			return 0, io.EOF
		}
		n, err := g.z.Read(p)
		if err == io.EOF {
			err = g.next()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// next starts the stream that follows, or ends.
func (g *gzips) next() error {
	head := g.n.src.head(headBytes)
	switch {
	case len(bytes.Trim(head, "\x00")) == 0:
		g.end = true
		return nil
	case !bytes.HasPrefix(head, []byte("\x1f\x8b")):
		g.w.notes.add("gz: %d with other data after the end")
		g.end = true
		return nil
	}
	if err := g.z.Reset(g.n.src); err != nil {
		return err
	}
	g.z.Multistream(false)
	return nil
}

// unpackedName is a name without the extension of its compression.
func unpackedName(name string) string {
	base := strings.TrimSuffix(name, name[len(name)-len(extension(name)):])
	switch extension(name) {
	case "tgz", "tbz2", "tbz", "txz", "tzst":
		return base + "tar"
	case "gz", "bz2", "xz", "zst", "gzip", "zstd":
		return strings.TrimSuffix(base, ".")
	}
	return name
}

// fromLatin turns what gzip calls Latin-1 into UTF-8, unless the writer had put UTF-8 there, as most do.
func fromLatin(s string) string {
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return s
		}
		raw = append(raw, byte(r))
	}
	return fileName(raw)
}
