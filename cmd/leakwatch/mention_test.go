package main

import (
	"strings"
	"testing"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/leak"
)

// The first sign of a breach often names the clinic and no patient: it is told as a mention, once, and never as a leak.
// When patients turn up, that is news of its own.
func TestMention(t *testing.T) {
	t.Parallel()
	people := demo.People(17, 30)
	dir := demo.NewDirectory()
	dir.Put("talk.txt", []byte("we have all of ESIMERKKIKLINIKKA's files, bids until friday\n"))
	dir.Put("Esimerkkiklinikka.tar.txt", []byte("soon\n"))
	dir.Put("else.txt", []byte("nothing of anybody\n"))
	d := deploy(t, people, directorySource("one", site(t, dir).URL))
	d.enrol("a", people)
	d.must("clinic", "watch", "a", "--add", "Esimerkkiklinikka", "--add", "clinic.example")
	if out := d.must("clinic", "watch", "a", "--remove", "clinic.example"); strings.TrimSpace(out) != "Esimerkkiklinikka" {
		t.Errorf("watched for: %q", out)
	}
	d.must("crawl", "one")
	mentions := d.alerts("a", leak.EventMention)
	if len(mentions) != 1 || len(d.alerts("a", "")) != 1 {
		t.Fatalf("alerts: %+v", d.alerts("a", ""))
	}
	a := mentions[0]
	if a.Leak != "" || a.Persons != 0 || a.Confidence != leak.None || a.Terms["Esimerkkiklinikka"] != a.Finds || a.Finds < 2 {
		t.Errorf("mention: %+v", a)
	}
	if out := d.must("coverage"); !strings.Contains(out, "MENTIONED") {
		t.Errorf("coverage: %s", out)
	}
	d.run("crawl", "one")
	dir.Put("talk.txt", []byte("we have all of ESIMERKKIKLINIKKA's files, bids until monday\n"))
	d.run("crawl", "one")
	if again := d.alerts("a", leak.EventMention); len(again) != 1 || again[0].Finds != a.Finds {
		t.Errorf("told again: %+v", again)
	}
	dir.Put("Esimerkkiklinikka.tar.txt", demo.Loose(1, people[0]))
	d.must("crawl", "one")
	leaks := d.alerts("a", leak.EventNew)
	if len(leaks) != 1 || leaks[0].Persons != 1 || leaks[0].Terms["Esimerkkiklinikka"] != 1 || leaks[0].Leak == "" {
		t.Fatalf("leaks: %+v", d.alerts("a", ""))
	}
	d.serve()
	d.eventually("both mails", func() bool { return len(d.mails("a", "mention: ")) > 0 && len(d.mails("a", "new: ")) > 0 })
	if n := len(d.mails("a", "mention: ")); n != 1 {
		t.Errorf("%d mails of the mention", n)
	}
}

// Words that are added later are looked for in what was read before and is still there.
func TestTermsThatComeLater(t *testing.T) {
	t.Parallel()
	people := demo.People(18, 5)
	dir := demo.NewDirectory()
	dir.Put("talk.txt", []byte("who buys Example Clinic?\n"))
	d := deploy(t, people, directorySource("one", site(t, dir).URL))
	d.enrol("a", people)
	d.run("crawl", "one")
	d.serve()
	d.must("clinic", "watch", "a", "--add", "Example Clinic")
	d.eventually("the mention", func() bool { return len(d.mails("a", "mention: ")) == 1 })
}

// So they are where nothing but `crawl` is ever run.
func TestTermsThatComeBetweenCrawls(t *testing.T) {
	t.Parallel()
	people := demo.People(19, 5)
	dir := demo.NewDirectory()
	dir.Put("talk.txt", []byte("who buys Example Clinic?\n"))
	d := deploy(t, people, directorySource("one", site(t, dir).URL))
	d.enrol("a", people)
	d.must("crawl", "one")
	d.must("clinic", "watch", "a", "--add", "Example Clinic")
	d.must("crawl", "one")
	if mentions := d.alerts("a", leak.EventMention); len(mentions) != 1 || mentions[0].Terms["Example Clinic"] != 1 {
		t.Errorf("mentions: %+v", mentions)
	}
}
