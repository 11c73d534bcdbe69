// Package alertstest is the kit that every channel must pass: which answers are tried again, that an id stays the same
// over all attempts, that nothing said holds a patient or a secret, and that a context ends a call.
package alertstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"leakwatch/leak"
)

// Sender is a channel.
type Sender interface {
	Send(ctx context.Context, d leak.Delivery) error
	Check(ctx context.Context) error
}

// Outcome is what an answer of the other side means.
type Outcome string

// The outcomes.
const (
	Accepted  Outcome = "accepted"
	Retried   Outcome = "tried again"
	Permanent Outcome = "permanent"
	Silent    Outcome = "silent" // the other side says nothing until the caller goes
)

// Received is one message as the other side got it.
type Received struct {
	ID     string // by which a repeat is known
	Thread string // "" when the message begins one
	Wire   []byte // all of it, as it came
	Text   string // decoded: subject and body
	Test   bool   // it is marked as a test, wherever a reader may look
}

// Channel is a channel with another side that the test commands.
type Channel struct {
	// Answers are all that the other side can be told to say, with what each means.
	Answers map[string]Outcome
	// Start starts another side that gives these answers, one a message, the last one for ever. Every free text in them
	// holds Patient and Secret. It stops at the end of the test.
	Start func(t *testing.T, answers ...string) *Side
}

// Side is another side that runs.
type Side struct {
	Sender   Sender
	Contact  leak.Contact
	Secrets  []string          // that the channel was given
	Received func() []Received // messages that were accepted or refused after they were read
	Stop     func()            // stops it now; what is called afterwards finds nobody
}

// What is planted. The name and the number are nobody's: the number is an official test one.
const (
	Patient = "Tessa Testihenkilö"
	Number  = "010190-999R"
	Secret  = "hunter2-not-to-be-seen"
)

// At is the time at which the deliveries of the kit were made.
func At() time.Time { return time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC) }

// Alert is an alert with every field set. What a person wrote about it holds a patient, and may not be told.
func Alert() leak.Alert {
	at := At()
	return leak.Alert{
		ID: "a-1f00aa11bb22cc33", Clinic: "helsinki", Leak: "l-1", Event: leak.EventResurfaced, Confidence: leak.Confirmed,
		Reasons: []string{"1998 with two kinds in one record", "1990 of 2100 fi-hetu, far above chance"},
		Nature:  leak.OwnRegister, Opened: at.Add(-time.Minute), WindowEnds: at.Add(time.Hour), Revision: 1,
		Persons: 2000, SeenBefore: 1990, FirstPlace: "https://paste.example/n-11112222.tar", FirstAt: at.AddDate(0, -3, 0),
		Patients: 33000, Kinds: map[leak.Kind]int{leak.FIHetu: 1990, leak.Email: 12},
		Candidates: map[leak.Kind]int64{leak.FIHetu: 2100, leak.Email: 12}, Finds: 12,
		Places:  []string{"https://files.example/pub/n-7f3a91c2.zip!n-0a0b0c0d.txt", "https://files.example/pub/n-7f3a91c3.txt"},
		Sources: []string{"open-dir"}, LiveCopies: 2, Published: leak.Stamp{From: at.AddDate(0, 0, -1), To: at, Said: Patient},
		ListedAt: at.Add(-4 * time.Minute), FetchedAt: at.Add(-3 * time.Minute), MatchedAt: at.Add(-2 * time.Minute),
		AckedBy: Patient, AwareWhy: "called about " + Patient + " " + Number,
	}
}

// Delivery is a first message, of the kind.
func Delivery(kind leak.NoticeKind, to leak.Contact) leak.Delivery {
	d := leak.Delivery{ID: "d-0011223344556677", Kind: kind, Revision: 1, Clinic: "Vastaanotto Äiti & Lapsi", Contact: to,
		Attempt: 1, Created: At()}
	d.Thread = d.ID
	switch kind {
	case leak.NoticeOperator:
		d.Clinic, d.Subject, d.Text = "", "a source fails", "The source open-dir failed 3 runs in a row.\nSee `leakwatch coverage`.\n"
		return d
	case leak.NoticeUpdate:
		told := Alert()
		told.Persons, told.SeenBefore, told.Finds, told.Places = 100, 100, 1, told.Places[:1]
		d.ID, d.Revision, d.Told = "d-8899aabbccddeeff", 2, &told
	}
	d.Alert = Alert()
	d.Alert.Revision, d.Alert.Test = d.Revision, kind == leak.NoticeTest
	return d
}

// Kinds are all kinds of messages.
func Kinds() []leak.NoticeKind {
	return []leak.NoticeKind{leak.NoticeAlert, leak.NoticeUpdate, leak.NoticeTest, leak.NoticeOperator}
}

// Run runs the kit.
func Run(t *testing.T, c Channel) {
	t.Run("Answers", func(t *testing.T) { t.Parallel(); answers(t, c) })
	t.Run("OneID", func(t *testing.T) { t.Parallel(); oneID(t, c) })
	t.Run("Content", func(t *testing.T) { t.Parallel(); content(t, c) })
	t.Run("Thread", func(t *testing.T) { t.Parallel(); thread(t, c) })
	t.Run("Cancel", func(t *testing.T) { t.Parallel(); cancel(t, c) })
	t.Run("Nobody", func(t *testing.T) { t.Parallel(); nobody(t, c) })
	t.Run("AtOnce", func(t *testing.T) { t.Parallel(); atOnce(t, c) })
}

// find gives an answer with the outcome.
func (c Channel) find(t *testing.T, o Outcome) string {
	t.Helper()
	best := ""
	for name, is := range c.Answers {
		if is == o && (best == "" || name < best) {
			best = name
		}
	}
	if best == "" {
		t.Fatalf("the channel has no answer that is %s", o)
	}
	return best
}

func answers(t *testing.T, c Channel) {
	for name, want := range c.Answers {
		if want == Silent {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.Start(t, name)
			err := s.Sender.Send(t.Context(), Delivery(leak.NoticeAlert, s.Contact))
			clean(t, s, errorText(err))
			if got := outcome(err); got != want {
				t.Errorf("%s (%v), want %s", got, err, want)
			}
		})
	}
}

func outcome(err error) Outcome {
	switch {
	case err == nil:
		return Accepted
	case errors.Is(err, leak.ErrPermanent):
		return Permanent
	}
	return Retried
}

func errorText(err error) []byte {
	return fmt.Appendf(nil, "%v %+v %#v", err, err, err)
}

// clean fails the test when something that was planted is in what was said.
func clean(t *testing.T, s *Side, said []byte) {
	t.Helper()
	planted := append([]string{Patient, Number, Secret, "Testihenk", "hunter2"}, s.Secrets...)
	for _, p := range planted {
		if bytes.Contains(said, []byte(p)) {
			t.Errorf("%q is in: %.600s", p, said)
		}
	}
}

// oneID fails twice and succeeds: all three attempts are the same message, byte for byte but for what must change.
func oneID(t *testing.T, c Channel) {
	retry := c.find(t, Retried)
	s := c.Start(t, retry, retry, c.find(t, Accepted))
	d := Delivery(leak.NoticeAlert, s.Contact)
	for d.Attempt = 1; d.Attempt <= 3; d.Attempt++ {
		if err := s.Sender.Send(t.Context(), d); (err == nil) != (d.Attempt == 3) {
			t.Fatalf("attempt %d: %v", d.Attempt, err)
		}
	}
	all := s.Received()
	if len(all) == 0 {
		t.Fatal("nothing was received")
	}
	for _, r := range all {
		if !strings.Contains(r.ID, d.ID) || r.ID != all[0].ID || r.Text != all[0].Text {
			t.Errorf("an attempt differs: %q and %q", r.ID, all[0].ID)
		}
	}
}

// content looks at what each kind of message says.
func content(t *testing.T, c Channel) {
	for _, kind := range Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := c.Start(t, c.find(t, Accepted))
			d := Delivery(kind, s.Contact)
			if err := s.Sender.Send(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			r := s.Received()
			if len(r) != 1 {
				t.Fatalf("%d messages", len(r))
			}
			clean(t, s, r[0].Wire)
			clean(t, s, []byte(r[0].Text))
			must := []string{"AMBER+STRICT"}
			if kind == leak.NoticeOperator {
				must = append(must, "open-dir failed 3 runs")
			} else {
				must = append(must, d.Alert.ID, "resurfaced", "confirmed", "2000")
			}
			for _, m := range must {
				if !strings.Contains(r[0].Text, m) {
					t.Errorf("%q is not in:\n%s", m, r[0].Text)
				}
			}
			if r[0].Test != (kind == leak.NoticeTest) {
				t.Errorf("marked as a test: %t", r[0].Test)
			}
		})
	}
}

func thread(t *testing.T, c Channel) {
	s := c.Start(t, c.find(t, Accepted))
	first, update := Delivery(leak.NoticeAlert, s.Contact), Delivery(leak.NoticeUpdate, s.Contact)
	for _, d := range []leak.Delivery{first, update} {
		if err := s.Sender.Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	r := s.Received()
	if len(r) != 2 || r[0].Thread != "" || r[1].Thread != r[0].ID || r[1].ID == r[0].ID {
		t.Errorf("an update is not on the thread of the first: %+v", r)
	}
}

// cancel ends a call that waits for an answer.
func cancel(t *testing.T, c Channel) {
	s := c.Start(t, c.find(t, Silent))
	ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- s.Sender.Send(ctx, Delivery(leak.NoticeAlert, s.Contact)) }()
	select {
	case err := <-done:
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, leak.ErrPermanent) {
			t.Errorf("Send: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Send does not end with its context")
	}
}

func nobody(t *testing.T, c Channel) {
	s := c.Start(t, c.find(t, Accepted))
	s.Stop()
	err := s.Sender.Send(t.Context(), Delivery(leak.NoticeAlert, s.Contact))
	if outcome(err) != Retried {
		t.Errorf("Send to nobody: %v", err)
	}
	clean(t, s, errorText(err))
}

func atOnce(t *testing.T, c Channel) {
	s := c.Start(t, c.find(t, Accepted))
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			d := Delivery(leak.NoticeAlert, s.Contact)
			d.ID = fmt.Sprintf("d-%016d", n)
			if err := s.Sender.Send(t.Context(), d); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ids := map[string]bool{}
	for _, r := range s.Received() {
		ids[r.ID] = true
	}
	if len(ids) != 8 {
		t.Errorf("%d ids", len(ids))
	}
}
