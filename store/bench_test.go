package store_test

import (
	"testing"
	"time"

	"leakwatch/leak"
)

// BenchmarkItems is the way of an item through the store: listed, leased, its outcome written.
func BenchmarkItems(b *testing.B) {
	s := newBase(b)
	s.sources(1000, "paste")
	items := make([]leak.Item, b.N)
	for i := range items {
		items[i] = s.item("paste", i)
	}
	b.ResetTimer()
	for from := 0; from < len(items); from += 10_000 {
		s.put(items[from:min(from+10_000, len(items))]...)
	}
	work := make(chan leak.Version, 64)
	done := make(chan error)
	for range 32 {
		go func() {
			for v := range work {
				if err := s.FinishVersion(s.ctx, v.ID, "w", leak.Outcome{Result: leak.Clean, Completeness: leak.Whole}); err != nil {
					b.Error(err)
				}
			}
			done <- nil
		}()
	}
	for left := len(items); left > 0; {
		got := s.lease("w", 64)
		for _, v := range got {
			work <- v
		}
		left -= len(got)
	}
	close(work)
	for range 32 {
		<-done
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkSeenAgain is a listing of 10,000 items that were all seen before.
func BenchmarkSeenAgain(b *testing.B) {
	s := newBase(b)
	s.sources(4, "paste")
	items := s.items("paste", 10_000)
	s.run(items...)
	b.ResetTimer()
	for b.Loop() {
		s.run(items...)
	}
	b.ReportMetric(float64(b.N*len(items))/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkBundle is a full bundle of 50,000 rows, and the same again with a hundredth changed.
func BenchmarkBundle(b *testing.B) {
	const size = 50_000
	for n := range b.N {
		b.StopTimer()
		s := newBase(b)
		s.clinic("north")
		b.StartTimer()
		began := time.Now()
		s.apply(full("north", "test-a", 1, size), size, 0, 0)
		first := time.Since(began)
		again := full("north", "test-a", 2, 0)
		again.Rows = rows("north", "test-a", "add", size/100, size+size/100)
		s.apply(again, size/100, size-size/100, size/100)
		if n == 0 {
			b.Logf("first %v, again %v", first, time.Since(began)-first)
		}
	}
	b.ReportMetric(float64(2*size*b.N)/b.Elapsed().Seconds(), "rows/s")
}
