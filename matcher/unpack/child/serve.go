package child

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// settings are the first frame to a child.
type settings struct {
	Protocol int
	Memory   int64 // bytes
	CPU      int64 // seconds, for its whole life
}

// ready is a child's answer.
type ready struct {
	Protocol int
	Enforced Enforced
}

// done ends a document.
type done struct {
	Outcome Outcome
	Memory  int64 // bytes that the child has from the system
}

// Enforced says which limits the system keeps for a child, as the child reports them when it starts.
type Enforced struct {
	Memory  bool // the kernel refuses more memory
	CPU     bool // the kernel ends it after so much time on a processor
	Files   bool // nothing can be opened, no file written
	Calls   bool // a filter leaves no call to open, connect or start anything
	Orphans bool // it ends with its parent
}

// Serve is the child: it reads documents that come over in and hands over what is in them through out, until in ends. It
// first gives up every right that the system lets it give up, for good, so nothing else may go on in its process. The error
// is nil when the parent ended it.
func Serve(in io.Reader, out io.Writer, table map[string]Extractor) error {
	c := &conn{in: bufio.NewReaderSize(in, maxFrame), out: out, buf: make([]byte, maxFrame)}
	k, b, err := readFrame(c.in, c.buf)
	if errors.Is(err, io.EOF) {
		return nil
	}
	var s settings
	if err != nil || k != kStart || json.Unmarshal(b, &s) != nil || s.Protocol != protocol {
		return errFrame
	}
	runtime.GOMAXPROCS(1)
	debug.SetTraceback("none") // a trace may hold text
	debug.SetMemoryLimit(s.Memory / 4 * 3)
	if err := c.send(kReady, ready{protocol, confine(s)}); err != nil {
		return err
	}
	for {
		err := c.serve(table)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// conn is a child's end of the pipes.
type conn struct {
	in   *bufio.Reader
	mu   sync.Mutex // one frame, or one question with its answer, at a time
	out  io.Writer
	buf  []byte // of frames read
	wbuf []byte // of frames written
}

// serve reads one document.
func (c *conn) serve(table map[string]Extractor) error {
	k, b, err := readFrame(c.in, c.buf)
	if err != nil {
		return err
	}
	var doc Document
	if k != kOpen || json.Unmarshal(b, &doc) != nil {
		return errFrame
	}
	o := Unsupported
	if x := table[doc.Format]; x != nil {
		o = run(context.Background(), x, &pages{c: c, size: doc.Size}, &Emitter{out: c, doc: doc})
	}
	return c.send(kDone, done{o, held()})
}

// held gives back memory that a large document took, and says how much is still held.
func held() int64 {
	const much = 48 << 20
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapSys-m.HeapReleased > much {
		debug.FreeOSMemory()
		runtime.ReadMemStats(&m)
	}
	return int64(m.HeapSys - m.HeapReleased)
}

func (c *conn) send(k kind, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return c.frame(k, b)
}

func (c *conn) frame(k kind, payload []byte) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wbuf, err = writeFrame(c.out, c.wbuf, k, payload)
	return err
}

// ask reads some bytes of the document into p, which is no longer than a frame.
func (c *conn) ask(p []byte, off int64) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var q [12]byte
	binary.LittleEndian.PutUint64(q[:], uint64(off))
	binary.LittleEndian.PutUint32(q[8:], uint32(len(p)))
	var err error
	if c.wbuf, err = writeFrame(c.out, c.wbuf, kRead, q[:]); err != nil {
		return 0, err
	}
	k, b, err := readFrame(c.in, c.buf)
	if err == nil && (k != kBytes || len(b) > len(p)) {
		err = errFrame
	}
	if err != nil { // nothing can be read any more: the parent has gone
		os.Exit(1)
	}
	return copy(p, b), nil
}

// pages reads a document a page at a time and keeps the last few.
type pages struct {
	c    *conn
	size int64
	mu   sync.Mutex
	kept [keptPages]page
	tick int64
}

type page struct {
	at   int64
	b    []byte
	used int64
}

const keptPages = 32

// ReadAt reads from the document.
func (d *pages) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("child: negative offset")
	}
	for n < len(p) {
		if off+int64(n) >= d.size {
			return n, io.EOF
		}
		k, err := d.copy(p[n:], off+int64(n))
		if err != nil {
			return n, err
		}
		if k == 0 {
			return n, io.ErrUnexpectedEOF
		}
		n += k
	}
	return n, nil
}

// copy copies what the page at off has of it.
func (d *pages) copy(p []byte, off int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	start := off / maxFrame * maxFrame
	d.tick++
	oldest := &d.kept[0]
	for i := range d.kept {
		k := &d.kept[i]
		if k.used > 0 && k.at == start {
			k.used = d.tick
			return copy(p, k.b[min(off-start, int64(len(k.b))):]), nil
		}
		if k.used < oldest.used {
			oldest = k
		}
	}
	if oldest.b == nil {
		oldest.b = make([]byte, maxFrame)
	}
	n, err := d.c.ask(oldest.b[:min(maxFrame, d.size-start)], start)
	if err != nil {
		return 0, err
	}
	*oldest = page{start, oldest.b[:n], d.tick}
	return copy(p, oldest.b[min(off-start, int64(n)):]), nil
}
