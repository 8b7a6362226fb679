package main

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gamesparks-go/gamesparks/cmd/internal/buildinfo"
	"github.com/gamesparks-go/gamesparks/server"
)

// metrics holds the Prometheus metrics of the server.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newMetrics(build buildinfo.Info) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gamesparks_requests_total",
			Help: "API requests by operation, HTTP status and error code.",
		}, []string{"operation", "status", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "gamesparks_request_duration_seconds",
			Help:    "Duration of API requests, without player connections.",
			Buckets: prometheus.ExponentialBuckets(0.000_25, 2, 15), // to 4 s
		}, []string{"operation"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gamesparks_requests_in_flight",
			Help: "Active API requests, including open player connections.",
		}),
	}
	buildInfo := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "gamesparks_build_info",
		Help:        "1, with the version of the server, its commit and the version of Go as labels.",
		ConstLabels: prometheus.Labels{"version": build.Version, "revision": build.Commit, "goversion": build.Go},
	})
	buildInfo.Set(1)
	m.registry.MustRegister(buildInfo, m.requests, m.duration, m.inFlight,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
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

// track wraps next in a handler that counts active requests.
func (m *metrics) track(next http.Handler) http.Handler {
	return promhttp.InstrumentHandlerInFlight(m.inFlight, next)
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}
