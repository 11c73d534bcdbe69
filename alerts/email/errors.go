package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"

	"github.com/wneessen/go-mail"

	"leakwatch/leak"
)

// explain says in our own words what went wrong. What a server answers may quote the message, the mailbox or the
// password, so of its answer the error keeps the numbers only.
func explain(err error) error {
	var sent *mail.SendError
	if errors.As(err, &sent) {
		return explainSend(sent)
	}
	var code *textproto.Error
	if errors.As(err, &code) {
		return fmt.Errorf("the server answered %d before a message was offered", code.Code)
	}
	for _, known := range []error{mail.ErrNoSupportedAuthDiscovered, mail.ErrPlainAuthNotSupported, io.EOF, io.ErrUnexpectedEOF,
		net.ErrClosed, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return known
		}
	}
	if e := ofNetwork(err); e != nil {
		return e
	}
	switch text := err.Error(); {
	case strings.Contains(text, "does not support STARTTLS"):
		return errors.New("the server offers no STARTTLS, and nothing is sent without TLS")
	case strings.Contains(text, "does not support SMTP AUTH"):
		return errors.New("the server takes no password")
	}
	return errors.New("the conversation failed")
}

// ofNetwork gives errors of the network and of certificates, which hold addresses and host names only.
func ofNetwork(err error) error {
	var network *net.OpError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &verify):
		return verify
	case errors.As(err, &record):
		return record
	case errors.As(err, &alert):
		return alert
	case errors.As(err, &authority):
		return authority
	case errors.As(err, &name):
		return name
	case errors.As(err, &invalid):
		return invalid
	case errors.As(err, &network):
		return network
	}
	return nil
}

// explainSend knows at which step the server refused.
func explainSend(e *mail.SendError) error {
	step := map[mail.SendErrReason]string{mail.ErrSMTPMailFrom: "the sender", mail.ErrSMTPRcptTo: "the mailbox",
		mail.ErrSMTPData: "the message", mail.ErrSMTPDataClose: "the message"}[e.Reason]
	code := e.ErrorCode()
	switch {
	case step == "":
		return errors.New("the connection broke while the message was sent")
	case code == 0:
		return fmt.Errorf("the connection broke when the server was offered %s", step)
	}
	err := fmt.Errorf("the server refused %s with %s", step, strings.TrimSpace(fmt.Sprint(code, " ", e.EnhancedStatusCode())))
	if permanent(e.Reason, code) {
		return fmt.Errorf("%w: %w", err, leak.ErrPermanent)
	}
	return err
}

// permanent says whether trying again will not help: the server refuses this mailbox or this message for good. What is
// wrong with the conversation or with our own sender, the operator can mend, and 552 is a full mailbox (RFC 5321,
// 4.5.3.1.10, has it treated as temporary).
func permanent(reason mail.SendErrReason, code int) bool {
	if reason == mail.ErrSMTPMailFrom {
		return false
	}
	switch code {
	case 521, 541, 550, 551, 553, 554, 555, 556:
		return true
	}
	return false
}
