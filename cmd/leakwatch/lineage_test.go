package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/configs"
	"leakwatch/leak"
)

func TestTarReplacedByABiggerOneUnderTheSameName(t *testing.T) {
	t.Parallel()
	people := demo.People(11, 60)
	dir := demo.NewDirectory()
	dir.Put("dump.tar", tarOf(t, people[:30]))
	d := deploy(t, people, directorySource("one", site(t, dir).URL))
	d.enrol("a", people)
	d.must("crawl", "one")
	if n := persons(d.alerts("a", leak.EventNew)); n != 30 {
		t.Fatalf("new with %d persons, want 30", n)
	}
	d.run("crawl", "one")
	if n := len(d.alerts("a", "")); n != 1 {
		t.Fatalf("%d alerts after the same again, want 1", n)
	}
	dir.Put("dump.tar", tarOf(t, people))
	d.must("crawl", "one")
	grown := d.alerts("a", leak.EventGrown)
	if len(grown) != 1 || grown[0].Persons != 60 || grown[0].SeenBefore != 30 {
		t.Fatalf("grown: %+v", grown)
	}
	if grown[0].Leak != d.alerts("a", leak.EventNew)[0].Leak {
		t.Error("the bigger tar is another leak")
	}
}

func TestClinicThatRegistersADayLate(t *testing.T) {
	t.Parallel()
	people := demo.People(12, 60)
	dir := demo.NewDirectory()
	dir.Put("dump.tar", tarOf(t, people))
	dir.Put("other.txt", demo.Loose(1, people[59]))
	d := deploy(t, people, directorySource("one", site(t, dir).URL))
	d.enrol("early", people[:10])
	d.run("crawl", "one")
	d.enrol("late", people[20:])
	alerts := d.alerts("late", leak.EventLate)
	if len(alerts) != 1 || alerts[0].Persons != 40 {
		t.Fatalf("late: %+v", alerts)
	}
	d.serve() // what is still there is read again
	d.eventually("the clean file read again for the new clinic", func() bool {
		return slices.ContainsFunc(d.alerts("late", ""), func(a leak.Alert) bool { return a.Event != leak.EventLate || a.Finds > 1 })
	})
	d.eventually("the mail", func() bool { return len(d.mails("late", "] late: ")) == 1 }) // updates say so first: what was read again has more kinds
}

func TestNextMonthsTelephoneNumber(t *testing.T) {
	t.Parallel()
	people := demo.People(13, 30)
	dir := demo.NewDirectory()
	d := deploy(t, people, directorySource("one", site(t, dir).URL))
	d.enrol("a", people)
	moved := slices.Clone(people)
	moved[3].Phone = "+447700900999"
	d.register("a", moved, "2")
	// what leaked is the old number: with her address beside it in the same record
	dir.Put("old.txt", fmt.Appendf(nil, "%s %s\n", people[3].Phone, people[3].Email))
	d.must("crawl", "one")
	alerts := d.alerts("a", leak.EventNew)
	if len(alerts) != 1 || alerts[0].Persons != 1 || alerts[0].Kinds[leak.Phone] != 1 || alerts[0].Confidence != leak.Confirmed {
		t.Fatalf("alerts: %+v", alerts)
	}
}

func TestRingRotated(t *testing.T) {
	t.Parallel()
	people := demo.People(14, 40)
	dir := demo.NewDirectory()
	dir.Put("dump.tar", tarOf(t, people))
	other := demo.NewDirectory()
	d := deploy(t, people, directorySource("one", site(t, dir).URL), directorySource("two", site(t, other).URL))
	d.enrol("a", people[:20])
	d.must("crawl", "one")
	dir.Remove("dump.tar")

	fresh := t.TempDir()
	if _, err := configs.WriteKeys(fresh, "test-b"); err != nil {
		t.Fatal(err)
	}
	ring, err := os.ReadFile(filepath.Join(fresh, "ring-test-b.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.dir, "keys", "ring-test-b.key"), ring, 0o600); err != nil {
		t.Fatal(err)
	}
	d.configure("keys: {dir: keys, rings: [test-b], search_only_rings: [test-a]}")
	// the clinic gets a kit of the new ring, and sends everything anew under it
	if err := os.Remove(filepath.Join(d.dir, "a.kit")); err != nil {
		t.Fatal(err)
	}
	d.must("clinic", "kit", "a", "--out", filepath.Join(d.dir, "a.kit"))
	d.register("a", people[:20], "2")

	var b strings.Builder
	for i, p := range people {
		b.Write(demo.Loose(uint64(i), p))
	}
	other.Put("all.txt", []byte(b.String()))
	d.run("crawl", "one") // gone
	d.must("crawl", "two")
	resurfaced := d.alerts("a", leak.EventResurfaced)
	if len(resurfaced) != 1 || resurfaced[0].Persons != 20 || resurfaced[0].SeenBefore != 20 {
		t.Fatalf("resurfaced: %+v", resurfaced)
	}
	if resurfaced[0].Leak != d.alerts("a", leak.EventNew)[0].Leak {
		t.Error("the lineage broke with the ring")
	}
}
