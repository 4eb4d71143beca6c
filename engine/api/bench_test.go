package api_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/api"
	"github.com/hedui/hedui/engine/api/wire"
)

// BenchmarkFrame is what the frame itself costs, without the network: a check that
// costs nothing, one that is not signed in, one that is turned away because the lane
// is full. The last must be a small part of the first for overload to be borne.
func BenchmarkFrame(b *testing.B) {
	hold, held := make(chan struct{}), make(chan struct{})
	for _, c := range []struct {
		name, role string
		status     int
		full       bool
	}{{"checked", "verifier", 200, false}, {"not-signed-in", "", 401, false}, {"turned-away", "verifier", 503, true}} {
		b.Run(c.name, func(b *testing.B) {
			s := open(b, func(o *api.Options) {
				o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
				o.Limits.InteractiveSlots, o.Limits.InteractiveQueue = 1, 1
				if c.full {
					o.Limits.InteractiveWait = 1 // nobody waits
				}
			})
			if c.full {
				s.desk.check = func(context.Context, wire.Caller, wire.Check) (wire.Checked, error) {
					held <- struct{}{}
					<-hold
					return wire.Checked{}, nil
				}
				go s.ask("verifier", "POST", "/api/v1/checks", request)
				<-held
				defer func() { hold <- struct{}{} }()
			} else {
				s.desk.check = func(context.Context, wire.Caller, wire.Check) (wire.Checked, error) {
					return wire.Checked{ID: "v-1", Verdict: []byte("{}")}, nil
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/api/v1/checks?on=2026-11-01", strings.NewReader(request))
				r.Header.Set("Content-Type", "application/json")
				if c.role != "" {
					r.Header.Set("Authorization", "Bearer t-"+c.role)
				}
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				if w.Code != c.status {
					b.Fatalf("status %d: %s", w.Code, w.Body)
				}
			}
		})
	}
}
