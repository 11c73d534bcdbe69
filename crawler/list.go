package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"leakwatch/configs"
	"leakwatch/leak"
)

// run is one look at a source's listing.
type run struct {
	c     *Crawler
	s     *source
	w     *wire
	yield func(leak.Page) error
	out   leak.Run

	start  *url.URL // of the first page; after its redirects, once it is here
	page   *url.URL // of the page at hand
	within string   // collection of the folder at hand
	seen   map[leak.Digest]string
	items  int
	cuts   []string
}

// yieldError is an error of the caller's own, which goes back as it is.
type yieldError struct{ error }

// List reads one source's listing, a page at a time. It stops at the first error of yield, and gives it back. A listing
// that could not be read at all, or not understood, is an error, and in Run.Err; what could not be read of it besides is in
// Run.Cut. Complete says that everything was read and that there is no reason to doubt it. Runs of different sources may
// go at the same time; two of one source may too, but gain nothing.
func (c *Crawler) List(ctx context.Context, source string, yield func(leak.Page) error) (leak.Run, error) {
	r := &run{c: c, yield: yield, seen: map[leak.Digest]string{}, out: leak.Run{Source: source, Started: c.now().UTC()}}
	s := c.sources[source]
	if s == nil {
		return r.end(ErrUnknownSource)
	}
	r.s, r.w = s, c.wire(s)
	limited, cancel := context.WithTimeoutCause(ctx, s.Limits.Timeout, errRunTime)
	defer cancel()
	err := r.read(limited)
	if mine := (yieldError{}); errors.As(err, &mine) {
		_, _ = r.end(err)
		return r.out, mine.error
	}
	if ctx.Err() != nil {
		_, _ = r.end(plain(ctx.Err()))
		return r.out, ctx.Err()
	}
	if err != nil && limited.Err() != nil && r.out.Pages > 0 {
		r.cut("time limit %s", s.Limits.Timeout)
		err = nil
	}
	return r.end(err)
}

var errRunTime = errors.New("time limit of the run")

func (r *run) read(ctx context.Context) error {
	var err error
	if r.start, err = r.s.start(r.c.now(), ""); err != nil {
		return err
	}
	r.page = r.start
	switch r.s.Kind {
	case configs.DirectoryIndex:
		return r.folders(ctx)
	case configs.JSONListing, configs.HTMLListing:
		return r.pages(ctx)
	}
	return &marked{"unknown kind of source", leak.ErrPermanent}
}

// end writes the run's end down. err is why it failed, nil when it did not.
func (r *run) end(err error) (leak.Run, error) {
	r.out.Ended = r.c.now().UTC()
	r.out.Cut = strings.Join(r.cuts, "; ")
	if err == nil && len(r.cuts) == 0 {
		err = r.c.shrunk(r.out.Source, r.out.Listed)
	}
	if err != nil {
		err = plain(err)
		r.out.Err = err.Error()
		return r.out, err
	}
	r.out.Complete = len(r.cuts) == 0
	return r.out, nil
}

func (r *run) cut(format string, args ...any) {
	if len(r.cuts) < 16 {
		r.cuts = append(r.cuts, fmt.Sprintf(format, args...))
	}
}

// room is how many more items this run may take.
func (r *run) room() int { return max(0, r.s.Limits.MaxItems-r.items) }

// give hands a page's items over.
func (r *run) give(f *fetched, where *url.URL, items []leak.Item) error {
	r.out.Pages++
	for _, i := range items {
		if !i.Listing {
			r.items++
			r.out.Listed++
		}
	}
	p := leak.Page{Place: r.c.place(r.s, where.String()), Items: items}
	if f != nil {
		p.Raw, p.Exchange = f.raw, f.exchange
	}
	if err := r.yield(p); err != nil {
		return yieldError{err}
	}
	return nil
}

// evidence hands over a page that could not be understood: what a server said instead is kept too.
func (r *run) evidence(ctx context.Context, f *fetched) error {
	if f == nil || f.exchange.Method == "" || ctx.Err() != nil {
		return nil
	}
	p := leak.Page{Place: r.c.place(r.s, f.url.String()), Raw: f.raw, Exchange: f.exchange}
	if err := r.yield(p); err != nil {
		return yieldError{err}
	}
	return nil
}

// counts is what a source listed before, in this process.
type counts struct {
	complete int // items of the last complete run
	lower    int // of the last run that listed far less, and
	times    int // how many in a row did
}

const (
	enough    = 10 // items, from which on a fall says something
	believeAt = 3  // runs in a row that list about as little
)

// shrunk is the error of a listing that names less than half of what it named before: more likely a server or a reader
// that fails than a mass deletion. What several runs in a row say is believed.
func (c *Crawler) shrunk(source string, listed int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.counts[source]
	if k == nil {
		k = &counts{}
		c.counts[source] = k
	}
	if k.complete < enough || 2*listed >= k.complete {
		*k = counts{complete: listed}
		return nil
	}
	if d := listed - k.lower; k.times > 0 && max(d, -d) <= enough/2+k.lower/10 {
		k.times++
	} else {
		k.times = 1
	}
	k.lower = listed
	if k.times >= believeAt {
		*k = counts{complete: listed}
		return nil
	}
	return &wireError{fmt.Sprintf("listing fell from %d to %d items: %v", k.complete, listed, ErrListing), ErrListing}
}
