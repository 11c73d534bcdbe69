package enroll_test

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

// BenchmarkHashMillion hashes a table of a million rows with three columns: patient id, personal identity code and
// address. Two hashes of addresses and one of a code a row.
func BenchmarkHashMillion(b *testing.B) {
	const rows = 1_000_000
	w := setup(b)
	table := w.path("million.csv")
	if err := writeMillion(table, rows); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(table)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	for i := 0; b.Loop(); i++ {
		o := w.options(table)
		o.ID, o.Map, o.Mapping = "id", []string{"fi-hetu=hetu", "email=email"}, w.path(fmt.Sprint("mapping", i))
		o.Bundle = w.path(fmt.Sprint("bundle", i))
		s := w.hash(o)
		if s.Patients != rows || s.BundleRows != 3*rows {
			b.Fatalf("%+v", s)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB")
}

func writeMillion(path string, rows int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	out := bufio.NewWriter(f)
	fmt.Fprintln(out, "id;hetu;email")
	day := time.Date(1920, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		individual := 900 + i%100
		date := day.AddDate(0, 0, i/100%29000)
		fmt.Fprintf(out, "P-%07d;%s;person%d@example.com\n", i, testHETU(date, individual, "-YXWVU"[i/2_900_000]), i)
	}
	return out.Flush()
}

// testHETU makes a code of the range that is kept for tests.
func testHETU(born time.Time, individual int, sign byte) string {
	date := born.Format("020106")
	if born.Year() >= 2000 {
		sign = 'A'
	}
	n := 0
	for _, c := range fmt.Sprintf("%s%03d", date, individual) {
		n = (n*10 + int(c-'0')) % 31
	}
	return fmt.Sprintf("%s%c%03d%c", date, sign, individual, "0123456789ABCDEFHJKLMNPRSTUVWXY"[n])
}
