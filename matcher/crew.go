package matcher

import (
	"context"
	"sync"

	"leakwatch/leak"
)

// crew reads one text. Whoever called Text reads its Reader, scans, and merges all chunks in order; from the second chunk
// on a helper scans with it, if there is a core to spare. So a reader that takes time, as one that unpacks, works beside
// the scanning, and a long file is scanned by two; and the Reader, its Offset and onMatch are used by one goroutine only.
type crew struct {
	r      *Reading
	text   leak.Text
	near   record
	header kindSet    // kinds that the first line names
	under  []*stretch // read and not merged yet, in order
	all    []*stretch
	spare  []*stretch
	work   chan *stretch // nil while there is no helper
	helper sync.WaitGroup
}

// maxUnder is how many chunks are read and not merged at most.
const maxUnder = 3

// stretch is a chunk of the text that a scanner holds.
type stretch struct {
	s      *scanner
	w      window
	done   chan struct{} // told when it was looked at
	failed any           // what the helper panicked with
}

// read goes through the text. It gives the reader's error as it is.
func (c *crew) read(ctx context.Context) error {
	for x := c.idle(); ; {
		if err := ctx.Err(); err != nil {
			c.merge(0)
			return err
		}
		x.s.fill(&x.w, c.text)
		w, next := x.w, x
		if !w.eof && c.helped(&w) {
			c.hand(x)
			c.merge(maxUnder)
			next = c.idle()
		} else {
			c.merge(0)
			x.s.look(&x.w, c.text.Name)
			c.header = x.s.header
			c.take(x)
		}
		if w.eof {
			return w.err
		}
		next.behind(x.s.raw, w)
		x = next
	}
}

// behind makes x go on behind a window on raw.
func (x *stretch) behind(raw []byte, w window) {
	from := runeFloor(raw[:w.n], max(0, w.hi-behind))
	x.s.room()
	copy(x.s.raw, raw[from:w.n])
	x.w = window{n: w.n - from, lo: w.hi - from, at: w.at + int64(from)}
}

// helped says whether there is a helper for the text, or there may be one from now on.
func (c *crew) helped(w *window) bool {
	if c.work != nil {
		return true
	}
	if w.at+int64(w.lo) == 0 || c.text.Name { // the first line's keywords are for the chunks that follow
		return false
	}
	select {
	case c.r.m.helpers <- struct{}{}:
	default:
		return false
	}
	work := make(chan *stretch, 1)
	c.work = work
	c.helper.Go(func() {
		defer func() { <-c.r.m.helpers }()
		for x := range work {
			x.help()
		}
	})
	return true
}

// help looks at a chunk in place of the caller, who shall have a panic, too.
func (x *stretch) help() {
	defer func() {
		x.failed = recover()
		x.done <- struct{}{}
	}()
	x.s.look(&x.w, false)
}

// hand gives a chunk to the helper, or looks at it itself when that one has enough to do.
func (c *crew) hand(x *stretch) {
	c.under = append(c.under, x)
	select {
	case c.work <- x:
	default:
		x.s.look(&x.w, false)
		x.done <- struct{}{}
	}
}

// merge takes the chunks that were looked at into the reading, in order, and waits for those past most.
func (c *crew) merge(most int) {
	for len(c.under) > 0 {
		x := c.under[0]
		if len(c.under) > most {
			<-x.done
		} else {
			select {
			case <-x.done:
			default:
				return
			}
		}
		if x.failed != nil {
			panic(x.failed)
		}
		c.under = c.under[:copy(c.under, c.under[1:])]
		c.take(x)
		c.spare = append(c.spare, x)
	}
}

// take takes what a chunk held into the reading, and tells what it decided.
func (c *crew) take(x *stretch) {
	c.r.merge(x.s, &x.w, &c.near)
	c.r.tell()
}

// idle gives a scanner that has nothing to do.
func (c *crew) idle() *stretch {
	var x *stretch
	if n := len(c.spare) - 1; n >= 0 {
		x, c.spare = c.spare[n], c.spare[:n]
	} else {
		x = &stretch{s: c.r.m.scanners.Get().(*scanner), done: make(chan struct{}, 1)}
		c.all = append(c.all, x)
	}
	x.s.reg, x.s.watch, x.s.today, x.s.header, x.s.monthFirst = c.r.reg, c.r.watch, c.r.today, c.header, c.text.MonthFirst
	return x
}

// end waits for the helper, and gives the scanners back.
func (c *crew) end() {
	if c.work != nil {
		close(c.work)
		c.helper.Wait()
	}
	for _, x := range c.all {
		x.s.forget()
		c.r.m.scanners.Put(x.s)
	}
}
