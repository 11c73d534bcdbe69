package table_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leakwatch/matcher/unpack/child"
	"leakwatch/matcher/unpack/table"
)

// fixture is a file that another program wrote.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// rows90 are the rows from one to another as testdata/parquet.py makes them, each with what follows it.
func rows90(from, to int, more func(i int) string) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		row := []string{"Meikäläinen"}
		if i%3 == 0 {
			row[0] = "Matti"
		}
		if i%7 != 0 {
			row = append(row, fmt.Sprintf("010594Y%04d", i))
		}
		row = append(row, time.Date(1994, 5, 1+i, 0, 0, 0, 0, time.UTC).Format("2006-01-02"), fmt.Sprint(358401000000+i))
		if i%5 != 0 {
			row = append(row, fmt.Sprint(float64(i)/4))
		}
		if more != nil {
			row = append(row, more(i))
		}
		b.WriteString(strings.Join(row, "\t") + "\n")
	}
	return b.String()
}

const head90 = "name\thetu\tborn\tphone\tweight\n"

func TestParquetOfOtherPrograms(t *testing.T) {
	t.Parallel()
	two := func(at int) string { return head90 + rows90(0, at, nil) + "\n--\n" + head90 + rows90(at, 90, nil) }
	duck := strings.TrimSuffix(head90, "\n") + "\tfew\teven\tid\n" + rows90(0, 90, func(i int) string {
		return fmt.Sprintf("x%d\t%v\t0a000000-0000-4000-8000-00000000000a", (358401000000+i)%3, i%2 == 0)
	})
	for name, want := range map[string]string{
		"none": two(60), "snappy": two(60), "gzip": two(60), "brotli": two(60), "zstd": two(60), "lz4": two(60),
		"v2": head90 + rows90(0, 90, nil), "fastparquet": two(50), "duckdbV1": duck, "duckdbV2": duck,
		"types": "bool\ti8\tu32\tu64\tf32\tf64\tf16\tms\tus\tns\ttime\tdec\tdec32\ttext\tblob\tfixed\n" +
			"true\t-7\t4294967295\t18446744073709551615\t0.1\t401234567\t1\t1994-05-01\t1994-05-01\t1994-05-02\t13:04:05\t401234567\t12.5\tplain text\t1f8b08000102\tABCDEF\n" +
			"false\t8\t1\t1\t401234560\t2\t1994-05-01 13:04:05\t1994-05-01\t1994-05-02\t13:04:05\t-0.05\t12.5\tMäkinen\tABCDEF\n" +
			"1931-12-31 23:59:59\t1994-05-01\t1994-05-02\t13:04:05\t12.5\tABCDEF\n",
		"old":     "ms\tns\tdec\tdec32\n1994-05-01\t1994-05-02\t401234567\t12.5\n1994-05-01 13:04:05\t1994-05-02\t-0.05\t12.5\n1931-12-31 23:59:59\t1994-05-02\t12.5\n",
		"nested":  nestedHead + nestedRows + "2\tx\n3\ty\n4\tLiisa\tk3\tz\n",
		"nested2": nestedHead + nestedRows + "2\tx\n\n--\n" + nestedHead + "3\ty\n4\tLiisa\tk3\tz\n",
	} {
		r := run(table.Parquet, fixture(t, name))
		rows, _, _ := strings.Cut(all(r), "\n--\nparquet-cpp-arrow")
		rows, _, _ = strings.Cut(rows, "\n--\nDuckDB")
		rows, _, _ = strings.Cut(rows, "\n--\nfastparquet")
		if d := cmp.Diff(want, rows); d != "" || r.Outcome != child.Whole || len(r.Notes) > 0 {
			t.Errorf("%s: %s %v\n%s", name, r.Outcome, r.Notes, d)
		}
	}
}

const (
	nestedHead = "id\tpeople.list.element.name\tpeople.list.element.born\tpeople.list.element.mails.list.element\tkeys.key_value.key\tkeys.key_value.value\tlast\n"
	nestedRows = "1\tMatti\t1994-05-01\ta@example.com\tb@example.com\tMaija\t1952-10-13\tk1\t1\tk2\t2\tw\n"
)

func TestParquetIsEncrypted(t *testing.T) {
	t.Parallel()
	sealed := fixture(t, "sealed")
	if r := run(table.Parquet, sealed); r.Outcome != child.Encrypted || len(r.Texts) > 0 {
		t.Errorf("%s %q", r.Outcome, r.Texts)
	}
	again := child.Run(context.Background(), table.Parquet, child.Document{Size: int64(len(sealed)), Sealed: true}, bytes.NewReader(sealed), 1<<20)
	if again.Outcome != child.Encrypted || len(again.Texts) > 0 {
		t.Errorf("sealed: %s %q", again.Outcome, again.Texts)
	}
	r := run(table.Parquet, fixture(t, "columns"))
	if r.Outcome != child.Whole || r.Notes[child.EncryptedParts] != 1 || len(r.Notes) != 1 ||
		!strings.Contains(all(r), "Meikäläinen\t1994-05-02\t358401000001\t0.25\n") || strings.Contains(all(r), "010594Y") {
		t.Errorf("%s %v %.200q", r.Outcome, r.Notes, all(r))
	}
}

// TestParquetWithoutItsFooter reads pages for themselves when what says where they are is cut off.
func TestParquetWithoutItsFooter(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"none", "snappy", "gzip", "brotli", "zstd", "lz4"} {
		b := fixture(t, name)
		r := run(table.Parquet, b[:len(b)-100])
		if n := strings.Count(all(r), "010594Y"); n < 77 || r.Outcome != child.Truncated || r.Notes[child.DamagedInOrder] != 1 {
			t.Errorf("%s: %d of 77, %s %v", name, n, r.Outcome, r.Notes)
		}
	}
	b := fixture(t, "gzip")
	b[len(b)-8-int(binary.LittleEndian.Uint32(b[len(b)-8:]))] ^= 0xff // where the footer begins
	if r := run(table.Parquet, b); r.Outcome != child.Damaged || strings.Count(all(r), "010594Y") < 77 {
		t.Errorf("%s %v", r.Outcome, r.Notes)
	}
	if r := run(table.Parquet, []byte("PAR1")); r.Outcome != child.Truncated || len(r.Texts) > 0 {
		t.Errorf("nothing: %s", r.Outcome)
	}
}

// TestDamagedParquet spoils bytes one after the other in a file whose pages have sums: what is lost has a note or an outcome.
func TestDamagedParquet(t *testing.T) {
	t.Parallel()
	b := fixture(t, "zstd")
	step := 5
	if slowed {
		step = 50
	}
	for at := 4; at < len(b)-8; at += step {
		c := bytes.Clone(b)
		c[at] ^= 0x55
		r := run(table.Parquet, c)
		lost := 0
		for i := range 90 {
			if i%7 != 0 && !strings.Contains(all(r), fmt.Sprintf("010594Y%04d", i)) {
				lost++
			}
		}
		if r.Outcome == child.Panicked || lost > 0 && r.Outcome == child.Whole && len(r.Notes) == 0 {
			t.Errorf("at %d of %d: %d lost, %s %v", at, len(b), lost, r.Outcome, r.Notes)
		}
	}
}

func FuzzParquet(f *testing.F) {
	for _, name := range []string{"none", "v2", "types", "old", "nested", "nested2", "columns", "duckdbV2", "fastparquet"} {
		f.Add(fixture(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if r := child.Run(ctx, table.Parquet, child.Document{Size: int64(len(b))}, bytes.NewReader(b), 16<<20); r.Outcome == child.Panicked {
			t.Fatal("panic")
		}
	})
}
