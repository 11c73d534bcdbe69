package child

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Extractor reads a document of one format and hands over what is in it, in the order in which it lies. It keeps to itself: it
// opens nothing, starts no goroutine that outlives it, and needs no name. An error ends the document, what was handed over before
// counts; its words are not passed on, only which of this package's errors or io.ErrUnexpectedEOF it is. What can be
// gone round is a Note and no error. An error of the emitter or of in is to be returned.
//
// in may be read from several goroutines; the emitter is for one.
type Extractor func(ctx context.Context, in io.ReaderAt, size int64, e *Emitter) error

// The errors of an Extractor that say more than damage, which every other error means.
var (
	ErrEncrypted   = errors.New("encrypted, and no password opens it")
	ErrUnsupported = errors.New("a sort of the format that is not read")
	ErrBounded     = errors.New("a limit of the parser is reached")
)

// Emitter takes what an Extractor finds.
type Emitter struct {
	out  output
	doc  Document
	buf  []byte
	open bool
}

// output is where frames go: to the parent, or to a Record.
type output interface {
	frame(k kind, payload []byte) error
}

// Document is what a child is told of a document. There is no name in it.
type Document struct {
	Format    string
	Size      int64
	Passwords []string `json:",omitempty"` // published beside the document
	Sealed    bool     `json:",omitempty"` // only what is encrypted in it is wanted, the rest was read; else only what is not
	Memory    int64    // bytes that the child may take, for parsers that can keep to a limit
	Members   int64    // that are still taken
	Ratio     int64    // unpacked to packed, at most
}

// Document is what is to be read.
func (e *Emitter) Document() Document { return e.doc }

// Passwords are those that were published beside the document, the likeliest first.
func (e *Emitter) Passwords() []string { return e.doc.Passwords }

// Text hands over a text of the document, in UTF-8, without whatever was around it. It reads r to its end, and gives r's error.
func (e *Emitter) Text(r io.Reader) error {
	w, err := e.begin(kText, nil)
	if err != nil {
		return err
	}
	return e.copy(w, r)
}

// Writer begins a text of the document, in UTF-8. It must be closed before anything else is handed over.
func (e *Emitter) Writer() (io.WriteCloser, error) { return e.begin(kText, nil) }

// Name hands over a text that is a name: a title, a subject, the name of a sheet.
func (e *Emitter) Name(name string) error {
	if name == "" {
		return nil
	}
	w, err := e.begin(kName, nil)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, name); err != nil {
		return err
	}
	return w.Close()
}

// Member hands over something that lies in the document as a file of its own, whatever it is: it is opened in its turn
// by the other side. r is nil for an entry without contents. It reads r to its end, and gives r's error: what was read until
// then counts, and the member is known to be cut. Whoever goes on after that error adds a Note. What of the Entry is too long for
// it is handed over as a Name as well, whole.
func (e *Emitter) Member(m Entry, r io.Reader) error {
	w, err := e.beginMember(m)
	if err != nil {
		return err
	}
	if r == nil {
		return w.Close()
	}
	return e.copy(w, r)
}

func (e *Emitter) beginMember(m Entry) (*writer, error) {
	const longest = 8 << 10 // base64 of four of them is less than a frame
	for _, s := range []string{m.Name, m.Owner, m.Link, m.Comment} {
		if len(s) > longest {
			if err := e.Name(s); err != nil {
				return nil, err
			}
		}
	}
	cut := func(s string) []byte { return []byte(s[:min(len(s), longest)]) }
	b, err := json.Marshal(wireEntry{cut(m.Name), m.Size, m.ModTime, cut(m.Owner), cut(m.Link), cut(m.Comment), m.Format})
	if err != nil {
		return nil, fmt.Errorf("write member: %w", err)
	}
	return e.begin(kMember, b)
}

// Note records what was not read.
func (e *Emitter) Note(n Note, count int64) error {
	b, err := json.Marshal(wireNote{n, count})
	if err != nil {
		return fmt.Errorf("write note: %w", err)
	}
	return e.out.frame(kNote, b)
}

// wireEntry is an Entry on the way: names may not be UTF-8.
type wireEntry struct {
	Name    []byte
	Size    int64
	ModTime int64
	Owner   []byte
	Link    []byte
	Comment []byte
	Format  string
}

type wireNote struct {
	Note  Note
	Count int64
}

func (e *Emitter) begin(k kind, payload []byte) (*writer, error) {
	if e.open {
		return nil, errors.New("child: one thing is handed over at a time")
	}
	if err := e.out.frame(k, payload); err != nil {
		return nil, err
	}
	if e.buf == nil {
		e.buf = make([]byte, 0, maxFrame)
	}
	e.buf, e.open = e.buf[:0], true
	return &writer{e: e}, nil
}

func (e *Emitter) copy(w *writer, r io.Reader) error {
	_, err := io.Copy(w, r)
	w.cut = err != nil
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	return err
}

// writer gathers bytes into frames.
type writer struct {
	e    *Emitter
	done bool
	cut  bool // not all of it could be read
}

func (w *writer) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		k := min(len(p), maxFrame-len(w.e.buf))
		w.e.buf = append(w.e.buf, p[:k]...)
		n, p = n+k, p[k:]
		if len(w.e.buf) == maxFrame {
			if err := w.flush(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (w *writer) flush() error {
	if len(w.e.buf) == 0 {
		return nil
	}
	err := w.e.out.frame(kData, w.e.buf)
	w.e.buf = w.e.buf[:0]
	return err
}

// Close ends what was begun. Closing twice is once.
func (w *writer) Close() error {
	if w.done {
		return nil
	}
	w.done, w.e.open = true, false
	if err := w.flush(); err != nil {
		return err
	}
	if w.cut {
		return w.e.out.frame(kEnd, []byte{1})
	}
	return w.e.out.frame(kEnd, nil)
}

// run calls an extractor, and says in a word how it ended.
func run(ctx context.Context, x Extractor, in io.ReaderAt, e *Emitter) (o Outcome) {
	defer func() {
		if recover() != nil { // what it says may be of the document
			o = Panicked
		}
	}()
	err := x(ctx, in, e.doc.Size, e)
	switch {
	case err == nil:
		return Whole
	case errors.Is(err, ErrEncrypted):
		return Encrypted
	case errors.Is(err, ErrUnsupported):
		return Unsupported
	case errors.Is(err, ErrBounded):
		return Bounded
	case errors.Is(err, io.ErrUnexpectedEOF):
		return Truncated
	}
	return Damaged
}
