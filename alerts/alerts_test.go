package alerts_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"leakwatch/alerts"
	"leakwatch/alerts/alertstest"
	"leakwatch/configs"
	"leakwatch/leak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secretKey = "bGVha3dhdGNoIHRlc3QgdmVjdG9yIG51bWJlciAx"

// setup gives Alerts with a webhook, and what it logs.
func setup(t *testing.T, change func(*configs.Alerts)) (*alerts.Alerts, *bytes.Buffer, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "webhook.secret")
	if err := os.WriteFile(path, []byte("whsec_"+secretKey), 0o600); err != nil {
		t.Fatal(err)
	}
	c := configs.Alerts{Webhook: configs.Webhook{SecretFile: path, AllowPrivate: true}, DeadlineHours: 72, Backoff: time.Second}
	change(&c)
	var log bytes.Buffer
	a, err := alerts.New(alerts.Options{Config: c, Log: slog.New(slog.NewTextHandler(&log, nil)), Now: alertstest.At, Version: "1"})
	return a, &log, err
}

func TestRouting(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	calls := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls == 2 {
			w.WriteHeader(http.StatusGone)
		}
	}))
	t.Cleanup(srv.Close)
	a, log, err := setup(t, func(*configs.Alerts) {})
	if err != nil {
		t.Fatal(err)
	}
	hook := leak.Contact{Name: alertstest.Patient, Channel: "webhook", Address: srv.URL + "/" + alertstest.Secret}
	for _, c := range []struct {
		to        leak.Contact
		ok        bool
		permanent bool
	}{
		{hook, true, false},
		{hook, false, true},
		{leak.Contact{Channel: "email", Address: "a@b.example"}, false, false}, // the operator may still configure it
		{leak.Contact{Channel: "pigeon"}, false, true},
	} {
		err := a.Send(t.Context(), alertstest.Delivery(leak.NoticeAlert, c.to))
		if (err == nil) != c.ok || errors.Is(err, leak.ErrPermanent) != c.permanent {
			t.Errorf("%s: %v", c.to.Channel, err)
		}
	}
	said := log.String()
	for _, planted := range []string{alertstest.Patient, alertstest.Number, alertstest.Secret, secretKey, "Testihenk"} {
		if strings.Contains(said, planted) {
			t.Errorf("%q is in the log: %s", planted, said)
		}
	}
	if !strings.Contains(said, "d-0011223344556677") || !strings.Contains(said, "410") {
		t.Errorf("the log does not say what was done: %s", said)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*configs.Alerts){
		"mail without TLS": func(c *configs.Alerts) {
			c.SMTP = configs.SMTP{Host: "mail.example", Port: 25, TLS: "none", From: "a@b.example"}
		},
		"no webhook secret": func(c *configs.Alerts) { c.Webhook.SecretFile += ".none" },
	} {
		if _, _, err := setup(t, change); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*configs.Alerts)
		want   string
	}{
		"good":    {func(*configs.Alerts) {}, ""},
		"nothing": {func(c *configs.Alerts) { c.Webhook.SecretFile = "" }, "nobody can be told"},
		"mail": {func(c *configs.Alerts) {
			c.SMTP = configs.SMTP{Host: "127.0.0.1", Port: 1, TLS: "starttls", From: "a@b.example"}
		}, "127.0.0.1:1"},
	} {
		a, _, err := setup(t, c.change)
		if err != nil {
			t.Fatal(err)
		}
		err = a.Check(t.Context())
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	a, _, err := setup(t, func(*configs.Alerts) {})
	if err != nil {
		t.Fatal(err)
	}
	for attempt, want := range map[int]time.Duration{-1: 30 * time.Second, 0: 30 * time.Second, 1: 30 * time.Second, 2: time.Minute,
		5: 8 * time.Minute, 10: 256 * time.Minute, 11: 6 * time.Hour, 1 << 40: 6 * time.Hour} {
		if got := alerts.Backoff(attempt); got != want {
			t.Errorf("after %d: %v, want %v", attempt, got, want)
		}
	}
	few, _, err := setup(t, func(c *configs.Alerts) { c.MaxAttempts = 3 })
	if err != nil {
		t.Fatal(err)
	}
	if few.Backoff(2) != 2*time.Second || few.Backoff(3) != 0 || few.Backoff(4) != 0 {
		t.Error("after the last attempt the delivery is not given up")
	}
	if got := a.Backoff(3); got != 4*time.Second {
		t.Errorf("from the configured first wait: %v", got)
	}
}
