package enroll

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// inOrder runs work on what feed gives, on several goroutines, and hands the results to take in the order of feed. feed
// and take run on one goroutine each. newWork is called once a worker, so that each has a hasher of its own. The first
// error ends it all; inOrder returns when every goroutine has.
func inOrder[In, Out any](ctx context.Context, workers int, feed func(give func(In) error) error,
	newWork func() func(In) (Out, error), take func(Out) error,
) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	type job struct {
		in  In
		out chan Out
	}
	jobs := make(chan job)
	order := make(chan chan Out, 2*workers)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(jobs)
		defer close(order)
		return feed(func(in In) error {
			j := job{in, make(chan Out, 1)}
			select {
			case order <- j.out:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case jobs <- j:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	for range workers {
		work := newWork()
		g.Go(func() error {
			for j := range jobs {
				out, err := work(j.in)
				if err != nil {
					return err
				}
				j.out <- out
			}
			return nil
		})
	}
	g.Go(func() error {
		for out := range order {
			select {
			case o := <-out:
				if err := take(o); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return g.Wait()
}
