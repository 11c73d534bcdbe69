package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"leakwatch/alerts"
	"leakwatch/configs"
	"leakwatch/crawler"
	"leakwatch/finds"
	"leakwatch/finds/elastic"
	"leakwatch/finds/fts"
	"leakwatch/leak"
	"leakwatch/matcher"
	"leakwatch/matcher/unpack"
	"leakwatch/pipeline"
	"leakwatch/pipeline/evidence"
)

// service is the pipeline with all its rooms, as serve, crawl, fetch and scan --record run it.
type service struct {
	*pipeline.Pipeline
	index   finds.Index
	crawler *crawler.Crawler
	alerts  *alerts.Alerts
	metrics *pipeline.Metrics
}

// changes are what a command wants otherwise than serve.
type changes struct {
	begin    func() pipeline.Reading
	crawler  pipeline.Crawler
	happened func(pipeline.Happening)
}

// newService joins the rooms.
func (a *app) newService(ctx context.Context, ch changes) (*service, error) {
	c, err := a.config(ctx)
	if err != nil {
		return nil, err
	}
	s, err := a.store(ctx)
	if err != nil {
		return nil, err
	}
	m, err := a.matcher(ctx)
	if err != nil {
		return nil, err
	}
	vault, err := a.vault(ctx)
	if err != nil {
		return nil, err
	}
	index, err := a.index(ctx)
	if err != nil {
		return nil, err
	}
	crawl, err := a.newCrawler(ctx)
	if err != nil {
		return nil, err
	}
	tell, err := alerts.New(alerts.Options{Config: c.Alerts, Log: a.log().With("room", "alerts"), Now: a.now, Version: version()})
	if err != nil {
		return nil, badUsage{fmt.Errorf("alerts: %w", err)}
	}
	if err := s.SyncSources(ctx, a.sources(), a.nextRun); err != nil {
		return nil, fmt.Errorf("write down sources: %w", err)
	}
	svc := &service{index: index, crawler: crawl, alerts: tell, metrics: pipeline.NewMetrics()}
	o := pipeline.Options{
		Config: c.Pipeline, Rules: c.Rules.Leak(), Digest: version() + "/" + c.Digest(), Matcher: readerVersion(),
		Store: s, Crawler: crawl, Begin: func() pipeline.Reading { return m.Begin(nil) }, Generation: m.Generation,
		Refresh: a.refresh, Unpack: a.unpack(ctx), Vault: vault, Index: index, Sender: tell, Backoff: tell.Backoff,
		NextRun: func(s leak.Source, after time.Time) (time.Time, error) { return nextRun(s, after) }, PurgeHour: c.Retention.Hour,
		MonthFirst: monthFirst(c.Sources),
		Now:        a.now, Log: a.log().With("room", "pipeline"), Metrics: svc.metrics, Happened: ch.happened,
	}
	if ch.begin != nil {
		o.Begin = ch.begin
	}
	if ch.crawler != nil {
		o.Crawler = ch.crawler
	}
	svc.Pipeline = pipeline.New(o)
	return svc, nil
}

// monthFirst are the sources that say so of their dates.
func monthFirst(sources []configs.Source) map[string]bool {
	m := map[string]bool{}
	for _, s := range sources {
		if s.MonthFirst {
			m[s.ID] = true
		}
	}
	return m
}

// readerVersion is what a version was read with: when it rises, what was unreadable is due again.
func readerVersion() string { return matcher.Version + "." + unpack.Version }

func (a *app) vault(ctx context.Context) (*evidence.Vault, error) {
	c, err := a.config(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := a.keys(ctx)
	if err != nil {
		return nil, err
	}
	places, err := a.places(ctx)
	if err != nil {
		return nil, err
	}
	v, err := evidence.Open(filepath.Join(c.Data, "evidence"), places, keys.Investigators)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, v.Close)
	return v, nil
}

// index opens the engine that the configuration names.
func (a *app) index(ctx context.Context) (finds.Index, error) {
	c, err := a.config(ctx)
	if err != nil {
		return nil, err
	}
	var index finds.Index
	switch c.Finds.Engine {
	case "elastic":
		index, err = elastic.Open(ctx, c.Finds.Elastic)
	default:
		index, err = fts.Open(ctx, filepath.Join(c.Data, "finds.db"))
	}
	if err != nil {
		return nil, fmt.Errorf("open search index: %w", err)
	}
	a.closers = append(a.closers, index.Close)
	return index, nil
}

func (a *app) newCrawler(ctx context.Context) (*crawler.Crawler, error) {
	places, err := a.places(ctx)
	if err != nil {
		return nil, err
	}
	crawl, err := crawler.New(crawler.Options{Config: a.loaded.Crawler, Sources: a.loaded.Sources, Places: places,
		Log: a.log().With("room", "crawler"), Now: a.now, Version: version()})
	if err != nil {
		return nil, badUsage{fmt.Errorf("crawler: %w", err)}
	}
	a.closers = append(a.closers, func() error { crawl.Close(); return nil })
	return crawl, nil
}

func (a *app) sources() []leak.Source {
	sources := make([]leak.Source, len(a.loaded.Sources))
	for i, s := range a.loaded.Sources {
		sources[i] = s.Leak()
	}
	return sources
}

// nextRun is a source's next run by its schedule. A schedule that Validate let pass always has one.
func (a *app) nextRun(s leak.Source) time.Time {
	next, err := nextRun(s, a.now())
	if err != nil {
		return a.now().Add(24 * time.Hour)
	}
	return next
}

// unpack fits matcher/unpack to the pipeline, and says what its readers are not kept from.
func (a *app) unpack(ctx context.Context) pipeline.Unpack {
	u := a.loaded.Unpack
	limits := unpack.Limits{MaxBytes: u.MaxBytes, MaxRatio: u.MaxRatio, MaxDepth: u.MaxDepth, MaxMembers: u.MaxMembers,
		MaxTime: u.MaxTime, MaxMemory: u.MaxMemory, MaxWindow: u.MaxWindow, MaxTemp: u.MaxTemp, MaxPasswords: u.MaxPasswords}
	if limits.MaxDepth == 0 { // here 0 means none; to unpack it means the default
		limits.MaxDepth = -1
	}
	if limits.MaxTemp == 0 {
		limits.MaxTemp = -1
	}
	if limits.MaxPasswords == 0 {
		limits.MaxPasswords = -1
	}
	temp, parsers := filepath.Join(a.loaded.Data, "temp"), a.parsers()
	a.warnUnconfined(ctx, parsers)
	return func(ctx context.Context, d pipeline.Document, text func(leak.Text) error, member func(leak.Member) error) (pipeline.Unpacked, error) {
		r, err := unpack.Walk(ctx, unpack.Input{Reader: d.Reader, Place: d.Place, MediaType: d.MediaType, Charset: d.Charset,
			Size: d.Size, Temp: temp, Passwords: d.Passwords, Parsers: parsers}, limits, unpack.Sink{Text: text, Member: member, Shape: d.Shape})
		var broken *unpack.ReadError
		if errors.As(err, &broken) {
			err = broken.Err
		}
		return pipeline.Unpacked{Completeness: r.Completeness, Reasons: r.Reasons, Texts: r.Texts, Shape: r.Shape,
			MediaType: r.MediaType, Cut: r.Cut, Published: r.Published}, err
	}
}
