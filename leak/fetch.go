package leak

import (
	"io"
	"time"
)

// Fetch asks for the bytes of a version.
type Fetch struct {
	Source     string
	Place      Place
	From       int64      // bytes that are already here; the rest is asked for by Range
	Validators Validators // of what is already here: another version starts anew, from 0
	Tip        bool       // asked for by a person: no source; direct network, default limits
}

// Exchange is one request and its answer, as evidence: exact headers, redirects, certificate. Everything in it may
// name a patient, so it is sealed as a whole.
type Exchange struct {
	At          time.Time
	Method      string
	URL         string   // clear
	Request     []byte   // request line and headers, as sent
	Response    []byte   // status line and headers, as received
	Status      int      // 0 when there was no answer
	Redirects   []string // URLs on the way, clear
	Network     Network
	Circuit     string        // SOCKS user that isolates the stream
	Certificate string        // SHA-256 of the server's leaf certificate, hex
	ClockOffset time.Duration // the server's Date minus ours; 0 when it gave none
	Error       string        // of the transport, without the URL
}

// Body is what a server sends for a Fetch. Read goes on by Range over broken connections by itself, within the limits
// of the source; what it cannot get ends in an error that says so. The caller closes it. Not for concurrent use.
type Body struct {
	io.ReadCloser
	From       int64 // offset of the first byte that Read gives: 0 when the server would not go on
	Size       int64 // of the whole body, -1 when the server did not say
	Validators Validators
	MediaType  string            // as the server says, without parameters
	Charset    string            // as the server says
	Cut        func() string     // after Read's end: which limit cut the body and what was left, "" when none did
	Exchanges  func() []Exchange // so far
}

// Page is one page of a listing, as read.
type Page struct {
	Place    Place
	Items    []Item
	Raw      []byte // as received, for evidence; at most the listing's byte limit
	Exchange Exchange
}
