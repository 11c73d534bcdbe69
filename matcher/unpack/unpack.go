package unpack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"leakwatch/leak"
)

// Limits bound one Walk. A field that is zero takes its default; less than zero is none at all, of what makes sense
// without: no depth, no temporary files, no passwords.
type Limits struct {
	MaxBytes   int64         // read and unpacked together, over all layers
	MaxRatio   int64         // unpacked to packed, of each layer and of the whole, counted after the first MiB
	MaxDepth   int           // of containers, compressions and encodings inside one another
	MaxMembers int64         // over all containers
	MaxTime    time.Duration // for the whole document
	MaxMemory  int64         // for windows, directories and buffers
	MaxWindow  int64         // of one decoder: how far back what is packed may refer
	MaxTemp    int64         // in sealed temporary files, at one time

	MaxPasswords int // tried on one archive, of those published beside it
}

// DefaultLimits suit a dump of a hundred gigabytes.
func DefaultLimits() Limits {
	return Limits{MaxBytes: 1 << 40, MaxRatio: 200, MaxDepth: 8, MaxMembers: 5_000_000, MaxTime: 24 * time.Hour,
		MaxMemory: 256 << 20, MaxWindow: 128 << 20, MaxTemp: 20 << 30, MaxPasswords: 64}
}

// Input is a document as it was fetched.
type Input struct {
	Reader    io.Reader
	Place     leak.Place
	MediaType string   // as the server said, or ""
	Charset   string   // as the server said, or ""
	Size      int64    // 0 or less when unknown
	Temp      string   // folder for sealed temporary files; "" allows none
	Passwords []string // published beside the document, the likeliest first
	Parsers   *Parsers // for formats that are not simple; without them these are unreadable
}

// Sink takes what a Walk finds. Its functions are called one at a time, but re-entrantly: while Text reads its Reader,
// a text that is encoded inside that one may be handed to Text from within Read. An error of either ends the Walk.
type Sink struct {
	Text   func(leak.Text) error
	Member func(leak.Member) error // may be nil
	// Shape is told what the document is made of as soon as its first text is, before that text is handed over. The
	// Report says what most of it is made of. May be nil.
	Shape func(string)
}

// Report is what came of a Walk, in fixed words and counts that hold no name.
type Report struct {
	Completeness leak.Completeness
	Reasons      []string
	Texts        int64 // handed to the sink, names included
	BytesIn      int64 // read from Input.Reader
	BytesOut     int64 // unpacked or decoded from it
	Shape        string
	MediaType    string // by content, or as Input says
	Cut          bool   // a limit left something unread
	// Published are words that the document gives as passwords, for what lies beside it. They are secrets of the source.
	Published Published
}

// Published are passwords that were published. They do not show when they are printed.
type Published []string

// String hides them.
func (Published) String() string { return "<passwords>" }

// GoString hides them.
func (Published) GoString() string { return "<passwords>" }

// LogValue hides them.
func (Published) LogValue() slog.Value { return slog.StringValue("<passwords>") }

// maxPublished is how many words one document publishes at most: the likeliest.
const maxPublished = 32

// Version is raised when something becomes readable that was not, so that documents are read again.
const Version = "3"

// ReadError is a failure of Input.Reader. A path or URL that its error named is taken out of it.
type ReadError struct{ Err error }

func (e *ReadError) Error() string { return fmt.Sprintf("read document: %v", e.Err) }

// Unwrap gives the reader's error.
func (e *ReadError) Unwrap() error { return e.Err }

// Walk reads a document to its end, or to a limit, and hands over its texts and members in the order in which they
// lie in it. The error is the context's, the sink's, or a *ReadError; whatever is wrong with the document is in the
// Report, which holds what was read so far in any case. The document's own name is not handed over: the caller has it.
// No goroutine and no temporary file outlives Walk.
func Walk(ctx context.Context, in Input, l Limits, s Sink) (Report, error) {
	l = l.withDefaults()
	timed, cancel := context.WithTimeout(ctx, l.MaxTime)
	defer cancel()
	w := &walker{parent: ctx, ctx: timed, l: l, sink: s, temp: in.Temp, parsers: in.Parsers, hints: hints{given: in.Passwords}}
	defer w.dropLater()
	if in.Parsers != nil {
		w.visit = in.Parsers.pool.Visit()
		defer w.visit.End()
	}
	w.in = &intake{w: w, r: in.Reader}
	n := &node{src: w.newSource(w.in), place: in.Place, name: urlName(in.Place.Reveal()), media: in.MediaType,
		char: in.Charset, path: []string{}}
	w.hints.name(publicName(in.Place.Reveal()))
	err := w.walk(n)
	if err == nil {
		err = w.drain(n.src)
	}
	if err == nil {
		err = w.readLater()
	}
	if errors.Is(err, errStopped) {
		err = nil
	}
	if err == nil && w.in.err != nil {
		err = w.in.err
	}
	return w.result(n, in.MediaType), err
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	for _, f := range []struct {
		set *int64
		to  int64
	}{
		{&l.MaxBytes, d.MaxBytes}, {&l.MaxRatio, d.MaxRatio}, {&l.MaxMembers, d.MaxMembers}, {&l.MaxMemory, d.MaxMemory}, {&l.MaxWindow, d.MaxWindow},
		{(*int64)(&l.MaxTime), int64(d.MaxTime)},
	} {
		if *f.set <= 0 {
			*f.set = f.to
		}
	}
	if l.MaxTemp == 0 {
		l.MaxTemp = d.MaxTemp
	}
	if l.MaxDepth == 0 {
		l.MaxDepth = d.MaxDepth
	}
	if l.MaxPasswords == 0 {
		l.MaxPasswords = d.MaxPasswords
	}
	l.MaxTemp, l.MaxDepth, l.MaxPasswords = max(l.MaxTemp, 0), max(l.MaxDepth, 0), max(l.MaxPasswords, 0)
	return l
}

// result sums a Walk up.
func (w *walker) result(n *node, media string) Report {
	r := Report{Completeness: leak.Whole, Reasons: w.notes.reasons(), Texts: w.texts, BytesIn: w.in.n, BytesOut: w.out,
		Shape: w.shapes.best(), MediaType: mediaType(n.format, media), Cut: w.notes.cut(),
		Published: w.hints.near[:min(len(w.hints.near), maxPublished)]}
	switch {
	case len(r.Reasons) == 0:
	case w.read > 0:
		r.Completeness = leak.Partial
	default:
		r.Completeness = leak.Unreadable
	}
	return r
}
