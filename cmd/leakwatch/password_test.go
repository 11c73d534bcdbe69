package main

import (
	"strings"
	"testing"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/leak"
)

// A password that is published beside an archive opens it, though it comes after the archive was read, and stands in no
// file, log or message of ours.
func TestPasswordPublishedBeside(t *testing.T) {
	t.Parallel()
	people := demo.People(19, 20)
	dir := demo.NewDirectory()
	dir.Put("all.zip", sealedZip(t, "Kesa-2026-zz", demo.Loose(1, people[0])))
	d := deploy(t, people, directorySource("one", site(t, dir).URL))
	d.enrol("a", people)
	d.run("crawl", "one")
	if all := d.alerts("a", ""); len(all) != 0 {
		t.Fatalf("alerts before the password: %+v", all)
	}
	dir.Put("readme.txt", []byte("salasana: Kesa-2026-zz\n"))
	first, second := d.run("crawl", "one"), d.run("crawl", "one")
	out := first.out + first.err + second.out + second.err
	alerts := d.alerts("a", leak.EventNew)
	if len(alerts) != 1 || alerts[0].Persons != 1 {
		t.Fatalf("alerts: %+v\n%s", alerts, out)
	}
	if strings.Contains(out+d.must("coverage"), "Kesa-2026") {
		t.Error("the password is shown")
	}
}
