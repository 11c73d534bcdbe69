// Package alerts tells people.
package alerts

import (
	"context"
	"log/slog"
	"time"

	"leakwatch/configs"
	"leakwatch/leak"
)

// Options are what New needs.
type Options struct {
	Config  configs.Alerts
	Log     *slog.Logger
	Now     func() time.Time
	Version string // of the program, for User-Agent and X-Mailer
}

// Alerts sends deliveries. It is safe for concurrent use.
type Alerts struct{}

// New reads secrets and certificates.
func New(o Options) (*Alerts, error) { return &Alerts{}, nil }

// Send tells one message.
func (a *Alerts) Send(ctx context.Context, d leak.Delivery) error { return nil }

// Check says why messages could not be sent now, or nil.
func (a *Alerts) Check(ctx context.Context) error { return nil }

// Backoff is how long to wait after the given failed attempt.
func Backoff(attempt int) time.Duration { return 0 }
