package main

import (
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"leakwatch/cmd/leakwatch/demo"
)

// Kill -9 at the worst moment there is: the other side has taken the message, and the program does not know it yet. It
// tells it again under the same Message-ID, so that it is one message to whoever reads it, and does not tell it a third
// time.
func TestKilledBetweenAcceptanceAndItsRecord(t *testing.T) {
	t.Parallel()
	people := demo.People(22, 3)
	dir := demo.NewDirectory()
	dir.Put("one.txt", demo.Loose(1, people[0]))
	d := deploy(t, people, directorySource("one", site(t, dir).URL))
	hold := holdMail(t, d.mailbox)
	d.lease = 2 * time.Second
	_, port, _ := net.SplitHostPort(hold.addr)
	d.configure(fmt.Sprintf("alerts: {smtp: {host: 127.0.0.1, port: %s, tls: none, from: leakwatch@monitor.example}, backoff: 1s}", port))
	d.enrol("a", people)
	cmd := d.child("serve")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-hold.taken:
	case <-time.After(time.Minute):
		t.Error("no message came")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	close(hold.letGo)
	d.serve()
	d.eventually("the message again", func() bool { return look(d, stats)["deliveries/sent"] == 1 })
	runs := look(d, stats)["runs"]
	d.eventually("runs in which it could be told a third time", func() bool { return look(d, stats)["runs"] > runs+2 })
	mails := d.mailbox.Mails()
	if len(mails) != 2 || mails[0].ID != mails[1].ID || mails[0].Subject != mails[1].Subject || mails[0].Text != mails[1].Text {
		t.Errorf("%d messages: %+v", len(mails), mails)
	}
}

// holding is a mailbox behind a server that does not answer the first message that it took.
type holding struct {
	box   *demo.Mailbox
	addr  string
	count atomic.Int64
	taken chan struct{}
	letGo chan struct{}
}

func holdMail(t *testing.T, box *demo.Mailbox) *holding {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &holding{box: box, addr: l.Addr().String(), taken: make(chan struct{}), letGo: make(chan struct{})}
	s := smtp.NewServer(h)
	s.Domain = "localhost"
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return h
}

// NewSession takes a connection.
func (h *holding) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s, err := h.box.NewSession(c)
	return heldSession{s, h}, err
}

type heldSession struct {
	smtp.Session
	h *holding
}

// Data keeps the message, and says so to the other side only when it may.
func (s heldSession) Data(r io.Reader) error {
	if err := s.Session.Data(r); err != nil {
		return err
	}
	if s.h.count.Add(1) == 1 {
		close(s.h.taken)
		<-s.h.letGo
	}
	return nil
}
