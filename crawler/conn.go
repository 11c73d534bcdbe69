package crawler

import (
	"bytes"
	"net"
	"sync"
)

// maxHead is how much of a request's or an answer's head is read and kept.
const maxHead = 64 << 10

// wireConn is a connection of one exchange. It keeps the exact bytes of the head of its request and answer; it lies
// above TLS. Nothing is read before the request is written: net/http logs, byte for byte, what a server says unasked.
type wireConn struct {
	net.Conn
	certificate string // SHA-256 of the server's leaf certificate, hex; "" without TLS

	asked, shut chan struct{}
	ask, close  sync.Once

	mu        sync.Mutex
	sent, got head
}

func newWireConn(c net.Conn, certificate string) *wireConn {
	return &wireConn{Conn: c, certificate: certificate, asked: make(chan struct{}), shut: make(chan struct{}), got: head{answer: true}}
}

// heads gives the heads so far.
func (c *wireConn) heads() (request, response []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.sent.b), bytes.Clone(c.got.b)
}

// Close closes the connection.
func (c *wireConn) Close() error {
	c.close.Do(func() { close(c.shut) })
	return c.Conn.Close()
}

// Read notes the head of the answer.
func (c *wireConn) Read(p []byte) (int, error) {
	select {
	case <-c.asked:
	case <-c.shut:
		return 0, net.ErrClosed
	}
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	c.got.add(p[:n])
	c.mu.Unlock()
	return n, err
}

// Write notes the head of the request.
func (c *wireConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.sent.add(p) // first, for the answer may be here before Write returns
	c.mu.Unlock()
	c.ask.Do(func() { close(c.asked) })
	return c.Conn.Write(p)
}

// head is what goes over a connection up to the first empty line.
type head struct {
	b      []byte
	from   int // where the current block begins: interim answers (1xx) come before the real one
	done   bool
	answer bool
}

func (h *head) add(p []byte) {
	for len(p) > 0 && !h.done {
		seen := max(h.from, len(h.b)-3)
		before := len(h.b)
		h.b = append(h.b, p[:min(len(p), maxHead-before)]...)
		end := endOfHead(h.b[seen:])
		if end < 0 {
			h.done = len(h.b) >= maxHead
			return
		}
		end += seen
		block := h.b[h.from:end]
		p = p[max(0, end-before):]
		h.b = h.b[:end]
		if interim := h.answer && len(block) > 9 && block[9] == '1'; !interim {
			h.done = true
		}
		h.from = end
	}
}

// endOfHead is where the first empty line ends, or -1.
func endOfHead(b []byte) int {
	crlf, lf := bytes.Index(b, []byte("\r\n\r\n")), bytes.Index(b, []byte("\n\n"))
	switch {
	case crlf >= 0 && (lf < 0 || crlf < lf):
		return crlf + 4
	case lf >= 0:
		return lf + 2
	}
	return -1
}
