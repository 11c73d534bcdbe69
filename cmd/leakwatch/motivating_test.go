package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/leak"
	"leakwatch/store"
)

// tarOf is a plain tar with a file of notes for each person.
func tarOf(t testing.TB, people []demo.Person) []byte {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 1))
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, p := range people {
		notes := p.Notes(rnd)
		if err := w.WriteHeader(&tar.Header{Name: "register/" + p.ID + ".txt", Mode: 0o600, Size: int64(len(notes)), ModTime: time.Unix(1e9, 0)}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, notes); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// slowFile is a file on a site that gives its first half, then waits until it is let go, then gives the rest.
type slowFile struct {
	*demo.Directory
	path   string
	body   []byte
	letGo  chan struct{}
	halved chan struct{}
	gone   atomic.Bool
}

func (s *slowFile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.gone.Load() || r.URL.Path != "/"+s.path || r.Method != http.MethodGet {
		s.Directory.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(s.body)))
	half := len(s.body) / 2
	_, _ = w.Write(s.body[:half])
	_ = http.NewResponseController(w).Flush()
	select {
	case s.halved <- struct{}{}:
	default:
	}
	select {
	case <-s.letGo:
	case <-r.Context().Done():
		return
	}
	_, _ = w.Write(s.body[half:])
}

// The case that must never fail: a register as one tar, alerted while it is still being read, gone; then the same
// people as a zip and as loose files named after them on another server, in another charset, and inside JSON.
func TestTheMotivatingCase(t *testing.T) {
	t.Parallel()
	people := demo.People(7, clients(t))
	first := &slowFile{Directory: demo.NewDirectory(), path: "Register.tar", body: tarOf(t, people), letGo: make(chan struct{}), halved: make(chan struct{}, 1)}
	first.Put("Register.tar", []byte("only its name and size are listed")) // bodies come from slowFile
	firstSite, err := demo.Serve(first)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { firstSite.Close() })
	second := demo.NewDirectory()
	secondSite := site(t, second)
	third := demo.NewDirectory()
	thirdSite := site(t, third)
	d := deploy(t, people, directorySource("first", firstSite.URL), directorySource("second", secondSite.URL), directorySource("third", thirdSite.URL))
	d.enrol("a", people)
	d.serve()

	d.eventually("the alert while the tar is still being read", func() bool { return len(d.mails("a", "new: ")) == 1 })
	select {
	case <-first.letGo:
		t.Fatal("the tar was read to its end before the alert")
	default:
		close(first.letGo)
	}
	d.eventually("everybody counted", func() bool { return persons(d.alerts("a", leak.EventNew)) == len(people) })

	first.Remove("Register.tar")
	first.gone.Store(true)
	d.eventually("the news that it is gone", func() bool { return len(d.mails("a", "gone: ")) == 1 })

	archive := zipByName(t, people)
	for i, p := range people {
		second.Put("clients/"+p.FileName("md"), demo.Loose(uint64(i), p))
	}
	second.Put("clients.zip", archive)
	d.eventually("everybody resurfaced", func() bool {
		alerts := d.alerts("a", leak.EventResurfaced)
		return len(alerts) == 1 && alerts[0].Persons == len(people) && alerts[0].SeenBefore == len(people)
	})
	d.eventually("every item's outcome", d.allRead)
	if mails := d.mails("a", "resurfaced: "); distinct(mails) != 1 {
		t.Errorf("%d messages of resurfaced, want one", distinct(mails))
	}
	if n := len(d.alerts("a", leak.EventNew)); n != 1 {
		t.Errorf("%d alerts of the event new, want one", n)
	}

	before := look(d, stats)["finds"]
	third.Put("latin1.txt", latin1(t, people))
	third.Put("wrapped.json", wrapped(t, people))
	d.eventually("Latin-1 and base64 in JSON", func() bool { return look(d, stats)["finds"] >= before+2 && d.allRead() })
	for _, a := range d.alerts("a", "") {
		if a.Leak != d.alerts("a", leak.EventNew)[0].Leak {
			t.Errorf("alert %s is of another leak", a.Event)
		}
	}
	d.checkCounted(len(people), "latin1.txt", "wrapped.json")
}

// clients is how many there are: 2,000, or fewer where time is short.
func clients(t *testing.T) int {
	if testing.Short() {
		return 200
	}
	return 2000
}

func stats(ctx context.Context, s *store.Store) (map[string]int64, error) { return s.Stats(ctx) }

func (d *deployment) allRead() bool {
	return look(d, func(ctx context.Context, s *store.Store) (int64, error) { return s.OpenItems(ctx) }) == 0
}

// checkCounted asks the search index for the newest finds: each counts everybody.
func (d *deployment) checkCounted(want int, names ...string) {
	d.t.Helper()
	said := ""
	defer func() {
		if d.t.Failed() {
			d.t.Log(said)
		}
	}()
	d.eventually("the finds in the index", func() bool {
		said = d.run("--json", "search", "--source", "third").out
		counted := 0
		for _, l := range strings.Split(strings.TrimSpace(said), "\n") {
			var doc leak.IndexDoc
			if json.Unmarshal([]byte(l), &doc) == nil && len(doc.Clinics) == 1 && doc.Clinics[0].Persons == int64(want) {
				counted++
			}
		}
		return counted == len(names)
	})
}

func persons(alerts []leak.Alert) int {
	if len(alerts) != 1 {
		return -1
	}
	return alerts[0].Persons
}

// distinct counts message ids of first messages: updates are on the same thread.
func distinct(mails []demo.Mail) int {
	ids := map[string]bool{}
	for _, m := range mails {
		if m.Thread == "" {
			ids[m.ID] = true
		}
	}
	return len(ids)
}

func zipByName(t *testing.T, people []demo.Person) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, p := range people {
		w, err := z.Create(p.FileName("md"))
		if err == nil {
			_, err = w.Write(demo.Loose(uint64(i), p))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func latin1(t *testing.T, people []demo.Person) []byte {
	t.Helper()
	var b bytes.Buffer
	w := charmap.ISO8859_1.NewEncoder().Writer(&b)
	for i, p := range people {
		if _, err := w.Write(demo.Loose(uint64(i), p)); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func wrapped(t *testing.T, people []demo.Person) []byte {
	t.Helper()
	var records []map[string]string
	for i, p := range people {
		records = append(records, map[string]string{"id": p.ID, "blob": base64.StdEncoding.EncodeToString(demo.Loose(uint64(i), p))})
	}
	b, err := json.Marshal(map[string]any{"records": records})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A folder of files named after clients whose bodies cannot be had is reported by names, as possible.
func TestNamesAloneArePossible(t *testing.T) {
	t.Parallel()
	people := demo.People(8, 500)
	dir := demo.NewDirectory()
	for _, p := range people {
		dir.Put("clients/"+p.FileName("txt"), []byte("x"))
	}
	refuse := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".txt") {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		dir.ServeHTTP(w, r)
	})
	s, err := demo.Serve(refuse)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	d := deploy(t, people, directorySource("names", s.URL))
	d.enrol("a", people)
	d.run("crawl", "names")
	alerts := d.alerts("a", "")
	if len(alerts) != 1 || alerts[0].Confidence != leak.Possible || alerts[0].Persons < 450 {
		t.Fatalf("alerts: %+v", alerts)
	}
}
