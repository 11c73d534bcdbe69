package unpack

import (
	"errors"
	"io"
)

// ahead has a decoder work on another core, a little ahead of whoever reads. What lies below is read by whoever calls
// Read, never by the decoder's goroutine: a Walk's state belongs to one goroutine at a time. The first bytes are decoded
// without it, so that what is small costs nothing.
type ahead struct {
	src     io.Reader // packed bytes
	r       io.Reader // the decoder, which reads from feed
	by      *source   // through this
	taken   int64     // packed bytes that cur was decoded from
	named   namer     // the decoder, if it finds names
	tell    func(names []string)
	feed    *feed
	n       int64
	cur     []byte // decoded, not yet given
	err     error  // behind cur
	packed  []byte // read, not yet handed over
	ended   error  // behind packed
	sent    bool   // ended was handed over
	alone   bool   // it has no goroutine
	started bool
	out     chan chunk
	done    chan struct{}
}

// feed is what a decoder of an ahead reads from.
type feed struct {
	src  io.Reader // until the decoder has its goroutine
	in   chan chunk
	back chan []byte // buffers that were used up
	quit chan struct{}
	cur  chunk
	buf  []byte
}

// namer is a decoder that finds names. named gives those that it found since it was asked last.
type namer interface{ named() []string }

type chunk struct {
	b     []byte
	err   error
	taken int64    // packed bytes, for all that was decoded so far
	names []string // that were found in what is packed
}

const (
	aheadFrom   = 512 << 10 // decoded before the decoder has a goroutine
	aheadPacked = 64 << 10
	aheadOut    = 256 << 10
	aheadMemory = 4*aheadPacked + 4*aheadOut
)

var errAhead = errors.New("unpack: not read any more")

// newAhead prepares for a decoder that reads from by.
func (w *walker) newAhead(src io.Reader) *ahead {
	f := &feed{src: src}
	return &ahead{src: src, feed: f, by: w.newSource(f)}
}

// Read gives what was decoded.
func (a *ahead) Read(p []byte) (int, error) {
	if !a.started {
		return a.decoded(p)
	}
	for len(a.cur) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		a.wait()
	}
	n := copy(p, a.cur)
	if a.cur = a.cur[n:]; len(a.cur) > 0 || a.err == nil {
		a.topUp()
		return n, nil
	}
	return n, a.err
}

// decoded reads from the decoder itself.
func (a *ahead) decoded(p []byte) (n int, err error) {
	for n == 0 && err == nil {
		n, err = guarded(a.r, p)
		a.taken = a.by.taken()
		a.tell(a.names())
	}
	if a.n += int64(n); a.n >= aheadFrom && err == nil && !a.alone {
		a.start()
	}
	return n, err
}

func (a *ahead) names() []string {
	if a.named == nil {
		return nil
	}
	return a.named.named()
}

// start gives the decoder a goroutine.
func (a *ahead) start() {
	a.started = true
	a.feed.src = nil
	a.feed.in, a.feed.back, a.feed.quit = make(chan chunk, 2), make(chan []byte, 4), make(chan struct{})
	a.out, a.done = make(chan chunk, 2), make(chan struct{})
	for range 4 {
		a.feed.back <- make([]byte, aheadPacked)
	}
	go a.decode()
	a.topUp()
}

// decode runs until the decoder ends, or nobody wants more. Four buffers go round: one is filled, two wait, one is read.
func (a *ahead) decode() {
	defer close(a.done)
	var bufs [4][]byte
	for i := 0; ; i++ {
		b := &bufs[i%len(bufs)]
		if *b == nil {
			*b = make([]byte, aheadOut)
		}
		n, err, names := 0, error(nil), []string(nil)
		for n < aheadOut && err == nil && len(names) < gzipNames {
			var k int
			k, err = guarded(a.r, (*b)[n:])
			n += k
			names = append(names, a.names()...)
		}
		select {
		case a.out <- chunk{(*b)[:n], err, a.by.taken(), names}:
		case <-a.feed.quit:
			return
		}
		if err != nil {
			return
		}
	}
}

// wait takes the next decoded bytes, and hands packed ones over as long as there are none.
func (a *ahead) wait() {
	var in chan chunk
	var back chan []byte
	switch {
	case a.sent:
	case a.packed == nil && a.ended == nil:
		back = a.feed.back
	default:
		in = a.feed.in
	}
	select {
	case c := <-a.out:
		a.cur, a.err, a.taken = c.b, c.err, c.taken
		a.tell(c.names)
	case b := <-back:
		a.fill(b)
	case in <- chunk{b: a.packed, err: a.ended}:
		a.handed()
	}
}

// topUp hands packed bytes over, as many as are taken without waiting, so that the decoder has work while nobody reads.
func (a *ahead) topUp() {
	for !a.sent {
		if a.packed == nil && a.ended == nil {
			select {
			case b := <-a.feed.back:
				a.fill(b)
			default:
				return
			}
		}
		select {
		case a.feed.in <- chunk{b: a.packed, err: a.ended}:
			a.handed()
		default:
			return
		}
	}
}

func (a *ahead) handed() {
	a.sent = a.ended != nil
	a.packed = nil
}

// fill reads packed bytes.
func (a *ahead) fill(b []byte) {
	n, err := a.src.Read(b)
	a.packed, a.ended = b[:n], err
}

// close waits for the decoder's goroutine to end.
func (a *ahead) close() {
	if a.started {
		close(a.feed.quit)
		<-a.done
	}
}

// Read is called by the decoder.
func (f *feed) Read(p []byte) (int, error) {
	if f.src != nil {
		return f.src.Read(p)
	}
	for len(f.cur.b) == 0 {
		if f.cur.err != nil {
			return 0, f.cur.err
		}
		if f.buf != nil {
			f.back <- f.buf
			f.buf = nil
		}
		select {
		case f.cur = <-f.in:
			f.buf = f.cur.b[:cap(f.cur.b)]
		case <-f.quit:
			return 0, errAhead
		}
	}
	n := copy(p, f.cur.b)
	f.cur.b = f.cur.b[n:]
	return n, nil
}
