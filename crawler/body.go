package crawler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"leakwatch/leak"
)

// leastProgress is how much must have come for a broken connection not to count as a try in vain: a server that gives a
// byte at a time is given up.
const leastProgress = 4 << 10

// download is a body on its way. It is read by one goroutine.
type download struct {
	c      *Crawler
	w      *wire
	url    *url.URL
	ctx    context.Context
	cancel context.CancelFunc
	free   func() // gives the place among the open bodies back
	closed bool

	from    int64 // offset of the first byte that Read gives
	at      int64 // offset of the next
	skip    int64 // bytes of the answer at hand that lie before it
	size    int64 // of all, -1 when unknown
	has     leak.Validators
	media   string
	charset string

	limit     int64
	limitName string
	cut       string
	over      bool
	failure   error

	body   *steady
	end    context.CancelCauseFunc // of the request under way, until its body is attached
	reqCtx context.Context
	lost   int   // tries in vain in a row
	held   int64 // offset at the last break
	said   []leak.Exchange
}

// ask requests the body from an offset on.
func (d *download) ask(from int64) (*http.Response, error) {
	d.reqCtx, d.end = context.WithCancelCause(d.ctx)
	h := bodyHeader()
	if from > 0 {
		h.Set("Range", "bytes="+strconv.FormatInt(from, 10)+"-")
		h.Set("If-Range", ifRange(d.has))
	}
	resp, t, err := d.w.follow(d.reqCtx, asking{method: http.MethodGet, url: d.url, header: h})
	d.note(t, err)
	if err != nil {
		d.end(nil)
		return nil, err
	}
	return resp, nil
}

const exchangesMost = 64

// note keeps what was said, the first and the last of very many.
func (d *download) note(t *trail, err error) {
	if len(d.said) >= exchangesMost {
		d.said = append(d.said[:exchangesMost/2], d.said[exchangesMost/2+1:]...)
	}
	d.said = append(d.said, t.record(err))
}

func (d *download) exchanges() []leak.Exchange { return append([]leak.Exchange(nil), d.said...) }

// drop closes an answer that is of no use.
func (d *download) drop(resp *http.Response) {
	_ = resp.Body.Close()
	d.end(nil)
}

// attach makes an answer the one that is read.
func (d *download) attach(resp *http.Response) {
	d.body = newSteady(d.reqCtx, d.end, resp.Body, d.c.config.Timeout)
}

// Read gives the body's bytes. It mends broken connections; what it cannot mend it says, wrapping ErrBroken, ErrChanged or
// what the server answered. A limit ends the body like its end: Cut says so.
func (d *download) Read(p []byte) (int, error) {
	for {
		switch {
		case d.failure != nil:
			return 0, d.failure
		case d.over:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		n, err := d.some(p)
		if n > 0 {
			d.at += int64(n)
			return n, nil
		}
		if err != nil {
			d.after(err)
		}
	}
}

// some reads from the answer at hand: past what is here already, and up to the limit.
func (d *download) some(p []byte) (int, error) {
	if d.skip > 0 {
		n, err := io.CopyN(io.Discard, d.body, d.skip)
		d.skip -= n
		return 0, early(err)
	}
	left := d.limit - d.at
	if left <= 0 {
		return 0, d.atLimit()
	}
	return d.body.Read(p[:min(int64(len(p)), left)])
}

// early makes an end where none may be an error.
func early(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

var errLimit = errors.New("limit")

// atLimit finds out whether the limit cuts anything: a body may end right there.
func (d *download) atLimit() error {
	if d.size == d.at {
		return io.EOF
	}
	if d.size < 0 {
		var one [1]byte
		if n, err := d.body.Read(one[:]); n == 0 && errors.Is(err, io.EOF) {
			return io.EOF
		}
	}
	return errLimit
}

// after decides what follows when an answer gives no more: the end, a cut, another try, or a failure.
func (d *download) after(err error) {
	switch {
	case errors.Is(err, errLimit):
		d.stop(cutText(fmt.Sprintf("%s %d", d.limitName, d.limit), d.size, d.at))
	case errors.Is(context.Cause(d.ctx), errBodyTime):
		d.stop(cutText(timeLimit(d.w.s.Limits.BodyTime), d.size, d.at))
	case d.ctx.Err() != nil:
		d.failure = d.ctx.Err()
	case errors.Is(err, io.EOF) && (d.size < 0 || d.size == d.at):
		d.stop("")
	default:
		d.again(err)
	}
}

// stop ends the body.
func (d *download) stop(cut string) {
	d.cut, d.over = cut, true
	_ = d.body.Close()
}

// again goes on from where the connection broke.
func (d *download) again(why error) {
	_ = d.body.Close()
	if d.at-d.held >= leastProgress {
		d.lost = 0
	}
	d.held = d.at
	if d.lost++; d.lost > d.c.config.Retries {
		d.fail(why)
		return
	}
	if d.at > 0 && !provable(d.has) {
		d.fail(fmt.Errorf("nothing to go on by: %w", why))
		return
	}
	_, err := retry(d.ctx, d.c, func() (struct{}, error) { return struct{}{}, d.rest() })
	switch {
	case err == nil:
	case errors.Is(context.Cause(d.ctx), errBodyTime):
		d.stop(cutText(timeLimit(d.w.s.Limits.BodyTime), d.size, d.at))
	case d.ctx.Err() != nil:
		d.failure = d.ctx.Err()
	case errors.Is(err, ErrChanged) || errors.Is(err, leak.ErrPermanent) || errors.Is(err, leak.ErrRule):
		d.failure = err
	default:
		d.fail(err)
	}
}

func (d *download) fail(why error) {
	text := plain(why).Error()
	if d.at > 0 && !provable(d.has) {
		text += ", and the server gave nothing to go on by"
	}
	d.failure = &wireError{fmt.Sprintf("broken off at byte %d: %s", d.at, text), ErrBroken}
}

// rest asks for what is missing. Another version is never mixed in.
func (d *download) rest() error {
	resp, err := d.ask(d.at)
	if err != nil {
		return err
	}
	now := validators(resp.Header)
	switch {
	case resp.StatusCode == http.StatusPartialContent && d.at > 0 && d.goesOn(resp, d.at):
		d.skip = 0
	case resp.StatusCode == http.StatusOK && (d.at == 0 || same(d.has, now)):
		if d.at == 0 {
			d.has = now
		}
		d.skip = d.at
	case resp.StatusCode == http.StatusOK, resp.StatusCode == http.StatusPartialContent,
		resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		d.drop(resp)
		return ErrChanged
	default:
		d.drop(resp)
		if err := ofStatus(resp.StatusCode); err != nil {
			return err
		}
		return ErrChanged
	}
	d.attach(resp)
	return nil
}

// Close ends the download. It may be called twice.
func (d *download) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	if d.body != nil {
		_ = d.body.Close()
	}
	d.cancel()
	d.free()
	return nil
}
