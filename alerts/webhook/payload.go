package webhook

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"leakwatch/alerts/message"
	"leakwatch/leak"
)

// document is the body of a call: ids and counts. Its timestamp is that of the message, not of the attempt.
type document struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Delivery string `json:"delivery"`
	Thread   string `json:"thread"` // delivery of the first message about the alert
	Test     bool   `json:"test"`
	TLP      string `json:"tlp,omitempty"`
	Link     string `json:"link,omitempty"`
	Subject  string `json:"subject,omitempty"` // to the operator
	Text     string `json:"text,omitempty"`    // to the operator
	*alert
}

type alert struct {
	Alert         string            `json:"alert"`
	Revision      int               `json:"revision"`
	Leak          string            `json:"leak"`
	Clinic        string            `json:"clinic"`
	Event         leak.Event        `json:"event"`
	Confidence    leak.Confidence   `json:"confidence"`
	Nature        leak.Nature       `json:"nature"`
	Persons       int               `json:"persons"`
	SeenBefore    int               `json:"seen_before"`
	NewPersons    int               `json:"new_persons"`
	Kinds         map[leak.Kind]int `json:"kinds"`
	Terms         map[string]int    `json:"terms,omitempty"` // finds that name each watch term
	Finds         int               `json:"finds"`
	LiveCopies    int               `json:"live_copies"`
	Complete      bool              `json:"complete"`
	Opened        time.Time         `json:"opened"`
	AwareAt       *time.Time        `json:"aware_at,omitempty"`
	DeadlineHours int               `json:"deadline_hours"` // from being aware
}

const (
	maxSubject = 200
	maxText    = 2500     // bytes of an operator's message: JSON may need six for each
	maxPayload = 20 << 10 // Standard Webhooks
)

// types names the events, as Standard Webhooks advises: groups parted by dots.
func types(k leak.NoticeKind) string {
	switch k {
	case leak.NoticeUpdate:
		return "alert.updated"
	case leak.NoticeTest:
		return "alert.test"
	case leak.NoticeOperator:
		return "operator.notice"
	}
	return "alert.opened"
}

// payload is the same at each attempt.
func payload(d leak.Delivery, s message.Settings) ([]byte, error) {
	doc := document{Type: types(d.Kind), Timestamp: d.Created.UTC(), Data: data{Delivery: d.ID, Thread: d.Thread,
		Test: d.Kind == leak.NoticeTest || d.Alert.Test, TLP: s.TLP, Link: s.PublicURL}}
	if doc.Data.Thread == "" {
		doc.Data.Thread = d.ID
	}
	if d.Kind == leak.NoticeOperator {
		doc.Data.Subject, doc.Data.Text = head(d.Subject, maxSubject), head(d.Text, maxText)
	} else {
		doc.Data.alert = newAlert(d, s)
	}
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("webhook: encode: %w", err)
	}
	if len(b) >= maxPayload {
		return nil, fmt.Errorf("webhook: the message has %d bytes, the most is %d: %w", len(b), maxPayload, leak.ErrPermanent)
	}
	return b, nil
}

func newAlert(d leak.Delivery, s message.Settings) *alert {
	a := d.Alert
	out := &alert{Alert: a.ID, Revision: d.Revision, Leak: a.Leak, Clinic: a.Clinic, Event: a.Event, Confidence: a.Confidence,
		Nature: a.Nature, Persons: a.Persons, SeenBefore: a.SeenBefore, NewPersons: a.NewPersons(), Kinds: a.Kinds, Terms: a.Terms,
		Finds: a.Finds, LiveCopies: a.LiveCopies, Complete: a.Complete, Opened: a.Opened.UTC(), DeadlineHours: s.DeadlineHours}
	if !a.AwareAt.IsZero() {
		at := a.AwareAt.UTC()
		out.AwareAt = &at
	}
	return out
}

// head cuts a text, not inside a character.
func head(s string, n int) string { return strings.ToValidUTF8(s[:min(len(s), n)], "") }
