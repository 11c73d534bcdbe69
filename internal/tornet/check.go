//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// The replies of SOCKS5 that check waits for.
const (
	succeeded = 0
	refused   = 5
)

// check sees the network as a test will: an address through a relay, and a rendezvous with the onion service. The service
// is asked for a port that it does not have: only it can refuse that, whether or not its target listens.
func (w *network) check(ctx context.Context) error {
	l, err := net.Listen("tcp", address(0))
	if err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		hangUp(l)
	}()
	defer func() {
		_ = l.Close()
		<-done
	}()
	err = w.wait(ctx, func() error {
		return w.connect(ctx, "127.0.0.1", l.Addr().(*net.TCPAddr).Port, succeeded)
	})
	if err != nil {
		return err
	}
	closed := 1
	if w.port == closed {
		closed = 2
	}
	return w.wait(ctx, func() error { return w.connect(ctx, w.host, closed, refused) })
}

// hangUp takes connections and ends them, until the listener is closed.
func hangUp(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_ = c.Close()
	}
}

// connect asks the client for host:port, and fails unless it replies as wanted.
func (w *network) connect(ctx context.Context, host string, port int, want byte) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address(w.client.socks))
	if err != nil {
		return err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	return socks(c, host, port, want)
}

// socks speaks SOCKS5, without a user, up to the first four bytes of the reply.
func socks(c io.ReadWriter, host string, port int, want byte) error {
	var b [4]byte
	if _, err := c.Write([]byte{5, 1, 0}); err != nil {
		return err
	}
	if _, err := io.ReadFull(c, b[:2]); err != nil {
		return err
	}
	if b[1] != 0 {
		return errors.New("SOCKS: wants a user")
	}
	ask := append([]byte{5, 1, 0, 3, byte(len(host))}, host...)
	if _, err := c.Write(append(ask, byte(port>>8), byte(port))); err != nil {
		return err
	}
	if _, err := io.ReadFull(c, b[:]); err != nil {
		return err
	}
	if b[1] != want {
		return fmt.Errorf("SOCKS: %s:%d: reply %d", host, port, b[1])
	}
	return nil
}
