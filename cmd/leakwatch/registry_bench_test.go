package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/matcher"
	"leakwatch/store"
)

// BenchmarkRegistry loads a registry from a store into a process that does nothing else, and changes it. Each of its
// people has four kinds, and there are ten clinics. It reports the time, and what the process holds of memory (RSS, and
// its peak) beside what it held before.
//
//	LEAKWATCH_BENCH_ROWS=10000000 go test -run '^$' -bench Registry -benchtime 1x -timeout 1h ./cmd/leakwatch
func BenchmarkRegistry(b *testing.B) {
	rows := 1_000_000
	if s := os.Getenv("LEAKWATCH_BENCH_ROWS"); s != "" {
		var err error
		if rows, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	path := filepath.Join(b.TempDir(), "leakwatch.db")
	if kept := os.Getenv("LEAKWATCH_BENCH_KEPT"); kept != "" {
		path = kept
	}
	if _, err := os.Stat(path); err != nil {
		fillRegistry(b, path, rows)
	}
	for b.Loop() {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestRegistryChild$")
		cmd.Env = append(os.Environ(), "LEAKWATCH_BENCH_STORE="+path)
		out, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		_, line, _ := strings.Cut(string(out), "figures ")
		var f registryFigures
		if err := json.NewDecoder(strings.NewReader(line)).Decode(&f); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(f.Load, "s/load")
		b.ReportMetric(f.CPU, "CPU-s/load")
		b.ReportMetric(f.Added, "s/added")
		b.ReportMetric(f.Removed, "s/removed")
		b.ReportMetric((f.RSS-f.Before)/float64(rows), "B/row")
		b.ReportMetric(f.RSS/(1<<20), "MiB-rss")
		b.ReportMetric(f.Peak/(1<<20), "MiB-peak")
	}
	b.ReportMetric(0, "ns/op")
}

type registryFigures struct{ Load, CPU, Added, Removed, Before, RSS, Peak float64 }

func benchStore(t testing.TB, path string) *store.Store {
	places, err := leak.NewPlaceKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), store.Options{Path: path, Places: places})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// fillRegistry writes rows of nobody as bundles would leave them.
func fillRegistry(b *testing.B, path string, rows int) {
	s := benchStore(b, path)
	const clinics = 10
	refs := make([]string, rows/4)
	for i := range refs {
		var r [16]byte
		_, _ = rand.Read(r[:])
		refs[i] = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(r[:])
	}
	for c := range clinics {
		clinic := fmt.Sprint("clinic-", c)
		if err := s.AddClinic(context.Background(), store.Clinic{ID: clinic, Ring: "test-a"}); err != nil {
			b.Fatal(err)
		}
		part := refs[c*len(refs)/clinics : (c+1)*len(refs)/clinics]
		slices.Sort(part)
		fillClinic(b, path, clinic, part)
		exec1(b, path, `INSERT INTO bundles (clinic, sequence, mode, rk, added, kept, removed, generation, applied)
			VALUES (?1, 1, 'full', 'test-a', json_object('fi-hetu', ?2), '{}', '{}', 1, 0)`, clinic, 4*len(part))
	}
	exec1(b, path, `UPDATE meta SET value = '1' WHERE name IN ('generation', 'changes_since')`)
}

// fillClinic writes four rows of each person, many in a statement.
func fillClinic(b *testing.B, path, clinic string, refs []string) {
	for part := range slices.Chunk(refs, 50_000) {
		list, err := json.Marshal(part)
		if err != nil {
			b.Fatal(err)
		}
		exec1(b, path, `INSERT INTO tags (clinic, ref, w, kind, rk, pk, added) SELECT ?1, j.value, randomblob(16), k.value, 'test-a', 'index-a', 0
			FROM json_each(?2) j, json_each('["fi-hetu", "email", "phone", "name"]') k`, clinic, string(list))
	}
}

func exec1(b *testing.B, path, query string, args ...any) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)&_pragma=journal_mode(WAL)&_pragma=busy_timeout(30000)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query, args...); err != nil {
		b.Fatal(err)
	}
}

// TestRegistryChild is the process that BenchmarkRegistry measures. It does nothing where that did not start it.
func TestRegistryChild(t *testing.T) {
	path := os.Getenv("LEAKWATCH_BENCH_STORE")
	if path == "" {
		return
	}
	ctx, s := t.Context(), benchStore(t, path)
	m, err := matcher.New(matcher.Keys{Rings: []matcher.Key{{ID: "test-a", Secret: [32]byte{1}}}, Index: []matcher.Key{{ID: "index-a", Secret: [32]byte{2}}},
		Find: []matcher.Key{{ID: "find-a", Secret: [32]byte{3}}}}, matcher.Options{Temp: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	var f registryFigures
	f.Before, _ = held()
	began, cpu := time.Now(), cpuSeconds()
	if err := takeUpNow(ctx, m, s); err != nil {
		t.Fatal(err)
	}
	f.Load, f.CPU = time.Since(began).Seconds(), cpuSeconds()-cpu
	f.RSS, f.Peak = held()
	f.Added = changed(t, m, s, `UPDATE meta SET value = '2' WHERE name = 'generation'`,
		`INSERT INTO tags SELECT clinic, ref, randomblob(16), 'se-pnr', rk, pk, added FROM tags WHERE clinic = 'clinic-5' AND kind = 'name' LIMIT 1000`,
		`INSERT INTO tag_changes SELECT 2, clinic, ref FROM tags WHERE clinic = 'clinic-5' AND kind = 'se-pnr'`)
	f.Removed = changed(t, m, s, `UPDATE meta SET value = '3' WHERE name = 'generation'`, `DELETE FROM tags WHERE clinic = 'clinic-5' AND kind = 'se-pnr'`,
		`INSERT INTO tag_changes SELECT 3, clinic, ref FROM tag_changes WHERE generation = 2`)
	for i, query := range []string{`DELETE FROM tag_changes`, `UPDATE meta SET value = '1' WHERE name = 'generation'`} {
		if err := run1(path, query); err != nil {
			t.Fatal(i, err)
		}
	}
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("figures %s\n", b)
}

// changed says how long a process takes to take up what another one did.
func changed(t *testing.T, m *matcher.Matcher, s *store.Store, queries ...string) float64 {
	for _, q := range queries {
		if err := run1(os.Getenv("LEAKWATCH_BENCH_STORE"), q); err != nil {
			t.Fatal(err)
		}
	}
	began, before := time.Now(), m.Size()
	if err := takeUpNow(t.Context(), m, s); err != nil {
		t.Fatal(err)
	}
	if n := m.Size() - before; n != 1000 && n != -1000 {
		t.Fatalf("%d rows more", n)
	}
	return time.Since(began).Seconds()
}

func run1(path, query string) error {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(30000)")
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(query)
	return err
}

// held is what the process holds of memory now, and held at most, in bytes; zeros where the system does not say.
func held() (now, most float64) {
	runtime.GC()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0
	}
	for _, line := range strings.Split(string(status), "\n") {
		if f := strings.Fields(line); len(f) == 3 {
			kib, _ := strconv.ParseFloat(f[1], 64)
			switch f[0] {
			case "VmRSS:":
				now = kib * 1024
			case "VmHWM:":
				most = kib * 1024
			}
		}
	}
	return now, most
}

// cpuSeconds is the time that the process's threads ran, by the system's ticks of a hundredth of a second.
func cpuSeconds() float64 {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	f := strings.Fields(rest)
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return (user + system) / 100
}
