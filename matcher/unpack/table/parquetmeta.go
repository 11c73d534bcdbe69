package table

import (
	"errors"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"leakwatch/matcher/unpack/child"
)

// The parts of a Parquet footer that are of use (parquet.thrift of Apache's parquet-format 2.12). Nothing is required, and what is
// not here is passed over.
type (
	parquetMeta struct {
		Schema    thrift.Slice[format.SchemaElement] `thrift:"2,optional"`
		RowGroups thrift.Slice[parquetGroup]         `thrift:"4,optional"`
		Values    thrift.Slice[format.KeyValue]      `thrift:"5,optional"`
		CreatedBy string                             `thrift:"6,optional"`
	}
	parquetGroup struct {
		Columns thrift.Slice[parquetChunk] `thrift:"1,optional"`
		Rows    int64                      `thrift:"3,optional"`
	}
	parquetChunk struct {
		Elsewhere string                      `thrift:"1,optional"` // name of a file that holds it
		Meta      parquetChunkMeta            `thrift:"3,optional"`
		Crypto    format.ColumnCryptoMetaData `thrift:"8,optional"`
	}
	parquetChunkMeta struct {
		Codec      format.CompressionCodec `thrift:"4,optional"`
		Values     int64                   `thrift:"5,optional"`
		Size       int64                   `thrift:"7,optional"`
		Data       int64                   `thrift:"9,optional"`
		Dictionary int64                   `thrift:"11,optional"`
	}
	parquetPage struct {
		Type       format.PageType                          `thrift:"1,optional"`
		Unpacked   int32                                    `thrift:"2,optional"`
		Packed     int32                                    `thrift:"3,optional"`
		Sum        thrift.Null[int32]                       `thrift:"4,optional"` // CRC-32
		V1         thrift.Null[parquetPageV1]               `thrift:"5,optional"`
		Dictionary thrift.Null[format.DictionaryPageHeader] `thrift:"7,optional"`
		V2         thrift.Null[parquetPageV2]               `thrift:"8,optional"`
	}
	parquetPageV1 struct {
		Values   int32           `thrift:"1,optional"`
		Encoding format.Encoding `thrift:"2,optional"`
		Defs     format.Encoding `thrift:"3,optional"`
		Reps     format.Encoding `thrift:"4,optional"`
	}
	parquetPageV2 struct {
		Values    int32             `thrift:"1,optional"`
		Encoding  format.Encoding   `thrift:"4,optional"`
		DefsBytes int32             `thrift:"5,optional"`
		RepsBytes int32             `thrift:"6,optional"`
		Packed    thrift.Null[bool] `thrift:"7,optional"`
	}
)

// known says whether it is the head of a page.
func (h *parquetPage) known() bool {
	switch h.Type {
	case format.DataPage:
		return h.V1.Valid && h.V1.V.Values >= 0
	case format.DataPageV2:
		return h.V2.Valid && h.V2.V.Values >= 0
	case format.DictionaryPage:
		return h.Dictionary.Valid
	}
	return h.Type == format.IndexPage
}

var errLists = errors.New("lists of a footer are too long")

// decodeThrift reads a struct of Thrift's compact protocol from the beginning of b, and says how long it was. What lists claim to hold is
// counted against most bytes before there is memory for it. What was read refers to b.
func decodeThrift(b []byte, most int, v any) (int, error) {
	r := &boundedThrift{BytesReader: new(thrift.CompactProtocol).NewReaderFromBytes(b), end: len(b), left: most}
	err := thrift.NewDecoder(r).Decode(v)
	return r.BytesRead(), err
}

// boundedThrift does not believe how long lists are: an element takes a byte at least, and memory.
type boundedThrift struct {
	thrift.BytesReader
	end, left int
}

func (r *boundedThrift) ReadList() (thrift.List, error) {
	const structBytes, otherBytes = 256, 16
	l, err := r.BytesReader.ReadList()
	cost := otherBytes
	if l.Type == thrift.STRUCT {
		cost = structBytes
	}
	if n := int(l.Size); err == nil && (n > r.end-r.BytesRead() || n > r.left/cost) {
		return thrift.List{}, errLists
	}
	r.left -= int(l.Size) * cost
	return l, err
}

// Discard passes over bytes; see thrift's discard.
func (r *boundedThrift) Discard(n int) (int, error) {
	return r.BytesReader.(interface{ Discard(int) (int, error) }).Discard(n)
}

// parquetNode is a column of the schema, or a group of columns.
type parquetNode struct {
	children []*parquetNode
	from, to int // the leaves under it
	repeated bool
	rep, def int // the highest levels of repetition and definition
	leaf     *parquetLeaf
}

// parquetLeaf is a column that holds values.
type parquetLeaf struct {
	path     string
	rep, def int
	element  *format.SchemaElement
}

// parquetSchema is the tree that the elements of a footer make, and its leaves from left to right.
type parquetSchema struct {
	elements []format.SchemaElement
	leaves   []*parquetLeaf
}

func (s *parquetSchema) tree() (*parquetNode, error) {
	if len(s.elements) == 0 {
		return nil, errors.New("no schema")
	}
	root := s.elements[0]
	s.elements = s.elements[1:]
	n := &parquetNode{}
	return n, s.under(n, root.NumChildren.V, "", 0)
}

// under reads the children of a node.
func (s *parquetSchema) under(n *parquetNode, count int32, path string, depth int) error {
	if int(count) > len(s.elements) || depth > maxNested {
		return errors.New("the schema is not whole")
	}
	n.from = len(s.leaves)
	for range count {
		if len(s.elements) == 0 {
			return errors.New("the schema is not whole")
		}
		e := &s.elements[0]
		s.elements = s.elements[1:]
		c := &parquetNode{rep: n.rep, def: n.def}
		switch e.RepetitionType.V {
		case format.Repeated:
			c.repeated, c.rep, c.def = true, n.rep+1, n.def+1
		case format.Optional:
			c.def++
		}
		n.children = append(n.children, c)
		name := e.Name // what is longer than a name is without those around it, for it is there once for each leaf
		if longest := 1 << 10; path != "" && len(path)+len(name) < longest {
			name = path + "." + name
		}
		if e.Type.Valid && e.NumChildren.V == 0 {
			c.leaf = &parquetLeaf{name, c.rep, c.def, e}
			c.from, c.to = len(s.leaves), len(s.leaves)+1
			if s.leaves = append(s.leaves, c.leaf); len(s.leaves) > maxParts {
				return child.ErrBounded
			}
			continue
		}
		if err := s.under(c, e.NumChildren.V, name, depth+1); err != nil {
			return err
		}
	}
	n.to = len(s.leaves)
	return nil
}
