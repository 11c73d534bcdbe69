package crawler

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"leakwatch/leak"
)

// marked is a sentinel that also wraps the leak mark that says whether trying again helps, without saying it in words.
type marked struct {
	text string
	mark error
}

func (e *marked) Error() string { return e.text }
func (e *marked) Unwrap() error { return e.mark }

// What callers may branch on.
var (
	// ErrGone says that nothing is at the place any more: 404, 410 or 451. Permanent.
	ErrGone error = &marked{"gone", leak.ErrPermanent}
	// ErrRefused says that the server will not give it, and will not on another try either. Permanent.
	ErrRefused error = &marked{"refused by the server", leak.ErrPermanent}
	// ErrRobots says that robots.txt forbids it. A rule.
	ErrRobots error = &marked{"forbidden by robots.txt", leak.ErrRule}
	// ErrLegal says that the source's legal switch forbids reading bodies. A rule.
	ErrLegal error = &marked{"forbidden by the legal switch", leak.ErrRule}
	// ErrForbiddenAddress says that the address is none of the internet's: private, loopback, link-local and the like. A
	// rule.
	ErrForbiddenAddress error = &marked{"private address", leak.ErrRule}
	// ErrOnion says that an onion address is malformed, or was about to be reached without Tor. A rule.
	ErrOnion error = &marked{"onion address", leak.ErrRule}
	// ErrScope says that a place is outside what the source may reach: another scheme, or another host. A rule.
	ErrScope error = &marked{"out of scope", leak.ErrRule}
	// ErrUnknownSource says that no source of that id is configured. Permanent.
	ErrUnknownSource error = &marked{"unknown source", leak.ErrPermanent}
	// ErrChanged says that another version came to the place while one was being read.
	ErrChanged = errors.New("another version is at the place now")
	// ErrBroken says that a body broke off and would not go on.
	ErrBroken = errors.New("broken off")
	// ErrBusy says that the host asked to be left alone for now (429, 503).
	ErrBusy = errors.New("the host is busy")
	// ErrSlow says that a server sent nothing, or next to nothing, for too long.
	ErrSlow = errors.New("too slow")
	// ErrListing says that a listing could not be understood: a login page, a page without entries, too large a page.
	ErrListing = errors.New("listing not understood")
	// ErrTooLarge says that a listing page is larger than its limit. It wraps ErrListing.
	ErrTooLarge error = &marked{"too large", ErrListing}
	// ErrRedirects says that redirects led nowhere.
	ErrRedirects = errors.New("too many redirects")
)

// wireError is what a transport's error becomes: fixed words, for the errors of net/http hold URLs, host names and what
// the server said. It keeps only causes that hold none of these.
type wireError struct {
	text  string
	cause error
}

func (e *wireError) Error() string { return e.text }
func (e *wireError) Unwrap() error { return e.cause }

// unmarked are the sentinels that are no marked ones.
var unmarked = []error{ErrChanged, ErrBroken, ErrBusy, ErrSlow, ErrListing, ErrRedirects}

// own gives the sentinel in an error, or nil. What wraps one was written here, and holds no place.
func own(err error) error {
	if m := (*marked)(nil); errors.As(err, &m) {
		return m
	}
	for _, o := range unmarked {
		if errors.Is(err, o) {
			return o
		}
	}
	return nil
}

// plain takes every place out of an error of a transport. Errors that are ours stay as they are.
func plain(err error) error {
	err = bare(err)
	if err == nil {
		return nil
	}
	if w := (*wireError)(nil); errors.As(err, &w) {
		return w
	}
	if s := (*statusError)(nil); errors.As(err, &s) {
		return s
	}
	switch o := own(err); {
	case o != nil && foreign(err):
		return o
	case o != nil:
		return err
	}
	text, cause := words(err)
	return &wireError{text, cause}
}

// bare takes off what net/http and net put around an error: the URL, and the address.
func bare(err error) error {
	for {
		switch e := err.(type) {
		case *url.Error:
			err = e.Err
		case *net.OpError:
			err = e.Err
		default:
			return err
		}
	}
}

// foreign says whether an error has an inner part whose text names places.
func foreign(err error) bool {
	var (
		u *url.Error
		o *net.OpError
		d *net.DNSError
	)
	return errors.As(err, &u) || errors.As(err, &o) || errors.As(err, &d)
}

func words(err error) (string, error) {
	var (
		dns   *net.DNSError
		errno syscall.Errno
		host  x509.HostnameError
		cert  *tls.CertificateVerificationError
		alert tls.AlertError
		head  tls.RecordHeaderError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "stopped", context.Canceled
	case errors.As(err, &dns) && dns.IsNotFound:
		return "the host's name does not resolve", nil
	case errors.As(err, &dns):
		return "the name server did not answer", nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "timed out", context.DeadlineExceeded
	case errors.As(err, &host):
		return "the certificate is for another host", nil
	case errors.As(err, &cert):
		return "the certificate is not trusted", nil
	case errors.As(err, &alert), errors.As(err, &head):
		return "TLS failed", nil
	case errors.As(err, &errno):
		return errno.Error(), errno
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the connection ended early", io.ErrUnexpectedEOF
	}
	return other(err)
}

// other gives words for errors that have no type.
func other(err error) (string, error) {
	if t := net.Error(nil); errors.As(err, &t) && t.Timeout() {
		return "timed out", context.DeadlineExceeded
	}
	s := err.Error()
	for _, known := range []string{"general SOCKS server failure", "connection not allowed by ruleset", "network unreachable",
		"host unreachable", "connection refused", "TTL expired", "username/password authentication failed",
		"no acceptable authentication methods", "malformed HTTP", "server gave HTTP response to HTTPS client",
		"headers exceeded", "use of closed network connection", "unsupported protocol scheme", "server closed idle connection"} {
		if strings.Contains(s, known) {
			return known, nil
		}
	}
	return fmt.Sprintf("the request failed (%T)", innermost(err)), nil
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// statusError is an answer that is not the one that was asked for, or, with status 0, a question that was not put.
type statusError struct {
	status int
	after  time.Duration // for which the host is left alone
	cause  error
}

func (e *statusError) Error() string {
	if e.status == 0 {
		return fmt.Sprintf("%v, left alone for %s", e.cause, e.after.Round(time.Second))
	}
	return fmt.Sprintf("status %d: %v", e.status, e.cause)
}
func (e *statusError) Unwrap() error { return e.cause }

var errStatus = errors.New("not what was asked for")

// ofStatus is the error that a status means, nil for 2xx.
func ofStatus(status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == 404, status == 410, status == 451:
		return &statusError{status: status, cause: ErrGone}
	case status == 429, status == 503:
		return &statusError{status: status, cause: ErrBusy}
	case status == 408, status == 416, status == 425, status == 403, status >= 500, status < 200:
		return &statusError{status: status, cause: errStatus}
	}
	return &statusError{status: status, cause: ErrRefused}
}
