package crawler

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"leakwatch/configs"
	"leakwatch/leak"
)

// What requests say on Tor, where a visitor is one among many: the words of its browser.
const (
	torAgent    = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
	torLanguage = "en-US,en;q=0.5"
)

// wire sends one source's requests, and makes each of them wait, behave and be recorded.
type wire struct {
	c    *Crawler
	s    *source
	way  *way
	pace time.Duration
}

// trail records one request with the redirects on its way.
type trail struct {
	exchange leak.Exchange
	hops     int
}

// record gives what was recorded. err is of what came after the answer's head, if anything did.
func (t *trail) record(err error) leak.Exchange {
	e := t.exchange
	if err != nil && e.Error == "" {
		e.Error = plain(err).Error()
	}
	return e
}

// send sends one request, without following redirects, and writes it on the trail. asRobots says that it asks for
// robots.txt itself. Answers with any status are answers; a host that says 429 or 503 is left alone for a while.
func (w *wire) send(r *http.Request, t *trail, asRobots bool) (*http.Response, error) {
	if err := checkURL(r.URL, w.way.network, w.way.allowPrivate); err != nil {
		return nil, t.failed(r, w, err)
	}
	pace := w.pace
	if !asRobots {
		delay, err := w.c.robots.allows(r.Context(), w, r.URL)
		if err != nil {
			return nil, t.failed(r, w, err)
		}
		pace = max(pace, delay)
	}
	host := authority(r.URL)
	if err := w.c.hosts.wait(r.Context(), host, pace); err != nil {
		return nil, t.failed(r, w, err)
	}
	token, err := w.dress(r)
	if err != nil {
		return nil, t.failed(r, w, err)
	}
	resp, err := w.exchange(r, t, token)
	w.judge(r, resp, err)
	if err != nil {
		return nil, t.failed(r, w, err)
	}
	return resp, nil
}

// judge notes how a host fares.
func (w *wire) judge(r *http.Request, resp *http.Response, err error) {
	host := authority(r.URL)
	switch {
	case err != nil && (r.Context().Err() != nil || errors.Is(err, leak.ErrRule)):
	case err != nil:
		w.c.log.Debug("no answer", "source", w.s.ID, "host", w.c.places.Host(w.s.base, host), "err", err)
		w.c.hosts.silent(host)
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusServiceUnavailable:
		asked := retryAfter(resp.Header.Get("Retry-After"), w.c.now())
		w.c.log.Info("host is busy", "source", w.s.ID, "host", w.c.places.Host(w.s.base, host), "status", resp.StatusCode, "asked", asked)
		w.c.hosts.rest(host, asked)
	default:
		w.c.hosts.fine(host)
	}
}

// exchange does the round trip and keeps its bytes, but for the source's token: evidence goes to others.
func (w *wire) exchange(r *http.Request, t *trail, token string) (*http.Response, error) {
	var conn atomic.Pointer[wireConn]
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if c, ok := i.Conn.(*wireConn); ok {
			conn.Store(c)
		}
	}})
	t.hop(r, w)
	resp, err := w.way.transport.RoundTrip(r.WithContext(ctx))
	e := &t.exchange
	if c := conn.Load(); c != nil {
		request, response := c.heads()
		if token != "" {
			request = bytes.ReplaceAll(request, []byte(token), []byte("<secret>"))
		}
		e.Request, e.Response = append(e.Request, request...), append(e.Response, response...)
		e.Certificate = c.certificate
	}
	if err != nil {
		return nil, plain(err)
	}
	e.Status = resp.StatusCode
	if date, derr := http.ParseTime(resp.Header.Get("Date")); derr == nil {
		e.ClockOffset = date.Sub(w.c.now()).Truncate(second)
	}
	return resp, nil
}

// hop notes where the next request of a trail goes.
func (t *trail) hop(r *http.Request, w *wire) {
	if t.hops++; t.hops == 1 {
		t.exchange.At, t.exchange.Method, t.exchange.URL = w.c.now().UTC(), r.Method, r.URL.String()
		t.exchange.Network, t.exchange.Circuit = w.way.network, w.way.circuit
	} else {
		t.exchange.Redirects = append(t.exchange.Redirects, r.URL.String())
	}
	t.exchange.Status, t.exchange.Certificate = 0, ""
}

// failed writes down why there was no answer.
func (t *trail) failed(r *http.Request, w *wire, err error) error {
	if t.hops == 0 {
		t.hop(r, w)
	}
	t.exchange.Error = err.Error()
	return err
}

// dress gives a request the fixed set of headers: no cookies, no referer, and the source's own only for its own host. It
// gives the token that it put in, if any.
func (w *wire) dress(r *http.Request) (token string, err error) {
	for _, h := range []string{"Referer", "Cookie", "Authorization", "Origin"} {
		r.Header.Del(h)
	}
	r.Header.Set("User-Agent", w.c.agent)
	if w.way.network == leak.Tor {
		r.Header.Set("User-Agent", torAgent)
		r.Header.Set("Accept-Language", torLanguage)
	}
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "*/*")
	}
	name, value, err := w.s.credential()
	if err != nil {
		return "", err
	}
	own := w.s.owns(r.URL)
	for k, v := range w.s.Headers {
		if own {
			r.Header.Set(k, v)
		} else if http.CanonicalHeaderKey(k) != "Accept" {
			r.Header.Del(k)
		}
	}
	if name == "" {
		return "", nil
	}
	r.Header.Del(name)
	if !own {
		return "", nil
	}
	r.Header.Set(name, value)
	return value, nil
}

// credential reads the source's token, each time, so that a new one holds at once.
func (s *source) credential() (name, value string, err error) {
	if s.AuthFile == "" {
		return "", "", nil
	}
	b, err := configs.ReadSecret(s.AuthFile)
	if err != nil {
		return "", "", &wireError{"auth_file: " + err.Error(), nil}
	}
	token := string(b)
	if strings.ContainsAny(token, "\r\n\x00") {
		return "", "", &wireError{"auth_file: more than one line", nil}
	}
	switch s.AuthAs {
	case "", "bearer":
		return "Authorization", "Bearer " + token, nil
	case "basic":
		return "Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(token)), nil
	}
	return s.AuthAs, token, nil
}

// owns says whether a URL is of one of the hosts that the source's configuration names.
func (s *source) owns(u *url.URL) bool { return s.own[strings.ToLower(u.Scheme)+"://"+authority(u)] }

// retryAfter reads a Retry-After of seconds or of a date; 0 when it says nothing.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n > 0 {
		return time.Duration(min(n, 1<<20)) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}
