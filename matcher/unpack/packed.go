package unpack

import (
	"errors"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
	"github.com/pierrec/lz4/v4"
)

// What decoders take whose packed bytes do not say so.
const (
	smallMemory  = 1 << 20
	bzip2Memory  = 8 << 20  // a block's table, what was packed and what was unpacked of it
	lz4Memory    = 20 << 20 // two blocks of the old format
	snappyMemory = 12 << 20
	brotliMemory = 34 << 20 // twice the longest window
)

// walkPacked reads through a compression of one stream.
func (w *walker) walkPacked(n *node) error {
	d, err := w.open(n)
	if err != nil || d.r == nil {
		w.shape(n, "")
		return w.end()
	}
	defer d.close()
	u := &unpacked{w: w, r: d.r, format: string(n.format), below: n.src, packed: d.taken}
	src := w.newSource(u)
	defer w.done(src)
	i := n.inner(src, n.format)
	i.name = unpackedName(n.name)
	if err := w.walk(i); err != nil {
		return err
	}
	return w.drain(src)
}

// decoder is a decoder at work. close gives back what it holds, and waits for what it has started.
type decoder struct {
	r     io.Reader
	taken func() int64 // packed bytes, for what was read; nil if nobody asks
	close func()
}

// open starts a decoder. A nil reader means that it was noted why there is none.
func (w *walker) open(n *node) (d decoder, err error) {
	memory, ok := w.window(n)
	if !ok {
		return decoder{}, nil
	}
	err = guard(func() (err error) {
		if n.format == fBzip2 {
			z := &bzips{w: w, src: n.src, most: int(memory / bzip2Memory)} // has cores of its own
			d = decoder{z, n.src.taken, z.close}
			return nil
		}
		d, err = w.openAhead(n, memory)
		return err
	})
	if err != nil {
		w.release(memory)
		if !n.src.failed() && w.end() == nil {
			w.notes.add(damageWord(string(n.format), err))
		}
		return decoder{}, err
	}
	end := d.close
	d.close = func() {
		end()
		w.release(memory)
	}
	return d, nil
}

// openAhead starts a decoder that works on another core, if there is memory for what it has decoded.
func (w *walker) openAhead(n *node, memory int64) (decoder, error) {
	held := int64(0)
	if w.mem+aheadMemory <= w.l.MaxMemory {
		held = aheadMemory
		w.mem += held
	}
	var packed io.Reader = n.src
	skipped := &skippables{}
	if n.format == fZstd || n.format == fLZ4 {
		skipped = w.newSkippables(n)
		packed = skipped
	}
	a := w.newAhead(packed)
	d, err := newDecoder(n.format, a.by, memory)
	if err != nil {
		w.release(held)
		w.done(a.by)
		return decoder{}, err
	}
	a.r, a.alone = d.r, held == 0
	a.named, _ = d.r.(namer)
	a.tell = func(names []string) { w.packedNames(n, names) }
	return decoder{a, func() int64 { return a.taken }, func() {
		a.close()
		d.close()
		_ = skipped.text.finish()
		skipped.text.close() // a Walk that has ended finishes nothing
		w.release(held)
		w.done(a.by)
	}}, nil
}

// window reserves what a decoder needs, by what the packed bytes say of themselves.
func (w *walker) window(n *node) (int64, bool) {
	head := n.src.head(headBytes)
	memory := int64(smallMemory)
	switch n.format {
	case fBzip2:
		return w.bzip2Room()
	case fLZ4:
		return lz4Memory, w.reserve(lz4Memory)
	case fSnappy:
		return snappyMemory, w.reserve(snappyMemory)
	case fBrotli:
		return brotliMemory, w.reserve(brotliMemory)
	case fXz:
		memory = xzWindow(head, min(w.l.MaxWindow, w.l.MaxMemory-w.mem))
	case fZstd:
		memory = zstdWindow(head)
	case fLZMA, fLzip:
		memory = lzmaWindow(n.format, head)
	}
	if memory > w.l.MaxWindow {
		w.notes.add(string(n.format) + ": window limit " + bytesWord(w.l.MaxWindow) + ": %d members left")
		return 0, false
	}
	return memory, w.reserve(memory)
}

// newDecoder starts one whose memory is reserved. It may be used by another goroutine than the Walk's.
func newDecoder(f format, src *source, memory int64) (decoder, error) {
	nothing := func() {}
	switch f {
	case fGzip:
		z, err := newGzips(src)
		return decoder{z, nil, nothing}, err
	case fXz:
		r, err := xz.NewReader(src, uint32(memory))
		return decoder{&ended{r, src}, nil, nothing}, err
	case fZstd:
		z, err := newZstd(src, uint64(memory))
		if err != nil {
			return decoder{}, err
		}
		return decoder{z, nil, z.Close}, nil
	case fLZMA:
		r, err := newLZMA(src)
		return decoder{&ended{r, src}, nil, nothing}, err
	case fLzip:
		return decoder{&lzips{src: src, window: memory}, nil, nothing}, nil
	case fLZ4:
		return decoder{&ended{lz4.NewReader(src), src}, nil, nothing}, nil
	case fSnappy:
		return decoder{s2.NewReader(src), nil, nothing}, nil
	case fBrotli:
		return decoder{&ended{brotli.NewReader(src), src}, nil, nothing}, nil
	case fLZW:
		r, err := newLZW(src)
		return decoder{r, nil, nothing}, err
	case fZlib:
		r, err := zlib.NewReader(src.Reader)
		return decoder{&ended{r, src}, nil, nothing}, err
	}
	return decoder{}, errors.New("unpack: no decoder")
}

func newZstd(r io.Reader, window uint64) (*zstd.Decoder, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(window), zstd.WithDecoderMaxMemory(window))
}

// zstdWindow is the memory that the first frame asks for, and eight MiB at least, which every decoder must have.
func zstdWindow(head []byte) int64 {
	const least = 8 << 20
	var h zstd.Header
	for {
		err := h.Decode(head)
		if err != nil {
			return least
		}
		if !h.Skippable {
			return int64(min(max(h.WindowSize, least), 1<<62))
		}
		skip := int64(h.HeaderSize) + int64(h.SkippableSize)
		if skip <= 0 || skip > int64(len(head)) {
			return least
		}
		head = head[skip:]
	}
}

// xzWindow is the dictionary that the first block asks for, if it says so where most do; else the most that there is.
// https://tukaani.org/xz/xz-file-format.txt section 3.1
func xzWindow(head []byte, most int64) int64 {
	if len(head) < 18 || head[13]&0xc0 != 0 || head[14] != 0x21 || head[15] != 1 || head[16] > 40 {
		return max(most, smallMemory)
	}
	if head[16] == 40 {
		return 1<<32 - 1
	}
	return max(int64(2|head[16]&1)<<(head[16]/2+11), smallMemory)
}

// memoryError says whether a decoder ended because it was not given more memory.
func memoryError(err error) bool {
	return errors.Is(err, errWindow) || errors.Is(err, xz.ErrMemlimit) || errors.Is(err, zstd.ErrWindowSizeExceeded) ||
		errors.Is(err, zstd.ErrDecoderSizeExceeded)
}

// unpackedName is a name without the extension of its compression.
func unpackedName(name string) string {
	base := strings.TrimSuffix(name, name[len(name)-len(extension(name)):])
	switch extension(name) {
	case "tgz", "tbz2", "tbz", "txz", "tzst", "taz", "tlz", "tz2", "tbr":
		return base + "tar"
	case "gz", "bz2", "xz", "zst", "gzip", "zstd", "lz4", "br", "sz", "z", "lzma", "lz", "zlib", "zz":
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
