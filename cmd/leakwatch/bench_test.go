package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"leakwatch/cmd/leakwatch/demo"
)

// BenchmarkItems reads 5,000 clean small files from a real nginx: listing, fetching, matching, and an outcome recorded
// with its evidence for each.
//
//	LEAKWATCH_TEST_NGINX=/usr/sbin/nginx go test -run '^$' -bench Items -benchtime 3x ./cmd/leakwatch
func BenchmarkItems(b *testing.B) {
	const files = 5000
	server := startNginx(b)
	people := registered(2000)
	codes := map[string]bool{}
	for _, p := range people {
		codes[p.HETU] = true
	}
	for i, p := range demo.People(62, files) {
		if codes[p.HETU] { // somebody else who got the same artificial code
			p.HETU = "-"
		}
		server.put(b, fmt.Sprintf("d%02d/%05d.txt", i%20, i), demo.Loose(uint64(i), p))
	}
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		d := deploy(b, people, directorySource("files", server.URL))
		d.enrol("a", people)
		b.StartTimer()
		began := time.Now()
		d.must("crawl", "files")
		took = append(took, time.Since(began))
		b.StopTimer()
		if s := look(d, stats); s["items"] < files || s["versions/done"] != s["versions"] || s["finds"] != 0 {
			b.Fatalf("%v", s)
		}
		b.StartTimer()
	}
	slices.Sort(took)
	b.ReportMetric(files/took[len(took)/2].Seconds(), "items/s")
	b.ReportMetric(0, "ns/op")
}

// registered are people of whom nobody else has a telephone number or an address.
func registered(n int) []demo.Person {
	people := demo.People(61, n)
	for i := range people {
		people[i].Phone = ""
		people[i].Email = fmt.Sprintf("client%d@example.org", i)
	}
	return people
}

// BenchmarkTold puts a file onto a real nginx, which a running service lists every second, and waits for the mail. It
// reports the time from the listing that named the file, and from its being there, to the mail server's acceptance:
// for one client's record, and for a register of 2,000 as a tar.
//
//	LEAKWATCH_TEST_NGINX=/usr/sbin/nginx go test -run '^$' -bench Told -benchtime 10x ./cmd/leakwatch
func BenchmarkTold(b *testing.B) {
	b.Run("record", func(b *testing.B) {
		told(b, 1, func(people []demo.Person) []byte { return demo.Loose(1, people[0]) })
	})
	b.Run("register", func(b *testing.B) {
		told(b, 2000, func(people []demo.Person) []byte { return tarOf(b, people) })
	})
}

func told(b *testing.B, each int, body func([]demo.Person) []byte) {
	server := startNginx(b)
	people := registered(each * 40)
	d := deploy(b, people, directorySource("files", server.URL))
	d.enrol("a", people)
	server.put(b, "index", []byte("nothing"))
	d.serve()
	d.eventually("the first run", func() bool { return look(d, stats)["runs"] > 0 })
	var listed, there []float64
	for n := 0; b.Loop(); n++ {
		if (n+1)*each > len(people) {
			b.Fatal("more rounds than people: -benchtime 40x is the most")
		}
		put := time.Now()
		server.put(b, fmt.Sprintf("r%d/dump", n), body(people[n*each:(n+1)*each]))
		mail := await(d, n+1)
		id := mail.Subject[strings.Index(mail.Subject, "(a-")+1:]
		id, _, _ = strings.Cut(id, ")")
		for _, a := range d.alerts("a", "") {
			if a.ID == id {
				listed = append(listed, mail.At.Sub(a.ListedAt).Seconds())
				there = append(there, mail.At.Sub(put).Seconds())
			}
		}
	}
	for unit, values := range map[string][]float64{"s/listed-to-mail": listed, "s/there-to-mail": there} {
		slices.Sort(values)
		b.ReportMetric(values[len(values)/2], unit)
		b.ReportMetric(values[len(values)-1], unit+"-worst")
	}
	b.ReportMetric(0, "ns/op")
}

// await waits for the nth first message.
func await(d *deployment, n int) demo.Mail {
	for {
		first := slices.DeleteFunc(d.mails("a", "new: "), func(m demo.Mail) bool { return m.Thread != "" })
		if len(first) >= n {
			return first[n-1]
		}
		select {
		case <-d.mailbox.Came():
		case <-time.After(time.Minute):
			d.t.Fatalf("waited in vain for mail %d\n%s", n, d.run("alerts", "list").out)
		}
	}
}
