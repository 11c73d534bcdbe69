package matcher

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"leakwatch/leak"
)

// benchRows are the registries that are measured: a million rows, or as many as LEAKWATCH_BENCH_ROWS says. Each of their
// people has four kinds.
func benchRows(b *testing.B) []int {
	sizes := []int{1_000_000}
	if s := os.Getenv("LEAKWATCH_BENCH_ROWS"); s != "" {
		sizes = nil
		for _, f := range strings.Split(s, ",") {
			n, err := strconv.Atoi(f)
			if err != nil {
				b.Fatal(err)
			}
			sizes = append(sizes, n)
		}
	}
	return sizes
}

// madeUp gives so many rows of nobody, from a seed, four a person, as the store would.
func madeUp(rows int) iter.Seq2[leak.Registration, error] {
	return func(yield func(leak.Registration, error) bool) {
		p := leak.Registration{Tags: make([]leak.Tag, 4)}
		for i := range rows / 4 {
			p.Person = leak.Person{Clinic: "clinic-b", Ref: madeUpRef(i)}
			for j := range p.Tags {
				p.Tags[j] = madeUpTag(i, j)
				p.Tags[j].Clinic, p.Tags[j].Ref = p.Person.Clinic, p.Person.Ref
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

func madeUpRef(i int) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(i)*0x9E3779B97F4A7C15)
	binary.BigEndian.PutUint64(b[8:], uint64(i))
	return refCode.EncodeToString(b[:])
}

func madeUpTag(i, j int) leak.Tag {
	t := leak.Tag{Kind: kindNames[j], RK: "test-rk1", PK: "pk-1"}
	binary.LittleEndian.PutUint64(t.W[:], uint64(i))
	t.W[8] = byte(j)
	return t
}

// memory is what the process holds, in bytes: what the system counts, or what Go does where that is not to be had.
func memory() int64 {
	runtime.GC()
	runtime.GC()
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for _, line := range strings.Split(string(status), "\n") {
			if f := strings.Fields(line); len(f) == 3 && f[0] == "VmRSS:" {
				kib, _ := strconv.ParseInt(f[1], 10, 64)
				return kib << 10
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func benchMatcher(b *testing.B) *Matcher {
	m, err := New(Keys{Rings: []Key{{ID: "test-rk1", Secret: [32]byte{1}}}, Index: []Key{{ID: "pk-1", Secret: [32]byte{2}}},
		Find: []Key{{ID: "pk-2", Secret: [32]byte{3}}}}, Options{Temp: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// BenchmarkLoad loads a registry from made up rows, and says what a row takes: B/row is memory of the process, or/and
// table-B/row what the tables count of it.
func BenchmarkLoad(b *testing.B) {
	for _, rows := range benchRows(b) {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			m := benchMatcher(b)
			before := memory()
			for b.Loop() {
				if err := m.LoadParts(1, int64(rows), []iter.Seq2[leak.Registration, error]{madeUp(rows)}); err != nil {
					b.Fatal(err)
				}
			}
			r := m.registry.Load()
			b.ReportMetric(float64(memory()-before)/float64(rows), "B/row")
			b.ReportMetric(float64(r.table.bytes+r.people.bytes)/float64(rows), "table-B/row")
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(rows), "ns/row")
		})
	}
}

// BenchmarkLookup asks for tags that are registered, a hundred in the order of the registry or any, and for such as are not.
func BenchmarkLookup(b *testing.B) {
	for _, rows := range benchRows(b) {
		m := benchMatcher(b)
		if err := m.LoadParts(1, int64(rows), []iter.Seq2[leak.Registration, error]{madeUp(rows)}); err != nil {
			b.Fatal(err)
		}
		r := m.registry.Load()
		rng := rand.New(rand.NewPCG(3, 3))
		hit := func(person, kind int) tag {
			t := madeUpTag(person, kind)
			t.Clinic = "clinic-b"
			w, err := m.unwrap(&m.ciphers, &t)
			if err != nil {
				b.Fatal(err)
			}
			return w.tag
		}
		v := r.view()
		spread, dense := make([]tag, 1<<14), make([]tag, 1<<14)
		for i := range spread {
			spread[i] = hit(rng.IntN(rows/4), rng.IntN(4))
			dense[i] = hit((i/4*1777)%(rows/4), i%4)
		}
		b.Run(fmt.Sprintf("miss/%d", rows), func(b *testing.B) {
			for b.Loop() {
				if g := (tag{rng.Uint64(), rng.Uint64()}); r.table.maybe(g.a) && r.table.find(g, v) >= 0 {
					b.Fatal("found")
				}
			}
		})
		for name, tags := range map[string][]tag{"hit": spread, "hit-by-person": dense} {
			b.Run(fmt.Sprintf("%s/%d", name, rows), func(b *testing.B) {
				var people []uint32
				for i := 0; b.Loop(); i++ {
					g := tags[i%len(tags)]
					if people = r.owned(r.table.find(g, v), v, people[:0]); len(people) != 1 {
						b.Fatal("not found")
					}
				}
			})
		}
	}
}
