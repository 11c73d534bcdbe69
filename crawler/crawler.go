package crawler

import (
	"context"
	"log/slog"
	"time"

	"leakwatch/configs"
	"leakwatch/leak"
)

// Options are what a Crawler needs.
type Options struct {
	Config  configs.Crawler
	Sources []configs.Source // with or without defaults applied
	Places  *leak.PlaceKey
	Log     *slog.Logger
	Now     func() time.Time
	Version string // of the program, for the user agent when the configuration says none
}

// Crawler reads sources. Its methods may run at the same time.
type Crawler struct{}

// New makes a crawler.
func New(o Options) (*Crawler, error) { return &Crawler{}, nil }

// Close ends idle connections.
func (c *Crawler) Close() error { return nil }

// List reads one source's listing.
func (c *Crawler) List(ctx context.Context, source string, yield func(leak.Page) error) (leak.Run, error) {
	return leak.Run{}, ErrUnknownSource
}

// Open starts a download.
func (c *Crawler) Open(ctx context.Context, f leak.Fetch) (*leak.Body, error) {
	return nil, ErrUnknownSource
}

// Look asks whether what was at a place is still there.
func (c *Crawler) Look(ctx context.Context, w leak.Watch) (leak.Liveness, leak.Exchange, error) {
	return leak.Unknown, leak.Exchange{}, ErrUnknownSource
}

// CheckSource says why a source cannot be reached, for doctor; nil when it can.
func (c *Crawler) CheckSource(ctx context.Context, s configs.Source) error { return ErrUnknownSource }
