package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"leakwatch/leak"
)

// failuresToTell is how many runs of a source fail in a row before the operator is told.
const failuresToTell = 3

func (p *Pipeline) sourceStep(ctx context.Context) (bool, error) {
	s, ok, err := p.Store.LeaseSource(ctx, p.worker, p.Config.Lease)
	if err != nil || !ok {
		return false, err
	}
	_, err = p.runSource(ctx, s)
	return true, err
}

// runSource reads one source's listing and writes down what it names. A failing source is an outcome, not an error.
func (p *Pipeline) runSource(ctx context.Context, s leak.Source) (leak.Run, error) {
	log, stopped := p.Log.With("source", s.ID), ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := p.keepLease(ctx, cancel, func(ctx context.Context) error {
		return p.Store.ExtendSource(ctx, s.ID, p.worker, p.Config.Lease)
	})
	due := 0
	run, listErr := p.Crawler.List(ctx, s.ID, func(page leak.Page) error {
		n, err := p.putPage(ctx, s.ID, page)
		due += n
		return err
	})
	stop()
	if ctx.Err() != nil && stopped.Err() == nil {
		return run, fmt.Errorf("run of %s: %w", s.ID, context.Cause(ctx)) // the lease is another's: there is nothing to hand back
	}
	if ctx.Err() != nil {
		return run, p.Store.HandBackSource(context.WithoutCancel(ctx), s.ID)
	}
	run.Source, run.Due = s.ID, due
	if listErr != nil && run.Err == "" {
		run.Err = listErr.Error()
	}
	next, err := p.NextRun(s, p.Now())
	if err != nil {
		return run, fmt.Errorf("next run of %s: %w", s.ID, err)
	}
	failures, err := p.Store.FinishRun(ctx, run, next)
	if err != nil {
		return run, err
	}
	p.Happened(Happening{What: "run", Source: s.ID, Run: run})
	p.wakeUp("watches")
	outcome := "done"
	if run.Err != "" {
		outcome = "failed"
		log.Warn("run failed", "err", run.Err, "failures", failures)
		if failures >= failuresToTell {
			err = p.Store.TellOperator(ctx, "source-failing/"+s.ID, "source "+s.ID+" keeps failing",
				fmt.Sprintf("The last %d runs of the source %s failed.\nThe last one said: %s\n\n`leakwatch doctor` says more.\n", failures, s.ID, run.Err))
		}
	} else {
		log.Info("run done", "listed", run.Listed, "due", run.Due, "complete", run.Complete, "cut", run.Cut)
	}
	p.Metrics.Runs.WithLabelValues(s.ID, outcome).Inc()
	return run, err
}

// putPage writes the evidence of a page first: whatever its items come to, what led to them is kept.
func (p *Pipeline) putPage(ctx context.Context, source string, page leak.Page) (int, error) {
	if err := p.Store.PutListing(ctx, source, page); err != nil {
		return 0, fmt.Errorf("keep listing: %w", err)
	}
	due, err := p.Store.PutItems(ctx, p.Now(), page.Items)
	if err != nil {
		return 0, fmt.Errorf("write items: %w", err)
	}
	p.Happened(Happening{What: "listed", Source: source, Place: page.Place, Run: leak.Run{Listed: len(page.Items), Due: due}})
	if due > 0 {
		p.wakeUp("versions")
	}
	return due, nil
}

// Crawl runs one source now and reads what is due of it, and returns when every item has an outcome or is set for a
// later attempt. It works beside a running service.
func (p *Pipeline) Crawl(ctx context.Context, source string) (leak.Run, error) {
	s, ok, err := p.Store.LeaseSourceNow(ctx, source, p.worker, p.Config.Lease)
	if err != nil {
		return leak.Run{}, err
	}
	if !ok {
		return leak.Run{}, fmt.Errorf("source %s is being run by another process, such as serve; if that one died, its lease ends within %s", source, p.Config.Lease)
	}
	defer p.refreshing(ctx)()
	run, err := p.runSource(ctx, s)
	if err != nil {
		return run, err
	}
	take := func(ctx context.Context) ([]leak.Version, error) {
		return p.Store.LeaseVersionsOf(ctx, source, p.worker, 1, p.Config.Lease)
	}
	return run, p.drain(ctx, take)
}

// telling indexes and tells what is found while a command reads on: nobody waits for the end of a long run. The
// returned function ends it and waits.
func (p *Pipeline) telling(ctx context.Context) func() {
	stop, end := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { p.loop(stop, ctx, "index", p.indexStep) })
	group.Go(func() { p.loop(stop, ctx, "outbox", p.outboxStep) })
	return func() { end(); group.Wait() }
}

// refreshing takes up what is registered or withdrawn while a command reads. The returned function ends it and waits.
func (p *Pipeline) refreshing(ctx context.Context) func() {
	stop, end := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { p.every(stop, registryPoll, "registry", p.Refresh) })
	return func() { end(); group.Wait() }
}

// drain reads versions with all workers until none is due, and tells of what they find meanwhile.
func (p *Pipeline) drain(ctx context.Context, take func(context.Context) ([]leak.Version, error)) error {
	ended := p.telling(ctx)
	results := make(chan error)
	for range max(1, p.Config.Workers) {
		go func() { results <- p.drainOne(ctx, take) }()
	}
	var first error
	for range max(1, p.Config.Workers) {
		if err := <-results; err != nil && first == nil {
			first = err
		}
	}
	ended() // before what is leased is handed back: a message under way would be told by another worker too
	if err := p.handBack(context.WithoutCancel(ctx)); first == nil {
		first = err
	}
	return first
}

func (p *Pipeline) drainOne(ctx context.Context, take func(context.Context) ([]leak.Version, error)) error {
	for ctx.Err() == nil {
		versions, err := take(ctx)
		if err != nil || len(versions) == 0 {
			return err
		}
		for _, v := range versions {
			if err := p.readVersion(ctx, v); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// Fetch reads one version now, as a tip's.
func (p *Pipeline) Fetch(ctx context.Context, version string) error {
	v, ok, err := p.Store.LeaseVersion(ctx, version, p.worker, p.Config.Lease)
	if err != nil {
		return err
	}
	if !ok {
		return errors.New("another worker is reading it, or has read it just now: `leakwatch search` shows what it found")
	}
	defer p.refreshing(ctx)()
	if err := p.readVersion(ctx, v); err != nil {
		return err
	}
	return p.handBack(context.WithoutCancel(ctx))
}

// Deliver tells and indexes what is due, until nothing is or the time is over: for commands that end.
func (p *Pipeline) Deliver(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for _, step := range []stepFunc{p.indexStep, p.outboxStep} {
		for busy := true; busy; {
			var err error
			if busy, err = step(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}
