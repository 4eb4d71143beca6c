package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hedui/hedui/engine/access"
)

// Check is one thing that must hold before requests can be answered: the ledger is
// owned, the audit log can be written, a generation is open, there is space.
type Check struct {
	Name string // a word of the program, such as "ledger"
	Ask  func(context.Context) error
}

// checkTime is how long all the checks may take.
const checkTime = 2 * time.Second

func (s *Server) addHealth(t *table) {
	t.plain(access.Health, http.MethodGet, "/healthz", say{"存活检查", "whether the server is alive"}, Direct, s.healthz)
	t.plain(access.Ready, http.MethodGet, "/readyz", say{"就绪检查", "whether requests can be answered"}, Direct, s.readyz)
	shown := promhttp.HandlerFor(s.options.Metrics, promhttp.HandlerOpts{DisableCompression: true})
	t.plain(access.MetricsRead, http.MethodGet, "/metrics", say{"监控指标", "metrics for Prometheus"}, Direct, shown.ServeHTTP)
	t.plain(access.OperationList, http.MethodGet, prefix+"/openapi.json", say{"接口文档", "this document"}, Direct, s.showDocument)
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"state": "alive", "version": s.options.Version})
}

// readyz names what does not hold. Why is in the log only.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), checkTime)
	defer cancel()
	answer := struct {
		State  string            `json:"state"`
		Checks map[string]string `json:"checks"`
	}{"ready", map[string]string{}}
	status := http.StatusOK
	for _, c := range s.options.Checks {
		answer.Checks[c.Name] = "ok"
		if err := c.Ask(ctx); err != nil {
			s.log.Warn("not ready", slog.String("check", c.Name), slog.String("error", scrub(err.Error())))
			answer.Checks[c.Name] = "failed"
			answer.State, status = "not_ready", http.StatusServiceUnavailable
		}
	}
	if s.stopping.Load() {
		answer.State, status = "stopping", http.StatusServiceUnavailable
	}
	if status != http.StatusOK {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, status, answer)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		return // it is text
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a client that has gone away gets no answer
}
