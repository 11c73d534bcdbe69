package email_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"leakwatch/alerts/alertstest"
	"leakwatch/configs"
)

// server is a mail server whose answers the test commands, one a mail, the last for ever.
type server struct {
	t       *testing.T
	quit    chan struct{}
	mu      sync.Mutex
	answers []string
	mails   []alertstest.Received
}

type conversation struct {
	s      *server
	answer string
	authed bool
	tls    bool
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	return &conversation{s: s, tls: encrypted}, nil
}

// next takes an answer; a conversation begins twice with STARTTLS, but gives its password once.
func (s *server) next() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return answer
}

// at refuses at a step, when the answer says so: "RCPT 550 5.1.1".
func (c *conversation) at(step string) error {
	words := strings.Fields(c.answer)
	if words[0] != step {
		return nil
	}
	if words[1] == "silent" {
		<-c.s.quit
		return errors.New("silent")
	}
	code, err := strconv.Atoi(words[1])
	if err != nil {
		c.s.t.Error(err)
	}
	e := smtp.EnhancedCode{code / 100, 0, 0}
	if len(words) > 2 {
		if _, err := fmt.Sscanf(words[2], "%d.%d.%d", &e[0], &e[1], &e[2]); err != nil {
			c.s.t.Error(err)
		}
	}
	return &smtp.SMTPError{Code: code, EnhancedCode: e,
		Message: strings.Join([]string{"no", alertstest.Patient, alertstest.Number, alertstest.Secret}, " ")}
}

func (c *conversation) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *conversation) Auth(string) (sasl.Server, error) {
	c.answer = c.s.next()
	return sasl.NewPlainServer(func(_, user, password string) error {
		if err := c.at("AUTH"); err != nil {
			return err
		}
		if user != "leakwatch" || password != alertstest.Secret {
			return smtp.ErrAuthFailed
		}
		c.authed = true
		return nil
	}), nil
}

func (c *conversation) Mail(from string, _ *smtp.MailOptions) error {
	if from != "leakwatch@clinic.example" || !c.authed || !c.tls {
		c.s.t.Errorf("mail from %s, with a password %t, in TLS %t", from, c.authed, c.tls)
	}
	return c.at("MAIL")
}

func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	if to != "security@helsinki.example" {
		c.s.t.Errorf("mail to %s", to)
	}
	return c.at("RCPT")
}

func (c *conversation) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	got, err := parse(b)
	if err != nil {
		c.s.t.Error(err)
	}
	c.s.mu.Lock()
	c.s.mails = append(c.s.mails, got)
	c.s.mu.Unlock()
	return c.at("DATA")
}

func (c *conversation) Reset()        {}
func (c *conversation) Logout() error { return nil }

// serve starts a mail server that takes mail in TLS only, from who has the password.
func serve(t *testing.T, mode string, answers ...string) (c configs.SMTP, s *server, stop func()) {
	cert, ca, _ := alertstest.Certificate(t)
	s = &server{t: t, answers: answers, quit: make(chan struct{})}
	srv := smtp.NewServer(s)
	srv.Domain = "mail.test"
	srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	srv.ErrorLog = silent{}
	l, port := listen(t)
	if mode == "tls" {
		l = tls.NewListener(l, srv.TLSConfig)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	stop = sync.OnceFunc(func() {
		close(s.quit)
		_ = l.Close() // Close alone may come before Serve knows of it
		_ = srv.Close()
		<-served
	})
	t.Cleanup(stop)
	return configs.SMTP{Host: "127.0.0.1", Port: port, TLS: mode, Username: "leakwatch", PasswordFile: secret(t),
		From: "Leakwatch <leakwatch@clinic.example>", CAFile: ca}, s, stop
}

func listen(t *testing.T) (net.Listener, int) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, l.Addr().(*net.TCPAddr).Port
}

func start(mode string) func(t *testing.T, answers ...string) *alertstest.Side {
	return func(t *testing.T, answers ...string) *alertstest.Side {
		c, s, stop := serve(t, mode, answers...)
		return &alertstest.Side{Sender: mailer(t, c), Contact: contact(), Stop: stop, Received: func() []alertstest.Received {
			s.mu.Lock()
			defer s.mu.Unlock()
			return append([]alertstest.Received(nil), s.mails...)
		}}
	}
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
