package pipeline

import "github.com/prometheus/client_golang/prometheus"

// Metrics count what the pipeline does. Labels are ids of the configuration and fixed words, never places.
type Metrics struct {
	Runs       *prometheus.CounterVec   // source, outcome
	Versions   *prometheus.CounterVec   // source, result, completeness
	Bytes      *prometheus.CounterVec   // source
	Finds      *prometheus.CounterVec   // confidence
	Deliveries *prometheus.CounterVec   // channel, outcome
	Errors     *prometheus.CounterVec   // worker
	Told       prometheus.Histogram     // seconds from listing to acceptance of the first message
	Reading    *prometheus.HistogramVec // seconds by source
}

// NewMetrics makes the metrics; register Collectors with a registry.
func NewMetrics() *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "leakwatch", Name: name, Help: help}, labels)
	}
	return &Metrics{
		Runs:       counter("runs_total", "Runs of sources.", "source", "outcome"),
		Versions:   counter("versions_total", "Versions with an outcome.", "source", "result", "completeness"),
		Bytes:      counter("body_bytes_total", "Bytes of bodies read.", "source"),
		Finds:      counter("find_revisions_total", "Revisions of finds recorded.", "confidence"),
		Deliveries: counter("deliveries_total", "Attempts to deliver a message.", "channel", "outcome"),
		Errors:     counter("worker_errors_total", "Errors of workers and chores.", "worker"),
		Told: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "leakwatch", Name: "listed_to_told_seconds",
			Help: "From listing to acceptance of an alert's first message.", Buckets: prometheus.ExponentialBuckets(0.25, 2, 16)}),
		Reading: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "leakwatch", Name: "reading_seconds",
			Help: "Time to read one version.", Buckets: prometheus.ExponentialBuckets(0.01, 4, 12)}, []string{"source"}),
	}
}

// Collectors are all of them.
func (m *Metrics) Collectors() []prometheus.Collector {
	return []prometheus.Collector{m.Runs, m.Versions, m.Bytes, m.Finds, m.Deliveries, m.Errors, m.Told, m.Reading}
}
