package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"leakwatch/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// planted is what an error from inside may hold, and no answer does.
const planted = "Tessa Testihenkilö 010190-999R"

func setup(ready error) (*web.Server, *bytes.Buffer) {
	reg := prometheus.NewRegistry()
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "leakwatch_items_total", Help: "Items listed."})
	c.Add(3)
	reg.MustRegister(c)
	var log bytes.Buffer
	return web.New(web.Options{Listen: "127.0.0.1:0", Version: "1.2.3 <b>", Registry: reg, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Ready: func(context.Context) error { return ready }}), &log
}

// ask makes a request as it comes from the machine itself.
func ask(s *web.Server, method, path, host string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://"+host+path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	s, _ := setup(nil)
	for _, c := range []struct {
		method, path string
		status       int
		kind, holds  string
	}{
		{"GET", "/healthz", 200, "text/plain; charset=utf-8", "ok"},
		{"HEAD", "/healthz", 200, "text/plain; charset=utf-8", ""},
		{"GET", "/readyz", 200, "text/plain; charset=utf-8", "ready"},
		{"GET", "/metrics", 200, "text/plain", "leakwatch_items_total 3"},
		{"GET", "/", 200, "text/html; charset=utf-8", "1.2.3 &lt;b&gt;"},
		{"GET", "/assets/style.css", 200, "text/css; charset=utf-8", "body"},
		{"GET", "/assets/", 404, "text/html; charset=utf-8", "Not found"},
		{"GET", "/" + strings.ReplaceAll(planted, " ", "%20"), 404, "text/html; charset=utf-8", "There is nothing here."},
		{"POST", "/", 404, "text/html; charset=utf-8", "Not found"},
	} {
		w := ask(s, c.method, c.path, "127.0.0.1:8480")
		if w.Code != c.status || !strings.HasPrefix(w.Header().Get("Content-Type"), c.kind) || !strings.Contains(w.Body.String(), c.holds) {
			t.Errorf("%s %s: %d %s\n%s", c.method, c.path, w.Code, w.Header(), w.Body)
		}
		if strings.Contains(w.Body.String(), "Testihenk") {
			t.Errorf("%s: the path came back", c.path)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q", c.path, name, got)
			}
		}
		if got := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none';") || strings.Contains(got, "unsafe") {
			t.Errorf("%s: policy %q", c.path, got)
		}
	}
}

// TestNotReady: why it is not is for the log, not for who asks.
func TestNotReady(t *testing.T) {
	t.Parallel()
	s, log := setup(errors.New("store: " + planted))
	for path, status := range map[string]int{"/readyz": 503, "/": 200, "/healthz": 200} {
		w := ask(s, "GET", path, "localhost:8480")
		if w.Code != status || strings.Contains(w.Body.String(), "Testihenk") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if !strings.Contains(log.String(), "not ready") {
		t.Errorf("the log says %q", log)
	}
}

// TestHosts: a name of the open web that points here is refused, and so is a change that another site asks for.
func TestHosts(t *testing.T) {
	t.Parallel()
	s, _ := setup(nil)
	for host, status := range map[string]int{"127.0.0.1": 200, "127.0.0.1:8480": 200, "localhost:1": 200, "[::1]:8480": 200, "[::1]": 200,
		"evil.example": 403, "127.0.0.1.evil.example:8480": 403, "10.0.0.1": 403, "localhost.evil.example": 403} {
		for _, path := range []string{"/", "/metrics", "/healthz"} {
			if w := ask(s, "GET", path, host); w.Code != status {
				t.Errorf("%s of %s: %d, want %d", path, host, w.Code, status)
			}
		}
	}
	if w := ask(s, "POST", "/", "127.0.0.1:8480", "Sec-Fetch-Site", "cross-site"); w.Code != 403 {
		t.Errorf("a change asked for by another site: %d", w.Code)
	}
}

func TestLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0", "8480", ""} {
		s := web.New(web.Options{Listen: listen, Log: slog.New(slog.DiscardHandler)})
		if err := s.Run(t.Context()); err == nil {
			t.Errorf("it listens on %q", listen)
		}
	}
}

// TestRun serves for real, stops when told to, and lets what is under way finish.
func TestRun(t *testing.T) {
	t.Parallel()
	asked, let := make(chan struct{}), make(chan struct{})
	s := web.New(web.Options{Listen: "localhost:0", Log: slog.New(slog.DiscardHandler), Ready: func(context.Context) error {
		close(asked)
		<-let
		return nil
	}})
	addr, err := s.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ran, got := make(chan error, 1), make(chan string, 1)
	go func() { ran <- s.Run(ctx) }()
	go func() { got <- get(t, addr, "/readyz") }()
	<-asked
	stop()
	close(let)
	if body := <-got; body != "ready\n" {
		t.Errorf("the request under way got %q", body)
	}
	if err := <-ran; err != nil {
		t.Errorf("Run: %v", err)
	}
	if again, err := s.Listen(t.Context()); err != nil || again.String() != addr.String() {
		t.Errorf("Listen again: %v, %v", again, err)
	}
}

func get(t *testing.T, addr net.Addr, path string) string {
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, "http://"+addr.String()+path, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// TestStopAtOnce: told to stop before it began.
func TestStopAtOnce(t *testing.T) {
	t.Parallel()
	s, _ := setup(nil)
	if _, err := s.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Run(ctx); err != nil {
		t.Errorf("Run: %v", err)
	}
}
