package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"math"

	"github.com/ulikunitz/xz/lzma"
)

const (
	lzmaHeader  = 13
	lzipHeader  = 6
	lzipTrailer = 20

	lzipProperties = 0x5d // three bits of the byte before, none of its place, two of the place: the only ones lzip uses
)

// isLZMA knows an .lzma file, which has no mark: properties that writers use, a dictionary of a size that they choose,
// a length below 256 GiB or none, and the zero that every stream of this sort begins with. liblzma looks at the same.
func isLZMA(head []byte) bool {
	if len(head) < lzmaHeader+5 || head[0] != 0x5d || head[lzmaHeader] != 0 {
		return false
	}
	size := binary.LittleEndian.Uint64(head[5:])
	dict := binary.LittleEndian.Uint32(head[1:])
	low := dict & -dict // the lowest bit that is set
	return (size == 1<<64-1 || size < 1<<38) && dict >= 1<<12 && (dict == low || dict == 3*low || dict == 1<<32-1)
}

// lzmaWindow is the dictionary that an .lzma or .lz file asks for. Less is taken when the file is less.
func lzmaWindow(f format, head []byte) int64 {
	switch {
	case f == fLzip && len(head) >= lzipHeader:
		return lzipWindow(head[5])
	case f == fLZMA && len(head) >= lzmaHeader:
		dict := int64(binary.LittleEndian.Uint32(head[1:]))
		if size := binary.LittleEndian.Uint64(head[5:]); size < 1<<38 {
			dict = min(dict, int64(size))
		}
		return max(dict, smallMemory)
	}
	return smallMemory
}

// lzipWindow decodes the size of a dictionary: a power of two, less some sixteenths of it.
func lzipWindow(c byte) int64 {
	base := int64(1) << (c & 31)
	return base - base/16*int64(c>>5)
}

// newLZMA reads an .lzma stream, byte by byte, so that what follows its end is left. Its window was reserved.
func newLZMA(r interface {
	io.Reader
	io.ByteReader
}) (io.Reader, error) {
	z, err := lzma.ReaderConfig{DictCap: math.MaxUint32}.NewReader(r)
	if err != nil {
		return nil, err
	}
	return z, nil
}

// headed puts a head in front of a source.
type headed struct {
	head []byte
	*bufio.Reader
}

func (h *headed) Read(p []byte) (int, error) {
	if len(h.head) == 0 {
		return h.Reader.Read(p)
	}
	n := copy(p, h.head)
	h.head = h.head[n:]
	return n, nil
}

func (h *headed) ReadByte() (byte, error) {
	if len(h.head) == 0 {
		return h.Reader.ReadByte()
	}
	c := h.head[0]
	h.head = h.head[1:]
	return c, nil
}

// lzmaHead is a head of an .lzma file of unknown length.
func lzmaHead(properties byte, window uint32) []byte {
	h := binary.LittleEndian.AppendUint32([]byte{properties}, window)
	return binary.LittleEndian.AppendUint64(h, 1<<64-1)
}

// lzips reads the members of an lzip file: each an LZMA stream with an end mark, its checksum, its length and its
// packed length behind it. https://www.nongnu.org/lzip/manual/lzip_manual.html#File-format
type lzips struct {
	src    *source
	window int64
	z      io.Reader
	sum    hash.Hash32
	n      uint64
}

var (
	errLzip   = errors.New("unpack: lzip data invalid")
	errWindow = errors.New("unpack: a window larger than was reserved")
)

func (l *lzips) Read(p []byte) (int, error) {
	for {
		if l.z == nil {
			if err := l.open(); err != nil {
				return 0, err
			}
		}
		n, err := l.z.Read(p)
		l.sum.Write(p[:n])
		l.n += uint64(n)
		if err == io.EOF {
			l.z = nil
			err = l.trailer()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// open begins the next member. LZMA wants a head of another form, which says the same.
func (l *lzips) open() error {
	head := l.src.head(lzipHeader)
	switch {
	case len(head) == 0 && l.sum != nil:
		return io.EOF
	case len(head) < lzipHeader || string(head[:5]) != "LZIP\x01":
		if l.sum == nil {
			return errLzip
		}
		return errAfter
	}
	window := lzipWindow(head[5])
	if window > max(l.window, smallMemory) {
		return errWindow
	}
	_, _ = l.src.Discard(lzipHeader)
	z, err := newLZMA(&headed{lzmaHead(lzipProperties, uint32(window)), l.src.Reader})
	l.z, l.sum, l.n = z, crc32.NewIEEE(), 0
	return err
}

func (l *lzips) trailer() error {
	var t [lzipTrailer]byte
	if _, err := io.ReadFull(l.src, t[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if binary.LittleEndian.Uint32(t[:]) != l.sum.Sum32() || binary.LittleEndian.Uint64(t[4:]) != l.n {
		return errLzip
	}
	return nil
}
