package pipeline_test

import (
	"testing"

	"leakwatch/leak"
	"leakwatch/pipeline"
)

func TestRepeatsAreToldOnce(t *testing.T) {
	t.Parallel()
	var r pipeline.Repeats
	m := leak.Match{Kind: leak.FIHetu, Offset: 7, Length: 11, Person: leak.Person{Clinic: "a", Ref: "r"}}
	if r.Seen(m) || !r.Seen(m) {
		t.Error("a repeat was not known, or a first one was")
	}
	for i := range int64(100_000) {
		other := m
		other.Offset = 100 + i
		if r.Seen(other) {
			t.Fatalf("offset %d was never told", other.Offset)
		}
		if !r.Seen(other) {
			t.Fatalf("offset %d was told twice", other.Offset)
		}
	}
	m.Person.Clinic = "b"
	if r.Seen(m) {
		t.Error("another clinic's patient is another match")
	}
}
