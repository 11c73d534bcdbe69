package email_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"leakwatch/alerts/alertstest"
	"leakwatch/alerts/email"
	"leakwatch/alerts/message"
	"leakwatch/configs"
	"leakwatch/leak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func says() message.Settings {
	return message.Settings{DeadlineHours: 72, TLP: "AMBER+STRICT", PublicURL: "https://leakwatch.clinic.example"}
}

// parse reads a mail as a reader's program would.
func parse(b []byte) (alertstest.Received, error) {
	m, err := netmail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		return alertstest.Received{}, fmt.Errorf("%w in %s", err, b)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return alertstest.Received{}, err
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		return alertstest.Received{}, err
	}
	for name, want := range map[string]string{"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "quoted-printable",
		"Auto-Submitted": "auto-generated", "X-Mailer": "leakwatch 1.2.3", "Date": "Sun, 01 Mar 2026 12:30:00 +0000",
		"References": m.Header.Get("In-Reply-To"), "User-Agent": ""} {
		if got := m.Header.Get(name); got != want {
			return alertstest.Received{}, fmt.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	text := string(body)
	return alertstest.Received{ID: m.Header.Get("Message-Id"), Thread: m.Header.Get("In-Reply-To"), Wire: b, Text: subject + "\n" + text,
		Test: strings.Contains(subject, "TEST: ") && strings.HasPrefix(after(text), "*** TEST")}, nil
}

// after is a text without its first two lines, the label and the empty one.
func after(text string) string {
	lines := strings.SplitN(text, "\r\n", 3)
	return lines[len(lines)-1]
}

func secret(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "smtp.password")
	if err := os.WriteFile(path, []byte(alertstest.Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mailer(t *testing.T, c configs.SMTP) *email.Mailer {
	t.Helper()
	m, err := email.New(email.Options{Config: c, Says: says(), Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func contact() leak.Contact {
	return leak.Contact{Name: "Säde, tietoturva", Role: "security", Channel: "email", Address: "security@helsinki.example"}
}

func TestKit(t *testing.T) {
	t.Parallel()
	answers := map[string]alertstest.Outcome{
		"250": alertstest.Accepted, "RCPT 550 5.1.1": alertstest.Permanent, "RCPT 553": alertstest.Permanent,
		"RCPT 551": alertstest.Permanent, "DATA 554 5.7.1": alertstest.Permanent,
		"DATA 451 4.3.0": alertstest.Retried, "RCPT 450 4.2.1": alertstest.Retried, "RCPT 421": alertstest.Retried,
		"RCPT 552 5.2.2": alertstest.Retried, "MAIL 451": alertstest.Retried, "MAIL 550": alertstest.Retried,
		"RCPT 530 5.7.0": alertstest.Retried, "AUTH 535 5.7.8": alertstest.Retried, "AUTH 454": alertstest.Retried,
		"DATA silent": alertstest.Silent,
	}
	for _, mode := range []string{"starttls", "tls"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			alertstest.Run(t, alertstest.Channel{Answers: answers, Start: start(mode)})
		})
	}
}

// TestSilence ends a call at each step at which a server may fall silent, its greeting included.
func TestSilence(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"starttls", "tls", "none"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			l, port := listen(t) // the kernel accepts, nobody speaks
			defer func() { _ = l.Close() }()
			m := mailer(t, configs.SMTP{Host: "127.0.0.1", Port: port, TLS: mode, From: "leakwatch@clinic.example"})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- m.Send(ctx, alertstest.Delivery(leak.NoticeAlert, contact())) }()
			conn, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("Send: %v", err)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := start("starttls")(t, "250")
	if err := s.Sender.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if got := s.Received(); len(got) != 0 {
		t.Errorf("Check sent %v", got)
	}
	s = start("tls")(t, "AUTH 535")
	if err := s.Sender.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "535") || strings.Contains(err.Error(), alertstest.Secret) {
		t.Errorf("Check with a wrong password: %v", err)
	}
	s.Stop()
	if err := s.Sender.Check(t.Context()); err == nil {
		t.Error("Check of a server that is away")
	}
}

// TestNoTLSNoMail: a server without TLS, or with a certificate that nobody trusts, gets nothing.
func TestNoTLSNoMail(t *testing.T) {
	t.Parallel()
	l, port := listen(t)
	srv := smtp.NewServer(&server{t: t, answers: []string{"250"}})
	srv.AllowInsecureAuth = true
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() { _, _ = l.Close(), srv.Close(); <-served })
	m := mailer(t, configs.SMTP{Host: "127.0.0.1", Port: port, TLS: "starttls", From: "leakwatch@clinic.example",
		Username: "leakwatch", PasswordFile: secret(t)})
	err := m.Send(t.Context(), alertstest.Delivery(leak.NoticeAlert, contact()))
	if err == nil || !strings.Contains(err.Error(), "no STARTTLS") || errors.Is(err, leak.ErrPermanent) {
		t.Errorf("Send without TLS: %v", err)
	}
	for _, mode := range []string{"starttls", "tls"} {
		c, s, _ := serve(t, mode, "250")
		_, c.CAFile, _ = alertstest.Certificate(t)
		err := mailer(t, c).Send(t.Context(), alertstest.Delivery(leak.NoticeAlert, contact()))
		if err == nil || !strings.Contains(err.Error(), "certificate") || errors.Is(err, leak.ErrPermanent) || len(s.mails) > 0 {
			t.Errorf("%s, with a certificate that nobody trusts: %v", mode, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := configs.SMTP{Host: "mail.example", Port: 587, TLS: "starttls", From: "leakwatch@clinic.example"}
	if _, err := email.New(email.Options{Config: good}); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*configs.SMTP){
		"no TLS to elsewhere": func(c *configs.SMTP) { c.TLS = "none" },
		"no word for TLS":     func(c *configs.SMTP) { c.TLS = "" },
		"opportunistic":       func(c *configs.SMTP) { c.TLS = "opportunistic" },
		"no From":             func(c *configs.SMTP) { c.From = "" },
		"no authority":        func(c *configs.SMTP) { c.CAFile = filepath.Join(t.TempDir(), "none") },
		"an empty authority":  func(c *configs.SMTP) { c.CAFile = secret(t) },
		"no password":         func(c *configs.SMTP) { c.PasswordFile = filepath.Join(t.TempDir(), "none") },
		"no port":             func(c *configs.SMTP) { c.Port = 0 },
	} {
		c := good
		change(&c)
		if _, err := email.New(email.Options{Config: c}); err == nil || strings.Contains(err.Error(), alertstest.Secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		c := good
		c.TLS, c.Host = "none", host
		if _, err := email.New(email.Options{Config: c}); err != nil {
			t.Errorf("none to %s: %v", host, err)
		}
	}
}

// TestBadDelivery: what can go into no mail is permanent, and nothing of it comes into a header.
func TestBadDelivery(t *testing.T) {
	t.Parallel()
	m := mailer(t, configs.SMTP{Host: "127.0.0.1", Port: 1, TLS: "none", From: "leakwatch@clinic.example"})
	for name, change := range map[string]func(*leak.Delivery){
		"no mailbox":      func(d *leak.Delivery) { d.Contact.Address = "nobody" },
		"two mailboxes":   func(d *leak.Delivery) { d.Contact.Address = "a@b.example, c@d.example" },
		"a line break":    func(d *leak.Delivery) { d.Contact.Address = "a@b.example\r\nBcc: c@d.example" },
		"an empty id":     func(d *leak.Delivery) { d.ID = "" },
		"a broken id":     func(d *leak.Delivery) { d.ID = "d-1>\r\nBcc: <c@d.example" },
		"a long id":       func(d *leak.Delivery) { d.ID = strings.Repeat("d", 1000) },
		"a broken thread": func(d *leak.Delivery) { d.Thread = "d 1" },
	} {
		d := alertstest.Delivery(leak.NoticeAlert, contact())
		change(&d)
		if err := m.Send(t.Context(), d); !errors.Is(err, leak.ErrPermanent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestHeaders: names and subjects with line breaks and controls make no new header.
func TestHeaders(t *testing.T) {
	t.Parallel()
	s := start("starttls")(t, "250")
	d := alertstest.Delivery(leak.NoticeOperator, s.Contact)
	d.Contact.Name, d.Subject = "Eve\r\nBcc: c@d.example", "x\r\nBcc: c@d.example\u202e"
	d.Text = "one\r\n.\r\ntwo\x00\x1b[31m" + strings.Repeat("long ", 5000)
	if err := s.Sender.Send(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	got := s.Received()[0]
	m, err := netmail.ReadMessage(bytes.NewReader(got.Wire))
	if err != nil || m.Header.Get("Bcc") != "" {
		t.Errorf("%v: %s", err, got.Wire)
	}
	if !strings.Contains(got.Text, "\r\n.\r\ntwo[31mlong") || strings.ContainsAny(got.Text, "\x00\x1b\u202e") {
		t.Errorf("the text came as %.300q", got.Text)
	}
	for l := range bytes.Lines(got.Wire) {
		if len(l) > 1000 {
			t.Errorf("a line of %d bytes", len(l))
		}
	}
}
