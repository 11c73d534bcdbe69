package message_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leakwatch/alerts/alertstest"
	"leakwatch/alerts/message"
	"leakwatch/leak"
)

var update = flag.Bool("update", false, "write the golden files")

func says() message.Settings {
	return message.Settings{DeadlineHours: 72, TLP: "AMBER+STRICT", PublicURL: "https://leakwatch.clinic.example"}
}

// deliveries are the messages of the golden files.
func deliveries() map[string]leak.Delivery {
	to := leak.Contact{Name: "Security", Channel: "email", Address: "security@helsinki.example"}
	all := map[string]leak.Delivery{}
	for _, k := range alertstest.Kinds() {
		all[string(k)] = alertstest.Delivery(k, to)
	}
	first := alertstest.Delivery(leak.NoticeAlert, to)
	with := func(name string, change func(*leak.Delivery)) {
		d := first
		change(&d)
		all[name] = d
	}
	with("possible", func(d *leak.Delivery) {
		d.Alert.Event, d.Alert.Confidence, d.Alert.Nature = leak.EventNew, leak.Possible, leak.OthersData
		d.Alert.Reasons = []string{"12 of 90000 email alone"}
		d.Alert.Persons, d.Alert.SeenBefore, d.Alert.FirstPlace, d.Alert.FirstAt = 12, 0, "", time.Time{}
		d.Alert.Kinds, d.Alert.Candidates = map[leak.Kind]int{leak.Email: 12}, map[leak.Kind]int64{leak.Email: 90000}
		d.Alert.Finds, d.Alert.Places, d.Alert.LiveCopies, d.Alert.Complete = 1, d.Alert.Places[:1], 1, true
		d.Alert.Published = leak.Stamp{}
	})
	with("gone", func(d *leak.Delivery) { d.Alert.Event, d.Alert.LiveCopies = leak.EventGone, 0 })
	with("mention", func(d *leak.Delivery) {
		d.Alert = leak.Alert{ID: d.Alert.ID, Clinic: d.Alert.Clinic, Event: leak.EventMention, Opened: d.Alert.Opened, Finds: 2,
			Terms: map[string]int{"Example Clinic": 2, "clinic.example": 1}, Places: d.Alert.Places[:1], Sources: d.Alert.Sources,
			ListedAt: d.Alert.ListedAt, FetchedAt: d.Alert.FetchedAt, MatchedAt: d.Alert.MatchedAt, Complete: true}
	})
	with("aware", func(d *leak.Delivery) {
		d.Alert.Acknowledged, d.Alert.AwareAt = alertstest.At(), alertstest.At().Add(-2*time.Hour)
	})
	with("test-bare", func(d *leak.Delivery) { d.Kind, d.Alert = leak.NoticeTest, leak.Alert{ID: "a-1", Test: true} })
	with("bare", func(d *leak.Delivery) {
		d.Kind, d.Alert = leak.NoticeUpdate, leak.Alert{ID: "a-1", Event: leak.EventLate, Persons: 1}
	})
	return all
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, d := range deliveries() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := says()
			if name == "bare" {
				s = message.Settings{DeadlineHours: 24}
			}
			got := "Subject: " + message.Subject(d, s) + "\n\n" + message.Text(d, s)
			path := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSameWords: a message is the same at each attempt.
func TestSameWords(t *testing.T) {
	t.Parallel()
	for name, d := range deliveries() {
		again := d
		again.Attempt = 7
		if message.Text(d, says()) != message.Text(again, says()) || message.Subject(d, says()) != message.Subject(again, says()) {
			t.Errorf("%s differs between attempts", name)
		}
	}
}

// TestHostile: whatever a string holds, a subject is one line and a text has none that a reader or a mail could take
// for something else.
func TestHostile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := alertstest.Delivery(rapid.SampledFrom(alertstest.Kinds()).Draw(t, "kind"), leak.Contact{})
		s := rapid.OneOf(rapid.String(), rapid.Just("a\r\nBcc: x\u202e\x00"), rapid.Just("\xff\xfe"), rapid.Just(strings.Repeat("ä", 2000)))
		for _, p := range []*string{&d.Subject, &d.Text, &d.Clinic, &d.Alert.ID, &d.Alert.Leak, &d.Alert.FirstPlace} {
			*p = s.Draw(t, "string")
		}
		d.Alert.Places, d.Alert.Sources, d.Alert.Reasons = []string{s.Draw(t, "place")}, []string{s.Draw(t, "source")}, []string{s.Draw(t, "reason")}
		d.Alert.Persons = rapid.Int().Draw(t, "persons")
		d.Alert.Patients, d.Alert.Finds = rapid.Int64().Draw(t, "patients"), rapid.Int().Draw(t, "finds")
		d.Alert.Opened = time.Unix(rapid.Int64().Draw(t, "opened"), 0)
		subject, text := message.Subject(d, says()), message.Text(d, says())
		if strings.ContainsAny(subject+text, "\r\x00\u202e") || strings.Contains(subject, "\n") || !utf8.ValidString(subject+text) {
			t.Errorf("subject %q, text %q", subject, text)
		}
		for l := range strings.Lines(text) {
			if len(l) > 1100 {
				t.Errorf("a line of %d bytes", len(l))
			}
		}
	})
}
