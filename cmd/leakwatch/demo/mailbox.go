package demo

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Mail is one message that the mailbox took.
type Mail struct {
	To, Subject, ID, Thread string
	Text                    string
	Raw                     string
	At                      time.Time
}

// Mailbox is an SMTP server on loopback that keeps what it is sent.
type Mailbox struct {
	Addr   string
	server *smtp.Server
	done   chan struct{}
	mu     sync.Mutex
	mails  []Mail
	came   chan struct{}
}

// OpenMailbox starts one on a free port of 127.0.0.1. Close ends it.
func OpenMailbox() (*Mailbox, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open mailbox: %w", err)
	}
	m := &Mailbox{Addr: listener.Addr().String(), done: make(chan struct{}), came: make(chan struct{}, 1)}
	m.server = smtp.NewServer(m)
	m.server.Domain = "localhost"
	m.server.MaxMessageBytes = 1 << 20
	m.server.ReadTimeout, m.server.WriteTimeout = time.Minute, time.Minute
	m.server.ErrorLog = quiet{}
	go func() { defer close(m.done); _ = m.server.Serve(listener) }()
	return m, nil
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// Close ends the server and waits.
func (m *Mailbox) Close() error {
	err := m.server.Close()
	<-m.done
	return err
}

// Mails are those that came so far.
func (m *Mailbox) Mails() []Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Mail(nil), m.mails...)
}

// Came is told when another mail came.
func (m *Mailbox) Came() <-chan struct{} { return m.came }

// NewSession takes a connection.
func (m *Mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{box: m}, nil }

type session struct {
	box *Mailbox
	to  []string
}

func (s *session) Reset()                                    { s.to = nil }
func (s *session) Logout() error                             { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = append(s.to, to); return nil }

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	msg, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return errors.Join(errors.New("not a message"), err)
	}
	text := io.Reader(msg.Body)
	if strings.EqualFold(msg.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		text = quotedprintable.NewReader(text)
	}
	body, err := io.ReadAll(text)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	s.box.mails = append(s.box.mails, Mail{To: strings.Join(s.to, ", "), Subject: subject, ID: msg.Header.Get("Message-ID"),
		Thread: msg.Header.Get("In-Reply-To"), Text: strings.ReplaceAll(string(body), "\r\n", "\n"), Raw: string(raw), At: time.Now()})
	s.box.mu.Unlock()
	select {
	case s.box.came <- struct{}{}:
	default:
	}
	return nil
}
