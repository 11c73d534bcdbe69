package crawler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/temoto/robotstxt"
)

const (
	robotsBytes = 512 << 10
	robotsFor   = 24 * time.Hour
	noRobotsFor = 10 * time.Minute // a server that failed is asked again soon
	maxRobots   = 1024
	maxDelay    = time.Minute // of a crawl-delay
)

// robots keeps what the robots.txt of each host says. It is safe for concurrent use.
type robots struct {
	mu     sync.Mutex
	byHost map[string]*robotRules
}

type robotRules struct {
	turn  chan struct{} // holds a token while nobody asks
	until time.Time
	group *robotstxt.Group // nil allows everything
	shut  bool             // forbids everything: the server failed
}

// allows says whether a URL may be asked for, and which pace the host wishes. Onion services are not asked, and sources
// that say robots: ignore do not ask.
func (r *robots) allows(ctx context.Context, w *wire, u *url.URL) (time.Duration, error) {
	if w.s.Robots == "ignore" || isOnion(u.Hostname()) || u.EscapedPath() == "/robots.txt" {
		return 0, nil
	}
	rules := r.of(strings.ToLower(u.Scheme)+"://"+authority(u), w.c.now())
	select {
	case <-rules.turn:
		defer func() { rules.turn <- struct{}{} }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if !rules.until.After(w.c.now()) {
		if err := rules.ask(ctx, w, u); err != nil {
			return 0, fmt.Errorf("ask for robots.txt: %w", err)
		}
	}
	if rules.shut {
		return 0, ErrRobots
	}
	if rules.group == nil {
		return 0, nil
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	if !rules.group.Test(path) {
		return 0, ErrRobots
	}
	return min(rules.group.CrawlDelay, maxDelay), nil
}

// forbids says whether rules that were read already forbid a URL. It asks nobody.
func (r *robots) forbids(w *wire, u *url.URL) bool {
	if w.s.Robots == "ignore" || isOnion(u.Hostname()) {
		return false
	}
	rules := r.of(strings.ToLower(u.Scheme)+"://"+authority(u), w.c.now())
	select {
	case <-rules.turn:
		defer func() { rules.turn <- struct{}{} }()
	default:
		return false
	}
	return rules.shut || rules.group != nil && !rules.group.Test(u.EscapedPath())
}

func (r *robots) of(host string, now time.Time) *robotRules {
	r.mu.Lock()
	defer r.mu.Unlock()
	if rules := r.byHost[host]; rules != nil {
		return rules
	}
	for name := range r.byHost {
		if len(r.byHost) < maxRobots {
			break
		}
		delete(r.byHost, name)
	}
	rules := &robotRules{turn: make(chan struct{}, 1)}
	rules.turn <- struct{}{}
	r.byHost[host] = rules
	return rules
}

// ask fetches robots.txt. What is not there forbids nothing; a server that fails forbids everything for now.
func (r *robotRules) ask(ctx context.Context, w *wire, u *url.URL) error {
	at := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	resp, _, err := w.follow(ctx, asking{method: http.MethodGet, url: at, robots: true,
		header: http.Header{"Accept-Encoding": {"identity"}, "Accept": {"text/plain, */*;q=0.1"}}})
	if errors.Is(err, ErrRedirects) || errors.Is(err, ErrScope) {
		r.group, r.shut, r.until = nil, false, w.c.now().Add(robotsFor)
		return nil
	}
	if err != nil {
		return err
	}
	body, rerr := io.ReadAll(io.LimitReader(resp.Body, robotsBytes))
	_ = resp.Body.Close()
	switch status := resp.StatusCode; {
	case errors.Is(ofStatus(status), ErrBusy):
		return ofStatus(status)
	case rerr != nil:
		return plain(rerr)
	case status >= 500:
		r.group, r.shut, r.until = nil, true, w.c.now().Add(noRobotsFor)
	case status >= 200 && status < 300:
		r.group, r.shut, r.until = parseRobots(body, w.c.agent), false, w.c.now().Add(robotsFor)
	default:
		r.group, r.shut, r.until = nil, false, w.c.now().Add(robotsFor)
	}
	return nil
}

// parseRobots reads a robots.txt. One that cannot be read forbids nothing.
func parseRobots(body []byte, agent string) (g *robotstxt.Group) {
	defer func() { // a parser of others, on a hostile file
		if recover() != nil {
			g = nil
		}
	}()
	data, err := robotstxt.FromBytes(understood(body))
	if err != nil {
		return nil
	}
	name, _, _ := strings.Cut(agent, "/") // rules are found by the product's name, as RFC 9309 says
	return data.FindGroup(strings.TrimSpace(name))
}

// understood leaves of a robots.txt the lines that we follow: the parser gives up on a file for one odd line.
func understood(body []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(bytes.TrimPrefix(body, []byte("\ufeff"))) {
		if i := bytes.IndexByte(line, '#'); i >= 0 {
			line = line[:i]
		}
		field, value, ok := strings.Cut(strings.TrimSpace(string(line)), ":")
		value = strings.TrimSpace(value)
		switch field = strings.ToLower(strings.TrimSpace(field)); field {
		case "crawl-delay":
			if n, err := strconv.ParseFloat(value, 64); err != nil || !(n >= 0 && n < 1e6) {
				continue
			}
		case "user-agent", "allow", "disallow":
		default:
			continue
		}
		if ok && utf8.ValidString(value) {
			fmt.Fprintf(&b, "%s: %s\n", field, value)
		}
	}
	return b.Bytes()
}
