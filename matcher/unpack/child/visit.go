package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	seatChildren = 2                // of one Visit that read at once: a document, and one that lies in it
	restTime     = 10 * time.Second // that a child waits for the next document of its Visit
)

// The errors of a document that is not opened for what the Visit, or the system, is like.
var (
	ErrInside     = errors.New("child: too many documents inside one another")
	ErrUsedUp     = errors.New("child: the time of all documents is used up")
	ErrUnconfined = errors.New("child: the system does not confine a reader")
)

// Visit is a source document with all that lies in it. A child serves one Visit only: what took it over by a document gets to see
// no other source's, and can plant nothing in it. Open and End are for one goroutine; the Sessions may be read by others.
type Visit struct {
	pool *Pool

	mu    sync.Mutex
	open  int           // Sessions; while there is one the Visit has a seat
	spent time.Duration // by its children
	work  int64         // bytes read and unpacked by them
}

// Visit begins one. It takes nothing yet, and must be ended.
func (p *Pool) Visit() *Visit { return &Visit{pool: p} }

// End ends the children of the Visit. Its Sessions must have been closed.
func (v *Visit) End() { v.pool.drop(v) }

// Idle says whether no document of the Visit is being read.
func (v *Visit) Idle() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.open == 0
}

// Open has a document read from src. While none of the Visit's is being read it waits for a seat, one of as many as
// Options.Processes; the seat is given back with the last Session that ends. A document that lies in another is read on the seat of that
// one, in a process of its own, while the outer one waits: so seats never wait for one another. One that lies deeper is refused with
// ErrInside, and to be read when the outer one has ended. The Session must be closed. The other errors are ErrUsedUp,
// ErrUnconfined, the context's, or say that no child could be started; they hold nothing of the document.
func (v *Visit) Open(ctx context.Context, doc Document, src io.ReaderAt) (*Session, error) {
	if err := v.enter(ctx); err != nil {
		return nil, err
	}
	begin := time.Now()
	s, err := v.session(ctx, doc, src)
	v.count(time.Since(begin), 0) // who kills children has them started from its own time
	if err != nil {
		v.leave()
	}
	return s, err
}

func (v *Visit) enter(ctx context.Context) error {
	if v.left() <= 0 {
		return ErrUsedUp
	}
	v.mu.Lock()
	open := v.open
	if open > 0 && open < seatChildren {
		v.open++
	}
	v.mu.Unlock()
	switch {
	case open >= seatChildren:
		return ErrInside
	case open > 0:
		return nil
	}
	if ctx.Err() == nil {
		select {
		case v.pool.seats <- struct{}{}:
			v.mu.Lock()
			v.open++
			v.mu.Unlock()
			return nil
		case <-ctx.Done():
		}
	}
	return fmt.Errorf("wait for a reader: %w", ctx.Err())
}

// leave ends a Session, whose child is at rest or gone.
func (v *Visit) leave() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.open--; v.open == 0 {
		<-v.pool.seats
	}
}

func (v *Visit) session(ctx context.Context, doc Document, src io.ReaderAt) (*Session, error) {
	doc.Memory = v.pool.o.Memory
	for range 2 {
		c, err := v.pool.take(v)
		if err != nil {
			return nil, err
		}
		fresh := c.served == 0
		s := newSession(ctx, v, c, doc, src)
		if err = s.open(); err == nil {
			return s, nil
		}
		s.stop()
		c.end()
		if fresh || ctx.Err() != nil { // one that waited may have died since: another is started
			break
		}
	}
	return nil, errStart
}

// count adds what a child took.
func (v *Visit) count(d time.Duration, work int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.spent += d
	v.work += work
}

// left is the time that all documents of the Visit still have.
func (v *Visit) left() time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.pool.o.Total + time.Duration(v.work/secondBytes)*time.Second - v.spent
}
