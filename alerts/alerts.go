// Package alerts tells people: it sends one delivery on the channel of its contact. Who is told, when it is tried again
// and when it is given up are decided by the pipeline and the store; what a message says by message. The channels are
// email and webhook; alertstest is the kit that each of them passes.
package alerts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"leakwatch/alerts/email"
	"leakwatch/alerts/message"
	"leakwatch/alerts/webhook"
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

// channel is one way to tell people. Both methods may run at the same time. An error that wraps leak.ErrPermanent is
// one that trying again does not mend; no error holds what the other side said, nor a secret.
type channel interface {
	Send(ctx context.Context, d leak.Delivery) error
	Check(ctx context.Context) error
}

// Alerts sends deliveries. It is safe for concurrent use and starts no goroutine that outlives a call.
type Alerts struct {
	log      *slog.Logger
	now      func() time.Time
	first    time.Duration
	most     int // attempts of one delivery, 0: no limit
	channels map[string]channel
}

// The channels, as Contact.Channel names them.
const (
	channelEmail   = "email"
	channelWebhook = "webhook"
)

// New makes the channels that are configured, and reads their secrets once to see that they are there. They are read
// anew for each message, so a changed file needs no restart. It connects to nothing.
func New(o Options) (*Alerts, error) {
	a := &Alerts{log: o.Log, now: o.Now, first: o.Config.Backoff, most: o.Config.MaxAttempts, channels: map[string]channel{}}
	says := message.Settings{DeadlineHours: o.Config.DeadlineHours, PublicURL: o.Config.PublicURL, TLP: o.Config.TLP}
	if o.Config.SMTP.Host != "" {
		c, err := email.New(email.Options{Config: o.Config.SMTP, Says: says, Version: o.Version})
		if err != nil {
			return nil, fmt.Errorf("alerts.smtp: %w", err)
		}
		a.channels[channelEmail] = c
	}
	if o.Config.Webhook.SecretFile != "" {
		c, err := webhook.New(webhook.Options{Config: o.Config.Webhook, Says: says, Now: o.Now, Version: o.Version})
		if err != nil {
			return nil, fmt.Errorf("alerts.webhook: %w", err)
		}
		a.channels[channelWebhook] = c
	}
	return a, nil
}

// Send tells one message and returns when the other side has accepted it. An error that wraps leak.ErrPermanent will
// not be mended by trying again. It tries once.
func (a *Alerts) Send(ctx context.Context, d leak.Delivery) error {
	c, err := a.channel(d.Contact.Channel)
	if err != nil {
		return err
	}
	begun := a.now()
	err = c.Send(ctx, d)
	log := a.log.With("delivery", d.ID, "kind", d.Kind, "alert", d.Alert.ID, "channel", d.Contact.Channel,
		"attempt", d.Attempt, "took", a.now().Sub(begun))
	if err != nil {
		log.WarnContext(ctx, "message not accepted", "err", err, "permanent", errors.Is(err, leak.ErrPermanent))
		return err
	}
	log.InfoContext(ctx, "message accepted")
	return nil
}

// channel finds the way to a contact. One that is known but not configured may be so by the next attempt.
func (a *Alerts) channel(name string) (channel, error) {
	if c, ok := a.channels[name]; ok {
		return c, nil
	}
	switch name {
	case channelEmail:
		return nil, errors.New("no mail is sent: alerts.smtp.host is not set")
	case channelWebhook:
		return nil, errors.New("no webhook is called: alerts.webhook.secret_file is not set")
	}
	return nil, fmt.Errorf("channel %.20q is neither email nor webhook: %w", name, leak.ErrPermanent)
}

// Check says why messages could not be sent now, or nil: the mail server must answer, with TLS and our password, and
// the webhook's secret must be readable. It sends no message.
func (a *Alerts) Check(ctx context.Context) error {
	if len(a.channels) == 0 {
		return errors.New("nobody can be told: set alerts.smtp.host")
	}
	var all []error
	for _, name := range []string{channelEmail, channelWebhook} {
		if c, ok := a.channels[name]; ok {
			all = append(all, c.Check(ctx))
		}
	}
	return errors.Join(all...)
}

const (
	firstBackoff = 30 * time.Second
	maxBackoff   = 6 * time.Hour
)

// Backoff is how long to wait after the given attempt failed, 1 being the first: 30 s, doubled each time, six hours at
// most. Thirty attempts last about five days.
func Backoff(attempt int) time.Duration { return backoff(firstBackoff, attempt) }

// Backoff is the same from the configured first wait on. It is 0 after the last attempt: the delivery is given up.
func (a *Alerts) Backoff(attempt int) time.Duration {
	if a.most > 0 && attempt >= a.most {
		return 0
	}
	if a.first <= 0 {
		return Backoff(attempt)
	}
	return backoff(a.first, attempt)
}

func backoff(first time.Duration, attempt int) time.Duration {
	wait := first
	for n := 1; n < attempt && wait < maxBackoff; n++ {
		wait *= 2
	}
	return min(wait, maxBackoff)
}
