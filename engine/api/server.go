package api

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// Options say what a server is made of. Desk, Authenticator, Now, Log and Metrics
// are required.
type Options struct {
	Desk          wire.Desk
	Authenticator Authenticator
	SignOn        SignOn // nil without an identity provider
	Pages         Pages  // nil without a console
	Now           func() time.Time
	Log           *slog.Logger
	Metrics       *prometheus.Registry // into which the server registers, and which it shows

	// Denied takes down that somebody wanted what none of their roles may do of anything,
	// which the desk never hears of. An error of it is the answer. Nil takes nothing down.
	Denied func(c wire.Caller, op access.Operation, why access.Reason) error
	// Checks are asked by /readyz, in their order.
	Checks []Check
	Limits Limits
	// CursorKey signs cursors. With the same key they outlive a restart; without one a
	// key is made up.
	CursorKey []byte
	// PlainCookie is for a server that is reached without TLS. The cookie of a session
	// then has neither the prefix nor the mark that bind it to TLS.
	PlainCookie bool
	// Version is what the document of the interface and /healthz say.
	Version string
}

// Server answers HTTP requests. It is made once and may be run once.
type Server struct {
	options   Options
	now       func() time.Time
	log       *slog.Logger
	mux       *http.ServeMux
	routes    []*Route
	lanes     *Lanes
	accounts  *rates
	addresses *rates
	origin    *http.CrossOriginProtection
	cursors   cursors
	metrics   *metrics
	document  []byte
	stopping  atomic.Bool
}

// New makes a server. It fails when an operation of the route table has no row in the
// policy.
func New(o Options) (*Server, error) {
	if o.Desk == nil || o.Authenticator == nil || o.Now == nil || o.Log == nil || o.Metrics == nil {
		return nil, errors.New("a server needs a desk, an authenticator, a clock, a log and a registry of metrics")
	}
	installErrors()
	o.Limits = o.Limits.filled()
	s := &Server{
		options: o, now: o.Now, log: o.Log, mux: http.NewServeMux(),
		lanes:     newLanes(o.Limits, o.Now),
		accounts:  newRates(o.Limits.AccountRate, o.Limits.AccountBurst),
		addresses: newRates(o.Limits.SignInRate, o.Limits.SignInBurst),
		origin:    http.NewCrossOriginProtection(),
		cursors:   newCursors(o.CursorKey),
	}
	var err error
	if s.metrics, err = newMetrics(o.Metrics, s.lanes); err != nil {
		return nil, err
	}
	t := s.table()
	s.addHealth(t)
	s.addSession(t)
	s.addSignOn(t)
	s.addAuthorizations(t)
	s.addChecks(t)
	s.addDock(t)
	s.addReports(t)
	s.addBatches(t)
	s.addCases(t)
	s.addCorrections(t)
	s.addOversight(t)
	s.addAccounts(t)
	s.addPages(t)
	if s.routes, err = t.finish(); err != nil {
		return nil, err
	}
	s.document, err = document(t.api)
	return s, err
}

// Routes is the route table, in the order of addresses.
func (s *Server) Routes() []Route {
	out := make([]Route, len(s.routes))
	for i, r := range s.routes {
		out[i] = *r
	}
	return slices.Clip(out)
}

// Lanes are the queues of this server, for batch work that must yield to it.
func (s *Server) Lanes() *Lanes { return s.lanes }
