// Package web is the HTTP face: health, readiness and metrics, and the skeleton that pages hang in. It listens on
// loopback only; a proxy that knows who asks may stand before it.
package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The limits of a connection. Pages and metrics are small and quick.
const (
	headerTime  = 5 * time.Second
	readTime    = 10 * time.Second
	writeTime   = 30 * time.Second
	idleTime    = 60 * time.Second
	headerBytes = 16 << 10
	readyTime   = 5 * time.Second // for Options.Ready
	grace       = 5 * time.Second // for requests under way when told to stop
)

// errNotLoopback is given for an address that others than this machine could reach.
var errNotLoopback = errors.New("listens on loopback only, such as 127.0.0.1:8480")

// Options are what New needs.
type Options struct {
	Listen   string                          // host:port on loopback; port 0 takes a free one
	Ready    func(ctx context.Context) error // why the service is not ready, or nil; nil means always ready
	Registry *prometheus.Registry            // nil means no metrics
	Log      *slog.Logger
	Version  string
}

// Server answers HTTP on loopback. It is safe for concurrent use.
type Server struct {
	o       Options
	pages   map[string]*template.Template
	handler http.Handler

	mu       sync.Mutex
	listener net.Listener
}

// New makes a server. It listens to nothing yet.
func New(o Options) *Server {
	s := &Server{o: o, pages: pages()}
	s.handler = s.guard(s.routes())
	return s
}

// Handler is what Run serves.
func (s *Server) Handler() http.Handler { return s.handler }

// routes is the list of all that is served.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	if s.o.Registry != nil {
		mux.Handle("GET /metrics", promhttp.HandlerFor(s.o.Registry, promhttp.HandlerOpts{
			ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelWarn), MaxRequestsInFlight: 4, Timeout: writeTime / 2}))
	}
	mux.HandleFunc("GET /assets/style.css", s.style)
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errNotFound) })
	return mux
}

// Listen binds the address, so that it is known before Run. Run calls it when nobody did. Who called it and never Run
// has nothing to close but the program.
func (s *Server) Listen(ctx context.Context) (net.Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return s.listener.Addr(), nil
	}
	host, _, err := net.SplitHostPort(s.o.Listen)
	if err != nil {
		return nil, fmt.Errorf("web: listen on %q: %w", s.o.Listen, err)
	}
	if !loopback(host) {
		return nil, fmt.Errorf("web: listen on %q: %w", s.o.Listen, errNotLoopback)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.o.Listen)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() { // localhost, by a strange hosts file
		return nil, errors.Join(fmt.Errorf("web: listen on %q: %w", s.o.Listen, errNotLoopback), l.Close())
	}
	s.listener = l
	return l.Addr(), nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// Run serves until ctx ends, lets requests under way finish for some seconds, and returns nil; or why it cannot serve.
// It is called once.
func (s *Server) Run(ctx context.Context) error {
	if _, err := s.Listen(ctx); err != nil {
		return err
	}
	srv := &http.Server{Handler: s.handler, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime,
		IdleTimeout: idleTime, MaxHeaderBytes: headerBytes, ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelWarn)}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(s.listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("web: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := srv.Shutdown(end)
	if err != nil {
		err = srv.Close() // what is still under way has had its time
	}
	<-served
	if err != nil {
		return fmt.Errorf("web: stop: %w", err)
	}
	return nil
}
