//go:build unix

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"leakwatch/alerts/alertstest"
	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/leak"
)

// The whole program on real servers: a folder of nginx and an onion service are read, Exim takes the alert while the
// onion's dump is still being read, and Elasticsearch finds both, also while the index is built anew under a service
// that goes on.
func TestTheWholeProgramOnRealServers(t *testing.T) {
	v := variables(t, "LEAKWATCH_TEST_TOR_SOCKS", "LEAKWATCH_TEST_TOR_ONION", "LEAKWATCH_TEST_TOR_TARGET",
		"LEAKWATCH_TEST_ES_URL", "LEAKWATCH_TEST_ES_CA", "LEAKWATCH_TEST_ES_API_KEY", "LEAKWATCH_TEST_NGINX", "LEAKWATCH_TEST_SMTP")
	files, exim := startNginx(t), alertstest.StartExim(t)
	people := demo.People(51, 700) // so few that no two share a telephone number
	people[0] = demo.Person{ID: "C-00001", Given: "Nurja", Family: "Meikäläinen", Born: time.Date(1994, 5, 1, 0, 0, 0, 0, time.UTC),
		HETU: "010594Y9032", Email: "nurja.meikalainen@example.com", Phone: "+447700900777"}
	names := awkwardNames(people)
	for i, name := range names {
		files.put(t, name, demo.Loose(uint64(i), people[i]))
	}
	found := len(names) + 1 // the listing whose names hold an identifier is a find, too
	onion := startOnion(t, v["LEAKWATCH_TEST_TOR_TARGET"], append(slices.Clone(people[len(names):]), people[0]))
	d := deploy(t, people, directorySource("files", files.URL), onionSource("onion", v["LEAKWATCH_TEST_TOR_ONION"]))
	es := useElastic(d, v)
	inside := d.realServices(v["LEAKWATCH_TEST_TOR_SOCKS"], exim, es)
	stop := d.serve()

	d.eventually("the mails that tell of the files", func() bool { return toldOf(t, exim, "files") >= 2 })
	d.eventually("the mails that tell of the dump", func() bool { return toldOf(t, exim, "onion") >= 2 })
	d.eventually("the connection cut, and taken up again", onion.halted.Load)
	d.eventually("the dump in Elasticsearch", func() bool { return d.findsOf("onion") == 1 })
	if onion.through.Load() {
		t.Fatal("the dump was read to its end before the mail was there")
	}
	close(onion.letGo)
	d.eventually("every outcome", func() bool { return d.findsOf("files") == found && onion.through.Load() && d.allRead() })
	if onion.requests.Load() < 2 {
		t.Error("the connection was not cut, so nothing was resumed")
	}
	d.checkOnion(len(people) - len(names) + 1)

	// The index is built anew while the service goes on and finds more.
	files.put(t, "later/uusi #1.txt", demo.Loose(1, people[0]))
	d.must("reindex")
	d.eventually("what came meanwhile", func() bool { return d.findsOf("files") == found+1 })
	if d.findsOf("onion") != 1 {
		t.Error("the find of the onion was lost by the rebuild")
	}
	if indices := es.indices(t); len(indices) != 1 {
		t.Errorf("after the rebuild there are the indices %v", indices)
	}
	d.checkDoctor()
	stop()
	documents := es.call(t, "GET", "/"+es.index+"/_search?size=1000", "")
	if n := bytes.Count(documents, []byte(`"_id"`)); n != found+2 {
		t.Errorf("%d documents, want %d", n, found+2)
	}
	checkFolded(t, "the documents in Elasticsearch", documents)
	for _, m := range exim.Mails(t) {
		checkFolded(t, "a mail", m)
	}
	checkTree(t, inside)
}

// variables gives what the environment says, or skips the test and names what is missing.
func variables(t *testing.T, names ...string) map[string]string {
	t.Helper()
	v := map[string]string{}
	var missing []string
	for _, name := range names {
		if v[name] = os.Getenv(name); v[name] == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		t.Skipf("not set: %s; .ci/run says how the services are started", strings.Join(missing, ", "))
	}
	return v
}

// awkwardNames are file names that some server, browser or client gets wrong, one a person.
func awkwardNames(people []demo.Person) []string {
	p := people[0]
	return []string{
		"Meikäläinen Nurja/010594Y9032 " + p.Family + ".txt", norm.NFD.String("Hämeenlinna, " + people[1].Family + " NFD.txt"),
		`"lainattu" 'nimi'.txt`, "risu#aita?.txt", "%41.txt", "A.txt", "<img src=x onerror=alert(1)>.html", "klo 12:30.txt",
		"a&b;c=d+e,f@g.txt", "100% varma.txt", "päättyy välilyöntiin .txt", "ääkköset/Örkki.md",
	}
}

// onionSite is a listing and a dump of 200 MB behind an onion service. The first connection breaks in the middle; the
// second waits before the last quarter until it is let go.
type onionSite struct {
	dump     *os.File
	size     int64
	requests atomic.Int64
	halted   atomic.Bool
	through  atomic.Bool
	letGo    chan struct{}
}

const onionDump = 200 << 20

func startOnion(t *testing.T, target string, people []demo.Person) *onionSite {
	t.Helper()
	o := &onionSite{letGo: make(chan struct{})}
	o.write(t, people)
	l, err := net.Listen("tcp", target)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: o}
	served := make(chan struct{})
	go func() { defer close(served); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-served })
	return o
}

// write writes the dump: the records of one half of the people, a long text about nobody, and the other half.
func (o *onionSite) write(t *testing.T, people []demo.Person) {
	t.Helper()
	var err error
	if o.dump, err = os.Create(filepath.Join(t.TempDir(), "dump")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.dump.Close() })
	half := people[:len(people)/2]
	rest := people[len(people)/2:]
	for i, p := range half {
		o.append(t, demo.Loose(uint64(i), p))
	}
	filler := bytes.Repeat([]byte("Uni on parantunut, mutta aamuisin on raskasta. Sovittiin kävelystä joka toinen päivä.\n"), 1000)
	for o.size < onionDump {
		o.append(t, filler)
	}
	for i, p := range rest {
		o.append(t, demo.Loose(uint64(i), p))
	}
}

func (o *onionSite) append(t *testing.T, b []byte) {
	t.Helper()
	n, err := o.dump.Write(b)
	if err != nil {
		t.Fatal(err)
	}
	o.size += int64(n)
}

func (o *onionSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.EscapedPath() {
	case "/":
		fmt.Fprintf(w, "<h1>Index of /</h1><pre><a href=\"Meik%%C3%%A4l%%C3%%A4inen%%20dump.txt\">x</a> 03-Feb-2021 10:11 %d\n</pre>", o.size)
	case "/Meik%C3%A4l%C3%A4inen%20dump.txt":
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		http.ServeContent(&halting{ResponseWriter: w, o: o, cut: r.Method == http.MethodGet && o.requests.Add(1) == 1, ctx: r.Context()},
			r, "", time.Unix(1612347072, 0), io.NewSectionReader(o.dump, 0, o.size))
	default:
		http.NotFound(w, r)
	}
}

// halting is an answer that breaks after half of the dump, or waits at three quarters of it.
type halting struct {
	http.ResponseWriter
	o    *onionSite
	ctx  context.Context
	cut  bool
	sent int64
}

func (h *halting) Write(p []byte) (int, error) {
	h.sent += int64(len(p))
	switch {
	case h.cut && h.sent > h.o.size/2:
		panic(http.ErrAbortHandler)
	case !h.cut && h.sent > h.o.size/4: // of the half that a resumed download is asked for
		h.o.halted.Store(true)
		select {
		case <-h.o.letGo:
			h.o.through.Store(true)
		case <-h.ctx.Done():
			return 0, h.ctx.Err()
		}
	}
	return h.ResponseWriter.Write(p)
}

func onionSource(id, host string) string {
	return fmt.Sprintf("  - {id: %s, kind: directory-index, url: \"http://%s/\", network: tor, schedule: \"@every 1s\", jitter: 0s, pace: 1ms, recheck: 1h}\n", id, host)
}

// realServices writes the configuration with them, and enrols the clinic from outside the folder that is given back.
func (d *deployment) realServices(socks string, exim *alertstest.Exim, es *elasticService) string {
	d.t.Helper()
	password := filepath.Join(d.dir, "smtp.password")
	if err := os.WriteFile(password, []byte(exim.Password+"\n"), 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.configure("crawler: {pace: 1ms, timeout: 60s, tor_proxy: \""+socks+"\"}",
		fmt.Sprintf("alerts: {smtp: {host: 127.0.0.1, port: %d, tls: starttls, username: leakwatch, password_file: smtp.password, from: leakwatch@monitor.example, ca_file: %q}, operator: security@monitor.example}", exim.StartTLS, exim.Cert),
		fmt.Sprintf("finds: {engine: elastic, elastic: {urls: [%q], api_key_file: elastic.key, ca_file: %q, index: %s, refresh: wait_for}}", es.url, es.ca, es.index))
	inside := d.dir
	d.dir = d.t.TempDir() // the clinic's machine: its table and mapping are its own
	d.enrol("a", d.people)
	d.dir = inside
	d.must("clinic", "contact", "a", "--name", "Second", "--role", "management", "--channel", "email", "--address", "security@board.a.example")
	return inside
}

// elasticService speaks to the cluster without the program's client.
type elasticService struct {
	url, ca, key, index string
	client              *http.Client
}

func useElastic(d *deployment, v map[string]string) *elasticService {
	d.t.Helper()
	es := &elasticService{url: v["LEAKWATCH_TEST_ES_URL"], ca: v["LEAKWATCH_TEST_ES_CA"], key: v["LEAKWATCH_TEST_ES_API_KEY"],
		index: "leakwatch-whole-" + strings.ToLower(rand.Text()[:12])}
	if err := os.WriteFile(filepath.Join(d.dir, "elastic.key"), []byte(es.key+"\n"), 0o600); err != nil {
		d.t.Fatal(err)
	}
	pem, err := os.ReadFile(es.ca)
	if err != nil {
		d.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	es.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
	d.t.Cleanup(func() {
		if names := es.indices(d.t); len(names) > 0 {
			es.call(d.t, "DELETE", "/"+strings.Join(names, ","), "")
		}
	})
	return es
}

func (es *elasticService) call(t testing.TB, method, path, body string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, es.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "ApiKey "+es.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := es.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %d %.300s %v", method, path, res.StatusCode, b, err)
	}
	return b
}

func (es *elasticService) indices(t testing.TB) (names []string) {
	t.Helper()
	var answer map[string]any
	if err := json.Unmarshal(es.call(t, "GET", "/"+es.index+"*/_alias", ""), &answer); err != nil {
		t.Fatal(err)
	}
	for name := range answer {
		names = append(names, name)
	}
	return names
}

// findsOf counts what the search command finds of a source.
func (d *deployment) findsOf(source string) int { return len(d.search("--source", source)) }

func (d *deployment) search(args ...string) (docs []leak.IndexDoc) {
	d.t.Helper()
	o := d.run(append([]string{"--json", "search", "--limit", "1000"}, args...)...)
	if o.status != exitDone && o.status != exitNothing {
		d.t.Logf("search: %s", tail(o.err)) // the index may just be coming to be
	}
	for _, l := range strings.Split(strings.TrimSpace(o.out), "\n") {
		var doc leak.IndexDoc
		if json.Unmarshal([]byte(l), &doc) == nil {
			docs = append(docs, doc)
		}
	}
	return docs
}

// checkOnion looks at the find of the dump: everybody counted over the cut, over Tor.
func (d *deployment) checkOnion(people int) {
	d.t.Helper()
	d.eventually("everybody in the find of the dump", func() bool {
		docs := d.search("--source", "onion")
		return len(docs) == 1 && len(docs[0].Clinics) == 1 && docs[0].Clinics[0].Persons == int64(people) &&
			docs[0].Network == leak.Tor && docs[0].Completeness == string(leak.Whole)
	})
}

// checkDoctor wants every line but those about keys that a test leaves where they are.
func (d *deployment) checkDoctor() {
	d.t.Helper()
	for _, l := range strings.Split(strings.TrimSpace(d.run("--json", "doctor").out), "\n") {
		var c checkLine
		if err := json.Unmarshal([]byte(l), &c); err != nil {
			d.t.Fatal(err)
		}
		if c.State != well && c.Check != "backup of the keys" && c.Check != "investigator's key" {
			d.t.Errorf("doctor: %s: %s %s", c.Check, c.State, c.Detail)
		}
	}
}

// toldOf counts the mails of new alerts that name a source.
func toldOf(t *testing.T, exim *alertstest.Exim, source string) (n int) {
	t.Helper()
	for _, b := range exim.Mails(t) {
		m, err := mail.ReadMessage(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		if m.Header.Get("In-Reply-To") == "" && strings.Contains(string(text), "\n  sources      "+source+"\n") {
			n++
		}
	}
	return n
}

// checkFolded looks for the planted patient, in both forms that Unicode has for her name.
func checkFolded(t *testing.T, what string, b []byte) {
	t.Helper()
	check(t, what, b)
	check(t, what+", composed", norm.NFC.Bytes(b))
}
