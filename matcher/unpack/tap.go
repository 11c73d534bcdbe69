package unpack

import (
	"io"

	"leakwatch/leak"
)

// tap is a text as the sink reads it. What passes is looked through for encoded runs and for escapes, and what they
// decode to is handed over as texts of their own while this one is read, before Read returns.
type tap struct {
	w       *walker
	n       *node
	r       io.Reader
	way     way       // text to member
	small   []byte    // what a short Read left over
	buf     []byte    // room for short reads
	runs    *finder   // nil inside a view
	views   []escapes // of each family; none where escapes are resolved enough
	wide    *wides    // nil unless the bytes are not text
	late    lateViews
	zip     *zipInside
	encoded int64 // characters in runs that were decoded
	size    int64
	err     error
}

// shortRead is too little room for the longest letter or escape.
const shortRead = 64

func (w *walker) newTap(n *node, r io.Reader, back way) *tap {
	t := &tap{w: w, n: n, r: r, way: back}
	if n.views == 0 {
		t.runs = &finder{t: t}
	}
	if n.views < maxViews {
		t.views = families(t)
	}
	return t
}

// families are the ways of writing letters that are looked for in a text, in views used before if there are any.
func families(t *tap) []escapes {
	w := t.w
	var views []escapes
	if n := len(w.views); n > 0 {
		views, w.views = w.views[n-1], w.views[:n-1]
	} else {
		views = make([]escapes, 5)
		views[0].f, views[1].f, views[2].f, views[3].f, views[4].f = backslashes{}, &tags{}, percents{}, printables{}, &uu{}
	}
	for i := range views {
		v := &views[i]
		*v = escapes{t: t, f: v.f, on: t.n.wanted(v.f), carry: v.carry[:0], back: v.back[:0]}
	}
	g := views[1].f.(*tags)
	*g = tags{t: t, held: g.held[:0]}
	*views[4].f.(*uu) = uu{t: t}
	return views
}

// wanted says whether a family is looked for in a text.
func (n *node) wanted(f family) bool {
	switch f.(type) {
	case printables:
		return n.printable
	case *uu:
		return n.uu && n.views == 0
	}
	return true
}

// Read gives the text as it is.
func (t *tap) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(t.small) > 0 {
		n := copy(p, t.small)
		t.small = t.small[n:]
		return n, nil
	}
	if len(p) >= shortRead {
		return t.fill(p)
	}
	if t.buf == nil {
		t.buf = make([]byte, 8*shortRead)
	}
	n, err := t.fill(t.buf)
	k := copy(p, t.buf[:n])
	t.small = t.buf[k:n]
	if len(t.small) > 0 {
		return k, nil
	}
	return k, err
}

// fill reads and looks through what it read.
func (t *tap) fill(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	n, err := t.r.Read(p)
	t.size += int64(n)
	if serr := t.scan(p[:n], err != nil); serr != nil {
		err = serr
	}
	switch {
	case t.w.fatal != nil:
		t.err = t.w.fatal
	case err != nil:
		t.err = io.EOF // damage and limits are in the report: to the sink the text just ends
	}
	return n, t.err
}

// scan looks through b. Each looker keeps what it cannot decide before more is read.
func (t *tap) scan(b []byte, last bool) error {
	if t.runs != nil {
		if err := t.runs.scan(b, last); err != nil {
			return err
		}
	}
	for i := range t.views {
		if !t.views[i].on {
			continue
		}
		if err := t.views[i].scan(b, last); err != nil {
			return err
		}
	}
	if t.views != nil && t.n.views == 0 {
		if err := t.late.scan(t, b, last); err != nil {
			return err
		}
		t.late.keep(t, b)
	}
	if t.wide != nil {
		if err := t.wide.scan(b, last); err != nil {
			return err
		}
	}
	if t.zip != nil {
		if err := t.zip.scan(b, last); err != nil {
			return err
		}
	}
	return t.w.end()
}

// close ends what hangs on a text that was not read to its end.
func (t *tap) close() {
	if t.runs != nil {
		t.runs.close()
	}
	for i := range t.views {
		t.views[i].close()
	}
	if t.views != nil {
		t.w.views = append(t.w.views, t.views)
		t.views = nil
	}
	if t.wide != nil {
		t.wide.view.close()
	}
	if t.zip != nil {
		t.zip.close()
	}
}

// aside gathers small decoded pieces of a text into one text beside it, so that a million of them are not a million
// texts. Each piece keeps its exact offsets.
type aside struct {
	w     *walker
	n     *node
	views int
	raw   bool // no letters of other sets are to be decoded in it
	deep  bool // escapes in it are not resolved any more, which is noted where there are some
	tail  []byte
	place func() leak.Place
	pipe  *stream
	buf   []byte
	out   int64
	marks offsets
}

const asideBytes = 32 << 10

// add appends a piece; f gives the offset in the member of its i-th byte.
func (a *aside) add(b []byte, f func(i int64) int64) error {
	a.marks.span(a.out, int64(len(b)), f)
	return a.put(b)
}

// letter appends what an escape stands for, all of which comes from one place in the member.
func (a *aside) letter(b []byte, at int64) error {
	if len(b) == 0 {
		return nil
	}
	a.marks.set(a.out, at, 0, asIs, 0)
	return a.put(b)
}

// copy appends a piece of the text as it is, which lies at a text offset.
func (a *aside) copy(b []byte, t *tap, off int64) error {
	n := int64(len(b))
	if unit := t.way.line(off, n); unit > 0 {
		a.marks.set(a.out, t.way.back(off), int8(unit), asIs, 0)
	} else {
		a.marks.span(a.out, n, func(i int64) int64 { return t.way.back(off + i) })
	}
	return a.put(b)
}

func (a *aside) put(b []byte) error {
	a.out += int64(len(b))
	a.buf = append(a.buf, b...)
	if len(a.buf) < asideBytes {
		return nil
	}
	return a.flush()
}

func (a *aside) flush() error {
	if a.pipe == nil {
		a.start()
	}
	if a.deep {
		a.lookDeeper()
	}
	a.pipe.push(a.buf)
	a.buf = a.buf[:0]
	a.marks.forget(a.out, lookBack/2)
	return a.w.end()
}

func (a *aside) start() {
	n := &node{place: a.place(), depth: a.n.depth + 1, views: a.views, way: a.marks.way(), raw: a.raw, printable: a.n.printable}
	a.pipe = newStream(func(r io.Reader) {
		n.src = a.w.newSource(r)
		defer a.w.done(n.src)
		_ = a.w.readAside(n) // its end is the Walk's, which the pusher asks for
	})
}

// finish hands over what is left and waits for its reader.
func (a *aside) finish() error {
	if a.w == nil {
		return nil // there was nothing to lay aside
	}
	if len(a.buf) > 0 {
		if err := a.flush(); err != nil {
			return err
		}
	}
	if a.pipe != nil {
		a.pipe.finish()
	}
	return a.w.end()
}

func (a *aside) close() {
	if a.pipe != nil {
		a.pipe.close()
	}
}
