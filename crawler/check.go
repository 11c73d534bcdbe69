package crawler

import (
	"context"
	"fmt"
	"net"

	"leakwatch/configs"
	"leakwatch/leak"
)

// CheckSource says in one line why a source cannot be read, for doctor; nil when it can. It reads the first page of the
// listing as a run would, politely, and hands nothing on. The source need not be among those that New got.
func (c *Crawler) CheckSource(ctx context.Context, s configs.Source) error {
	made := c.sources[s.ID]
	if made == nil {
		var err error
		if made, err = c.source(s); err != nil {
			return fmt.Errorf("source %s: %w", s.ID, err)
		}
		defer made.way.transport.CloseIdleConnections()
	}
	ctx, cancel := context.WithTimeout(ctx, made.Limits.Timeout)
	defer cancel()
	if made.Network == leak.Tor && c.lab.dial == nil {
		d := net.Dialer{Timeout: c.config.Timeout}
		conn, err := d.DialContext(ctx, "tcp", c.config.TorProxy)
		if err != nil {
			return fmt.Errorf("source %s: tor proxy %s: %w", s.ID, c.config.TorProxy, plain(err))
		}
		_ = conn.Close()
	}
	if err := c.firstPage(ctx, made); err != nil {
		return fmt.Errorf("source %s: %w", s.ID, err)
	}
	return nil
}

// firstPage reads a source's first page and throws it away.
func (c *Crawler) firstPage(ctx context.Context, s *source) error {
	first := *s
	first.Depth, first.Limits.MaxPages, first.Legal = 0, 1, leak.LegalMetadata
	r := &run{c: c, s: &first, w: c.wire(&first), seen: map[leak.Digest]string{}, yield: func(leak.Page) error { return nil }}
	return plain(r.read(ctx))
}
