package crawler

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// asking is a request with the redirects that it follows.
type asking struct {
	method string
	url    *url.URL
	header http.Header
	robots bool // it asks for robots.txt itself
}

// follow sends a request and follows its redirects, also to other hosts, each looked at and recorded like the first.
// The caller closes the answer's body. The trail is never nil.
func (w *wire) follow(ctx context.Context, a asking) (*http.Response, *trail, error) {
	t := &trail{}
	u := a.url
	for hop := 0; ; hop++ {
		r, err := http.NewRequestWithContext(ctx, a.method, "http://placeholder.invalid/", nil)
		if err != nil {
			return nil, t, fmt.Errorf("make request: %w", plain(err))
		}
		bare := *u
		bare.Fragment, bare.RawFragment = "", ""
		r.URL, r.Host, r.Header = &bare, bare.Host, a.header.Clone()
		resp, err := w.send(r, t, a.robots)
		if err != nil {
			return nil, t, err
		}
		if !redirects(resp.StatusCode) || resp.Header.Get("Location") == "" {
			return resp, t, nil
		}
		drain(resp.Body)
		if hop >= w.c.config.MaxRedirects {
			return nil, t, t.failed(r, w, ErrRedirects)
		}
		if u, err = next(&bare, resp.Header.Get("Location")); err != nil {
			return nil, t, t.failed(r, w, err)
		}
	}
}

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func next(from *url.URL, location string) (*url.URL, error) {
	if len(location) > maxURL {
		return nil, fmt.Errorf("redirect: %w", ErrScope)
	}
	u, err := from.Parse(location)
	if err != nil {
		return nil, fmt.Errorf("redirect: %w", ErrScope)
	}
	return u, nil
}

// drain reads a little of a body that nobody wants, so that its connection can be used again.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 4<<10)
	_ = body.Close()
}
