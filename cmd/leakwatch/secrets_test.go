package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/leak"
)

// planted is what must never be seen: a fictitious patient, as text, as parts of names, escaped and encoded.
func planted() [][]byte {
	clear := []string{"Meikäläinen", "meikäläinen", "Meikalainen", "meikalainen", "010594Y9032", "010594y9032", "nurja.meikalainen", "+447700900777"}
	var needles [][]byte
	for _, s := range clear {
		needles = append(needles, []byte(s), []byte(url.PathEscape(s)), []byte(url.QueryEscape(s)), []byte(hex.EncodeToString([]byte(s))))
		for shift := range 3 { // base64 has three ways to write what stands somewhere inside
			raw := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), s...))
			needles = append(needles, []byte(raw[shift+1:len(raw)-2]))
		}
	}
	return needles
}

// A planted patient, in texts, in file names and in URLs, never appears in any log, error, mail, webhook, index
// document, database file, spool or temporary file of the run.
func TestPlantedPatientIsNowhereInClear(t *testing.T) {
	t.Parallel()
	people := demo.People(31, 30)
	people[0] = demo.Person{ID: "C-00001", Given: "Nurja", Family: "Meikäläinen", Born: time.Date(1994, 5, 1, 0, 0, 0, 0, time.UTC),
		HETU: "010594Y9032", Email: "nurja.meikalainen@example.com", Phone: "+447700900777"}
	p := people[0]
	dir := demo.NewDirectory()
	dir.Put("Meikäläinen Nurja/010594Y9032 Meikäläinen.txt", demo.Loose(1, p))
	dir.Put("meikalainen_nurja.zip", zipByName(t, people))
	dir.Put("dump.tar", tarOf(t, people))
	dir.Put("broken meikalainen.tar.gz", []byte("\x1f\x8b\x08\x00 this is no gzip, 010594Y9032"))
	site := site(t, dir)
	pastes := &demo.Pastes{}
	pastes.Post("Meikäläinen Nurja 010594Y9032", "nurja.meikalainen", string(demo.Loose(2, p)))
	pasteSite, err := demo.Serve(pastes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pasteSite.Close() })
	hook := newHook(t)
	d := deploy(t, people, directorySource("files", site.URL), pasteSource("pastes", pasteSite.URL))
	secret := filepath.Join(d.dir, "webhook.secret")
	if err := os.WriteFile(secret, []byte("whsec_"+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32))+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.configure(fmt.Sprintf("alerts: {smtp: {host: 127.0.0.1, port: %s, tls: none, from: leakwatch@monitor.example}, webhook: {secret_file: webhook.secret, allow_private: true}, operator: operator@monitor.example}",
		d.mailbox.Addr[strings.LastIndexByte(d.mailbox.Addr, ':')+1:]))
	outside := t.TempDir() // the clinic's machine: its table and mapping are its own
	inside := d.dir
	d.dir = outside
	d.enrol("a", people)
	d.dir = inside
	d.must("clinic", "contact", "a", "--name", "SIEM", "--role", "security", "--channel", "webhook", "--address", hook.server.URL)

	var said bytes.Buffer
	run := func(args ...string) {
		o := d.run(append([]string{"--log-level", "debug"}, args...)...)
		said.WriteString(o.out + o.err)
	}
	run("crawl", "files")
	run("crawl", "pastes")
	run("--json", "search")
	run("search", "dump")
	run("--json", "alerts", "list")
	run("--json", "coverage")
	run("fetch", site.URL+"missing/"+url.PathEscape(p.Family)+"?hetu="+p.HETU, "--reason", "tip")
	for _, a := range d.alerts("a", "") {
		run("--json", "alerts", "show", a.ID)
		run("alerts", "show", a.ID)
	}
	for _, line := range strings.Split(d.run("--json", "search").out, "\n") {
		if _, id, ok := strings.Cut(line, `"id":"`); ok {
			id, _, _ = strings.Cut(id, `"`)
			run("find", "show", id)
			run("--json", "find", "show", id)
		}
	}
	o := d.runIn(t.Context(), p.HETU+"\n", "lookup", "fi-hetu", "--purpose", "case 1")
	said.WriteString(o.out + o.err)
	if o.status != exitDone {
		t.Errorf("lookup finds nothing: %s", o.err)
	}
	runs := look(d, stats)["runs"]
	stop := d.serve()
	d.eventually("runs of the service", func() bool { return look(d, stats)["runs"] > runs+2 })
	d.eventually("mail and webhook", func() bool { return len(d.mailbox.Mails()) > 0 && hook.count() > 0 })
	d.eventually("all read", d.allRead)
	stop()

	check(t, "output of the commands", said.Bytes())
	for _, m := range d.mailbox.Mails() {
		check(t, "mail "+m.Subject, []byte(m.Raw+m.Text))
	}
	check(t, "webhook", hook.all())
	checkTree(t, inside)
	if len(d.alerts("a", leak.EventNew)) == 0 {
		t.Error("nothing was found, so nothing was tested")
	}
	revealed := false
	for _, line := range strings.Split(d.run("--json", "search").out, "\n") {
		if _, id, ok := strings.Cut(line, `"id":"`); ok {
			id, _, _ = strings.Cut(id, `"`)
			out := d.run("--json", "find", "show", id, "--reveal", "--purpose", "case 1").out
			revealed = revealed || strings.Contains(out, "Meikäläinen") || strings.Contains(out, "meikalainen")
		}
	}
	if !revealed {
		t.Error("--reveal reveals nothing: the search for the patient above looked for the wrong thing")
	}
}

func check(t *testing.T, what string, b []byte) {
	t.Helper()
	for _, needle := range planted() {
		if i := bytes.Index(b, needle); i >= 0 {
			t.Errorf("%s holds the planted patient (%q): …%q…", what, needle, b[max(0, i-60):min(len(b), i+60)])
			return
		}
	}
}

// checkTree looks into every file under a folder: raw, and unpacked where it is gzip. Names of files count too.
func checkTree(t *testing.T, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		rel, _ := filepath.Rel(dir, path)
		check(t, "the file "+rel, append([]byte(rel+"\n"), b...))
		if z, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
			clear, _ := io.ReadAll(z)
			check(t, "unpacked, the file "+rel, clear)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Errorf("only %d files were looked into", files)
	}
}

// hook keeps what a webhook is sent.
type hook struct {
	server *httptest.Server
	mu     sync.Mutex
	bodies bytes.Buffer
	calls  int
}

func newHook(t *testing.T) *hook {
	h := &hook{}
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.calls++
		fmt.Fprintf(&h.bodies, "%v\n%s\n", r.Header, b)
	}))
	t.Cleanup(h.server.Close)
	return h
}

func (h *hook) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls
}

func (h *hook) all() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return bytes.Clone(h.bodies.Bytes())
}
