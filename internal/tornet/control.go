//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// directory asks the authority for a document.
func (w *network) directory(ctx context.Context, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address(w.auth.dirPort)+path, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req) // and no proxy out of the environment
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, resp.Status)
	}
	return string(b), err
}

// control is a connection to a node's control port.
type control struct {
	conn net.Conn
	r    *bufio.Reader
}

func newControl(conn net.Conn) *control { return &control{conn, bufio.NewReader(conn)} }

func dialControl(ctx context.Context, n *node) (*control, error) {
	cookie, err := os.ReadFile(filepath.Join(n.dir, "control_auth_cookie"))
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", address(n.control))
	if err != nil {
		return nil, err
	}
	c := newControl(conn)
	if _, err := c.command("AUTHENTICATE " + hex.EncodeToString(cookie)); err != nil {
		c.close()
		return nil, fmt.Errorf("control port of %s: %w", n.name, err)
	}
	return c, nil
}

func (c *control) close() { _ = c.conn.Close() }

// command sends one and gives the lines of its reply.
func (c *control) command(s string) ([]string, error) {
	if err := c.conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(c.conn, "%s\r\n", s); err != nil {
		return nil, err
	}
	var lines []string
	for {
		l, err := c.r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		l = strings.TrimRight(l, "\r\n")
		if len(l) < 4 {
			continue
		}
		lines = append(lines, l)
		if l[3] != ' ' {
			continue // the last line has a blank after its code
		}
		if l[0] != '2' {
			verb, _, _ := strings.Cut(s, " ")
			return nil, fmt.Errorf("%s: %s", verb, l)
		}
		return lines, nil
	}
}

// bootstrapped waits until a node can build circuits. Every three seconds it sends SIGHUP, which tries failed downloads
// again.
func (w *network) bootstrapped(ctx context.Context, n *node) error {
	var c *control
	defer func() {
		if c != nil {
			c.close()
		}
	}()
	nudge := time.Now().Add(3 * time.Second)
	return w.wait(ctx, func() (err error) {
		if c == nil {
			if c, err = dialControl(ctx, n); err != nil {
				return err
			}
		}
		lines, err := c.command("GETINFO status/bootstrap-phase")
		if err != nil {
			return err
		}
		if strings.Contains(lines[0], "PROGRESS=100") {
			return nil
		}
		if time.Now().After(nudge) {
			nudge = time.Now().Add(3 * time.Second)
			_, err = c.command("SIGNAL HUP")
		}
		return errors.Join(fmt.Errorf("%s: %s", n.name, lines[0]), err)
	})
}
