package crawler

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"leakwatch/configs"
	"leakwatch/leak"
)

// source is a configured source, made ready.
type source struct {
	configs.Source
	base   string // what the configuration says of its places, and so may be shown
	zone   *time.Location
	way    *way
	own    map[string]bool // scheme://host that headers and tokens may go to
	fields map[string]*reader
	item   *reader
	next   *reader
}

func (c *Crawler) source(cfg configs.Source) (*source, error) {
	s := &source{Source: cfg.WithDefaults(), own: map[string]bool{}, fields: map[string]*reader{}}
	s.base, _, _ = strings.Cut(s.URL, "{")
	if s.TZ != "" {
		zone, err := time.LoadLocation(s.TZ)
		if err != nil {
			return nil, errors.New("unknown zone")
		}
		s.zone = zone
	}
	for _, own := range []string{s.URL, s.Body.URL} {
		if u, err := url.Parse(plainTemplate(own)); err == nil && own != "" {
			s.own[strings.ToLower(u.Scheme)+"://"+authority(u)] = true
		}
	}
	if err := s.readers(); err != nil {
		return nil, err
	}
	var err error
	s.way, err = newWay(wayOptions{network: s.Network, allowPrivate: s.AllowPrivate, torProxy: c.config.TorProxy,
		timeout: c.config.Timeout, roots: c.lab.roots, resolver: c.lab.resolver, dial: c.lab.dial})
	return s, err
}

// readers compiles what the source's fields say.
func (s *source) readers() error {
	for name, f := range s.Fields {
		r, err := newReader(f)
		if err != nil {
			return fmt.Errorf("field %s: %w", name, err)
		}
		s.fields[name] = r
	}
	if s.Kind != configs.HTMLListing {
		return nil
	}
	var err error
	if s.Item != "" {
		if s.item, err = newReader(configs.Field{CSS: s.Item}); err != nil {
			return fmt.Errorf("item: %w", err)
		}
	}
	if s.Next != (configs.Field{}) {
		if s.next, err = newReader(s.Next); err != nil {
			return fmt.Errorf("next: %w", err)
		}
	}
	return nil
}

var (
	dateBrace = regexp.MustCompile(`\{date(?::([+-]\d{1,4})d)?\}`)
	anyBrace  = regexp.MustCompile(`\{[^}]*\}`)
)

// plainTemplate makes a template parse as a URL.
func plainTemplate(s string) string { return anyBrace.ReplaceAllString(s, "x") }

// start is the URL of the first page: {date} is today in UTC, {date:-2d} two days ago, {cursor} where to go on, empty at
// first.
func (s *source) start(now time.Time, cursor string) (*url.URL, error) {
	text := dateBrace.ReplaceAllStringFunc(s.URL, func(brace string) string {
		days, _ := strconv.Atoi(dateBrace.FindStringSubmatch(brace)[1])
		return now.UTC().AddDate(0, 0, days).Format(time.DateOnly)
	})
	text = strings.ReplaceAll(text, "{cursor}", url.QueryEscape(cursor))
	u, err := url.Parse(text)
	if err != nil {
		return nil, &marked{"url: not a URL", leak.ErrPermanent}
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// place makes a place out of a clear URL.
func (c *Crawler) place(s *source, clear string) leak.Place { return c.places.Place(s.base, clear) }
