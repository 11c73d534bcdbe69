package crawler

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"leakwatch/configs"
	"leakwatch/leak"
)

// Options are what a Crawler needs.
type Options struct {
	Config  configs.Crawler
	Sources []configs.Source // with or without defaults applied
	Places  *leak.PlaceKey
	Log     *slog.Logger
	Now     func() time.Time
	Version string // of the program, for the user agent when the configuration says none
}

// Crawler reads sources. Its methods may run at the same time. Close it when done.
type Crawler struct {
	config  configs.Crawler
	places  *leak.PlaceKey
	log     *slog.Logger
	now     func() time.Time
	agent   string
	sources map[string]*source
	tips    map[leak.Network]*source
	hosts   *hosts
	robots  *robots
	bodies  chan struct{} // holds a token for each body that may be open
	lab     lab

	mu     sync.Mutex
	counts map[string]*counts
	marks  map[leak.Digest]string // of items whose listing says nothing of their version
}

// lab is what tests put in place of the world.
type lab struct {
	dial     dialFunc
	roots    *x509.CertPool
	resolver *net.Resolver
	retry    time.Duration // first pause between tries
}

// New makes a crawler. It takes the environment's COLLY_* away, which would override what the configuration says.
func New(o Options) (*Crawler, error) { return build(o, lab{}) }

func build(o Options, l lab) (*Crawler, error) {
	if o.Places == nil {
		return nil, errors.New("crawler: no place key")
	}
	c := &Crawler{
		config: o.Config, places: o.Places, log: o.Log, now: o.Now, agent: o.Config.UserAgent, lab: l,
		sources: map[string]*source{}, tips: map[leak.Network]*source{},
		robots: &robots{byHost: map[string]*robotRules{}},
		counts: map[string]*counts{}, marks: map[leak.Digest]string{},
	}
	c.defaults(o.Version)
	clearEnvironment()
	for _, s := range o.Sources {
		made, err := c.source(s)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", s.ID, err)
		}
		c.sources[s.ID] = made
	}
	for _, n := range []leak.Network{leak.Direct, leak.Tor} {
		made, err := c.source(tipsBy(n))
		if err != nil {
			return nil, fmt.Errorf("tips: %w", err)
		}
		c.tips[n] = made
	}
	return c, nil
}

// tips is the id of the source of places that persons ask for.
const tips = "tips"

// tipsBy is that source on a network: whole bodies under the default limits. One place that a person named is no crawl,
// so robots.txt is not asked.
func tipsBy(n leak.Network) configs.Source {
	return configs.Source{ID: tips, Kind: configs.HTMLListing, Network: n, Legal: leak.LegalFull, Robots: "ignore"}.WithDefaults()
}

// defaults fills what the options leave out.
func (c *Crawler) defaults(version string) {
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.agent == "" {
		c.agent = "leakwatch/" + version
	}
	d := configs.Default().Crawler
	if c.config.Timeout <= 0 {
		c.config.Timeout = d.Timeout
	}
	if c.config.ListingBytes <= 0 {
		c.config.ListingBytes = d.ListingBytes
	}
	if c.config.Parallel <= 0 {
		c.config.Parallel = d.Parallel
	}
	if c.config.TorProxy == "" {
		c.config.TorProxy = d.TorProxy
	}
	if c.lab.retry == 0 {
		c.lab.retry = time.Second
	}
	c.hosts = &hosts{now: c.now, byName: map[string]*hostPace{}}
	c.bodies = make(chan struct{}, c.config.Parallel)
}

// clearEnvironment takes away what colly reads at every construction, unasked.
func clearEnvironment() {
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "COLLY_") {
			_ = os.Unsetenv(name)
		}
	}
}

// Close ends idle connections. Bodies that are open stay open.
func (c *Crawler) Close() error {
	for _, s := range c.sources {
		s.way.transport.CloseIdleConnections()
	}
	for _, s := range c.tips {
		s.way.transport.CloseIdleConnections()
	}
	return nil
}

// wire gives the source's wire for its listings.
func (c *Crawler) wire(s *source) *wire {
	pace := c.config.Pace
	if s.Pace > 0 {
		pace = s.Pace
	}
	return &wire{c: c, s: s, way: s.way, pace: pace}
}

// bodyWire gives the source's wire for its bodies.
func (c *Crawler) bodyWire(s *source) *wire {
	w := c.wire(s)
	if s.Body.Pace > 0 {
		w.pace = s.Body.Pace
	}
	return w
}
