// Package email sends alerts by SMTP.
//
// TLS is mandatory: by STARTTLS or from the first byte, as configured; without it only to a loopback host. One delivery
// is one message to one mailbox, under a Message-ID made of its id, the same over all attempts, so that a repeat after
// a crash is known as one.
package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"

	"leakwatch/alerts/message"
	"leakwatch/configs"
	"leakwatch/leak"
)

const (
	dialTimeout = 20 * time.Second
	// conversation is for the whole of it. RFC 5321 lets a server think for ten minutes after the last dot; one that
	// needs more than two is tried again, under the same id.
	conversation = 2 * time.Minute
)

// The words of configs.SMTP.TLS.
const (
	startTLS = "starttls"
	fullTLS  = "tls"
	noTLS    = "none"
)

// Options are what New needs.
type Options struct {
	Config  configs.SMTP
	Says    message.Settings
	Version string // of the program, for X-Mailer
}

// Mailer sends mail through one server. It is safe for concurrent use.
type Mailer struct {
	smtp    configs.SMTP
	says    message.Settings
	agent   string
	from    *netmail.Address
	domain  string // of From: the right side of every Message-ID
	tls     *tls.Config
	options []mail.Option
}

// New reads the certificate authority and looks whether the password is there. It connects to nothing.
func New(o Options) (*Mailer, error) {
	from, err := netmail.ParseAddress(o.Config.From)
	if err != nil {
		return nil, errors.New("from: not a mailbox")
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	m := &Mailer{smtp: o.Config, says: o.Says, agent: strings.TrimSpace("leakwatch " + o.Version), from: from, domain: domain}
	if err := m.setTLS(); err != nil {
		return nil, err
	}
	if _, err := m.password(); err != nil {
		return nil, err
	}
	if _, err := m.client((&net.Dialer{}).DialContext); err != nil { // to see that the settings are right
		return nil, err
	}
	return m, nil
}

func (m *Mailer) setTLS() error {
	m.tls = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: m.smtp.Host}
	if m.smtp.CAFile != "" {
		pem, err := os.ReadFile(m.smtp.CAFile)
		if err != nil {
			return fmt.Errorf("ca_file: %w", err)
		}
		m.tls.RootCAs = x509.NewCertPool()
		if !m.tls.RootCAs.AppendCertsFromPEM(pem) {
			return errors.New("ca_file: no certificate in it")
		}
	}
	m.options = []mail.Option{mail.WithTimeout(conversation), mail.WithTLSConfig(m.tls), mail.WithHELO(m.domain),
		mail.WithPort(m.smtp.Port), mail.WithoutNoop(), mail.WithoutRset()}
	policy := mail.TLSMandatory
	switch m.smtp.TLS {
	case startTLS:
	case fullTLS:
		policy = mail.TLSOpportunistic // our dialler has spoken TLS before the client says a word; see dial
	case noTLS:
		if !loopback(m.smtp.Host) {
			return errors.New("tls: none is for a loopback host only")
		}
		policy = mail.NoTLS
	default:
		return errors.New("tls: want starttls, tls, or none")
	}
	m.options = append(m.options, mail.WithTLSPolicy(policy))
	if m.smtp.Username != "" {
		m.options = append(m.options, mail.WithUsername(m.smtp.Username), mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover))
	}
	return nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// password reads the file anew, so that a changed one needs no restart.
func (m *Mailer) password() (string, error) {
	if m.smtp.PasswordFile == "" {
		return "", nil
	}
	b, err := os.ReadFile(m.smtp.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("password_file: %w", err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// session is the connection of one conversation.
type session struct {
	raw  net.Conn
	stop func() bool
}

// end lets go of the connection, whatever became of it.
func (s *session) end() {
	if s.raw != nil {
		s.stop()
		_ = s.raw.Close() // closed already after a QUIT
	}
}

// talk has one conversation with the server. The client looks at ctx only while it connects, so the connection is
// closed when ctx ends.
func (m *Mailer) talk(ctx context.Context, say func(context.Context, *mail.Client) error, extra ...mail.Option) error {
	ctx, cancel := context.WithTimeout(ctx, conversation)
	defer cancel()
	s := &session{}
	defer s.end()
	c, err := m.client(func(_ context.Context, network, address string) (net.Conn, error) {
		return m.dial(ctx, s, network, address)
	}, extra...)
	if err != nil {
		return err
	}
	if err := say(ctx, c); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return explain(err)
	}
	return nil
}

func (m *Mailer) client(dial mail.DialContextFunc, extra ...mail.Option) (*mail.Client, error) {
	options := append([]mail.Option{mail.WithDialContextFunc(dial)}, m.options...)
	options = append(options, extra...)
	if m.smtp.Username != "" {
		password, err := m.password()
		if err != nil {
			return nil, err
		}
		options = append(options, mail.WithPassword(password))
	}
	c, err := mail.NewClient(m.smtp.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("smtp settings: %w", err)
	}
	return c, nil
}

func (m *Mailer) dial(ctx context.Context, s *session, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	raw, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	s.raw, s.stop = raw, context.AfterFunc(ctx, func() { _ = raw.Close() })
	if m.smtp.TLS != fullTLS {
		return raw, nil
	}
	c := tls.Client(raw, m.tls)
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Send hands one message to the server. It returns nil once the server has taken it, whatever comes after.
func (m *Mailer) Send(ctx context.Context, d leak.Delivery) error {
	msg, err := m.compose(d)
	if err != nil {
		return err
	}
	var extra []mail.Option
	if ascii(d.Contact.Address) { // or a server further on that lacks SMTPUTF8 would send it back for nothing
		extra = append(extra, mail.WithoutSMTPUTF8())
	}
	err = m.talk(ctx, func(ctx context.Context, c *mail.Client) error { return c.DialAndSendWithContext(ctx, msg) }, extra...)
	if err == nil || msg.IsDelivered() {
		return nil
	}
	return fmt.Errorf("mail to the server %s: %w", m.address(), err)
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// Check connects, speaks TLS, gives the password, and goes.
func (m *Mailer) Check(ctx context.Context) error {
	err := m.talk(ctx, func(ctx context.Context, c *mail.Client) error {
		if err := c.DialWithContext(ctx); err != nil {
			return err
		}
		return c.Close()
	})
	if err != nil {
		return fmt.Errorf("mail server %s: %w", m.address(), err)
	}
	return nil
}

func (m *Mailer) address() string { return net.JoinHostPort(m.smtp.Host, strconv.Itoa(m.smtp.Port)) }
