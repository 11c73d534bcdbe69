package unpack

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"leakwatch/leak"
	"leakwatch/matcher/unpack/child"
)

const (
	headBytes = 64 << 10 // what a format and a character set are decided from
	freeBytes = 1 << 20  // unpacked before a ratio counts
)

// walker is one Walk. Its functions return an error only when the whole Walk ends: errStopped for a limit, anything
// else for a failure that the caller hears of. Damage and limits of one member are notes.
type walker struct {
	parent    context.Context
	ctx       context.Context // parent with MaxTime
	l         Limits
	sink      Sink
	temp      string
	parsers   *Parsers
	visit     *child.Visit // of parsers
	hints     hints
	later     []later
	late      bool    // what was put off is being read
	inside    []later // too far inside other documents to be read beside them
	outside   bool    // they are being read
	in        *intake
	out       int64 // unpacked
	mem       int64 // reserved
	spooled   int64 // in temporary files
	members   int64
	order     int64
	texts     int64
	read      int64         // contents read as what they are
	looked    time.Duration // that reading the letters in pictures took
	notes     notes
	shapes    shapes
	fatal     error // ends the Walk with an error
	stopped   bool  // ends the Walk with a note
	free      []*bufio.Reader
	chunks    [][]byte
	maps      []*offsets
	views     [][]escapes
	inflaters []*inflater
	decoded   [shortRun]byte // what a run stands for, while it is looked at
}

// errStopped ends a Walk at a limit of the whole.
var errStopped = errors.New("unpack: limit reached")

// node is something to be read: the document, a member, or what a layer around it unpacked to.
type node struct {
	src   *source
	place leak.Place
	name  string // last component, in clear, to know a format by
	media string
	char  string // character set as a server said
	depth int
	views int  // views of escapes around it
	raw   bool // beside another text, and to be read as its bytes lie
	// That it was read as what it is, and is read as text as well.
	parsed bool
	// What else may be in it, by its first bytes: quoted-printable, uuencoded files.
	printable, uu bool
	path          []string // layers around it, outermost first; nil in a run, which has no shape of its own
	way           way      // from here to the member
	format        format   // what it was read as, once it was
}

// end says how the Walk ends now, if it does.
func (w *walker) end() error {
	switch {
	case w.fatal != nil:
		return w.fatal
	case w.stopped:
		return errStopped
	}
	return nil
}

// fail makes err the end of the Walk.
func (w *walker) fail(err error) error {
	if w.fatal == nil {
		w.fatal = err
	}
	return w.fatal
}

// stop ends the Walk at a limit.
func (w *walker) stop(reason string) error {
	if w.end() == nil {
		w.stopped = true
		w.notes.add(reason)
	}
	return w.end()
}

// check is asked before every read.
func (w *walker) check() error {
	if w.ctx.Err() != nil && w.end() == nil {
		if err := w.parent.Err(); err != nil {
			return w.fail(err)
		}
		return w.stop("time limit " + w.l.MaxTime.String() + ": rest left")
	}
	return w.end()
}

// grew counts unpacked bytes against the limits of the whole.
func (w *walker) grew(n int) {
	w.out += int64(n)
	w.bounded()
	if w.out > freeBytes && w.out/w.l.MaxRatio > w.in.n {
		_ = w.stop(ratioWord(w.l.MaxRatio) + ": rest left")
	}
}

func (w *walker) bounded() {
	if w.in.n+w.out > w.l.MaxBytes {
		_ = w.stop("bytes limit " + bytesWord(w.l.MaxBytes) + ": rest left")
	}
}

// member counts one entry of a container.
func (w *walker) member() error {
	w.members++
	if w.members > w.l.MaxMembers {
		return w.stop("members limit " + itoa(w.l.MaxMembers) + ": rest left")
	}
	return w.check()
}

// reserve takes n bytes of memory, or notes that the member stays unread.
func (w *walker) reserve(n int64) bool {
	if w.mem+n > w.l.MaxMemory {
		w.notes.add("memory limit " + bytesWord(w.l.MaxMemory) + ": %d members left")
		return false
	}
	w.mem += n
	return true
}

func (w *walker) release(n int64) { w.mem -= n }

// text hands a text over.
func (w *walker) text(t leak.Text) error {
	if err := w.check(); err != nil {
		return err
	}
	w.texts++
	if err := w.sink.Text(t); err != nil && w.end() == nil {
		return w.fail(err)
	}
	return w.end()
}

// nameText hands over a name: of a member, a link's target, a comment.
func (w *walker) nameText(p leak.Place, name string) error {
	if name == "" {
		return w.end()
	}
	w.hints.name(name)
	return w.text(leak.Text{Place: p, Reader: strings.NewReader(name), Name: true})
}

func (w *walker) report(m leak.Member) error {
	if w.sink.Member == nil || w.fatal != nil {
		return w.end()
	}
	if err := w.sink.Member(m); err != nil {
		return w.fail(err)
	}
	return w.end()
}

// drain reads the rest of a member, so that its hash is whole and what lies encoded in it is found.
func (w *walker) drain(r io.Reader) error {
	b := w.scratch()
	defer w.putScratch(b)
	for {
		if err := w.end(); err != nil {
			return err
		}
		if _, err := r.Read(b); err != nil {
			return w.end()
		}
	}
}
