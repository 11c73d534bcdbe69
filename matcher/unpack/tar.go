package unpack

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"leakwatch/leak"
)

// walkTar reads a tar member by member, as it comes. After a damaged header it goes on at the next sound one, and so it
// does after the end mark, where tar itself would stop.
func (w *walker) walkTar(n *node) error {
	before := w.shapes.n
	raw := &tarSource{src: n.src}
	for {
		err := w.readTar(n, raw)
		if end := w.end(); end != nil {
			return end
		}
		if n.src.failed() {
			break
		}
		if err != nil && errors.Is(err, io.ErrUnexpectedEOF) {
			w.notes.add("tar: truncated")
			break
		}
		if err != nil {
			w.notes.add("tar: damaged in %d places")
		}
		if err == nil && raw.zero < 512 {
			w.notes.add("tar: ends without its end mark, what followed is not known")
		}
		more, err := w.tarBehind(n, raw)
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	if w.shapes.n == before {
		w.shape(n, "")
	}
	return w.drain(n.src)
}

// tarSource counts what a tar reader takes, so that the next block is found when it gives up.
type tarSource struct {
	src  *source
	n    int64
	zero int64 // bytes of zero that were read last; a block of them is the end mark, for padding is shorter
}

func (t *tarSource) Read(p []byte) (int, error) {
	n, err := t.src.Read(p)
	t.n += int64(n)
	if text := len(bytes.TrimRight(p[:n], "\x00")); text > 0 {
		t.zero = int64(n - text)
	} else {
		t.zero += int64(n)
	}
	return n, err
}

// tarBehind reads what lies before the next block that is a header, and says whether there is one.
func (w *walker) tarBehind(n *node, raw *tarSource) (more bool, err error) {
	if odd := raw.n % 512; odd != 0 {
		k, _ := raw.src.Discard(int(512 - odd))
		raw.n += int64(k)
	}
	b := &tarBetween{raw: raw}
	if err := w.walkBehind(n, b, raw.n); err != nil {
		return false, err
	}
	return b.header, w.drain(b)
}

// tarBetween reads up to the next block that is a header.
type tarBetween struct {
	raw    *tarSource
	left   int // of the block
	header bool
}

func (b *tarBetween) Read(p []byte) (int, error) {
	if b.left == 0 {
		head := b.raw.src.head(512)
		if b.header = isTar(head); b.header || len(head) == 0 {
			return 0, io.EOF
		}
		b.left = len(head)
	}
	n, err := b.raw.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// readTar reads members until the archive ends or cannot be read on.
func (w *walker) readTar(n *node, raw *tarSource) error {
	var tr *tar.Reader
	if err := guard(func() error { tr = tar.NewReader(raw); return nil }); err != nil {
		return err
	}
	for {
		var h *tar.Header
		err := guard(func() (err error) { h, err = tr.Next(); return err })
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) { // nothing is extracted here
			return err
		}
		if err := w.tarMember(n, raw, tr, h); err != nil {
			return err
		}
	}
}

func (w *walker) tarMember(n *node, raw *tarSource, tr *tar.Reader, h *tar.Header) error {
	if err := w.member(); err != nil {
		return err
	}
	name := fileName([]byte(h.Name))
	m := leak.Member{Place: inner(n.place, name), Order: w.nextOrder(), Size: h.Size, ModTime: h.ModTime, Owner: tarOwner(h)}
	if err := w.nameText(m.Place, name); err != nil {
		return err
	}
	if h.Linkname != "" {
		if err := w.nameText(m.Place, fileName([]byte(h.Linkname))); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(h.PAXRecords)) {
		if !tarKnown(key) {
			if err := w.nameText(m.Place, fileName([]byte(h.PAXRecords[key]))); err != nil {
				return err
			}
		}
	}
	if f, other := tarOther[h.Typeflag]; other {
		m.Format = f
		return w.report(m)
	}
	begin := raw.n
	u := &unpacked{w: w, r: tr, format: string(fTar), below: n.src, whole: true,
		packed: func() int64 { return raw.n - begin }}
	err := w.walkMember(n, u, &m, name)
	if err == nil && errors.Is(u.err, io.ErrUnexpectedEOF) {
		return io.ErrUnexpectedEOF // noted by whoever asked for the next member
	}
	return err
}

// tarKnown says whether a record of PAX is told as something else, or a number. Others are comments and what writers add.
func tarKnown(key string) bool {
	return slices.Contains([]string{"path", "linkpath", "uname", "gname", "size", "uid", "gid", "mtime", "atime", "ctime", "hdrcharset"}, key) ||
		strings.HasPrefix(key, "GNU.sparse.")
}

// tarOther are entries without contents.
var tarOther = map[byte]string{tar.TypeDir: "dir", tar.TypeSymlink: "link", tar.TypeLink: "link", tar.TypeChar: "device",
	tar.TypeBlock: "device", tar.TypeFifo: "fifo"}

func tarOwner(h *tar.Header) string {
	if h.Uname != "" || h.Gname != "" {
		return fileName([]byte(h.Uname)) + ":" + fileName([]byte(h.Gname))
	}
	return itoa(int64(h.Uid)) + ":" + itoa(int64(h.Gid))
}

func (w *walker) nextOrder() int64 {
	w.order++
	return w.order
}

// walkMember reads one member's contents as what they are, hashes them, and reports it.
func (w *walker) walkMember(n *node, r io.Reader, m *leak.Member, name string) error {
	h := &hashed{r: r, h: sha256.New()}
	src := w.newSource(h)
	defer w.done(src)
	i := n.inner(src, n.format)
	i.place, i.name = m.Place, lastName(name)
	err := w.walk(i)
	if err == nil {
		err = w.drain(src)
	}
	m.Format = string(i.format)
	if h.eof {
		m.SHA256 = hex.EncodeToString(h.h.Sum(nil))
	}
	if err != nil && w.fatal != nil {
		return err
	}
	if rerr := w.report(*m); rerr != nil {
		return rerr
	}
	return err
}
