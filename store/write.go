package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	queued    = 256                   // writes that wait without blocking who asked for them
	batchMax  = 64                    // writes in one transaction
	batchTime = 50 * time.Millisecond // after which a transaction takes no more of them
)

var errClosed = errors.New("the store is closed")

// job is one closure on its way to the writer.
type job struct {
	fn    func(*txn) error
	state atomic.Int32
	done  chan error // buffered
}

// The states of a job.
const (
	waiting int32 = iota
	running
	abandoned
)

// write runs fn inside a transaction and returns when it is committed. Closures of several goroutines share one
// transaction, each in a savepoint of its own: an error of fn undoes what fn did and nothing else, and is returned as it
// is. A lone caller is not delayed. fn may run more than once, so it sets afresh whatever it hands out; it uses no
// connection but its transaction, and calls no method that writes.
func (s *Store) write(ctx context.Context, fn func(*txn) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{fn: fn, done: make(chan error, 1)}
	if err := s.enqueue(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		if j.state.CompareAndSwap(waiting, abandoned) {
			return ctx.Err()
		}
		return <-j.done // it is running, and uses what the caller holds
	}
}

func (s *Store) enqueue(ctx context.Context, j *job) (err error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closed {
		return errClosed
	}
	select {
	case s.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read gives the connections that only read. What they see was committed.
func (s *Store) read() *sql.DB { return s.readers }

// exclusively runs fn while nothing else in this process writes, for work that needs a transaction of its own.
func (s *Store) exclusively(fn func() error) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	return fn()
}

// commit is the writer: it takes what waits, group by group, until Close. The jobs' own contexts end their own
// statements; none of them may end the transaction of all, so ctx is one that does not end.
func (s *Store) commit(ctx context.Context) {
	defer close(s.stopped)
	for j := range s.queue {
		s.turn.Lock()
		s.group(ctx, j)
		s.turn.Unlock()
	}
}

// group runs a job and those that wait behind it in one transaction. When the transaction as a whole breaks, each is
// run again in a transaction of its own.
func (s *Store) group(ctx context.Context, first *job) {
	tx, err := s.writes.begin(ctx, nil)
	if err != nil {
		first.finish(fmt.Errorf("begin: %w", err))
		return
	}
	var in []*job
	var errs []error
	broken := false
	for j, until := first, time.Now().Add(batchTime); j != nil; {
		if j.state.CompareAndSwap(waiting, running) {
			err, ok := within(ctx, tx, j.fn)
			in, errs = append(in, j), append(errs, err)
			if broken = !ok; broken {
				break
			}
		}
		j = s.next(len(in), until)
	}
	if broken {
		_ = tx.Rollback()
		s.oneByOne(ctx, in, errs)
		return
	}
	if err := tx.Commit(); err != nil {
		for i := range errs {
			errs[i] = errors.Join(errs[i], fmt.Errorf("commit: %w", err))
		}
	}
	for i, j := range in {
		j.finish(errs[i])
	}
}

// next is a job that waits already, if the transaction may take one more.
func (s *Store) next(n int, until time.Time) *job {
	if n >= batchMax || time.Now().After(until) {
		return nil
	}
	select {
	case j := <-s.queue: // nil when closed
		return j
	default:
		return nil
	}
}

// within runs fn in a savepoint. ok is false when the transaction itself is lost, as SQLite does with a write that is
// interrupted.
func within(ctx context.Context, tx *txn, fn func(*txn) error) (err error, ok bool) {
	if _, err := tx.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		return err, false
	}
	if err := fn(tx); err != nil {
		if _, e := tx.ExecContext(ctx, "ROLLBACK TO one"); e != nil {
			return err, false
		}
		_, e := tx.ExecContext(ctx, "RELEASE one")
		return err, e == nil
	}
	_, err = tx.ExecContext(ctx, "RELEASE one")
	return err, err == nil
}

// oneByOne repeats the jobs of a transaction that was lost. The one that broke it was the last, and has its error.
func (s *Store) oneByOne(ctx context.Context, jobs []*job, errs []error) {
	last := len(jobs) - 1
	for _, j := range jobs[:last] {
		j.finish(s.alone(ctx, j.fn))
	}
	jobs[last].finish(errs[last])
}

// alone runs fn in a transaction of its own, which ends with ctx.
func (s *Store) alone(ctx context.Context, fn func(*txn) error) error {
	tx, err := s.writes.begin(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := fn(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (j *job) finish(err error) { j.done <- err }
