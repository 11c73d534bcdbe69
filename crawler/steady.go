package crawler

import (
	"context"
	"errors"
	"io"
	"time"
)

const (
	leastRate = 64               // bytes a second, over
	rateOver  = 60 * time.Second // of waiting for the server: what we do with the bytes does not count
)

// steady reads a body as long as the server keeps sending: nothing at all for the idle time, or next to nothing for a
// minute, ends it with ErrSlow.
type steady struct {
	body  io.ReadCloser
	ctx   context.Context // of the request
	stop  context.CancelCauseFunc
	timer *time.Timer
	idle  time.Duration
	spent time.Duration // waiting, in this window
	got   int64         // in this window
}

func newSteady(ctx context.Context, stop context.CancelCauseFunc, body io.ReadCloser, idle time.Duration) *steady {
	s := &steady{body: body, ctx: ctx, stop: stop, idle: idle}
	s.timer = time.AfterFunc(idle, func() { stop(ErrSlow) })
	s.timer.Stop()
	return s
}

// Read reads, and gives ErrSlow for a server that is.
func (s *steady) Read(p []byte) (int, error) {
	began := time.Now()
	s.timer.Reset(s.idle)
	n, err := s.body.Read(p)
	s.timer.Stop()
	s.spent += time.Since(began)
	s.got += int64(n)
	if s.spent >= rateOver {
		if float64(s.got) < leastRate*s.spent.Seconds() {
			s.stop(ErrSlow)
			return n, ErrSlow
		}
		s.spent, s.got = 0, 0
	}
	if err != nil && !errors.Is(err, io.EOF) {
		if errors.Is(context.Cause(s.ctx), ErrSlow) {
			return n, ErrSlow
		}
		return n, plain(err)
	}
	return n, err
}

// Close ends the request.
func (s *steady) Close() error {
	s.timer.Stop()
	err := s.body.Close()
	s.stop(nil)
	return err
}
