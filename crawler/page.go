package crawler

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/cenkalti/backoff/v5"
	"github.com/gocolly/colly/v2"

	"leakwatch/leak"
)

// fetched is a listing page as received.
type fetched struct {
	url      *url.URL // after redirects
	status   int
	header   http.Header
	raw      []byte // as sent
	body     []byte // decompressed
	exchange leak.Exchange
}

// page fetches one page of a listing, trying again what may be mended by it. The result is not nil when there was an
// answer or a request to record.
func (w *wire) page(ctx context.Context, u *url.URL, accept string) (*fetched, error) {
	var last *fetched
	_, err := retry(ctx, w.c, func() (struct{}, error) {
		var err error
		last, err = w.pageOnce(ctx, u, accept)
		return struct{}{}, err
	})
	return last, err
}

// retry tries an operation again, later each time, unless its error says that this is of no use.
func retry[T any](ctx context.Context, c *Crawler, op func() (T, error)) (T, error) {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = c.lab.retry, 60*c.lab.retry
	v, err := backoff.Retry(ctx, func() (T, error) {
		v, err := op()
		if err != nil && (hopeless(err) || ctx.Err() != nil) {
			return v, backoff.Permanent(err)
		}
		return v, err
	}, backoff.WithBackOff(pause), backoff.WithMaxTries(uint(max(0, c.config.Retries))+1), backoff.WithMaxElapsedTime(0))
	if err != nil {
		return v, plain(err)
	}
	return v, nil
}

// hopeless says whether trying again now is of no use.
func hopeless(err error) bool {
	for _, e := range []error{leak.ErrPermanent, leak.ErrRule, ErrListing, ErrRedirects, ErrChanged, context.Canceled} {
		if errors.Is(err, e) {
			return true
		}
	}
	s := (*statusError)(nil)
	if !errors.As(err, &s) {
		return false
	}
	return s.status == http.StatusForbidden || s.after > patience
}

// pageOnce fetches a page with a colly collector of its own. Everything that colly would decide is set here: it takes
// settings from the environment, ignores robots.txt, cuts bodies without a word, unpacks without a bound, marks URLs as
// seen before it has them, keeps cookies, sends referers and rewrites URLs.
func (w *wire) pageOnce(ctx context.Context, u *url.URL, accept string) (*fetched, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	trip := &pageTrip{wire: w, trail: &trail{}, stop: stop, header: http.Header{"Accept": {accept}, "Accept-Encoding": {"gzip"}}}
	c := colly.NewCollector()
	c.UserAgent, c.Headers = w.c.agent, nil
	c.AllowedDomains, c.DisallowedDomains, c.URLFilters, c.DisallowedURLFilters = nil, nil, nil, nil
	c.MaxDepth, c.MaxRequests, c.MaxBodySize = 0, 0, 0 // the transport bounds bodies, with an error
	c.CacheDir, c.Async, c.DetectCharset, c.CheckHead, c.TraceHTTP = "", false, false, false, false
	c.IgnoreRobotsTxt = true // the transport obeys it: with a bound, an expiry and a context
	c.AllowURLRevisit, c.ParseHTTPErrorResponse = true, true
	c.Context = ctx
	c.DisableCookies()
	c.SetRequestTimeout(0) // the context ends it
	c.WithTransport(trip)
	c.SetRedirectHandler(w.sameHost)
	exact := *u
	c.OnRequest(func(r *colly.Request) { *r.URL = exact }) // as the server wrote it
	err := c.Request(http.MethodGet, u.Scheme+"://"+u.Host+"/", nil, nil, nil)
	got := trip.got
	if got == nil {
		if err == nil {
			err = fmt.Errorf("no answer: %w", ErrBroken)
		}
		return &fetched{url: u, exchange: trip.trail.record(plain(err))}, plain(err)
	}
	got.exchange = trip.trail.record(nil)
	if trip.err != nil {
		got.exchange.Error = plain(trip.err).Error()
		return got, plain(trip.err)
	}
	if err := ofStatus(got.status); err != nil {
		return got, err
	}
	return got, nil
}

// sameHost follows redirects of a listing to its own host only: what another host lists is another source.
func (w *wire) sameHost(r *http.Request, via []*http.Request) error {
	if len(via) > w.c.config.MaxRedirects {
		return ErrRedirects
	}
	first := via[0].URL
	if !strings.EqualFold(r.URL.Hostname(), first.Hostname()) || strings.EqualFold(first.Scheme, "https") && !strings.EqualFold(r.URL.Scheme, "https") {
		return &wireError{"redirected to another host", ErrScope}
	}
	return nil
}

// pageTrip is colly's transport for one page: it reads the whole body itself, within the limit, and hands colly what is
// already unpacked.
type pageTrip struct {
	wire   *wire
	trail  *trail
	stop   context.CancelCauseFunc
	header http.Header
	got    *fetched
	err    error
}

// RoundTrip sends one request of the page.
func (p *pageTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.Header, out.Host = p.header.Clone(), r.URL.Host
	resp, err := p.wire.send(out, p.trail, false)
	if err != nil {
		return nil, err
	}
	if redirects(resp.StatusCode) && resp.Header.Get("Location") != "" {
		_ = resp.Body.Close()
		resp.Body = http.NoBody
		return resp, nil
	}
	p.got = &fetched{url: out.URL, status: resp.StatusCode, header: resp.Header.Clone()}
	body := newSteady(r.Context(), p.stop, resp.Body, p.wire.c.config.Timeout)
	p.got.raw, p.err = readAll(body, p.wire.c.config.ListingBytes)
	_ = resp.Body.Close()
	body.timer.Stop()
	if p.err == nil {
		p.got.body, p.err = unpacked(p.got.raw, resp.Header.Get("Content-Encoding"), p.wire.c.config.ListingBytes)
	}
	resp.Body = io.NopCloser(bytes.NewReader(p.got.body))
	resp.ContentLength, resp.Uncompressed = int64(len(p.got.body)), true
	resp.Header.Del("Content-Encoding")
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	resp.Header.Set("Content-Type", media+"; charset=utf-8") // colly believes labels, we do not
	return resp, nil
}

// readAll reads to the end. A body that is larger than the limit is an error, and what fits is given all the same.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(b)) > limit {
		return b[:limit], tooLarge(limit)
	}
	return b, err
}

func tooLarge(limit int64) error {
	return &wireError{fmt.Sprintf("listing page of more than %d bytes", limit), ErrTooLarge}
}

// unpacked undoes the compression that we asked for, within the limit.
func unpacked(raw []byte, encoding string, limit int64) ([]byte, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return raw, nil
	case "gzip", "x-gzip":
	default:
		return nil, &wireError{"compressed in a way that was not asked for", ErrListing}
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, &wireError{"malformed gzip", ErrListing}
	}
	b, err := readAll(z, limit)
	if err != nil && !errors.Is(err, ErrTooLarge) {
		return nil, &wireError{"malformed gzip", ErrListing}
	}
	return b, err
}
