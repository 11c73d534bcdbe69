// Package web is the HTTP face.
package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
)

// Options are what New needs.
type Options struct {
	Listen   string                          // host:port on loopback; port 0 takes a free one
	Ready    func(ctx context.Context) error // why the service is not ready, or nil
	Registry *prometheus.Registry            // nil means no metrics
	Log      *slog.Logger
	Version  string
}

// Server serves on loopback.
type Server struct{}

// New makes a server.
func New(o Options) *Server { return &Server{} }

// Listen binds the address, so that it is known before Run. Run calls it when nobody did.
func (s *Server) Listen(ctx context.Context) (net.Addr, error) { return nil, nil }

// Handler is what Run serves.
func (s *Server) Handler() http.Handler { return nil }

// Run serves until ctx ends, and then lets requests under way finish.
func (s *Server) Run(ctx context.Context) error { return nil }
