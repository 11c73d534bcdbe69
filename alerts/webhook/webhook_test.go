package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"leakwatch/alerts/alertstest"
	"leakwatch/alerts/message"
	"leakwatch/alerts/webhook"
	"leakwatch/configs"
	"leakwatch/leak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	current = "bGVha3dhdGNoIHRlc3QgdmVjdG9yIG51bWJlciAx"
	former  = "bGVha3dhdGNoIHRlc3QgdmVjdG9yIG51bWJlciAy"
)

func says() message.Settings { return message.Settings{DeadlineHours: 72, TLP: "AMBER+STRICT"} }

func caller(t *testing.T, secrets string, private bool) (*webhook.Caller, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "webhook.secret")
	if err := os.WriteFile(path, []byte(secrets), 0o600); err != nil {
		t.Fatal(err)
	}
	return webhook.New(webhook.Options{Config: configs.Webhook{SecretFile: path, AllowPrivate: private}, Says: says(),
		Now: alertstest.At, Version: "1.2.3"})
}

func mustCaller(t *testing.T, private bool) *webhook.Caller {
	t.Helper()
	c, err := caller(t, "whsec_"+current+"\n# until the end of the month\nwhsec_"+former+"\n", private)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// receiver is a receiver as the standard says, in words of its own.
type receiver struct {
	t        *testing.T
	mu       sync.Mutex
	answers  []string
	received []alertstest.Received
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		r.t.Error(err)
	}
	r.verify(req, body)
	r.mu.Lock()
	answer := r.answers[0]
	if len(r.answers) > 1 {
		r.answers = r.answers[1:]
	}
	var doc struct {
		Type string
		Data struct {
			Delivery, Thread string
			Test             bool
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil || doc.Data.Delivery != req.Header.Get("webhook-id") {
		r.t.Errorf("body %s: %v", body, err)
	}
	got := alertstest.Received{ID: req.Header.Get("webhook-id"), Wire: fmt.Appendf(nil, "%s %v %s", req.URL, req.Header, body), Text: string(body)}
	got.Test = doc.Data.Test && doc.Type == "alert.test"
	if doc.Data.Thread != doc.Data.Delivery {
		got.Thread = doc.Data.Thread
	}
	r.received = append(r.received, got)
	r.mu.Unlock()
	if answer == "silent" {
		<-req.Context().Done()
		return
	}
	status, err := strconv.Atoi(answer)
	if err != nil {
		r.t.Error(err)
	}
	w.Header().Set("Location", "/elsewhere?q="+url.QueryEscape(alertstest.Patient))
	w.Header().Set("X-Note", alertstest.Secret)
	w.WriteHeader(status)
	if status != 204 && status != 304 {
		_, _ = fmt.Fprintf(w, "%s %s %s", alertstest.Patient, alertstest.Number, alertstest.Secret)
	}
}

// verify checks what any library of Standard Webhooks would.
func (r *receiver) verify(req *http.Request, body []byte) {
	at, err := strconv.ParseInt(req.Header.Get("webhook-timestamp"), 10, 64)
	if err != nil || at != alertstest.At().Unix() {
		r.t.Errorf("timestamp %q", req.Header.Get("webhook-timestamp"))
	}
	signatures := strings.Fields(req.Header.Get("webhook-signature"))
	for i, secret := range []string{current, former} {
		key, err := base64.StdEncoding.DecodeString(secret)
		if err != nil {
			r.t.Error(err)
		}
		m := hmac.New(sha256.New, key)
		_, _ = fmt.Fprintf(m, "%s.%d.%s", req.Header.Get("webhook-id"), at, body)
		if len(signatures) != 2 || signatures[i] != "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)) {
			r.t.Errorf("signatures %q", signatures)
		}
	}
	if len(body) >= 20<<10 || req.Header.Get("Content-Type") != "application/json" || req.Method != http.MethodPost ||
		req.Header.Get("User-Agent") != "leakwatch/1.2.3" {
		r.t.Errorf("%s of %d bytes, %v", req.Method, len(body), req.Header)
	}
}

func start(t *testing.T, answers ...string) *alertstest.Side {
	r := &receiver{t: t, answers: answers}
	srv := httptest.NewServer(r)
	t.Cleanup(srv.Close)
	return &alertstest.Side{
		Sender:  mustCaller(t, true),
		Contact: leak.Contact{Name: "SIEM", Channel: "webhook", Address: srv.URL + "/hook?token=" + alertstest.Secret},
		Secrets: []string{current, former},
		Received: func() []alertstest.Received {
			r.mu.Lock()
			defer r.mu.Unlock()
			var list []alertstest.Received
			for _, one := range r.received { // the token of its own URL comes to it, of course
				one.Wire = []byte(strings.ReplaceAll(string(one.Wire), "/hook?token="+alertstest.Secret, ""))
				list = append(list, one)
			}
			return list
		},
		Stop: srv.Close,
	}
}

func TestKit(t *testing.T) {
	t.Parallel()
	answers := map[string]alertstest.Outcome{"200": alertstest.Accepted, "202": alertstest.Accepted, "204": alertstest.Accepted,
		"410": alertstest.Permanent, "silent": alertstest.Silent}
	for _, s := range []string{"301", "302", "304", "307", "308", "400", "401", "403", "404", "408", "413", "429", "500", "502", "503", "504"} {
		answers[s] = alertstest.Retried
	}
	alertstest.Run(t, alertstest.Channel{Answers: answers, Start: start})
}

// TestPrivate: a webhook is no way into the network that leakwatch runs in.
func TestPrivate(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was called") }))
	t.Cleanup(srv.Close)
	port := srv.URL[strings.LastIndexByte(srv.URL, ':')+1:]
	c := mustCaller(t, false)
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "10.0.0.1", "192.168.1.1",
		"169.254.169.254", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "192.0.2.1"} {
		err := c.Send(t.Context(), alertstest.Delivery(leak.NoticeAlert, leak.Contact{Channel: "webhook", Address: "https://" + host + ":" + port}))
		if err == nil {
			t.Errorf("%s was called", host)
		}
		if !errors.Is(err, leak.ErrPermanent) && host != "127.1" { // that one is a name to the resolver
			t.Errorf("%s: %v is not permanent", host, err)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	c := mustCaller(t, false)
	for _, address := range []string{"", "hunter2", "http://hooks.example/hunter2", "https://", "ftp://hooks.example", "mailto:hunter2@hooks.example",
		"https://u:hunter2@hooks.example/", "https://hooks.example/#hunter2", "https://hooks.example:x/hunter2", "https:hunter2"} {
		err := c.Send(t.Context(), alertstest.Delivery(leak.NoticeAlert, leak.Contact{Channel: "webhook", Address: address}))
		if !errors.Is(err, leak.ErrPermanent) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "", "comment": "# nothing\n", "no prefix": current, "not base64": "whsec_hunter2!",
		"short": "whsec_aHVudGVyMg==", "long": "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65)),
		"second": "whsec_" + current + "\nwhpk_hunter2"} {
		if _, err := caller(t, text, false); err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), current) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := caller(t, "\r\nwhsec_"+current+"\r\n", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLongOperatorMessage stays below what the standard allows, whatever it holds.
func TestLongOperatorMessage(t *testing.T) {
	t.Parallel()
	s := start(t, "200")
	d := alertstest.Delivery(leak.NoticeOperator, s.Contact)
	d.Subject, d.Text = strings.Repeat("<\x00é", 10_000), strings.Repeat("<\x00é", 10_000)
	if err := s.Sender.Send(t.Context(), d); err != nil {
		t.Error(err)
	}
}
