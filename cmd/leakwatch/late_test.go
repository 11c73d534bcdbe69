package main

import (
	"bytes"
	"testing"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/leak"
)

// A clinic that comes late is told of what is still there, though patients of another were found in it: by what a find
// keeps at once, and by what it does not keep (addresses, telephone numbers) when the document is read again. The other
// clinic hears nothing of it.
func TestALateClinicInADocumentOfAnother(t *testing.T) {
	t.Parallel()
	people := demo.People(20, 30)
	var file bytes.Buffer
	for i, p := range people {
		file.Write(demo.Loose(uint64(i), p))
	}
	dir := demo.NewDirectory()
	dir.Put("list.txt", file.Bytes())
	d := deploy(t, people, directorySource("one", site(t, dir).URL))
	d.enrol("a", people[:10])
	d.must("crawl", "one")
	before := d.alerts("a", "")
	if len(before) != 1 || before[0].Persons != 10 {
		t.Fatalf("alerts of a: %+v", before)
	}
	d.enrol("b", people[10:20])
	late := people[20:]
	for i := range late {
		late[i].HETU = "" // so that nothing of them was kept
	}
	d.enrol("c", late)
	for range 2 {
		d.must("crawl", "one")
		for _, clinic := range []string{"b", "c"} {
			if got := d.alerts(clinic, ""); len(got) != 1 || got[0].Persons != 10 || got[0].Confidence != leak.Confirmed {
				t.Errorf("alerts of %s: %+v", clinic, got)
			}
		}
		if got := d.alerts("a", ""); len(got) != 1 || got[0].Persons != 10 {
			t.Errorf("alerts of a: %+v", got)
		}
	}
}
