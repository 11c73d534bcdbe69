package configs

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"
)

var indexName = regexp.MustCompile(`^leakwatch-[a-z0-9._-]{1,64}$`)

func (k *checker) finds(f Finds) {
	k.oneOf("finds.engine", f.Engine, "fts", "elastic")
	e := f.Elastic
	if f.Engine == "elastic" && len(e.URLs) == 0 {
		k.wrong("finds.elastic.urls", "names no server")
	}
	for i, u := range e.URLs {
		k.safeURL(fmt.Sprintf("finds.elastic.urls[%d]", i), u)
	}
	if e.APIKeyFile != "" && e.Username != "" {
		k.wrong("finds.elastic.api_key_file", "either an API key or a user name, not both")
	}
	if (e.Username == "") != (e.PasswordFile == "") {
		k.wrong("finds.elastic.username", "username and password_file go together")
	}
	if !indexName.MatchString(e.Index) {
		k.wrong("finds.elastic.index", "%s does not begin with leakwatch- or has other letters than a-z, 0-9, . _ -", quote(e.Index))
	}
	k.oneOf("finds.elastic.refresh", e.Refresh, "wait_for", "true", "false")
}

func (k *checker) alerts(a Alerts) {
	k.smtp(a.SMTP)
	if a.Operator != "" {
		k.mailbox("alerts.operator", a.Operator)
		if a.SMTP.Host == "" {
			k.wrong("alerts.operator", "has no mail server to be told by: alerts.smtp.host is empty")
		}
	}
	between(k, "alerts.deadline_hours", a.DeadlineHours, 1, 24*365)
	if a.PublicURL != "" {
		k.safeURL("alerts.public_url", a.PublicURL)
	}
	k.oneOf("alerts.tlp", a.TLP, "RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR")
	between(k, "alerts.max_attempts", a.MaxAttempts, 1, 10_000)
	between(k, "alerts.backoff", a.Backoff, time.Millisecond, day)
}

func (k *checker) smtp(s SMTP) {
	k.oneOf("alerts.smtp.tls", s.TLS, "starttls", "tls", "none")
	between(k, "alerts.smtp.port", s.Port, 1, 65535)
	if (s.Username == "") != (s.PasswordFile == "") {
		k.wrong("alerts.smtp.username", "username and password_file go together")
	}
	if s.Host == "" {
		return
	}
	if strings.ContainsAny(s.Host, ":/@ ") && net.ParseIP(s.Host) == nil {
		k.wrong("alerts.smtp.host", "must be a host alone; the port is alerts.smtp.port")
	}
	if s.TLS == "none" && !loopback(s.Host) {
		k.wrong("alerts.smtp.tls", "none is for a mail server on this machine only")
	}
	if s.From == "" {
		k.wrong("alerts.smtp.from", "names no mailbox")
	} else {
		k.mailbox("alerts.smtp.from", s.From)
	}
}

func (k *checker) mailbox(key, s string) {
	if _, err := mail.ParseAddress(s); err != nil || strings.ContainsAny(s, "\r\n") {
		k.wrong(key, "%s is not a mailbox", quote(s))
	}
}

// safeURL checks the URL of a service of the operator's own: https, or http to this machine.
func (k *checker) safeURL(key, s string) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "":
		k.wrong(key, "not a URL")
	case u.User != nil:
		k.wrong(key, "a URL must not hold a password: secrets are in files")
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		k.wrong(key, "must be https; http is for this machine only")
	}
}
