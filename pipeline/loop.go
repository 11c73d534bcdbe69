package pipeline

import (
	"context"
	"errors"
	"time"
)

// stepFunc takes what is due and works on it. busy says that there was something, so there may be more.
type stepFunc func(ctx context.Context) (busy bool, err error)

// The pace of a worker that finds nothing, and of one that failed.
const (
	idlePoll   = 500 * time.Millisecond
	failedPoll = 5 * time.Second
)

// registryPoll is how often the store is asked whether the registry changed: a question for two numbers.
const registryPoll = 250 * time.Millisecond

// loop runs one worker: it takes nothing new once stop has ended, and works under work, which outlives stop by the
// grace period.
func (p *Pipeline) loop(stop, work context.Context, name string, step stepFunc) {
	for stop.Err() == nil {
		busy, err := step(work)
		pause := time.Duration(0)
		switch {
		case err != nil && !errors.Is(err, context.Canceled):
			p.Metrics.Errors.WithLabelValues(name).Inc()
			p.Log.Error("worker", "room", name, "err", err)
			pause = failedPoll
		case !busy:
			pause = idlePoll
		}
		if pause == 0 {
			p.wakeUp(name) // there may be more than one worker can take
			continue
		}
		timer := time.NewTimer(pause)
		select {
		case <-stop.Done():
		case <-timer.C:
		case <-p.wake[name]:
		}
		timer.Stop()
	}
}

// every runs a chore at an interval until ctx ends.
func (p *Pipeline) every(ctx context.Context, interval time.Duration, name string, chore func(context.Context) error) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := chore(ctx); err != nil && ctx.Err() == nil {
			p.Metrics.Errors.WithLabelValues(name).Inc()
			p.Log.Error("chore", "name", name, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// keepLease extends a lease while work goes on, and cancels the work when it was lost. The returned function ends it
// and waits.
func (p *Pipeline) keepLease(ctx context.Context, cancel context.CancelCauseFunc, extend func(context.Context) error) func() {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(p.Config.Lease / 3)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ctx.Done():
				return
			case <-ticker.C:
				if err := extend(ctx); err != nil && ctx.Err() == nil {
					cancel(err)
					return
				}
			}
		}
	}()
	return func() { close(stop); <-done }
}

// daily does the housekeeping at its hour, UTC, and the day's warnings with it.
func (p *Pipeline) daily(ctx context.Context) {
	for {
		now := p.Now().UTC()
		next := time.Date(now.Year(), now.Month(), now.Day(), p.PurgeHour, 0, 0, 0, time.UTC)
		if !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
		timer := time.NewTimer(next.Sub(now))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if err := p.Housekeep(ctx); err != nil && ctx.Err() == nil {
			p.Log.Error("housekeeping", "err", err)
		}
	}
}

// Housekeep applies retention to store and evidence, and tells the operator what is amiss.
func (p *Pipeline) Housekeep(ctx context.Context) error {
	gone, evidence, err := p.Store.Purge(ctx)
	if err != nil {
		return err
	}
	for _, version := range evidence {
		err = errors.Join(err, p.Vault.Drop(version))
	}
	p.Log.Info("purged", "rows", gone, "evidence", len(evidence))
	return errors.Join(err, p.Store.Daily(ctx))
}
