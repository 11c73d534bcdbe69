// Package webhook tells alerts to programs, as https://www.standardwebhooks.com says: one POST of a thin JSON document
// with the headers webhook-id (the id of the delivery, the same over all attempts), webhook-timestamp and
// webhook-signature.
package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"leakwatch/alerts/message"
	"leakwatch/configs"
	"leakwatch/leak"
)

const (
	timeout     = 20 * time.Second // of one call as a whole; the standard says 15 to 30
	maxResponse = 4 << 10          // bytes that are read, and not looked at, so that the connection can be used again
)

// Options are what New needs.
type Options struct {
	Config  configs.Webhook
	Says    message.Settings
	Now     func() time.Time
	Version string // of the program, for User-Agent
}

// Caller calls webhooks. It is safe for concurrent use.
type Caller struct {
	secretFile string
	private    bool
	says       message.Settings
	now        func() time.Time
	agent      string
	client     *http.Client
}

// New reads the secrets once, to see that they are good. It connects to nothing.
func New(o Options) (*Caller, error) {
	c := &Caller{secretFile: o.Config.SecretFile, private: o.Config.AllowPrivate, says: o.Says, now: o.Now,
		agent: strings.TrimSuffix("leakwatch/"+o.Version, "/"), client: client(o.Config.AllowPrivate)}
	if _, err := readSecrets(c.secretFile); err != nil {
		return nil, err
	}
	return c, nil
}

// Check says whether the secrets can be read.
func (c *Caller) Check(context.Context) error {
	if _, err := readSecrets(c.secretFile); err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	return nil
}

// Send calls the contact's URL once. 2xx is acceptance; 410 says that the receiver wants no more, which is permanent;
// anything else may be mended and tried again, 429 and redirects included, which are not followed.
func (c *Caller) Send(ctx context.Context, d leak.Delivery) error {
	u, err := c.target(d.Contact.Address)
	if err != nil {
		return err
	}
	body, err := payload(d, c.says)
	if err != nil {
		return err
	}
	secrets, err := readSecrets(c.secretFile)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("webhook: the contact's address is no URL: %w", leak.ErrPermanent)
	}
	at := c.now().Unix()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Webhook-Id", d.ID)
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(at, 10))
	req.Header.Set("Webhook-Signature", sign(secrets, d.ID, at, body))
	return c.call(req)
}

func (c *Caller) call(req *http.Request) error {
	res, err := c.client.Do(req)
	if err != nil {
		return fmt.Errorf("webhook: call %s: %w", req.URL.Host, bare(err))
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxResponse)) // what it says beside the status is nothing to us
	_ = res.Body.Close()
	switch {
	case res.StatusCode/100 == 2:
		return nil
	case res.StatusCode == http.StatusGone:
		return fmt.Errorf("webhook: %s answered 410 and wants no more calls: %w", req.URL.Host, leak.ErrPermanent)
	}
	return fmt.Errorf("webhook: %s answered %d", req.URL.Host, res.StatusCode)
}

// target reads the contact's URL: https, or http where private addresses are allowed. What it says beyond its host may
// be a secret, so no error holds it.
func (c *Caller) target(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Host == "", u.Opaque != "":
		return nil, fmt.Errorf("webhook: the contact's address is no URL: %w", leak.ErrPermanent)
	case u.User != nil, u.Fragment != "":
		return nil, fmt.Errorf("webhook: the contact's URL has a user name or a fragment: %w", leak.ErrPermanent)
	case u.Scheme != "https" && !(u.Scheme == "http" && c.private):
		return nil, fmt.Errorf("webhook: the contact's URL is not https: %w", leak.ErrPermanent)
	}
	return u, nil
}

// bare takes the URL out of an error.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
