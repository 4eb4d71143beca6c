package api

import (
	"context"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// addDock adds what a node below asks.
func (s *Server) addDock(t *table) {
	d := s.options.Desk
	type nonce struct {
		Nonce string `query:"nonce" pattern:"^[0-9a-f]{32}$" doc:"Made up for this question; the answer repeats it" example:"9f86d081884c7d659a2feaa0c55ad015"`
	}
	route(t, access.DockCatalogue, get, "/dock/catalogue", say{"查看对接数据目录", "what this node holds of its sources, signed"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *nonce) (*Answer[wire.DockSigned], error) {
			return answered(d.DockCatalogue(ctx, c, in.Nonce))
		})
	route(t, access.DockEvidence, post, "/dock/evidence", say{"对接查询", "what this node holds of some people, signed"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *Of[wire.DockQuestion]) (*Answer[wire.DockSigned], error) {
			return answered(d.DockEvidence(ctx, c, in.Body))
		})
}
