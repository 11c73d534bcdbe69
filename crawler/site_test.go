package crawler_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"leakwatch/configs"
	"leakwatch/crawler"
	"leakwatch/leak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A patient who does not exist, planted in names, texts and URLs: none of this may come out of the room but in places.
var patient = []string{"Meikäläinen", "Meika\u0308la\u0308inen", "meik%C3%A4l", "131052-308T"}

// bench is a crawler with what it logged.
type bench struct {
	*crawler.Crawler
	t    *testing.T
	keys *leak.PlaceKey
	log  *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// quick are settings under which tests do not wait.
func quick() configs.Crawler {
	c := configs.Default().Crawler
	c.Pace, c.Timeout, c.Retries = 0, 10*time.Second, 2
	return c
}

func newBench(t *testing.T, config configs.Crawler, lab crawler.Lab, sources ...configs.Source) *bench {
	t.Helper()
	keys, err := leak.NewPlaceKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if lab.Retry == 0 {
		lab.Retry = time.Millisecond
	}
	b := &bench{t: t, keys: keys, log: &lockedBuffer{}}
	b.Crawler, err = crawler.NewLab(crawler.Options{Config: config, Sources: sources, Places: keys, Now: time.Now, Version: "test",
		Log: slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, lab)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		discreet(t, "log", b.log.String())
	})
	return b
}

// discreet fails when a text names the patient.
func discreet(t *testing.T, what, text string) {
	t.Helper()
	for _, p := range patient {
		if strings.Contains(strings.ToLower(text), strings.ToLower(p)) {
			t.Errorf("%s names the patient: %s", what, text)
		}
	}
}

// directory is a source that lists a test server.
func directory(url string) configs.Source {
	return configs.Source{ID: "dir", Kind: configs.DirectoryIndex, URL: url, Schedule: "@every 1h", AllowPrivate: true, Depth: 5}
}

// list runs a source and gives what came.
func (b *bench) list(source string) (pages []leak.Page, run leak.Run, err error) {
	b.t.Helper()
	run, err = b.List(context.Background(), source, func(p leak.Page) error {
		pages = append(pages, p)
		return nil
	})
	discreet(b.t, "run", run.Err+run.Cut)
	if err != nil {
		discreet(b.t, "error", err.Error())
	}
	return pages, run, err
}

// items are the items of all pages, by clear name; listings apart.
func items(pages []leak.Page) (byName map[string]leak.Item, listings []leak.Item) {
	byName = map[string]leak.Item{}
	for _, p := range pages {
		for _, i := range p.Items {
			if i.Listing {
				listings = append(listings, i)
			} else {
				byName[i.Name] = i
			}
		}
	}
	return byName, listings
}

// mustList runs a source that must be read whole.
func (b *bench) mustList(source string) (map[string]leak.Item, []leak.Item, leak.Run) {
	b.t.Helper()
	pages, run, err := b.list(source)
	if err != nil {
		b.t.Fatal(err)
	}
	if !run.Complete {
		b.t.Fatalf("run is not complete: %+v", run)
	}
	byName, listings := items(pages)
	return byName, listings, run
}

// fetch reads a whole body.
func (b *bench) fetch(f leak.Fetch) (body []byte, cut string, err error) {
	b.t.Helper()
	got, err := b.Open(context.Background(), f)
	if err != nil {
		discreet(b.t, "error", err.Error())
		return nil, "", err
	}
	defer got.Close()
	body, err = io.ReadAll(got)
	if err != nil {
		discreet(b.t, "error", err.Error())
	}
	discreet(b.t, "cut", got.Cut())
	return body, got.Cut(), err
}

// site starts a test server, on loopback only.
func site(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	onLoopback(t, s.Listener.Addr())
	return s
}

func onLoopback(t *testing.T, a net.Addr) {
	t.Helper()
	if ip := a.(*net.TCPAddr).IP; !ip.IsLoopback() {
		t.Fatalf("the test's server listens on %s", ip)
	}
}

// pages serves fixed pages by path.
type pages map[string]string

func (p pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := p[r.URL.EscapedPath()]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, body)
}

func crawlerLab() crawler.Lab { return crawler.Lab{} }
