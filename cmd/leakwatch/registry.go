package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"leakwatch/matcher"
	"leakwatch/store"
)

// registryParts is how many parts of the registry are read side by side.
const registryParts = 4

// takeUp brings the matcher up to what the store holds: its words, the clinics' record numbers, its people. It gives the
// generation that the matcher then has, which is asked for before anything is read: what comes meanwhile is taken up
// once more by the next look, and no document passes for read with words or people that its reading did not know.
func (a *app) takeUp(ctx context.Context, m *matcher.Matcher, s *store.Store) (int64, error) {
	generation, err := s.Generation(ctx)
	if err != nil {
		return 0, err
	}
	if err := errors.Join(a.watchTerms(ctx, m, s), a.recordNumbers(ctx, m, s)); err != nil {
		return 0, err
	}
	return generation, takeUpPeople(ctx, m, s, generation)
}

// takeUpPeople takes up whom clinics registered: what changed, or all of it where the store does not know that any more.
func takeUpPeople(ctx context.Context, m *matcher.Matcher, s *store.Store, generation int64) error {
	changed, known, err := s.Changes(ctx, m.Generation())
	if err != nil {
		return err
	}
	if known && m.Generation() > 0 && m.Revise(changed) == nil {
		m.SetGeneration(generation)
		return nil
	}
	r, err := s.Registry(ctx, min(runtime.GOMAXPROCS(0), registryParts)) // loading it says what is wrong, if it is
	if err != nil {
		return err
	}
	return m.LoadParts(generation, r.Rows, r.Parts)
}

// followRegistry takes up what is registered or withdrawn while a command without the pipeline reads. The returned
// function ends it and waits.
func (a *app) followRegistry(ctx context.Context) func() {
	stop, end := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		pause := registryPoll
		for {
			select {
			case <-stop.Done():
				return
			case <-time.After(pause):
			}
			generation, err := a.opened.Generation(stop)
			if err == nil && generation != a.match.Generation() {
				_, err = a.takeUp(stop, a.match, a.opened)
			}
			pause = registryPoll
			if err != nil && stop.Err() == nil {
				a.log().Error("registry", "err", err)
				pause = registryRetry
			}
		}
	})
	return func() { end(); group.Wait() }
}

const (
	registryPoll  = 250 * time.Millisecond
	registryRetry = 5 * time.Second // how long a registry that could not be taken up is let be: it may be large
)

// readAgain makes due what was read with an older registry, or by the readers of another version.
func (a *app) readAgain(ctx context.Context) error {
	_, err := a.opened.DueAgain(ctx, a.match.Generation(), readerVersion())
	if err != nil {
		return fmt.Errorf("look for what is due again: %w", err)
	}
	return nil
}

// refresh takes up what another process registered, and lets what is still there and was clean be read again.
func (a *app) refresh(ctx context.Context) error {
	generation, err := a.opened.Generation(ctx)
	if err != nil || generation == a.match.Generation() && !a.dueAgain {
		return err
	}
	if generation != a.match.Generation() {
		if a.now().Before(a.registryAt) {
			return nil
		}
		a.registryAt = a.now().Add(registryRetry)
		a.dueAgain = true // until it succeeds: a registry that is taken up is not asked for again
		if generation, err = a.takeUp(ctx, a.match, a.opened); err != nil {
			return err
		}
		a.registryAt = time.Time{}
	}
	due, err := a.opened.DueAgain(ctx, generation, readerVersion())
	if err != nil {
		return err
	}
	a.dueAgain = false
	a.log().Info("registry taken up", "generation", generation, "identifiers", a.match.Size(), "due_again", due)
	return nil
}
