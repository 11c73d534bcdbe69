package table

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/parquet-go/parquet-go/format"

	"leakwatch/matcher/unpack/child"
)

// scattered looks for pages without a footer that says where they are and what they hold, and hands over what each unpacks to: its values, if
// they are of any width and plain, as a dictionary's are, or else its bytes.
func (p *parquet) scattered() error {
	var found int64
	for at := int64(0); ; {
		if at = p.nextHead(at); at < 0 {
			break
		}
		var head parquetPage
		body, ok := p.head(at, &head)
		if !ok || head.Packed == 0 || int64(head.Unpacked) > p.budget {
			at++
			continue
		}
		b := p.guess(&head, body)
		if b == nil {
			at++
			continue
		}
		found++
		if err := p.loose(b); err != nil {
			return err
		}
		at = body + int64(head.Packed)
	}
	if err := p.rows.close(); err != nil || found == 0 {
		return err
	}
	return p.e.Note(child.DamagedInOrder, 1)
}

// nextHead looks for what the heads of pages begin with: the page's sort, and then its size.
func (p *parquet) nextHead(at int64) int64 {
	b := make([]byte, 64<<10)
	for at < p.size && p.ctx.Err() == nil {
		n, err := p.in.ReadAt(b[:min(int64(len(b)), p.size-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			break
		}
		for i := 0; i+3 <= n; i++ {
			k := bytes.IndexByte(b[i:n], 0x15)
			if k < 0 {
				break
			}
			if i += k; i+3 <= n && (b[i+1] == 0 || b[i+1] == 4 || b[i+1] == 6) && b[i+2] == 0x15 {
				return at + int64(i)
			}
		}
		at += int64(max(n-2, 1))
	}
	return -1
}

// guess unpacks a page by the codec that makes as much of it as it says.
func (p *parquet) guess(head *parquetPage, body int64) []byte {
	plain := int64(0) // levels that are not packed
	if head.Type == format.DataPageV2 {
		plain = int64(head.V2.V.RepsBytes) + int64(head.V2.V.DefsBytes)
	}
	size, whole := int64(head.Packed)-plain, int64(head.Unpacked)-plain
	if plain < 0 || size < 0 || whole < 0 {
		return nil
	}
	in := func() *io.SectionReader { return io.NewSectionReader(p.in, body+plain, size) }
	codecs := []format.CompressionCodec{format.Lz4Raw, format.Lz4, format.Brotli}
	begin := make([]byte, min(size, 16))
	_, _ = in().ReadAt(begin, 0)
	switch n, err := snappy.DecodedLen(begin); {
	case bytes.HasPrefix(begin, []byte("\x28\xb5\x2f\xfd")):
		codecs = []format.CompressionCodec{format.Zstd}
	case bytes.HasPrefix(begin, []byte("\x1f\x8b")):
		codecs = []format.CompressionCodec{format.Gzip}
	case err == nil && int64(n) == whole:
		codecs = append([]format.CompressionCodec{format.Snappy}, codecs...)
	}
	if size == whole {
		codecs = append([]format.CompressionCodec{format.Uncompressed}, codecs...)
	}
	b := make([]byte, whole)
	for _, codec := range codecs {
		if n, err := unpackParquet(codec, b, in()); err == nil && n == len(b) {
			return b
		}
	}
	return nil
}

// loose hands over what a page unpacks to. Before its values may be levels, with their lengths before them.
func (p *parquet) loose(b []byte) error {
	rest := b
	for range 3 {
		v := plainBytes{rest}
		for _, ok := v.next(); ok; {
			_, ok = v.next()
		}
		if len(v.b) == 0 {
			return p.lines(rest)
		}
		v = plainBytes{rest}
		if _, ok := v.next(); !ok {
			break
		}
		rest = v.b
	}
	if err := p.rows.close(); err != nil {
		return err
	}
	return p.e.Text(&printed{r: bytes.NewReader(b)})
}

// lines writes values of any width, a line each.
func (p *parquet) lines(b []byte) error {
	show := showBytes(&format.SchemaElement{})
	v := plainBytes{b}
	for one, ok := v.next(); ok; one, ok = v.next() {
		if p.cell = show(p.cell[:0], one); len(p.cell) > 0 {
			p.rows.cell(p.cell)
			_ = p.rows.end()
		}
	}
	return p.rows.err
}
