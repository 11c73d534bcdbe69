package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"leakwatch/crawler"
	"leakwatch/leak"
	"leakwatch/web"
)

func newServeCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Do everything on schedule until told to stop",
		Long: `Runs due sources, reads what they list, records finds, indexes them, tells clinics, looks again at what was found,
and purges what is past its time. Health, readiness and metrics are on the loopback address of the configuration.
SIGTERM or Ctrl-C finishes or hands back what is under way within the grace period.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			svc, err := a.newService(cmd.Context(), changes{})
			if err == nil {
				err = a.serve(cmd.Context(), svc)
			}
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil // told to stop before it had begun
			}
			return err
		},
	}
}

// serve runs the service and its web face until ctx ends.
func (a *app) serve(ctx context.Context, svc *service) error {
	if err := a.readAgain(ctx); err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(svc.metrics.Collectors()...)
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), a.storeStats())
	server := web.New(web.Options{Listen: a.loaded.Web.Listen, Ready: a.ready(svc), Registry: registry,
		Log: a.log().With("room", "web"), Version: version()})
	addr, err := server.Listen(ctx)
	if err != nil {
		return err
	}
	a.log().Info("serving", "version", version(), "sources", len(a.loaded.Sources), "identifiers", a.match.Size(), "web", addr.String())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return server.Run(ctx) })
	group.Go(func() error { return svc.Run(ctx) })
	return group.Wait()
}

// ready says why the service is not: what a probe asks.
func (a *app) ready(svc *service) func(context.Context) error {
	return func(ctx context.Context) error {
		if _, err := a.opened.Generation(ctx); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		if err := svc.index.Check(ctx); err != nil {
			return fmt.Errorf("search index: %w", err)
		}
		return nil
	}
}

// storeStats gives the store's own counts as a gauge each time metrics are asked for.
func (a *app) storeStats() prometheus.Collector {
	return statsCollector{a: a, desc: prometheus.NewDesc("leakwatch_rows", "Rows of the store, by what they are.", []string{"of"}, nil)}
}

type statsCollector struct {
	a    *app
	desc *prometheus.Desc
}

func (c statsCollector) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

func (c statsCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	stats, err := c.a.opened.Stats(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(c.desc, err)
		return
	}
	for of, n := range stats {
		ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(n), of)
	}
}

// nextRun is a source's next run after a time, with its jitter.
func nextRun(s leak.Source, after time.Time) (time.Time, error) {
	return crawler.NextRun(s.Schedule, after, s.Jitter, rand.Float64)
}
