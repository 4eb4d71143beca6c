package api

import (
	"context"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

func (s *Server) addAuthorizations(t *table) {
	d := s.options.Desk
	type search struct {
		Paging

		Household string `query:"household" maxLength:"64" pattern:"^[^\\s/]+$" doc:"Number of the household"`
		Division  string `query:"division" pattern:"^[0-9]{2,12}$" doc:"Division, with everything below it"`
		State     string `query:"state" enum:"live,withdrawn,expired,not_yet"`
	}
	type withdrawal struct {
		ByNumber

		Body wire.Withdrawal
	}
	type amendment struct {
		ByNumber

		Body wire.Amendment
	}
	route(t, access.AuthorizationRegister, post, "/authorizations", say{"登记授权书", "register an authorisation"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *Of[wire.Registration]) (*Answer[wire.Authorization], error) {
			about(ctx, in.Body.Number)
			return answered(d.RegisterAuthorization(ctx, c, in.Body))
		})
	route(t, access.AuthorizationSearch, get, "/authorizations", say{"检索授权书", "search authorisations"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *search) (*Answer[Rows[wire.Authorization]], error) {
			q := wire.AuthorizationQuery{Household: in.Household, Division: in.Division, State: in.State}
			return turn(s, c, in.Paging, q, &q.Page, func() (wire.List[wire.Authorization], error) { return d.Authorizations(ctx, c, q) })
		})
	route(t, access.AuthorizationRead, get, "/authorizations/{number}", say{"查看授权书", "read an authorisation"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *ByNumber) (*Answer[wire.Authorization], error) {
			about(ctx, in.Number)
			return answered(d.Authorization(ctx, c, in.Number))
		})
	route(t, access.AuthorizationWithdraw, post, "/authorizations/{number}/withdraw", say{"撤回授权", "record that the household withdrew it"}, Interactive,
		func(ctx context.Context, c wire.Caller, in *withdrawal) (*Answer[wire.Authorization], error) {
			about(ctx, in.Number)
			return answered(d.WithdrawAuthorization(ctx, c, in.Number, in.Body))
		})
	amend := func(left bool) func(ctx context.Context, c wire.Caller, in *amendment) (*Answer[wire.Authorization], error) {
		return func(ctx context.Context, c wire.Caller, in *amendment) (*Answer[wire.Authorization], error) {
			about(ctx, in.Number)
			in.Body.Left = left
			return answered(d.AmendAuthorization(ctx, c, in.Number, in.Body))
		}
	}
	route(t, access.AuthorizationAmend, post, "/authorizations/{number}/left", say{"登记成员退出家庭", "record that a member left the household"}, Interactive, amend(true))
	route(t, access.AuthorizationAmend, post, "/authorizations/{number}/signed", say{"登记成员本人签署", "record a member's own signature"}, Interactive, amend(false))
}
