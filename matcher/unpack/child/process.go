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
	enforced Enforced
	served   int
	spent    time.Duration
}

// start starts a child; gone is called when it is no more, in every case.
func start(o Options, gone func()) (*process, error) {
	c, err := launch(o, gone)
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

func launch(o Options, gone func()) (c *process, err error) {
	defer func() {
		if err != nil {
			gone()
		}
	}()
	if len(o.Command) == 0 {
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
	cmd := exec.Command(o.Command[0], o.Command[1:]...)
	cmd.Env = []string{} // nothing of ours
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirIn, theirOut, c.told
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = startTime
	if err := cmd.Start(); err != nil {
		c.close()
		return nil, errors.New("child: the reader cannot be started")
	}
	c.kill = func() { _ = cmd.Process.Kill() }
	go func() {
		_ = cmd.Wait() // how it ended is seen by what it did not say
		close(c.dead)
		gone()
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

func (c *process) alive() bool {
	select {
	case <-c.dead:
		return false
	default:
		return true
	}
}

// end kills it and waits until it is gone.
func (c *process) end() {
	c.kill()
	c.close()
	<-c.dead
}

// firstWords keeps the beginning of what a child writes to standard error. Nothing of it is passed on: it only tells one
// end from another.
type firstWords struct {
	mu sync.Mutex
	b  []byte
}

func (f *firstWords) Write(p []byte) (int, error) {
	const most = 4 << 10
	f.mu.Lock()
	defer f.mu.Unlock()
	f.b = append(f.b, p[:min(len(p), most-len(f.b))]...)
	return len(p), nil
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
