package crawler

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	maxHosts  = 4096
	patience  = time.Minute      // how long a request waits for a host that asked to be left alone
	maxPause  = time.Hour        // what a server can ask for at most
	firstRest = 10 * time.Second // of a busy host that names no time; doubled each time
	maxRest   = 15 * time.Minute
	deadAt    = 5 // requests in a row without an answer
)

// hosts keeps the pace of every host, over all sources. It is safe for concurrent use.
type hosts struct {
	now func() time.Time

	mu     sync.Mutex
	byName map[string]*hostPace
}

type hostPace struct {
	next  time.Time // when the next request may go
	until time.Time // the host asked to be left alone until then
	busy  int       // times in a row
	dead  int       // requests in a row that had no answer
}

// wait returns when a request may go to a host: pace after the one before, up to a fifth later at random, and not
// while the host has asked to be left alone. A long rest is not waited for but is ErrBusy.
func (h *hosts) wait(ctx context.Context, host string, pace time.Duration) error {
	for {
		at, err := h.reserve(host, pace)
		if err != nil {
			return err
		}
		if err := sleep(ctx, at.Sub(h.now())); err != nil {
			return err
		}
		if !h.resting(host) {
			return nil
		}
	}
}

func (h *hosts) reserve(host string, pace time.Duration) (time.Time, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, now := h.of(host), h.now()
	if rest := p.until.Sub(now); rest > patience {
		return now, &statusError{after: rest, cause: ErrBusy}
	}
	at := maxTime(now, maxTime(p.next, p.until))
	p.next = at.Add(pace + time.Duration(rand.Float64()*float64(pace)/5))
	return at, nil
}

func (h *hosts) resting(host string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.of(host).until.After(h.now())
}

// rest leaves a host alone: for as long as it asked, or longer each time when it named no time.
func (h *hosts) rest(host string, asked time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of(host).rest(h.now(), asked)
}

func (p *hostPace) rest(now time.Time, asked time.Duration) {
	if asked <= 0 {
		asked = min(firstRest<<min(p.busy, 16), maxRest)
	}
	p.busy++
	p.until = maxTime(p.until, now.Add(min(asked, maxPause)))
}

// silent notes that a host did not answer. One that does not several times in a row is left alone too.
func (h *hosts) silent(host string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.of(host)
	if p.dead++; p.dead >= deadAt {
		p.rest(h.now(), 0)
	}
}

// fine notes that a host answered as it should.
func (h *hosts) fine(host string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.of(host)
	p.busy, p.dead = 0, 0
}

// of gives a host's pace. The caller holds the lock.
func (h *hosts) of(host string) *hostPace {
	if p := h.byName[host]; p != nil {
		return p
	}
	if now := h.now(); len(h.byName) >= maxHosts {
		for name, p := range h.byName {
			if p.next.Before(now) && p.until.Before(now) {
				delete(h.byName, name)
			}
		}
	}
	p := &hostPace{}
	h.byName[host] = p
	return p
}

// sleep waits, or ends with its context.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
