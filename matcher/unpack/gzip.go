package unpack

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// gzips reads gzip streams that follow one another, and ends without fault at padding.
type gzips struct {
	src   *source
	z     *gzip.Reader
	names []string // not told yet
}

// errAfter says that something else follows the end of what is packed.
var errAfter = errors.New("unpack: other data after the end")

// gzipNames are found before they are told.
const gzipNames = 64

func newGzips(src *source) (*gzips, error) {
	z, err := gzip.NewReader(src.Reader)
	if err != nil {
		return nil, err
	}
	g := &gzips{src: src, z: z}
	g.begun()
	return g, nil
}

// begun notes what was written into a header: a name, a comment, a field of text. RFC 1952
func (g *gzips) begun() {
	g.z.Multistream(false)
	for _, s := range []string{g.z.Name, g.z.Comment} {
		if s != "" {
			g.names = append(g.names, fromLatin(s))
		}
	}
	if len(g.z.Extra) >= minWide && look(g.z.Extra).text() {
		g.names = append(g.names, fileName(g.z.Extra))
	}
}

func (g *gzips) named() []string {
	names := g.names
	g.names = nil
	return names
}

// packedNames tells names that were found in what is packed. An error is the Walk's end, which the next read gives.
func (w *walker) packedNames(n *node, names []string) {
	for _, name := range names {
		if w.member() != nil || w.nameText(n.place, name) != nil {
			return
		}
	}
}

func (g *gzips) Read(p []byte) (int, error) {
	for {
		n, err := g.z.Read(p)
		if err == io.EOF {
			err = g.next()
		}
		if n > 0 || err != nil || len(g.names) >= gzipNames {
			return n, err
		}
	}
}

// next starts the stream that follows, or ends.
func (g *gzips) next() error {
	head := g.src.padding()
	switch {
	case len(head) == 0:
		return io.EOF
	case !bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return errAfter
	}
	if err := g.z.Reset(g.src.Reader); err != nil {
		return err
	}
	g.begun()
	return nil
}
