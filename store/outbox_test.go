package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"leakwatch/leak"
	"leakwatch/store"
)

func (l *lab) leaseDeliveries(n int) []leak.Delivery {
	l.t.Helper()
	d, err := l.LeaseDeliveries(l.ctx, "w", 100, time.Minute)
	l.ok(err)
	if len(d) != n {
		l.t.Fatalf("%d deliveries, want %d: %+v", len(d), n, d)
	}
	return d
}

// A worker dies after sending and before saying so: the same message comes again under the same id.
func TestSameIDAfterACrash(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.doc("a", "dump/", "1.tar", 1).people("ca", 0, 20).record()
	first := l.leaseDeliveries(2)
	l.leaseDeliveries(0)
	l.doc("a", "dump/", "2.tar", 1).people("ca", 20, 25).record() // folded in while the message is out
	l.clock.add(2 * time.Minute)
	again := l.leaseDeliveries(2)
	if again[0].ID != first[0].ID || again[0].Attempt != 2 || again[0].Alert.Persons != 25 || first[0].Alert.Persons != 20 {
		t.Errorf("%+v\nthen %+v", first[0], again[0])
	}
	for _, d := range again {
		l.ok(l.FinishDelivery(l.ctx, d.ID, l.clock.now()))
		l.ok(l.FinishDelivery(l.ctx, d.ID, l.clock.now()))
	}
	l.clock.add(2 * time.Hour)
	l.told(0) // the second attempt told it all
}

// What is folded in while the message is on its way, and was not in it, is told after it.
func TestFoldedWhileOnItsWay(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.doc("a", "dump/", "1.tar", 1).people("ca", 0, 20).record()
	first := l.leaseDeliveries(2)
	l.doc("a", "dump/", "2.tar", 1).people("ca", 20, 25).record()
	for _, d := range first {
		l.ok(l.FinishDelivery(l.ctx, d.ID, l.clock.now()))
	}
	l.told(0)
	l.clock.add(2 * time.Hour)
	for _, u := range l.told(2) {
		if i := slices.IndexFunc(first, func(f leak.Delivery) bool { return f.ID == u.Thread }); u.Alert.Persons != 25 || u.Told.Persons != 20 ||
			i < 0 || first[i].Contact != u.Contact {
			t.Errorf("%+v", u)
		}
	}
}

func TestDeadLetter(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.doc("a", "dump/", "1.tar", 1).people("ca", 0, 20).record()
	for _, d := range l.leaseDeliveries(2) {
		l.ok(l.RetryDelivery(l.ctx, d.ID, "greylisted", l.clock.now().Add(time.Minute)))
	}
	l.leaseDeliveries(0)
	l.clock.add(time.Minute)
	for _, d := range l.leaseDeliveries(2) {
		l.ok(l.RetryDelivery(l.ctx, d.ID, "no such mailbox", time.Time{}))
	}
	l.clock.add(time.Hour)
	l.leaseDeliveries(0)
	a, err := l.Alert(l.ctx, clinician("ca"), l.alerts("ca")[0].ID)
	l.ok(err)
	d := a.Deliveries[0]
	if d.State != leak.DeliveryDead || len(d.Attempts) != 2 || d.Attempts[0].Outcome != "greylisted" || d.Attempts[1].Outcome != "no such mailbox" {
		t.Errorf("%+v", d)
	}
	n, err := l.RetryDead(l.ctx, d.ID)
	l.ok(err)
	if sent := l.told(1); n != 1 || sent[0].ID != d.ID || sent[0].Attempt != 3 {
		t.Errorf("%d: %+v", n, sent)
	}
	if n, err = l.RetryDead(l.ctx); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
	if err := l.FinishDelivery(l.ctx, "d-none", l.clock.now()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestNobodyToTell(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.clinic("ca", 0)
	l.doc("a", "dump/", "1.tar", 1).people("ca", 0, 20).record()
	l.doc("a", "dump/", "2.tar", 1).people("ca", 20, 40).record()
	sent := l.told(1)
	if d := sent[0]; d.Kind != leak.NoticeOperator || d.Contact.Address != "" || !strings.Contains(d.Subject, "ca") || d.Text == "" {
		t.Errorf("%+v", d)
	}
	l.ok(l.SetContacts(l.ctx, "ca", []leak.Contact{{Name: "A", Channel: "email", Address: "a@ca.example", Verified: true}}))
	if sent = l.told(1); sent[0].Kind != leak.NoticeAlert || sent[0].Alert.Persons != 40 {
		t.Errorf("%+v", sent[0])
	}
	l.ok(l.Daily(l.ctx))
	if sent = l.told(1); sent[0].Kind != leak.NoticeOperator || !strings.Contains(sent[0].Text, "clinic ca has 1 contacts") {
		t.Errorf("%+v", sent[0])
	}
}

func TestOperatorIsToldOnceADay(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for range 3 {
		l.ok(l.TellOperator(l.ctx, "source-failing/a", "source a keeps failing", "text"))
	}
	l.told(1)
	l.clock.add(24 * time.Hour)
	l.ok(l.TellOperator(l.ctx, "source-failing/a", "source a keeps failing", "text"))
	l.told(1)
}

func TestTestAlert(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca", "cb")
	id, err := l.TestAlert(l.ctx, asSystem, "ca")
	l.ok(err)
	sent := l.told(2)
	if sent[0].Kind != leak.NoticeTest || !sent[0].Alert.Test || sent[0].Alert.ID != id || sent[0].Clinic != "Clinic ca" {
		t.Errorf("%+v", sent[0])
	}
	for p, clinic := range map[leak.Principal]string{clinician("cb"): "ca", asSystem: "none"} {
		if _, err := l.TestAlert(l.ctx, p, clinic); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

// A contact who was added later is told in a message of its own thread.
func TestNewContactIsTold(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca")
	l.doc("a", "dump/", "1.tar", 1).people("ca", 0, 20).record()
	l.told(2)
	c, err := l.Clinic(l.ctx, "ca")
	l.ok(err)
	l.ok(l.SetContacts(l.ctx, "ca", append(c.Contacts, leak.Contact{Name: "N", Channel: "webhook", Address: "https://hook.example/x"})))
	l.doc("a", "dump/", "2.tar", 1).people("ca", 20, 40).record()
	l.clock.add(2 * time.Hour)
	for _, d := range l.told(3) {
		if hook := d.Contact.Channel == "webhook"; hook != (d.Kind == leak.NoticeAlert) || hook != (d.Thread == d.ID) {
			t.Errorf("%+v", d)
		}
	}
}

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	l := newLab(t, "ca", "cb")
	l.doc("a", "dump/", "1.tar", 1).people("ca", 0, 20).record()
	id := l.alerts("ca")[0].ID
	aware := l.clock.now().Add(-time.Hour)
	if err := l.AckAlert(l.ctx, clinician("cb"), id, "X", time.Time{}, ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another clinic: %v", err)
	}
	if err := l.AckAlert(l.ctx, clinician("ca"), id, "X", aware, ""); err == nil {
		t.Error("aware without a reason")
	}
	l.ok(l.AckAlert(l.ctx, clinician("ca"), id, "Dr X", aware, "read the mail"))
	a := l.alerts("ca")[0]
	if a.AckedBy != "Dr X" || !a.Acknowledged.Equal(l.clock.now()) || !a.AwareAt.Equal(aware) || a.AwareWhy != "read the mail" {
		t.Errorf("%+v", a)
	}
	open, err := l.Alerts(l.ctx, asSystem, store.AlertFilter{Unread: true})
	l.ok(err)
	if len(open) != 0 {
		t.Errorf("%d unread", len(open))
	}
}
