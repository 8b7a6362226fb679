package main

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gamesparks-go/gamesparks/cmd/internal/buildinfo"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// metrics holds the Prometheus metrics of the server.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge

	commitFailures prometheus.Counter
	commitDuration prometheus.Histogram

	keysReloaded prometheus.Gauge
}

func newMetrics(build buildinfo.Info) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gamesparks_requests_total",
			Help: "API requests by operation, HTTP status (code) and error code (error).",
		}, []string{"operation", "code", "error"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "gamesparks_request_duration_seconds",
			Help:    "Duration of API requests, without player connections.",
			Buckets: prometheus.ExponentialBuckets(0.000_25, 2, 15), // to 4 s
		}, []string{"operation"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gamesparks_requests_in_flight",
			Help: "Active requests, without player connections that are open.",
		}),
	}
	buildInfo := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "gamesparks_build_info",
		Help:        "1, with the version of the server, its commit and the version of Go as labels.",
		ConstLabels: prometheus.Labels{"version": build.Version, "revision": build.Commit, "goversion": build.Go},
	})
	buildInfo.Set(1)
	m.commitFailures = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "gamesparks_commit_failures_total",
		Help: "Commits that the store failed to write.",
	})
	m.commitDuration = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "gamesparks_commit_duration_seconds",
		Help:    "Duration of commits to the store, each with one or several updates.",
		Buckets: prometheus.ExponentialBuckets(0.000_25, 2, 15), // to 4 s
	})
	m.keysReloaded = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "gamesparks_access_keys_last_reload_successful",
		Help: "1 if the file of --keys was valid when the server last read a change, 0 otherwise.",
	})
	m.keysReloaded.Set(1)
	m.registry.MustRegister(buildInfo, m.keysReloaded, m.requests, m.duration, m.inFlight, m.commitFailures, m.commitDuration,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// watch adds the metrics of the service's load, and of the servers on the same database.
func (m *metrics) watch(service *server.Service) {
	const refused = "gamesparks_refused_requests_total"
	const refusedHelp = "Requests refused with status 503, by the limit they exceeded: max-requests or body-budget."
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "gamesparks_configuration_differences",
			Help: "Number of settings that differ between the servers on the database.",
		}, func() float64 { return float64(len(service.ConfigurationDifferences())) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "gamesparks_body_budget_used_bytes",
			Help: "Memory in use for request bodies that must be read before their signature can be verified.",
		}, func() float64 { return float64(service.Load().BodyBytes) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "gamesparks_player_connections",
			Help: "Open player connections of this server.",
		}, func() float64 { return float64(service.Load().PlayerConnections) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: refused, Help: refusedHelp, ConstLabels: prometheus.Labels{"limit": "max-requests"},
		}, func() float64 { return float64(service.Load().RefusedRequests) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: refused, Help: refusedHelp, ConstLabels: prometheus.Labels{"limit": "body-budget"},
		}, func() float64 { return float64(service.Load().RefusedBodies) }),
	)
}

// observe records a completed request.
func (m *metrics) observe(r server.RequestRecord) {
	operation := r.Operation
	if operation == "" {
		operation = "none" // the path matches no operation
	}
	m.requests.WithLabelValues(operation, strconv.Itoa(r.Status), r.ErrorCode).Inc()
	if operation != "Connect" { // a player connection can last for hours
		m.duration.WithLabelValues(operation).Observe(r.Duration.Seconds())
	}
}

// keysReload records whether the access keys were reloaded.
func (m *metrics) keysReload(err error) {
	if err != nil {
		m.keysReloaded.Set(0)
	} else {
		m.keysReloaded.Set(1)
	}
}

// commit records a commit of the store.
func (m *metrics) commit(r storage.CommitRecord) {
	m.commitDuration.Observe(r.Duration.Seconds())
	if r.Err != nil {
		m.commitFailures.Inc()
	}
}

// sizeTimeout bounds the time that a read of the metrics waits for the size of the data.
const sizeTimeout = 5 * time.Second

// dataSize adds a metric with the size of the store's data, if the store knows it.
func (m *metrics) dataSize(store storage.Store) {
	sizer, ok := store.(storage.Sizer)
	if !ok {
		return
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "gamesparks_data_bytes",
		Help: "Size of the data file or the database.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), sizeTimeout)
		defer cancel()
		size, err := sizer.Size(ctx)
		if err != nil {
			return math.NaN()
		}
		return float64(size)
	}))
}

// track wraps next in a handler that counts active requests.
func (m *metrics) track(next http.Handler) http.Handler {
	return promhttp.InstrumentHandlerInFlight(m.inFlight, next)
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}
