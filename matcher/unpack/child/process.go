package child

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

const (
	startTime = 30 * time.Second // for a child to start and to give up its rights
	cpuLimit  = 12 * time.Hour   // of a child's life, should the parent fail to end it
)

// process is one child.
type process struct {
	in       *os.File // what it reads
	out      *os.File // what it writes
	r        *bufio.Reader
	buf      []byte // of frames read
	wbuf     []byte // of frames written
	told     *firstWords
	kill     func()
	dead     chan struct{} // closed when it is gone
	awake    chan bool     // while it rests: gives, once, whether it kept still
	enforced Enforced
	owner    *Visit // the only one that it serves
	served   int
	spent    time.Duration
}

// launch starts a child, which the pool has counted.
func (p *Pool) launch() (*process, error) {
	o := p.o
	c, err := p.run()
	if err != nil {
		return nil, err
	}
	limit := time.Now().Add(startTime)
	_ = c.in.SetWriteDeadline(limit)
	_ = c.out.SetReadDeadline(limit)
	s, err := json.Marshal(settings{protocol, o.Memory, int64(cpuLimit / time.Second)})
	if err == nil {
		err = c.send(kStart, s)
	}
	var r ready
	if err == nil {
		var k kind
		var b []byte
		k, b, err = readFrame(c.r, c.buf)
		if err == nil && (k != kReady || json.Unmarshal(b, &r) != nil || r.Protocol != protocol) {
			err = errFrame
		}
	}
	if err != nil {
		c.end()
		return nil, errors.New("child: the reader does not answer")
	}
	c.enforced = r.Enforced
	return c, nil
}

func (p *Pool) run() (c *process, err error) {
	defer func() {
		if err != nil {
			p.gone()
		}
	}()
	if len(p.o.Command) == 0 {
		return nil, errors.New("child: no command")
	}
	theirIn, ourIn, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start reader: %w", err)
	}
	defer theirIn.Close()
	ourOut, theirOut, err := os.Pipe()
	if err != nil {
		_ = ourIn.Close()
		return nil, fmt.Errorf("start reader: %w", err)
	}
	defer theirOut.Close()
	c = &process{in: ourIn, out: ourOut, r: bufio.NewReaderSize(ourOut, maxFrame), buf: make([]byte, maxFrame), told: &firstWords{},
		dead: make(chan struct{})}
	cmd := exec.Command(p.o.Command[0], p.o.Command[1:]...)
	cmd.Env = []string{} // nothing of ours
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirIn, theirOut, c.told
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = startTime
	c.kill = func() { _ = cmd.Process.Kill() }
	c.told.full = c.kill
	if err := p.launcher.start(cmd); err != nil {
		c.close()
		return nil, errors.New("child: the reader cannot be started")
	}
	go func() {
		_ = cmd.Wait() // how it ended is seen by what it did not say
		p.gone()
		close(c.dead)
	}()
	return c, nil
}

func (c *process) close() {
	_ = c.in.Close()
	_ = c.out.Close()
}

func (c *process) send(k kind, payload []byte) (err error) {
	c.wbuf, err = writeFrame(c.in, c.wbuf, k, payload)
	return err
}

// rest watches a child that has nothing to say until it is woken: it is killed when it says something, and after most, if that
// is more than 0. It says no where that cannot be watched.
func (c *process) rest(most time.Duration) bool {
	var limit time.Time
	if most > 0 {
		limit = time.Now().Add(most)
	}
	if c.r.Buffered() > 0 || c.out.SetReadDeadline(limit) != nil {
		return false
	}
	c.awake = make(chan bool, 1)
	go func() {
		_, err := c.out.Read(make([]byte, 1))
		still := errors.Is(err, os.ErrDeadlineExceeded) && (most <= 0 || time.Now().Before(limit))
		if !still {
			c.kill()
		}
		c.awake <- still
	}()
	return true
}

// wake ends a child's rest, and says whether it kept still.
func (c *process) wake() bool {
	_ = c.out.SetReadDeadline(time.Unix(1, 0))
	still := <-c.awake
	c.awake = nil
	return still
}

// end kills it and waits until it is gone. It may be called again.
func (c *process) end() {
	c.kill()
	c.close()
	<-c.dead
	if c.awake != nil {
		<-c.awake
		c.awake = nil
	}
}

// firstWords keeps the beginning of what a child writes to standard error. Nothing of it is passed on: it only tells one
// end from another. Who writes more than Go's runtime does when it gives up is ended.
type firstWords struct {
	full func() // called when it is too much
	mu   sync.Mutex
	b    []byte
}

func (f *firstWords) Write(p []byte) (int, error) {
	const most = 4 << 10
	f.mu.Lock()
	defer f.mu.Unlock()
	n := min(len(p), most-len(f.b))
	f.b = append(f.b, p[:n]...)
	if n < len(p) {
		f.full()
		return n, errors.New("child: too many words")
	}
	return n, nil
}

// outcome is why a child is gone, by what Go's runtime says when it gives up, or the race detector under it.
func (f *firstWords) outcome() Outcome {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range []string{"out of memory", "cannot allocate memory", "stack exceeds", "failed to create new OS thread", "sysMap", "failed to allocate"} {
		if bytes.Contains(f.b, []byte(s)) {
			return OutOfMemory
		}
	}
	return Died
}
