package crawler

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	charsets "golang.org/x/net/html/charset"

	"leakwatch/leak"
)

// Open starts a download. ctx bounds all of it, reading included. With From set it asks for the rest only; Body.From says
// what it got: From when the server goes on with the same version, 0 when the body starts anew. Errors that wrap
// leak.ErrPermanent or leak.ErrRule are not mended by another try. It waits while as many bodies are open as the
// configuration lets, so a body that is not closed blocks others.
func (c *Crawler) Open(ctx context.Context, f leak.Fetch) (*leak.Body, error) {
	s, u, err := c.wanted(f.Source, f.Place, f.Tip)
	if err != nil {
		return nil, err
	}
	if s.Legal == leak.LegalMetadata || s.Legal == leak.LegalListing {
		return nil, ErrLegal
	}
	select {
	case c.bodies <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	d := &download{c: c, w: c.bodyWire(s), url: u, from: max(0, f.From), size: -1, limit: s.Limits.MaxBytes, limitName: "byte limit"}
	if s.Legal == leak.LegalHead {
		d.limit, d.limitName = min(d.limit, s.Limits.HeadBytes), "head limit"
	}
	d.ctx, d.cancel = context.WithTimeoutCause(ctx, s.Limits.BodyTime, errBodyTime)
	d.free = func() { <-c.bodies }
	if err := d.begin(f.Validators); err != nil {
		_ = d.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return d.open(), nil
}

// wanted gives the source and the URL of a place. A person's tip goes the way of the source that has its host, onion
// addresses by Tor, all else directly.
func (c *Crawler) wanted(source string, place leak.Place, tip bool) (*source, *url.URL, error) {
	u, err := url.Parse(place.Reveal())
	if err != nil {
		return nil, nil, fmt.Errorf("not a URL: %w", ErrScope)
	}
	s := c.sources[source]
	if tip {
		s = c.tipSource(u)
	}
	if s == nil {
		return nil, nil, ErrUnknownSource
	}
	if err := checkURL(u, s.Network, s.AllowPrivate); err != nil {
		return nil, nil, err
	}
	return s, u, nil
}

func (c *Crawler) tipSource(u *url.URL) *source {
	var known *source
	for _, s := range c.sources {
		if s.owns(u) && (known == nil || s.AllowPrivate && !known.AllowPrivate) {
			known = s
		}
	}
	switch {
	case known != nil:
		t := *c.tips[known.Network]
		t.AllowPrivate, t.way = known.AllowPrivate, known.way
		return &t
	case isOnion(u.Hostname()):
		return c.tips[leak.Tor]
	}
	return c.tips[leak.Direct]
}

// begin sends the first request.
func (d *download) begin(have leak.Validators) error {
	_, err := retry(d.ctx, d.c, func() (struct{}, error) { return struct{}{}, d.first(have) })
	return err
}

// first asks once: for the rest of what is here already when the server can prove that it is the same, else for all.
func (d *download) first(have leak.Validators) error {
	if d.from > 0 && !provable(have) {
		d.from = 0
	}
	d.at, d.has = d.from, have
	resp, err := d.ask(d.from)
	if err != nil {
		return err
	}
	switch {
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && d.from > 0:
		return d.pastEnd(resp)
	case resp.StatusCode == http.StatusPartialContent && d.from > 0:
		if d.goesOn(resp, d.from) {
			d.describe(resp)
			d.attach(resp)
			return nil
		}
		return d.anew(resp)
	case resp.StatusCode == http.StatusPartialContent:
		d.drop(resp)
		return fmt.Errorf("a part that was not asked for: %w", ErrBroken)
	}
	if err := ofStatus(resp.StatusCode); err != nil {
		d.drop(resp)
		return err
	}
	if d.from > 0 && same(have, validators(resp.Header)) { // it does not know ranges: the first part passes by
		d.skip = d.from
	} else {
		d.from, d.at = 0, 0
	}
	d.describe(resp)
	d.attach(resp)
	return nil
}

// pastEnd is asked when a server says that nothing is left: true when what is here already is all of the same version.
func (d *download) pastEnd(resp *http.Response) error {
	d.drop(resp)
	head, t, err := d.w.follow(d.ctx, asking{method: http.MethodHead, url: d.url, header: bodyHeader()})
	d.note(t, err)
	if err != nil {
		return err
	}
	_ = head.Body.Close()
	if head.StatusCode == http.StatusOK && head.ContentLength == d.from && same(d.has, validators(head.Header)) {
		d.describe(head)
		d.over = true
		return nil
	}
	return d.anew(nil)
}

// anew starts over with what is there now.
func (d *download) anew(resp *http.Response) error {
	if resp != nil {
		d.drop(resp)
	}
	d.from, d.at, d.has = 0, 0, leak.Validators{}
	return d.first(leak.Validators{})
}

// describe takes what an answer says of the whole body.
func (d *download) describe(resp *http.Response) {
	d.has = validators(resp.Header)
	d.media, d.charset = mediaType(resp.Header)
	d.size = resp.ContentLength
	if resp.StatusCode == http.StatusPartialContent {
		_, d.size, _ = contentRange(resp.Header.Get("Content-Range"))
	}
}

// mediaType is what the server calls the body, as far as anybody knows such a type and charset. Compression that was not
// asked for is what the bytes are.
func mediaType(h http.Header) (media, charset string) {
	switch strings.ToLower(h.Get("Content-Encoding")) {
	case "gzip", "x-gzip":
		return "application/gzip", ""
	case "zstd":
		return "application/zstd", ""
	case "br":
		return "application/x-brotli", ""
	}
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || len(media) > 128 || !mediaForm.MatchString(media) {
		return "", ""
	}
	_, charset = charsets.Lookup(params["charset"])
	return media, charset
}

// mediaForm is what media types look like. They are kept in clear, so nothing else may pass for one.
var mediaForm = regexp.MustCompile(`^(application|audio|font|image|message|model|multipart|text|video)/[a-z0-9][a-z0-9.+_-]*$`)

// open gives the download to the caller.
func (d *download) open() *leak.Body {
	return &leak.Body{ReadCloser: d, From: d.from, Size: d.size, Validators: d.has, MediaType: d.media, Charset: d.charset,
		Cut: func() string { return d.cut }, Exchanges: d.exchanges}
}

// strong gives an ETag that proves the same bytes, or "".
func strong(etag string) string {
	if len(etag) >= 2 && etag[0] == '"' && etag[len(etag)-1] == '"' {
		return etag
	}
	return ""
}

// provable says whether validators can show that two answers are of the same bytes.
func provable(v leak.Validators) bool { return strong(v.ETag) != "" || v.LastModified != "" }

// same says whether two answers are of the same bytes, as far as their validators can show it.
func same(a, b leak.Validators) bool {
	if strong(a.ETag) != "" || strong(b.ETag) != "" {
		return a.ETag == b.ETag
	}
	return a.LastModified != "" && a.LastModified == b.LastModified
}

// ifRange is the condition under which a server goes on.
func ifRange(v leak.Validators) string {
	if e := strong(v.ETag); e != "" {
		return e
	}
	return v.LastModified
}

// goesOn says whether an answer is the rest of the same version, from an offset on.
func (d *download) goesOn(resp *http.Response, from int64) bool {
	start, size, ok := contentRange(resp.Header.Get("Content-Range"))
	known := d.size
	return ok && start == from && (known < 0 || size < 0 || size == known) && same(d.has, validators(resp.Header))
}

// contentRange reads `bytes 100-199/1000`: the first byte and the size of all, -1 when the server does not know it.
func contentRange(s string) (start, size int64, ok bool) {
	s, found := strings.CutPrefix(strings.TrimSpace(s), "bytes ")
	span, total, slash := strings.Cut(s, "/")
	first, last, dash := strings.Cut(span, "-")
	start, err := digits(first)
	end, err2 := digits(last)
	if !found || !slash || !dash || err != nil || err2 != nil || end < start {
		return 0, -1, false
	}
	if total == "*" {
		return start, -1, true
	}
	size, err = digits(total)
	if err != nil || end >= size {
		return 0, -1, false
	}
	return start, size, true
}

func digits(s string) (int64, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 63)
	return int64(n), err
}

var errBodyTime = fmt.Errorf("time limit of the body: %w", context.DeadlineExceeded)

// cutText says which limit cut a body and what was left.
func cutText(limit string, size, at int64) string {
	if size < 0 {
		return limit + ": unknown rest"
	}
	return fmt.Sprintf("%s: %d bytes left", limit, size-at)
}

func timeLimit(d time.Duration) string { return fmt.Sprintf("time limit %s", d) }
