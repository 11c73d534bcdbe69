package crawler

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"leakwatch/leak"
)

// Look asks whether what was at a place is still there, by its head alone; where a server does not answer that, by a GET
// whose body is not read. A host that does not answer, or answers with anything but the place, is leak.Unknown, with the
// reason in the exchange. The error is of a place that cannot be asked for at all, or of ctx.
func (c *Crawler) Look(ctx context.Context, w leak.Watch) (leak.Liveness, leak.Exchange, error) {
	s, u, err := c.wanted(w.Source, w.Place, w.Source == tips)
	if err != nil {
		return leak.Unknown, leak.Exchange{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wire := c.bodyWire(s)
	ask := func(method string) (*http.Response, leak.Exchange) {
		resp, t, err := wire.follow(ctx, asking{method: method, url: u, header: bodyHeader()})
		if err != nil {
			return nil, t.record(err)
		}
		_ = resp.Body.Close()
		return resp, t.record(nil)
	}
	resp, exchange := ask(http.MethodHead)
	if resp != nil && noHead(resp.StatusCode) {
		resp, exchange = ask(http.MethodGet)
	}
	if ctx.Err() != nil {
		return leak.Unknown, exchange, ctx.Err()
	}
	if resp == nil {
		return leak.Unknown, exchange, nil
	}
	return liveness(resp, w.Validators), exchange, nil
}

// noHead says whether a status may mean that a server does not know HEAD.
func noHead(status int) bool {
	switch status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusBadRequest, http.StatusForbidden, http.StatusInternalServerError:
		return true
	}
	return false
}

func liveness(resp *http.Response, was leak.Validators) leak.Liveness {
	switch err := ofStatus(resp.StatusCode); {
	case errors.Is(err, ErrGone):
		return leak.GoneNow
	case err != nil:
		return leak.Unknown
	}
	now := validators(resp.Header)
	weak := func(e string) string { return strings.TrimPrefix(e, "W/") }
	switch {
	case was.ETag != "" && now.ETag != "":
		if weak(was.ETag) == weak(now.ETag) {
			return leak.Live
		}
		return leak.Changed
	case was.LastModified != "" && now.LastModified != "":
		if was.LastModified == now.LastModified {
			return leak.Live
		}
		return leak.Changed
	case was == (leak.Validators{}):
		return leak.Live
	}
	return leak.Changed // it had validators and has none of them now: a page that says "deleted" with status 200
}
