package unpack

import (
	"context"
	"fmt"
	"io"
	"time"

	"leakwatch/leak"
)

// Limits bound one Walk. A field that is zero or less takes its default.
type Limits struct {
	MaxBytes   int64         // read and unpacked together, over all layers
	MaxRatio   int64         // unpacked to packed, of each layer and of the whole, counted after the first MiB
	MaxDepth   int           // of containers, compressions and encodings inside one another
	MaxMembers int64         // over all containers
	MaxTime    time.Duration // for the whole document
	MaxMemory  int64         // for windows, directories and buffers
	MaxTemp    int64         // in sealed temporary files, at one time
}

// DefaultLimits suit a dump of a hundred gigabytes.
func DefaultLimits() Limits {
	return Limits{MaxBytes: 1 << 40, MaxRatio: 200, MaxDepth: 8, MaxMembers: 5_000_000, MaxTime: 24 * time.Hour,
		MaxMemory: 256 << 20, MaxTemp: 20 << 30}
}

// Input is a document as it was fetched.
type Input struct {
	Reader    io.Reader
	Place     leak.Place
	MediaType string // as the server said, or ""
	Charset   string // as the server said, or ""
	Size      int64  // 0 or less when unknown
	Temp      string // folder for sealed temporary files; "" allows none
}

// Sink takes what a Walk finds. Its functions are called one at a time, but re-entrantly: while Text reads its Reader,
// a text that is encoded inside that one may be handed to Text from within Read. An error of either ends the Walk.
type Sink struct {
	Text   func(leak.Text) error
	Member func(leak.Member) error // may be nil
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
}

// ReadError is a failure of Input.Reader.
type ReadError struct{ Err error }

func (e *ReadError) Error() string { return fmt.Sprintf("read document: %v", e.Err) }

// Unwrap gives the reader's error.
func (e *ReadError) Unwrap() error { return e.Err }

// Walk reads a document to its end, or to a limit, and hands over its texts and members in the order in which they
// lie in it. The error is the context's, the sink's, or a *ReadError; whatever is wrong with the document is in the
// Report, which holds what was read so far in any case. The document's own name is not handed over: the caller has it.
// No goroutine and no temporary file outlives Walk.
func Walk(ctx context.Context, in Input, l Limits, s Sink) (Report, error) {
	return Report{}, nil
}
