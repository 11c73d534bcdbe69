//go:build unix

package email_test

import (
	"bytes"
	"errors"
	netmail "net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"leakwatch/alerts/alertstest"
	"leakwatch/configs"
	"leakwatch/leak"
)

func smtpOf(t *testing.T, s *alertstest.Exim, mode string) configs.SMTP {
	c := configs.SMTP{Host: "127.0.0.1", Port: s.StartTLS, TLS: mode, Username: "leakwatch", PasswordFile: secret(t),
		From: "Leakwatch <leakwatch@clinic.example>", CAFile: s.Cert}
	if mode == "tls" {
		c.Port = s.TLS
	}
	return c
}

// mails reads the mailbox once it holds n, for at most 20 seconds.
func mails(t *testing.T, s *alertstest.Exim, n int) (list []alertstest.Received) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for i := 0; len(s.Mails(t)) < n; i++ {
		if i > 400 {
			t.Fatalf("waited in vain for %d mails", n)
		}
		<-tick.C
	}
	for _, b := range s.Mails(t) {
		got, err := parse(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, got)
	}
	return list
}

// TestServiceMail sends through a real server and reads what is in the mailbox: one id over attempts, the thread, TLS,
// and letters that ASCII has not.
func TestServiceMail(t *testing.T) {
	t.Parallel()
	s := alertstest.StartExim(t)
	for _, mode := range []string{"starttls", "tls"} {
		m := mailer(t, smtpOf(t, s, mode))
		if err := m.Check(t.Context()); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		d := alertstest.Delivery(leak.NoticeAlert, contact())
		update := alertstest.Delivery(leak.NoticeUpdate, contact())
		again := d
		again.Attempt = 2 // as after a crash between the server's yes and our commit
		for _, one := range []leak.Delivery{d, again, update} {
			if err := m.Send(t.Context(), one); err != nil {
				t.Fatalf("%s: %v", mode, err)
			}
		}
	}
	count := map[string]int{}
	for _, got := range mails(t, s, 6) {
		count[got.ID]++
		if !bytes.Contains(got.Wire, []byte("with esmtpsa")) || !bytes.Contains(got.Wire, []byte("TLS1.3")) {
			t.Errorf("it came without TLS or password: %.300s", got.Wire)
		}
		if !strings.Contains(got.Text, "Vastaanotto Äiti & Lapsi") || !strings.Contains(toOf(t, got.Wire), "Säde, tietoturva") {
			t.Errorf("letters were lost: %s", got.Wire)
		}
		if want := got.ID == "<d-8899aabbccddeeff@clinic.example>"; want != (got.Thread == "<d-0011223344556677@clinic.example>") {
			t.Errorf("%s is on the thread %q", got.ID, got.Thread)
		}
	}
	if len(count) != 2 || count["<d-0011223344556677@clinic.example>"] != 4 {
		t.Errorf("ids: %v", count)
	}
}

func toOf(t *testing.T, wire []byte) string {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(wire))
	if err != nil {
		t.Fatal(err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 {
		t.Fatalf("To: %v, %v", to, err)
	}
	return to[0].Name
}

// TestServiceRefusals takes a real server's refusals.
func TestServiceRefusals(t *testing.T) {
	t.Parallel()
	s := alertstest.StartExim(t)
	m := mailer(t, smtpOf(t, s, "starttls"))
	for to, want := range map[string]struct {
		permanent bool
		code      string
	}{"unknown@helsinki.example": {true, "550"}, "busy@helsinki.example": {false, "451"}} {
		d := alertstest.Delivery(leak.NoticeAlert, contact())
		d.Contact.Address = to
		err := m.Send(t.Context(), d)
		if err == nil || errors.Is(err, leak.ErrPermanent) != want.permanent || !strings.Contains(err.Error(), want.code) ||
			strings.Contains(err.Error(), "mailbox@") || strings.Contains(err.Error(), "no such") {
			t.Errorf("%s: %v", to, err)
		}
	}
	c := smtpOf(t, s, "tls")
	if err := os.WriteFile(c.PasswordFile, []byte("wrong"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := mailer(t, c).Send(t.Context(), alertstest.Delivery(leak.NoticeAlert, contact()))
	if err == nil || errors.Is(err, leak.ErrPermanent) || !strings.Contains(err.Error(), "535") {
		t.Errorf("a wrong password: %v", err)
	}
}
