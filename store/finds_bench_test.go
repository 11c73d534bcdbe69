package store_test

import (
	"fmt"
	"testing"

	"leakwatch/leak"
)

// BenchmarkRecordLarge records a find of 100,000 persons with a token each, beside one of the same size.
func BenchmarkRecordLarge(b *testing.B) {
	const n = 100_000
	l := newLab(b, "ca")
	l.doc("a", "dump/", "all.tar", 1).people("ca", 0, n).record()
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		d := l.doc(fmt.Sprint("h", i), "dump/", "all.tar", 1).people("ca", 0, n)
		b.StartTimer()
		d.record()
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "persons/s")
}

// BenchmarkRecordFiles records files of one person each into one folder.
func BenchmarkRecordFiles(b *testing.B) {
	l := newLab(b, "ca")
	l.doc("a", "dump/", "all.tar", 1).people("ca", 0, 2000).record()
	for i := 0; b.Loop(); i++ {
		l.doc("b", "files/", fmt.Sprint(i), 1).people("ca", i%2000, i%2000+1).record()
	}
	if a := l.alerts("ca"); a[len(a)-1].Event == leak.NoEvent {
		b.Error("no alert")
	}
}

// BenchmarkRecordMillion records a find of a million persons, one token each, whose sample of 1,000 is known.
func BenchmarkRecordMillion(b *testing.B) {
	const n = 1_000_000
	l := newLab(b, "ca")
	l.doc("a", "dump/", "sample.txt", 1).people("ca", 0, 1000).record()
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		d := l.doc(fmt.Sprint("h", i), "dump/", "all.tar", 1).people("ca", 0, n)
		b.StartTimer()
		d.record()
	}
	b.StopTimer()
	a := l.alerts("ca")
	if last := a[len(a)-1]; last.Persons != n || last.SeenBefore < 1000 {
		b.Errorf("%+v", last)
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "persons/s")
}
