package table_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/table"
)

// parquetFile is one that says what a test wants it to.
type parquetFile struct {
	b    []byte
	meta format.FileMetaData
}

// newParquet begins one with columns of bytes, each of which may be null or repeated.
func newParquet(repetition format.FieldRepetitionType, columns ...string) *parquetFile {
	f := &parquetFile{b: []byte("PAR1")}
	f.meta.Schema = append(f.meta.Schema, format.SchemaElement{Name: "root", NumChildren: thrift.New(int32(len(columns)))})
	for _, c := range columns {
		f.meta.Schema = append(f.meta.Schema, format.SchemaElement{Name: c, Type: thrift.New(format.ByteArray), RepetitionType: thrift.New(repetition)})
	}
	return f
}

func encoded(t testing.TB, v any) []byte {
	t.Helper()
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// page writes a page, and gives where it is.
func (f *parquetFile) page(t testing.TB, head format.PageHeader, body []byte) int64 {
	at := int64(len(f.b))
	if head.CompressedPageSize == 0 {
		head.CompressedPageSize = int32(len(body))
	}
	if head.UncompressedPageSize == 0 {
		head.UncompressedPageSize = int32(len(body))
	}
	f.b = append(append(f.b, encoded(t, head)...), body...)
	return at
}

// group begins a row group.
func (f *parquetFile) group(rows int64) {
	f.meta.RowGroups = append(f.meta.RowGroups, format.RowGroup{NumRows: rows})
}

// column adds a column of pages from at to here to the last row group.
func (f *parquetFile) column(at, dictionary, values int64, codec format.CompressionCodec) {
	g := &f.meta.RowGroups[len(f.meta.RowGroups)-1]
	begin := at
	if dictionary > 0 {
		begin = dictionary
	}
	g.Columns = append(g.Columns, format.ColumnChunk{MetaData: format.ColumnMetaData{Type: format.ByteArray, Codec: codec, NumValues: values,
		DataPageOffset: at, DictionaryPageOffset: dictionary, TotalCompressedSize: int64(len(f.b)) - begin}})
}

func (f *parquetFile) end(t testing.TB) []byte {
	foot := encoded(t, f.meta)
	return append(binary.LittleEndian.AppendUint32(append(f.b, foot...), uint32(len(foot))), "PAR1"...)
}

func dataPage(values int32, e format.Encoding) format.PageHeader {
	return format.PageHeader{Type: format.DataPage, DataPageHeader: thrift.New(format.DataPageHeader{NumValues: values, Encoding: e,
		DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE})}
}

func dictionaryPage(values int32) format.PageHeader {
	return format.PageHeader{Type: format.DictionaryPage, DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: values})}
}

func plainValue(s string) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(s))), s...)
}

// run is a run of a value in so many bits as one byte holds.
func runOf(n uint64, value byte) []byte { return append(binary.AppendUvarint(nil, n<<1), value) }

// level is levels with their length before them.
func level(runs []byte) []byte { return plainValue(string(runs)) }

// TestParquetOfBillions reads rows and values that take no room: the reading ends at what the emitter takes, or by itself.
func TestParquetOfBillions(t *testing.T) {
	t.Parallel()
	const many = 1<<31 - 1
	words := newParquet(format.Required, "a")
	dictionary := words.page(t, dictionaryPage(1), plainValue(strings.Repeat("x", 1<<20)))
	words.group(many)
	words.column(words.page(t, dataPage(many, format.RLEDictionary), append([]byte{0}, runOf(many, 0)[:5]...)), dictionary, many, 0)
	if r := run(table.Parquet, words.end(t)); r.Outcome != child.Damaged || len(r.Texts) != 0 {
		t.Errorf("one word: %s", r.Outcome)
	}
	if slowed {
		return // what follows is counted to an end that takes seconds
	}
	nulls := newParquet(format.Repeated, "a", "b")
	for range 3 {
		nulls.group(many)
		for range 2 {
			at := nulls.page(t, dataPage(many, format.Plain), append(level(runOf(many, 1)), level(runOf(many, 0))...)) // one row without end
			nulls.column(at, 0, many, 0)
		}
	}
	r := run(table.Parquet, nulls.end(t))
	if r.Outcome != child.Bounded || len(all(r)) > 1<<20 {
		t.Errorf("nulls: %s %v", r.Outcome, r.Notes)
	}
}

// TestParquetThatLies claims what is not there.
func TestParquetThatLies(t *testing.T) {
	t.Parallel()
	one := func(change func(*parquetFile)) []byte {
		f := newParquet(format.Required, "a")
		f.group(2)
		f.column(f.page(t, dataPage(1, format.Plain), plainValue("131052-308T")), 0, 2, 0)
		f.column(f.page(t, dataPage(1, format.Plain), plainValue("another")), 0, 1, 0)
		f.meta.RowGroups[0].Columns = f.meta.RowGroups[0].Columns[:1]
		f.meta.RowGroups[0].Columns[0].MetaData.TotalCompressedSize = int64(len(f.b)) - f.meta.RowGroups[0].Columns[0].MetaData.DataPageOffset
		change(f)
		return f.end(t)
	}
	meta := func(f *parquetFile) *format.ColumnMetaData { return &f.meta.RowGroups[0].Columns[0].MetaData }
	for name, c := range map[string]struct {
		change func(*parquetFile)
		finds  bool
		silent bool
	}{
		"nothing":              {func(*parquetFile) {}, true, true},
		"fewer values":         {func(f *parquetFile) { meta(f).NumValues = 0 }, true, true},
		"more values":          {func(f *parquetFile) { meta(f).NumValues = 1 << 40 }, true, false},
		"a size past the end":  {func(f *parquetFile) { meta(f).TotalCompressedSize = 1 << 60 }, true, false},
		"a size below zero":    {func(f *parquetFile) { meta(f).TotalCompressedSize = -1 }, true, false},
		"no size":              {func(f *parquetFile) { meta(f).TotalCompressedSize = 0 }, true, false},
		"an offset past it":    {func(f *parquetFile) { meta(f).DataPageOffset = 1 << 62 }, true, false},
		"an offset below zero": {func(f *parquetFile) { meta(f).DataPageOffset = -5 }, true, false},
		"no meta":              {func(f *parquetFile) { *meta(f) = format.ColumnMetaData{} }, true, false},
		"another file":         {func(f *parquetFile) { f.meta.RowGroups[0].Columns[0].FilePath = "b" }, false, false},
		"no columns":           {func(f *parquetFile) { f.meta.RowGroups[0].Columns = nil }, true, false},
		"a codec of its own":   {func(f *parquetFile) { meta(f).Codec = 77 }, true, false},
		"two columns": {func(f *parquetFile) {
			f.meta.Schema = append(f.meta.Schema, f.meta.Schema[1])
			f.meta.Schema[0].NumChildren.V = 2
		}, true, false},
		"children without end": {func(f *parquetFile) { f.meta.Schema[0].NumChildren.V = 1 << 30 }, true, false},
		"no schema":            {func(f *parquetFile) { f.meta.Schema = nil }, true, false},
	} {
		r := run(table.Parquet, one(c.change))
		silent := r.Outcome == child.Whole && len(r.Notes) == 0
		if strings.Contains(all(r), "131052-308T") != c.finds || silent != c.silent || r.Outcome == child.Panicked {
			t.Errorf("%s: %q %s %v", name, all(r), r.Outcome, r.Notes)
		}
	}
}

func TestParquetLists(t *testing.T) {
	t.Parallel()
	for name, foot := range map[string]string{
		"a list of billions": "\x29\xfc\xff\xff\xff\xff\x07", "a long name": "\x68\xff\xff\xff\xff\x07x", "structs in structs": strings.Repeat("\x1c", 100_000),
		"empty columns": "\x49\x1c\x19\xfc\xff\xff\x7f" + strings.Repeat("\x00", 1<<21),
	} {
		b := append([]byte("PAR1"), foot...)
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(foot))), "PAR1"...)
		if r := run(table.Parquet, b); r.Outcome != child.Damaged {
			t.Errorf("%s: %s", name, r.Outcome)
		}
		binary.LittleEndian.PutUint32(b[len(b)-8:], 1<<31)
		if r := run(table.Parquet, b); r.Outcome != child.Damaged {
			t.Errorf("%s, longer than the file: %s", name, r.Outcome)
		}
	}
}

// TestParquetKeepsToItsMemory reads columns whose pages do not fit beside one another, one that never fits, and one that says it
// is larger than it is.
func TestParquetKeepsToItsMemory(t *testing.T) {
	// not parallel: it watches the heap
	wide := strings.Repeat("y", 6<<20)
	f := newParquet(format.Required, "a", "b", "c", "d")
	f.group(2)
	for i, first := range []string{"010594Y9032", "010594Y9021", "", "131052-308T"} {
		value, size := wide, int32(0)
		if i == 2 {
			value, size = "z", 1<<30
		}
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, _ = w.Write(append(plainValue(first), plainValue(value)...))
		_ = w.Close()
		head := dataPage(2, format.Plain)
		if head.UncompressedPageSize = int32(len(first) + len(value) + 8); size > 0 {
			head.UncompressedPageSize = size
		}
		f.column(f.page(t, head, z.Bytes()), 0, 2, format.Gzip)
	}
	b := f.end(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := child.Run(context.Background(), table.Parquet, child.Document{Size: int64(len(b)), Memory: 40 << 20}, bytes.NewReader(b), 64<<20)
	runtime.ReadMemStats(&after)
	for _, want := range []string{"a\tb\tc\td\n010594Y9032\n", "010594Y9021", "131052-308T"} {
		if !strings.Contains(all(r), want) {
			t.Errorf("%q is not in %d texts", want, len(r.Texts))
		}
	}
	if strings.Count(all(r), wide) != 3 || r.Notes[child.PartsLeft] != 1 || r.Notes[child.Apart] != 3 || r.Outcome != child.Whole {
		t.Errorf("%d wide ones, %s %v", strings.Count(all(r), wide), r.Outcome, r.Notes)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 500<<20 {
		t.Errorf("%d MiB", n>>20)
	}
}

// heapAt is a file that watches the heap while it is read.
type heapAt struct {
	*bytes.Reader
	most *uint64
}

func (h heapAt) ReadAt(b []byte, off int64) (int, error) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	*h.most = max(*h.most, m.HeapAlloc)
	return h.Reader.ReadAt(b, off)
}

// TestParquetLetsPagesGo reads many columns whose pages are large, four at a time.
func TestParquetLetsPagesGo(t *testing.T) {
	// not parallel: it watches the heap
	const columns, size = 24, 6 << 20
	f := newParquet(format.Optional, strings.Split(strings.Repeat("a,", columns-1)+"a", ",")...)
	f.group(1)
	for range columns {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, _ = w.Write(append(append(level(runOf(1, 1)), plainValue("131052-308T")...), make([]byte, size)...))
		_ = w.Close()
		head := dataPage(1, format.Plain)
		head.UncompressedPageSize = int32(size + 6 + 15)
		f.column(f.page(t, head, z.Bytes()), 0, 1, format.Gzip)
	}
	b := f.end(t)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var most uint64
	r := child.Run(context.Background(), table.Parquet, child.Document{Size: int64(len(b)), Memory: 4 * 26 << 20}, heapAt{bytes.NewReader(b), &most}, 1<<20)
	if n := strings.Count(all(r), "131052-308T"); n != columns || r.Outcome != child.Whole || r.Notes[child.Apart] != columns-4 || len(r.Notes) != 1 || len(r.Texts) != columns/4 {
		t.Errorf("%d of %d in %d texts, %s %v", n, columns, len(r.Texts), r.Outcome, r.Notes)
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > 40<<20 {
		t.Errorf("%d MiB", grown>>20)
	}
}
