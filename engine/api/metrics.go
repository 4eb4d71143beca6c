package api

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count requests. Labels are operations, codes and lanes: closed lists of the
// program, never anything of a request.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	conns    prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer, lanes *Lanes) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hedui_http_requests_total", Help: "Requests by operation and by what became of them.",
		}, []string{"operation", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hedui_http_request_seconds", Help: "Time from the first byte of a request to its answer, of those that were not turned away.",
			Buckets: []float64{.0005, .001, .0015, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"operation"}),
		conns: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "hedui_http_connections", Help: "Connections that are open.",
		}),
	}
	all := []prometheus.Collector{m.requests, m.seconds, m.conns}
	for name, g := range map[string]*gate{"interactive": lanes.gates[Interactive], "heavy": lanes.gates[Heavy], "bulk": lanes.gates[Bulk], "batch": lanes.batch} {
		all = append(all,
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "hedui_lane_running", Help: "Work in progress, by lane.", ConstLabels: prometheus.Labels{"lane": name},
			}, func() float64 { n, _ := g.load(); return float64(n) }),
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "hedui_lane_waiting", Help: "Work that waits, by lane.", ConstLabels: prometheus.Labels{"lane": name},
			}, func() float64 { _, n := g.load(); return float64(n) }))
	}
	for _, c := range all {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) done(operation, code string, took time.Duration) {
	m.requests.WithLabelValues(operation, code).Inc()
	if code == "ok" {
		m.seconds.WithLabelValues(operation).Observe(took.Seconds())
	}
}
