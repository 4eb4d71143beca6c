package api

import (
	"context"
	"net/http"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/api/wire"
)

// SignedIn is the answer to signing in or out: the session goes into a cookie.
type SignedIn struct {
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   wire.Session
}

// SignedOut takes the cookie away.
type SignedOut struct {
	Cookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) addSession(t *table) {
	d := s.options.Desk
	route(t, access.SignIn, post, "/sign-in", say{"登录", "sign in"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *Of[wire.SignIn]) (*SignedIn, error) {
			session, err := d.SignIn(ctx, c, in.Body)
			if err != nil {
				return nil, err
			}
			return &SignedIn{Cookie: s.sessionCookie(session.Token), Body: session}, nil
		})
	route(t, access.SignOut, post, "/sign-out", say{"退出", "sign out"}, Direct,
		func(ctx context.Context, c wire.Caller, _ *None) (*SignedOut, error) {
			if err := d.SignOut(ctx, c); err != nil {
				return nil, err
			}
			return &SignedOut{Cookie: s.sessionCookie("")}, nil
		})
	route(t, access.Me, get, "/me", say{"查看本人账户", "who is signed in"}, Direct,
		func(ctx context.Context, c wire.Caller, _ *None) (*Answer[wire.Me], error) {
			return answered(d.Me(ctx, c))
		})
	route(t, access.PasswordChange, post, "/me/password", say{"修改本人口令", "change one's own password"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *Of[wire.PasswordChange]) (*None, error) {
			return nothing(d.ChangePassword(ctx, c, in.Body))
		})
	route(t, access.FactorEnrol, post, "/me/factor", say{"绑定本人动态口令", "enrol one's own second factor"}, Heavy,
		func(ctx context.Context, c wire.Caller, in *Of[wire.Enrol]) (*Answer[wire.Enrolment], error) {
			return answered(d.EnrolFactor(ctx, c, in.Body))
		})
	route(t, access.OperationList, get, "/operations", say{"查看权限表", "the policy: who may do what, and where it is found"}, Direct,
		func(context.Context, wire.Caller, *None) (*Answer[Policy], error) {
			return &Answer[Policy]{Body: s.policy()}, nil
		})
}

// Policy is the policy table as the interface shows it.
type Policy struct {
	Operations []PolicyRow  `json:"operations"`
	Codes      []wire.Entry `json:"codes" doc:"Every code of a refusal"`
}

// PolicyRow is one row of it.
type PolicyRow struct {
	Operation string   `json:"operation" example:"check"`
	Zh        string   `json:"zh" example:"核对家庭"`
	En        string   `json:"en" example:"check a household"`
	Roles     []string `json:"roles" example:"[\"verifier\"]"`
	Division  bool     `json:"division" doc:"Whether its object must lie in the caller's division" example:"true"`
	Purpose   bool     `json:"purpose" doc:"Whether its scheme must be one of the caller's" example:"true"`
	Reason    bool     `json:"reason" doc:"Whether a reason must be given" example:"false"`
	Second    bool     `json:"second_person" doc:"Whether it may need a second person" example:"false"`
	Addresses []string `json:"addresses" doc:"Where it is found; none when it is no request of this interface" example:"[\"POST /api/v1/checks\"]"`
}

func (s *Server) policy() Policy {
	p := Policy{Codes: wire.Codes}
	for i := range access.Policy {
		rule := &access.Policy[i]
		row := PolicyRow{
			Operation: rule.Name, Zh: rule.Zh, En: rule.En, Roles: roleNames(rule),
			Division: rule.Division, Purpose: rule.Purpose, Reason: rule.Reason, Second: rule.FourEyes != access.Never,
			Addresses: []string{},
		}
		for _, r := range s.routes {
			if r.Operation == rule.Operation {
				row.Addresses = append(row.Addresses, r.Method+" "+r.Path)
			}
		}
		p.Operations = append(p.Operations, row)
	}
	return p
}
