package child

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how children are started and what they may take. What is zero takes its default.
type Options struct {
	Command   []string      // starts a program that calls Serve with its standard input and output
	Memory    int64         // bytes a child may take beside the program itself; 512 MiB
	Time      time.Duration // for one document, and a second more for each MiB of it read or unpacked; two minutes
	Total     time.Duration // for all documents of a Visit, and a second more for each MiB of them; ten minutes
	Processes int           // Visits whose documents are read at once; 2. There are never more children than twice that and one
	Documents int           // that a child serves before it is replaced; 256

	// Confined has no document read by a child of which the system does not bound the memory and filter the calls.
	Confined bool
}

func (o Options) withDefaults() Options {
	if o.Memory <= 0 {
		o.Memory = 512 << 20
	}
	if o.Time <= 0 {
		o.Time = 2 * time.Minute
	}
	if o.Total <= 0 {
		o.Total = 10 * time.Minute
	}
	if o.Processes <= 0 {
		o.Processes = 2
	}
	if o.Documents <= 0 {
		o.Documents = 256
	}
	return o
}

// Pool starts children, keeps one ready that has seen nothing, and ends the others with their Visits. It is for concurrent use.
type Pool struct {
	o        Options
	seats    chan struct{}
	wg       sync.WaitGroup // processes, and what starts a spare
	started  atomic.Int64
	launcher launcher

	mu         sync.Mutex
	fewer      *sync.Cond // with mu: a process is gone, or the pool closed
	living     int        // processes, those being started too
	resting    []*process // between two documents of their Visits, the one that rests longest first
	spare      *process   // has seen nothing
	sparing    bool       // a spare is being started
	unconfined bool       // a child was refused for what the system lets it do
	closed     bool
}

// NewPool starts nothing yet. The caller closes it.
func NewPool(o Options) *Pool {
	o = o.withDefaults()
	p := &Pool{o: o, seats: make(chan struct{}, o.Processes)}
	p.fewer = sync.NewCond(&p.mu)
	return p
}

// Options are those in force, with their defaults.
func (p *Pool) Options() Options { return p.o }

// Close ends all children and waits until they are gone. Documents that are being read must have been given up, or are
// waited for.
func (p *Pool) Close() error {
	p.mu.Lock()
	idle := p.resting
	if p.spare != nil {
		idle = append(idle, p.spare)
	}
	p.resting, p.spare, p.closed = nil, nil, true
	p.fewer.Broadcast()
	p.mu.Unlock()
	for _, c := range idle {
		c.end()
	}
	p.wg.Wait()
	p.launcher.end()
	return nil
}

// Probe starts a child, which is kept for the first document, and says which limits the system keeps for it.
func (p *Pool) Probe(ctx context.Context) (Enforced, error) {
	if err := ctx.Err(); err != nil {
		return Enforced{}, err
	}
	p.mu.Lock()
	c := p.spare
	if c != nil {
		defer p.mu.Unlock()
		return c.enforced, nil
	}
	p.mu.Unlock()
	c, err := p.start()
	if err != nil {
		return Enforced{}, err
	}
	enforced := c.enforced
	p.keep(c)
	return enforced, nil
}

// The errors of a child that is not had.
var (
	errClosed = errors.New("child: pool is closed")
	errStart  = errors.New("child: no reader could be started")
)

// take gives a child that rests in the Visit, the spare, or a new one.
func (p *Pool) take(v *Visit) (*process, error) {
	for {
		c, err := p.waiting(v)
		if err != nil {
			return nil, err
		}
		if c == nil {
			if c, err = p.fresh(); err != nil {
				return nil, err
			}
		} else if !c.wake() {
			c.end()
			continue
		}
		c.owner = v
		p.refill()
		return c, nil
	}
}

func (p *Pool) waiting(v *Visit) (c *process, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	for i, r := range slices.Backward(p.resting) {
		if r.owner == v {
			p.resting = slices.Delete(p.resting, i, i+1)
			return r, nil
		}
	}
	c, p.spare = p.spare, nil
	return c, nil
}

// fresh gives a new child that is confined as it must be.
func (p *Pool) fresh() (*process, error) {
	p.mu.Lock()
	refused := p.unconfined
	p.mu.Unlock()
	if refused {
		return nil, ErrUnconfined
	}
	c, err := p.start()
	if err == nil && !p.trusts(c) {
		c.end()
		p.mu.Lock()
		p.unconfined = true // the next one would be no other
		p.mu.Unlock()
		return nil, ErrUnconfined
	}
	return c, err
}

// trusts says whether the system confines a child enough to have it read a document.
func (p *Pool) trusts(c *process) bool {
	return !p.o.Confined || c.enforced.Calls && c.enforced.Memory
}

// start starts a child. Where as many live as may, one that rests makes room, or one that is being ended: those that read, and the
// spare, are always fewer.
func (p *Pool) start() (*process, error) {
	p.mu.Lock()
	for !p.closed && p.living > seatChildren*p.o.Processes {
		if len(p.resting) == 0 {
			p.fewer.Wait()
			continue
		}
		old := p.resting[0]
		p.resting = p.resting[1:]
		p.mu.Unlock()
		old.end()
		p.mu.Lock()
	}
	if p.closed {
		p.mu.Unlock()
		return nil, errClosed
	}
	p.living++
	p.wg.Add(1) // not after Close has begun to wait
	p.mu.Unlock()
	p.started.Add(1)
	return p.launch()
}

// gone is called when a process is no more.
func (p *Pool) gone() {
	p.mu.Lock()
	p.living--
	p.fewer.Broadcast()
	p.mu.Unlock()
	p.wg.Done()
}

// refill has a spare started, if there is none and a program that reads more than one document is to be expected.
func (p *Pool) refill() {
	p.mu.Lock()
	want := !p.closed && p.spare == nil && !p.sparing && p.started.Load() > 1 && p.living <= seatChildren*p.o.Processes
	if want {
		p.sparing = true
		p.wg.Add(1)
	}
	p.mu.Unlock()
	if !want {
		return
	}
	go func() {
		defer p.wg.Done()
		c, err := p.fresh()
		p.mu.Lock()
		p.sparing = false
		p.mu.Unlock()
		if err == nil {
			p.keep(c)
		}
	}()
}

// keep makes a child that has seen nothing the spare, or ends it.
func (p *Pool) keep(c *process) {
	if !p.trusts(c) || !c.rest(0) {
		c.end()
		return
	}
	p.mu.Lock()
	keep := !p.closed && p.spare == nil
	if keep {
		p.spare = c
	}
	p.mu.Unlock()
	if !keep {
		c.end()
	}
}

// put keeps a child that is well for the next document of its Visit.
func (p *Pool) put(c *process) {
	if !c.rest(restTime) {
		c.end()
		return
	}
	p.mu.Lock()
	keep := !p.closed
	if keep {
		p.resting = append(p.resting, c)
	}
	p.mu.Unlock()
	if !keep {
		c.end()
	}
}

// drop ends the children of a Visit.
func (p *Pool) drop(v *Visit) {
	var old []*process
	p.mu.Lock()
	p.resting = slices.DeleteFunc(p.resting, func(c *process) bool {
		if c.owner == v {
			old = append(old, c)
		}
		return c.owner == v
	})
	p.mu.Unlock()
	for _, c := range old {
		c.end()
	}
}
