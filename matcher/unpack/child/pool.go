package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how children are started and what they may take. What is zero takes its default.
type Options struct {
	Command   []string      // starts a program that calls Serve with its standard input and output
	Memory    int64         // bytes a child may take beside the program itself; 512 MiB
	Time      time.Duration // for one document, and a second more for each MiB of it read or unpacked; two minutes
	Processes int           // documents that are read at once; 2
	Documents int           // that a child serves before it is replaced; 256
}

func (o Options) withDefaults() Options {
	if o.Memory <= 0 {
		o.Memory = 512 << 20
	}
	if o.Time <= 0 {
		o.Time = 2 * time.Minute
	}
	if o.Processes <= 0 {
		o.Processes = 2
	}
	if o.Documents <= 0 {
		o.Documents = 256
	}
	return o
}

// Pool starts children, keeps those that are well for the next document, and ends the others. It is for concurrent use.
type Pool struct {
	o       Options
	seats   chan struct{}
	wg      sync.WaitGroup // processes
	started atomic.Int64

	mu     sync.Mutex
	idle   []*process
	closed bool
}

// NewPool starts nothing yet. The caller closes it.
func NewPool(o Options) *Pool {
	o = o.withDefaults()
	return &Pool{o: o, seats: make(chan struct{}, o.Processes)}
}

// Options are those in force, with their defaults.
func (p *Pool) Options() Options { return p.o }

// Close ends all children and waits until they are gone. Documents that are being read must have been given up, or are
// waited for.
func (p *Pool) Close() error {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, c := range idle {
		c.end()
	}
	p.wg.Wait()
	return nil
}

// Probe starts a child, or takes one that waits, and says which limits the system keeps for it.
func (p *Pool) Probe(ctx context.Context) (Enforced, error) {
	seat, err := p.Enter(ctx)
	if err != nil {
		return Enforced{}, err
	}
	defer seat.Leave()
	c, err := p.take()
	if err != nil {
		return Enforced{}, err
	}
	p.put(c)
	return c.enforced, nil
}

// Seat is the right to have documents read, one of as many as Options.Processes. A document that lies in another is read on the
// seat of that one, in a process of its own, while the outer one waits: so seats never wait for one another.
type Seat struct{ pool *Pool }

// Enter waits for a seat. The error is the context's, or says that the pool is closed.
func (p *Pool) Enter(ctx context.Context) (*Seat, error) {
	if ctx.Err() == nil {
		select {
		case p.seats <- struct{}{}:
			return &Seat{p}, nil
		case <-ctx.Done():
		}
	}
	return nil, fmt.Errorf("wait for a reader: %w", ctx.Err())
}

// Leave gives the seat back, once.
func (s *Seat) Leave() { <-s.pool.seats }

// Open has a document read from src. The Session must be closed. The error says that no child could be started, and holds
// nothing of the document.
func (s *Seat) Open(ctx context.Context, doc Document, src io.ReaderAt) (*Session, error) {
	doc.Memory = s.pool.o.Memory
	for range 2 {
		c, err := s.pool.take()
		if err != nil {
			return nil, err
		}
		fresh := c.served == 0
		session := newSession(ctx, s.pool, c, doc, src)
		if err = session.open(); err == nil {
			return session, nil
		}
		session.Close()
		if fresh || ctx.Err() != nil { // one that waited may have died since: another is started
			break
		}
	}
	return nil, errors.New("child: no reader could be started")
}

// take gives a child that waits, or a new one.
func (p *Pool) take() (*process, error) {
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return nil, errClosed
		}
		n := len(p.idle)
		if n == 0 {
			p.mu.Unlock()
			return p.fresh()
		}
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		if c.alive() {
			return c, nil
		}
		c.end()
	}
}

// fresh gives a new child.
func (p *Pool) fresh() (*process, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, errClosed
	}
	p.wg.Add(1) // not after Close has begun to wait
	p.mu.Unlock()
	p.started.Add(1)
	return start(p.o, p.wg.Done)
}

var errClosed = errors.New("child: pool is closed")

// put keeps a child that is well for the next document.
func (p *Pool) put(c *process) {
	p.mu.Lock()
	keep := !p.closed && len(p.idle) < p.o.Processes
	if keep {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if !keep {
		c.end()
	}
}
