package unpack_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher/unpack"
)

// parquet is a file that another program wrote: see testdata/README.md there.
func parquet(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("table", "testdata", name+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParquet(t *testing.T) {
	t.Parallel()
	p := parsersOf(t, unpack.ParsersOptions{})
	short := parquet(t, "zstd")
	short = short[:len(short)-100]
	const row = "Meikäläinen\t010594Y0001\t1994-05-02\t358401000001"
	for _, c := range []struct {
		name, shape string
		doc         []byte
		want        string
		reasons     []string
	}{
		{"gzip.parquet", "parquet", parquet(t, "gzip"), row, nil},
		{"brotli", "parquet", parquet(t, "brotli"), row, nil},
		{"in.zip!matti.parquet", "zip/parquet", zipOf(t, file{"matti.parquet", string(parquet(t, "zstd"))}), row, nil},
		{"nested.parquet", "parquet", parquet(t, "nested2"), "1\tMatti\t1994-05-01\ta@example.com", nil},
		{"short.parquet", "parquet", short, "010594Y0001", []string{"parquet: 1 damaged, read without its structure", "parquet: truncated"}},
		{"columns.parquet", "parquet", parquet(t, "columns"), "Meikäläinen\t1994-05-02", []string{"parquet: 1 encrypted"}},
		{"sealed.parquet", "parquet", parquet(t, "sealed"), "", []string{"parquet: 1 encrypted: no password published beside them"}},
	} {
		name, _, _ := strings.Cut(c.name, "!")
		r, rep := walkParsed(t, p, name, c.doc, unpack.Limits{})
		if !slices.ContainsFunc(r.texts, func(g got) bool { return strings.Contains(g.text, c.want) && strings.HasSuffix(g.place, "/"+c.name) }) {
			t.Errorf("%s: %q is nowhere", c.name, c.want)
		}
		if !slices.Equal(rep.Reasons, c.reasons) || rep.Shape != c.shape || (rep.Completeness == leak.Whole) != (c.reasons == nil) {
			t.Errorf("%s: %s %s %q", c.name, rep.Completeness, rep.Shape, rep.Reasons)
		}
		if said := fmt.Sprintf("%+v", rep); strings.Contains(said, "010594") || strings.Contains(strings.ToLower(said), "matti") || strings.Contains(said, "hetu") {
			t.Errorf("said: %s", said)
		}
	}
}

// Without a child process its bytes are read, as of any format that is not opened.
func TestParquetNeedsAChild(t *testing.T) {
	t.Parallel()
	r, rep := walk(t, "a.parquet", parquet(t, "none"), unpack.Limits{})
	if _, ok := r.find("010594Y0001"); !ok || rep.Completeness != leak.Unreadable || !has(rep, "parquet: 1 unreadable") {
		t.Errorf("%s %q", rep.Completeness, rep.Reasons)
	}
}

// TestParquetBomb reads a terabyte of one word in a file of five kilobytes.
func TestParquetBomb(t *testing.T) {
	t.Parallel()
	r, rep := walkParsed(t, parsersOf(t, unpack.ParsersOptions{}), "bomb.parquet", parquet(t, "bomb"), unpack.Limits{MaxBytes: 64 << 20})
	if _, ok := r.find("010594Y9032"); !ok || rep.Completeness != leak.Partial || len(rep.Reasons) == 0 || !strings.Contains(rep.Reasons[0], " limit ") {
		t.Errorf("%s %q", rep.Completeness, rep.Reasons)
	}
}
